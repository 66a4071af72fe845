import { describe, expect, it } from "vitest";
import { drillTag } from "../../src/ports/compute.ts";
import type { ImageId, InstanceId, SnapshotId } from "../../src/domain/words.ts";
import {
  acceptedOf,
  address,
  home,
  imageOverNightly,
  nightly,
  outcomeOf,
  request,
  twoRegions,
  web,
} from "./twoRegions.ts";

const minute = 60_000;

describe("a launch in the simulated account", () => {
  it("brings back the machine of a snapshot: its data, its build, and in the end its users", async () => {
    const world = twoRegions();
    const { account, clock, compute } = world;
    const imageId = await imageOverNightly(world);
    const blueprint = await compute.blueprint(web);
    expect(blueprint).toMatchObject({
      type: "t4g.small",
      subnetId: home.subnets.a,
      keyName: "ops",
      instanceProfileArn: "arn:aws:iam::111122223333:instance-profile/web",
      userData: "IyEvYmluL3No",
      bootMode: "uefi",
      networkInterfaces: 1,
      tags: { Name: "web", team: "shop" },
    });
    expect(blueprint?.volumes.map((each) => each.device)).toEqual(["/dev/xvda", "/dev/sdf"]);
    const id = await compute.launch(request({ imageId, keyName: "ops", instanceProfile: "web" }));
    expect(await compute.instance(id)).toMatchObject({ state: "pending", availabilityZone: "eu-west-1b", name: "web" });
    // EC2 takes no address for a machine that is pending still.
    expect(await outcomeOf(compute.associate(address, id))).toBe("wrong-state");
    await clock.advance(minute);
    await compute.disassociate((await compute.address(address))?.associationId ?? "");
    expect(account.peek.site("web.example").kind).toBe("silent");
    await compute.associate(address, id);
    expect(account.peek.site("web.example")).toMatchObject({ status: 200, by: id, data: "orders of yesterday" });
    expect(account.peek.data(id)).toEqual({ "/dev/xvda": "orders of yesterday" });
    const { privateIp = "" } = (await compute.instance(id)) ?? {};
    expect(account.peek.site(privateIp)).toMatchObject({ by: id });
  });

  it("is one machine for one wish, and refuses another wish under the same token", async () => {
    const { account, compute, clock } = twoRegions();
    const first = await compute.launch(request());
    expect(await compute.launch(request())).toBe(first);
    expect(account.peek.machines()).toHaveLength(3);
    expect(await outcomeOf(compute.launch(request({ type: "t4g.medium" })))).toBe("invalid-request");
    await account.calls.terminate("somebody", [first]);
    await clock.advance(minute);
    expect(await outcomeOf(compute.launch(request()))).toBe("wrong-state");
    expect(account.peek.machines()).toHaveLength(3);
  });

  it("is refused as EC2 refuses: capacity by zone and type, offering, quota, full subnet, unknown ids", async () => {
    const { account, compute } = twoRegions({
      offerings: { "m7g.large": ["eu-west-1a"] },
      vcpuQuota: 4,
      subnets: [{ id: "subnet-full", availabilityZone: "eu-west-1a", freeAddresses: 0 }],
    });
    const launch = (over: Parameters<typeof request>[0]): Promise<string> => outcomeOf(compute.launch(request(over)));
    account.breakAccount("no-capacity-in", { in: "eu-west-1b/t4g.small" });
    expect(await launch({})).toBe("no-capacity");
    expect(await launch({ type: "m7g.large" })).toBe("type-not-offered");
    expect(await launch({ type: "t4g.xlarge" })).toBe("quota-reached");
    expect(await launch({ subnetId: "subnet-full" })).toBe("no-capacity");
    expect(await launch({ subnetId: "subnet-of-elsewhere" })).toBe("not-found");
    expect(await launch({ securityGroupIds: ["sg-none"] })).toBe("not-found");
    expect(await launch({ keyName: "nobody's" })).toBe("not-found");
    expect(await launch({ imageId: "ami-none" as ImageId })).toBe("not-found");
    expect(await launch({ instanceProfile: "none" })).toBe("unknown-failure");
    // An image for Graviton does not boot on Intel.
    expect(await launch({ type: "t3.small" })).toBe("unknown-failure");
    expect(await compute.offered(["m7g.large", "t4g.small"], "eu-west-1b")).toEqual(["t4g.small"]);
    expect(await launch({ subnetId: home.subnets.a })).toBe("done");
    expect(acceptedOf(account, "RunInstances")).toBe(1);
    expect(account.writes.filter((each) => each.outcome !== "accepted").every((each) => each.resource === "")).toBe(
      true,
    );
  });

  it("does not show at once to reads that lag", async () => {
    const { account, compute, clock } = twoRegions();
    account.faults.readLagMs = 8_000;
    const id = await compute.launch(request());
    expect(await compute.instance(id)).toBeUndefined();
    await clock.advance(8_000);
    expect((await compute.instance(id))?.state).toBe("pending");
  });

  it("ends by itself when the key of an encrypted snapshot may not be used, and says so only in its state reason", async () => {
    const { account, compute, clock } = twoRegions({
      snapshots: [{ id: "snap-secret", of: { instanceId: web }, encrypted: true }],
    });
    account.breakAccount("snapshot-without-grant");
    const volumes = [{ device: "/dev/sdg", snapshotId: "snap-secret" as SnapshotId, deleteOnTermination: true }];
    const id = await compute.launch(request({ volumes }));
    expect((await compute.instance(id))?.state).toBe("pending");
    await clock.advance(minute);
    expect(account.peek.machine(id)).toMatchObject({
      state: "terminated",
      stateReason: { code: "Client.InternalError" },
    });
  });

  it("never overrides the root from the image, and may not come up at all", async () => {
    const { account, compute, clock } = twoRegions();
    const volumes = [{ device: "/dev/xvda", snapshotId: nightly, deleteOnTermination: true }];
    expect(await outcomeOf(compute.launch(request({ volumes })))).toBe("unknown-failure");
    account.breakAccount("launches-hang");
    const id = await compute.launch(request());
    await clock.advance(5 * minute);
    expect(account.peek.machine(id)).toMatchObject({ state: "running", checks: { instance: "impaired" } });
  });

  it("ends a drill by its own shutdown when nobody else does, and the port ends nothing but drills", async () => {
    const { account, compute, clock } = twoRegions();
    const userData = Buffer.from("#!/bin/sh\nshutdown -h +60\n").toString("base64");
    const drill = await compute.launch(
      request({ onShutdown: "terminate", userData, tags: { [drillTag.key]: drillTag.value } }),
    );
    const other = await compute.launch(request({ clientToken: "run-2" }));
    await clock.advance(5 * minute);
    expect(await outcomeOf(compute.terminateDrill(other))).toBe("not-a-drill");
    expect(await outcomeOf(compute.terminateDrill(web))).toBe("not-a-drill");
    expect(acceptedOf(account, "TerminateInstances")).toBe(0);
    expect((await compute.instance(drill))?.state).toBe("running");
    await clock.advance(60 * minute);
    expect((await compute.instance(drill))?.state).toBe("terminated");
    expect((await compute.instance(other))?.state).toBe("running");
  });

  it("can be asked about by DryRun without anything being done", async () => {
    const { account, compute } = twoRegions();
    expect(await compute.mayI({ action: "launch", request: request() })).toEqual({ allowed: true, detail: "allowed" });
    account.faults.denied.add("RunInstances");
    expect((await compute.mayI({ action: "launch", request: request() })).allowed).toBe(false);
    expect((await compute.mayI({ action: "associate", allocationId: address, instanceId: web })).allowed).toBe(true);
    expect((await compute.mayI({ action: "stop", instanceId: "i-none" as InstanceId })).allowed).toBe(false);
    expect(account.writes).toEqual([]);
    expect(account.peek.machines()).toHaveLength(2);
  });
});
