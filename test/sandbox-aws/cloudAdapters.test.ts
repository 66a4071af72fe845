import { describe, expect, it } from "vitest";
import { sendLayer } from "../../sandbox/aws/sendLayer.ts";
import { awsCloud } from "../../src/aws/cloud.ts";
import { MedicError } from "../../src/domain/errors.ts";
import type { ImageId, SnapshotId } from "../../src/domain/words.ts";
import type { Cloud } from "../../src/ports/cloud.ts";
import { drillTag } from "../../src/ports/compute.ts";
import { address, dataVolume, home, nightly, request, spare, twoRegions, web } from "../memory/twoRegions.ts";

const second = 1_000;
const name = "shop.example.";
const dns = {
  zones: [
    {
      id: "Z1",
      records: [
        { name: "a.example.", type: "A", ttl: 60, values: ["192.0.2.1"] },
        {
          name,
          type: "A",
          ttl: 60,
          values: ["198.51.100.7"],
          set: "first",
          failover: "PRIMARY",
          healthCheckId: "hc-1",
        },
        { name, type: "A", ttl: 60, values: ["198.51.100.8"], set: "second", failover: "SECONDARY" },
        { name: "zebra.example.", type: "A", ttl: 60, values: ["192.0.2.2"] },
      ],
    },
  ],
  healthChecks: [{ id: "hc-1", watches: { kind: "address", ip: "198.51.100.7" } }],
  routingControls: [
    { arn: "arn:first", state: "On" },
    { arn: "arn:second", state: "Off" },
  ],
} as const;
const endpoints = [
  { region: "us-east-1", url: "https://a.example" },
  { region: "eu-west-1", url: "https://b.example" },
];

type World = ReturnType<typeof twoRegions>;
type Carry = (world: World, cloud: Cloud) => Promise<unknown[]>;

/** The same story told twice: over the production adapters on the SDK's clients, and over the memory ports. */
async function bothTell(story: Carry): Promise<{ readonly real: unknown[]; readonly memory: unknown[] }> {
  const tell = async (cloudOf: (world: World) => Cloud): Promise<unknown[]> => {
    const world = twoRegions({}, dns);
    return story(world, cloudOf(world));
  };
  const real = await tell(({ account, clock }) => {
    const { cluster, ...clients } = sendLayer(account);
    return awsCloud({ ...clients, cluster }, { clock, dnsSlot: async () => {} });
  });
  return { real, memory: await tell(({ cloud }) => cloud) };
}

/** An answer, or the code of the refusal. */
async function said(call: Promise<unknown>): Promise<unknown> {
  try {
    return (await call) ?? "nothing";
  } catch (error) {
    if (error instanceof MedicError) return { refused: error.code };
    throw error;
  }
}

async function same(story: Carry, lines: number): Promise<unknown[]> {
  const { real, memory } = await bothTell(story);
  expect(real).toEqual(memory);
  expect(real).toHaveLength(lines);
  return real;
}

describe("the adapters of the whole cloud on the simulated account say what the memory ports say", () => {
  it("about how a machine is built, and about a launch with all that may refuse it", async () => {
    const told = await same(async ({ account, clock }, { compute }) => {
      const lines: unknown[] = [await said(compute.blueprint(web))];
      lines.push(await said(compute.mayI({ action: "launch", request: request() })));
      const volumes = [{ device: "/dev/sdg", snapshotId: nightly, deleteOnTermination: true }];
      const wish = request({ volumes, keyName: "ops", instanceProfile: "web", tags: { Name: "web", "aws:no": "x" } });
      const first = await compute.launch(wish);
      lines.push(first === (await compute.launch(wish)), await said(compute.launch({ ...wish, type: "t4g.large" })));
      lines.push(await said(compute.instance(first)), await said(compute.blueprint(first)));
      lines.push(account.peek.volumes().find((each) => each.attachment?.instanceId === first)?.tags);
      account.breakAccount("no-capacity-in", { in: "eu-west-1b" });
      for (const over of [{}, { subnetId: "subnet-none" }, { securityGroupIds: ["sg-none"] }, { type: "t3.small" }]) {
        lines.push(await said(compute.launch(request({ clientToken: JSON.stringify(over).slice(0, 60), ...over }))));
      }
      lines.push(await said(compute.launch(request({ clientToken: "x", imageId: "ami-none" as ImageId }))));
      await clock.advance(60 * second);
      lines.push(await said(compute.terminateDrill(first)));
      await compute.tag([first], { [drillTag.key]: drillTag.value });
      lines.push(await said(compute.terminateDrill(first)));
      await clock.advance(60 * second);
      lines.push(await said(compute.instance(first)), await said(compute.blueprint(first)));
      return lines;
    }, 16);
    expect(told[3]).toEqual({ refused: "invalid-request" });
    expect(told[7]).toEqual({ refused: "no-capacity" });
    expect(told[12]).toEqual({ refused: "not-a-drill" });
  });

  it("about places: subnets, groups, offerings", async () => {
    const { a, b } = home.subnets;
    await same(
      async (_, { compute }) => [
        await said(compute.subnets([b, "subnet-none", a])),
        await said(compute.securityGroups([home.securityGroupId, "sg-none"])),
        await said(compute.offered(["t4g.small", "m7g.large"], "eu-west-1a")),
      ],
      3,
    );
  });

  it("about addresses", async () => {
    const told = await same(async ({ clock }, { compute }) => {
      await compute.start(spare);
      await clock.advance(60 * second);
      const held = await compute.address(address);
      const lines: unknown[] = [held, await said(compute.associate(address, spare))];
      lines.push(await said(compute.disassociate(held?.associationId ?? "")));
      lines.push(await said(compute.disassociate(held?.associationId ?? "")));
      lines.push(await said(compute.mayI({ action: "associate", allocationId: address, instanceId: spare })));
      lines.push(await said(compute.associate(address, spare)), await said(compute.addressOf(spare)));
      return lines;
    }, 7);
    expect(told[1]).toEqual({ refused: "wrong-state" });
    expect(told[3]).toEqual({ refused: "not-found" });
  });

  it("about snapshots, volumes and images", async () => {
    const told = await same(async ({ clock }, { compute, storage }) => {
      const tags = { "ec2-medic:run": "web/1" };
      const lines: unknown[] = [await said(compute.mayI({ action: "snapshot", volumeId: dataVolume }))];
      const snapshotId = await storage.createSnapshot({ volumeId: dataVolume, description: "x", tags });
      await clock.advance(60 * second);
      lines.push(await said(storage.snapshot(snapshotId)));
      await clock.advance(60 * second);
      lines.push(await said(storage.snapshotsByTag("ec2-medic:run", "web/1")));
      lines.push(await said(storage.snapshot("snap-none" as SnapshotId)));
      const wish = { clientToken: "t", snapshotId, availabilityZone: "eu-west-1b", type: "gp3", tags };
      const volume = await storage.createVolume(wish);
      lines.push(volume === (await storage.createVolume(wish)), await said(storage.volume(volume)));
      await clock.advance(10 * second);
      lines.push(await said(storage.attach(volume, { instanceId: web, device: "/dev/sdh" })));
      await storage.attach(volume, { instanceId: spare, device: "/dev/sdf" });
      lines.push(await said(storage.volumesByTag("ec2-medic:run", "web/1")));
      await storage.detach(volume, { instanceId: spare, force: false });
      await clock.advance(10 * second);
      lines.push(await said(storage.volume(volume)));
      const image = {
        name: "web-1",
        rootSnapshotId: nightly,
        rootDeviceName: "/dev/xvda",
        architecture: "arm64",
        bootMode: "uefi",
        enaSupport: true,
        tags,
      } as const;
      lines.push(await said(storage.registerImage(image)), await said(storage.registerImage(image)));
      await clock.advance(10 * second);
      lines.push(await said(storage.imageByName("web-1")), await said(storage.imagesByTag("ec2-medic:run", "web/1")));
      lines.push(await said(storage.deleteSnapshot(nightly)), await said(storage.deleteSnapshot(snapshotId)));
      return lines;
    }, 15);
    expect(told[10]).toEqual({ refused: "exists-already" });
    expect(told[13]).toEqual({ refused: "wrong-state" });
  });

  it("about copies from region to region, and a root volume that is replaced", async () => {
    await same(async ({ clock, account }, { storage }) => {
      const wish = { clientToken: "t", instanceId: web, snapshotId: nightly, tags: { a: "b" } };
      const lines: unknown[] = [await said(storage.replaceRootVolume(wish)), await said(storage.rootVolumeTasks(web))];
      await clock.advance(120 * second);
      lines.push(await said(storage.rootVolumeTasks(web)), account.peek.site("web.example"));
      const copy = { sourceRegion: "eu-central-1", snapshotId: nightly, description: "", tags: {} };
      lines.push(await said(storage.copySnapshot(copy)));
      lines.push(await said(storage.copySnapshot({ ...copy, sourceRegion: "eu-west-1", tags: { a: "b" } })));
      lines.push(await said(storage.snapshotsByTag("a", "b")));
      return lines;
    }, 7);
  });

  it("about records, health checks, routing controls and commands", async () => {
    const told = await same(async ({ clock, shared, account }, { dns: names, routing, commands }) => {
      const records = await names.records("Z1", name);
      const lines: unknown[] = [records];
      const change = await names.upsert(
        "Z1",
        records.map((each) => ({ ...each, ttl: 30 })),
        "x",
      );
      lines.push(await said(names.change(change)), await said(names.records("Z1", name)));
      await clock.advance(40 * second);
      lines.push(await said(names.change(change)), await said(names.change("C0NONE")));
      lines.push(await said(names.healthCheck("hc-1")), await said(names.setInverted("hc-1", true, 1)));
      lines.push(await said(names.setInverted("hc-1", false, 1)), await said(names.healthCheck("hc-1")));
      lines.push(await said(names.healthOf("hc-1")), await said(names.healthCheck("hc-none")));
      account.breakAccount("dns-api-down");
      lines.push(await said(names.records("Z1", name)));
      shared.dns.routing.endpointsDown.add("us-east-1");
      lines.push(await said(routing.state(endpoints, "arn:second")));
      lines.push(await said(routing.set(endpoints, [{ controlArn: "arn:second", state: "On" }])));
      lines.push(await said(routing.state(endpoints, "arn:second")), await said(routing.state(endpoints, "arn:none")));
      const command = await commands.run(web, "sync", { comment: "", timeoutSeconds: 60 });
      lines.push(await said(commands.result(command, web)));
      await clock.advance(5 * second);
      lines.push(await said(commands.result(command, web)), await said(commands.result("c-none", web)));
      lines.push(await said(commands.run(spare, "sync", { comment: "", timeoutSeconds: 60 })));
      return lines;
    }, 20);
    expect(told[7]).toEqual({ refused: "changed-meanwhile" });
    expect(told[11]).toEqual({ refused: "unreachable" });
    expect(told.slice(12, 16)).toEqual(["Off", "nothing", "On", { refused: "not-found" }]);
  });
});
