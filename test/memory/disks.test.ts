import { describe, expect, it } from "vitest";
import type { SnapshotId, VolumeId } from "../../src/domain/words.ts";
import { dataVolume, imageOverNightly, nightly, outcomeOf, rootVolume, spare, twoRegions, web } from "./twoRegions.ts";

const minute = 60_000;
const wish = { volumeId: dataVolume, description: "", tags: { "ec2-medic:run": "web/1" } };

describe("snapshots of the simulated account", () => {
  it("hold the disk as it was when they were begun, and take their time", async () => {
    const { account, clock, storage } = twoRegions();
    const id = await storage.createSnapshot(wish);
    account.writeData(dataVolume, "photos of tomorrow");
    await clock.advance(minute);
    expect(await storage.snapshot(id)).toMatchObject({ state: "pending", progress: 50 });
    const early = { clientToken: "v1", snapshotId: id, availabilityZone: "eu-west-1b", type: "gp3", tags: {} };
    expect(await outcomeOf(storage.createVolume(early))).toBe("wrong-state");
    await clock.advance(minute);
    expect(await storage.snapshot(id)).toMatchObject({ state: "completed", progress: 100 });
    const volume = await storage.createVolume(early);
    expect(await storage.createVolume(early)).toBe(volume);
    expect(await outcomeOf(storage.createVolume({ ...early, type: "io2" }))).toBe("invalid-request");
    await clock.advance(10_000);
    await storage.attach(volume, { instanceId: spare, device: "/dev/sdf" });
    await clock.advance(4_000);
    expect(account.peek.data(spare)["/dev/sdf"]).toBe("photos of today");
    expect(await storage.volume(volume)).toMatchObject({ state: "in-use", attachment: { state: "attached" } });
  });

  it("may fail, be slow, and lag behind in reads", async () => {
    const { account, clock, storage } = twoRegions();
    account.breakAccount("snapshot-fails");
    account.breakAccount("slow-snapshots");
    account.faults.readLagMs = 5_000;
    const id = await storage.createSnapshot(wish);
    expect(await storage.snapshotsByTag("ec2-medic:run", "web/1")).toEqual([]);
    await clock.advance(5_000);
    expect(await storage.snapshotsByTag("ec2-medic:run", "web/1")).toMatchObject([{ id, state: "pending" }]);
    await clock.advance(20 * minute);
    expect(await storage.snapshot(id)).toMatchObject({ state: "error", stateMessage: expect.any(String) as string });
  });

  it("are copied in the region where they shall be, with the data and without the tags", async () => {
    const { account, clock, dr, drCloud } = twoRegions();
    const copy = { sourceRegion: "eu-west-1", snapshotId: nightly, description: "", tags: { here: "yes" } };
    const id = await drCloud.storage.copySnapshot(copy);
    expect(account.peek.snapshots()).toHaveLength(1);
    await clock.advance(5 * minute);
    expect(await drCloud.storage.snapshot(id)).toMatchObject({ state: "completed", tags: { here: "yes" } });
    expect(dr.peek.snapshots()[0]?.content.marker).toBe("orders of yesterday");
    expect(await drCloud.storage.snapshot(nightly)).toBeUndefined();
    account.breakAccount("region-down");
    expect(await outcomeOf(drCloud.storage.copySnapshot(copy))).not.toBe("done");
  });

  it("are not deleted while an image stands on them", async () => {
    const world = twoRegions();
    const { account, storage } = world;
    const image = await imageOverNightly(world);
    expect(await storage.imageByName("web-1")).toMatchObject({ id: image, state: "available" });
    expect(await outcomeOf(imageOverNightly(world))).toBe("exists-already");
    expect(await outcomeOf(storage.deleteSnapshot(nightly))).toBe("wrong-state");
    const spareSnapshot = await storage.createSnapshot(wish);
    await storage.deleteSnapshot(spareSnapshot);
    expect(account.peek.snapshots().map((each) => each.id)).toEqual([nightly]);
    expect(await outcomeOf(storage.deleteSnapshot("snap-none" as SnapshotId))).toBe("not-found");
  });
});

describe("volumes of the simulated account", () => {
  it("are bound to their zone and to one machine", async () => {
    const { clock, storage, compute } = twoRegions();
    expect(await outcomeOf(storage.attach(dataVolume, { instanceId: spare, device: "/dev/sdf" }))).toBe("wrong-state");
    expect(await outcomeOf(storage.detach(dataVolume, { instanceId: spare, force: false }))).toBe("not-found");
    expect(await outcomeOf(storage.detach(rootVolume, { instanceId: web, force: false }))).toBe("wrong-state");
    await storage.detach(dataVolume, { instanceId: web, force: false });
    expect((await storage.volume(dataVolume))?.attachment?.state).toBe("detaching");
    await clock.advance(6_000);
    expect(await storage.volume(dataVolume)).toMatchObject({ state: "available" });
    expect((await compute.blueprint(web))?.volumes.map((each) => each.volumeId)).toEqual([rootVolume]);
    expect(await outcomeOf(storage.attach(dataVolume, { instanceId: spare, device: "/dev/sdf" }))).toBe("wrong-state");
    await storage.attach(dataVolume, { instanceId: web, device: "/dev/sdf" });
    expect(await storage.volume("vol-none" as VolumeId)).toBeUndefined();
  });

  it("stay busy on a hung system until the detach is forced or the machine is off", async () => {
    for (const way of ["force", "stop"] as const) {
      const { account, clock, storage, compute } = twoRegions();
      account.break("kernel-hangs", web);
      await storage.detach(dataVolume, { instanceId: web, force: false });
      await clock.advance(10 * minute);
      expect((await storage.volume(dataVolume))?.attachment?.state).toBe("busy");
      if (way === "force") await storage.detach(dataVolume, { instanceId: web, force: true });
      else await compute.stop(web, { force: false });
      await clock.advance(minute);
      expect((await storage.volume(dataVolume))?.state).toBe("available");
    }
  });

  it("outlive a terminated machine unless they were made with it", async () => {
    const { account, clock, storage } = twoRegions();
    await account.calls.terminate("somebody", [web]);
    await clock.advance(minute);
    expect(await storage.volume(rootVolume)).toBeUndefined();
    expect((await storage.volume(dataVolume))?.state).toBe("available");
    expect(await account.calls.instancesById([web])).toMatchObject([
      { build: { subnetId: "", vpcId: "" }, volumes: [] },
    ]);
  });

  it("decide whether a service that needs them answers", async () => {
    const { account, clock, storage } = twoRegions({
      machines: [
        {
          id: web,
          name: "web",
          needs: ["/dev/sdf"],
          volumes: [{ device: "/dev/sdf", id: dataVolume, data: "photos" }],
        },
      ],
      snapshots: [],
    });
    expect(account.peek.site("web.example")).toMatchObject({ status: 200, data: "photos" });
    await storage.detach(dataVolume, { instanceId: web, force: false });
    await clock.advance(minute);
    expect(account.peek.site("web.example")).toMatchObject({ status: 503 });
  });
});

describe("a root volume that is replaced", () => {
  const replace = { clientToken: "t1", instanceId: web, snapshotId: nightly, tags: {} };

  it("brings the snapshot's data to the same machine and address, and reboots", async () => {
    const { account, clock, storage } = twoRegions();
    account.break("kernel-hangs-for-good", web);
    const id = await storage.replaceRootVolume(replace);
    expect(await storage.replaceRootVolume(replace)).toBe(id);
    await clock.advance(20_000);
    expect(await storage.rootVolumeTasks(web)).toEqual([{ id, state: "in-progress" }]);
    expect(account.peek.site("web.example").kind).toBe("silent");
    await clock.advance(2 * minute);
    expect(await storage.rootVolumeTasks(web)).toEqual([{ id, state: "succeeded" }]);
    expect(account.peek.site("web.example")).toMatchObject({ by: web, data: "orders of yesterday" });
    expect(account.peek.data(web)["/dev/sdf"]).toBe("photos of today");
    expect((await storage.volume(rootVolume))?.state).toBe("available");
  });

  it("is refused for a stopped machine and for another disk's snapshot, and may fail", async () => {
    const { account, clock, storage, compute } = twoRegions();
    const foreign = await storage.createSnapshot(wish);
    await clock.advance(2 * minute);
    expect(await outcomeOf(storage.replaceRootVolume({ ...replace, snapshotId: foreign }))).toBe("unknown-failure");
    account.breakAccount("root-volume-task-fails");
    await storage.replaceRootVolume(replace);
    await clock.advance(2 * minute);
    expect(await storage.rootVolumeTasks(web)).toMatchObject([{ state: "failed" }]);
    expect(account.peek.site("web.example")).toMatchObject({ by: web, data: "orders of today" });
    await compute.stop(web, { force: false });
    await clock.advance(minute);
    expect(await outcomeOf(storage.replaceRootVolume({ ...replace, clientToken: "t2" }))).toBe("wrong-state");
  });
});
