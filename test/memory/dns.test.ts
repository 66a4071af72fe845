import { describe, expect, it } from "vitest";
import type { RecordDefinition } from "../../src/memory/dnsModel.ts";
import { address, outcomeOf, spare, twoRegions, web } from "./twoRegions.ts";

const name = "shop.example.";
const second = 1_000;
const plain: RecordDefinition = { name, type: "A", ttl: 60, values: ["198.51.100.7"] };
const pair: RecordDefinition[] = [
  { ...plain, set: "first", failover: "PRIMARY", healthCheckId: "hc-1" },
  { ...plain, set: "second", failover: "SECONDARY", values: ["198.51.100.8"] },
];
const addresses = [
  { allocationId: address, publicIp: "198.51.100.7", instanceId: web },
  { allocationId: "eipalloc-2", publicIp: "198.51.100.8", instanceId: spare },
];
const watching = { id: "hc-1", watches: { kind: "address", ip: "198.51.100.7" } } as const;
const endpoints = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"].map((region) => ({
  region,
  url: `https://${region}.example/v1`,
}));

async function withPair(healthChecks: Parameters<typeof twoRegions>[1] = { healthChecks: [watching] }) {
  const world = twoRegions({ addresses }, { zones: [{ id: "Z1", records: pair }], ...healthChecks });
  await world.compute.start(spare);
  await world.clock.advance(60 * second);
  return world;
}
const servedBy = ({ account }: ReturnType<typeof twoRegions>): string | undefined => {
  const answer = account.peek.site("shop.example");
  return answer.kind === "answers" ? answer.by : answer.kind;
};

describe("records of the simulated account", () => {
  it("are listed at once, published later, and believed for the old TTL after that", async () => {
    const world = twoRegions({ addresses }, { zones: [{ id: "Z1", records: [plain] }] });
    const { cloud, clock, compute } = world;
    await compute.start(spare);
    await clock.advance(60 * second);
    const [record] = await cloud.dns.records("Z1", name);
    if (record === undefined) throw new Error("no record");
    const id = await cloud.dns.upsert("Z1", [{ ...record, ttl: 10, values: ["198.51.100.8"] }], "failover");
    expect((await cloud.dns.records("Z1", name)).map((each) => each.values)).toEqual([["198.51.100.8"]]);
    expect(await cloud.dns.change(id)).toBe("PENDING");
    await clock.advance(40 * second);
    expect(await cloud.dns.change(id)).toBe("INSYNC");
    expect(servedBy(world)).toBe(web);
    await clock.advance(59 * second);
    expect(servedBy(world)).toBe(web);
    await clock.advance(second);
    expect(servedBy(world)).toBe(spare);
  });

  it("lose what an UPSERT does not name, and take a batch as a whole", async () => {
    const { cloud } = await withPair();
    const [first, other] = await cloud.dns.records("Z1", name);
    if (first === undefined || other === undefined) throw new Error("no records");
    const { healthCheckId: _, ...bare } = first;
    await cloud.dns.upsert("Z1", [bare], "");
    expect((await cloud.dns.records("Z1", name)).find((each) => each.set === "first")?.healthCheckId).toBeUndefined();
    const lone = { ...other, failover: "PRIMARY" as const };
    expect(await outcomeOf(cloud.dns.upsert("Z1", [lone], ""))).toBe("invalid-request");
    const swapped = [lone, { ...bare, failover: "SECONDARY" as const }];
    expect(await outcomeOf(cloud.dns.upsert("Z1", swapped, ""))).toBe("done");
    const simple = { name, type: "A", ttl: 60, values: ["198.51.100.7"], rest: {} };
    expect(await outcomeOf(cloud.dns.upsert("Z1", [simple], ""))).toBe("invalid-request");
    expect(await outcomeOf(cloud.dns.upsert("Z9", [simple], ""))).toBe("not-found");
  });

  it("cannot be changed while us-east-1 is down, though names are answered and fail over by health", async () => {
    const world = await withPair();
    const { account, cloud, clock } = world;
    account.breakAccount("dns-api-down");
    expect(await outcomeOf(cloud.dns.records("Z1", name))).toBe("unreachable");
    expect(await outcomeOf(cloud.dns.setInverted("hc-1", true, 1))).toBe("unreachable");
    expect(await outcomeOf(cloud.dns.healthOf("hc-1"))).toBe("unreachable");
    account.break("process-dies", web);
    await clock.advance(60 * second);
    expect(servedBy(world)).toBe("refused");
    await clock.advance(120 * second);
    expect(servedBy(world)).toBe(spare);
  });

  it("refuse a second change while a prior one is under way, and too many calls", async () => {
    const { account, shared, cloud } = await withPair();
    const records = await cloud.dns.records("Z1", name);
    shared.dns.faults.priorRequests = 1;
    expect(await outcomeOf(cloud.dns.upsert("Z1", records, ""))).toBe("throttled");
    expect(await outcomeOf(cloud.dns.upsert("Z1", records, ""))).toBe("done");
    account.breakAccount("dns-throttled");
    const six = await Promise.all(Array.from({ length: 6 }, () => outcomeOf(cloud.dns.records("Z1", name))));
    expect(six).toContain("throttled");
  });

  it("choose the heavier of two weights, and everybody when nobody is healthy", async () => {
    const weighted = pair.map(({ failover: _, ...each }, i) => ({ ...each, weight: i === 0 ? 255 : 0 }));
    const world = twoRegions({ addresses }, { zones: [{ id: "Z1", records: weighted }], healthChecks: [watching] });
    expect(world.account.peek.resolve("Z1", name)).toEqual(["198.51.100.7"]);
    const records = await world.cloud.dns.records("Z1", name);
    await world.cloud.dns.upsert(
      "Z1",
      records.map((each) => ({ ...each, weight: each.set === "first" ? 0 : 255 })),
      "",
    );
    await world.clock.advance(200 * second);
    expect(world.account.peek.resolve("Z1", name)).toEqual(["198.51.100.8"]);
  });
});

describe("health checks of the simulated account", () => {
  it("fail over when they are inverted, by the version that was read", async () => {
    const world = await withPair();
    const { cloud, clock } = world;
    const check = await cloud.dns.healthCheck("hc-1");
    expect(check).toEqual({ id: "hc-1", version: 1, inverted: false, disabled: false, type: "HTTP" });
    expect(await cloud.dns.healthOf("hc-1")).toBe("healthy");
    expect(await outcomeOf(cloud.dns.setInverted("hc-1", true, 7))).toBe("changed-meanwhile");
    await cloud.dns.setInverted("hc-1", true, 1);
    expect(servedBy(world)).toBe(web);
    await clock.advance(70 * second);
    expect(servedBy(world)).toBe(spare);
    expect(await cloud.dns.healthOf("hc-1")).toBe("healthy");
    expect(await cloud.dns.healthCheck("hc-none")).toBeUndefined();
  });
});

describe("routing controls of the simulated account", () => {
  const controls = [
    { arn: "arn:first", state: "On" },
    { arn: "arn:second", state: "Off" },
  ] as const;
  const byControl = {
    routingControls: controls,
    oneOfIsOn: [["arn:first", "arn:second"]],
    healthChecks: [{ id: "hc-1", watches: { kind: "control", arn: "arn:first" } }],
  } as const;

  it("are switched through any endpoint that answers, also while us-east-1 is down", async () => {
    const world = await withPair(byControl);
    const { account, shared, cloud, clock } = world;
    account.breakAccount("dns-api-down");
    for (const region of ["us-east-1", "us-west-2"]) shared.dns.routing.endpointsDown.add(region);
    expect(await cloud.routing.state(endpoints, "arn:first")).toBe("On");
    const both = [
      { controlArn: "arn:first", state: "Off" },
      { controlArn: "arn:second", state: "On" },
    ] as const;
    expect(await outcomeOf(cloud.routing.set(endpoints, [both[0]]))).toBe("wrong-state");
    await cloud.routing.set(endpoints, both);
    await clock.advance(70 * second);
    expect(servedBy(world)).toBe(spare);
    for (const { region } of endpoints) shared.dns.routing.endpointsDown.add(region);
    expect(await outcomeOf(cloud.routing.set(endpoints, both))).toBe("unreachable");
    expect(await outcomeOf(cloud.routing.state([], "arn:first"))).toBe("unreachable");
  });
});

describe("a command over SSM", () => {
  it("succeeds while the system is up, times out while it hangs, and is refused for what does not run", async () => {
    const { account, cloud, clock } = twoRegions();
    const run = (id: string) => cloud.commands.run(id, "systemctl stop writer", { comment: "", timeoutSeconds: 60 });
    const good = await run(web);
    expect(await cloud.commands.result(good, web)).toBe("pending");
    await clock.advance(3 * second);
    expect(await cloud.commands.result(good, web)).toBe("success");
    expect(await cloud.commands.result("command-none", web)).toBeUndefined();
    account.break("kernel-hangs", web);
    const lost = await run(web);
    await clock.advance(60 * second);
    expect(await cloud.commands.result(lost, web)).toBe("failed");
    expect(await outcomeOf(run(spare))).toBe("wrong-state");
  });
});

describe("regions and zones that are down", () => {
  it("a region answers nothing, a zone hides its own machines and all reads without ids", async () => {
    const { account, compute, drCloud } = await withPair();
    account.breakAccount("zone-down", { in: "eu-west-1a" });
    expect(await outcomeOf(compute.instance(web))).toBe("unreachable");
    expect(await outcomeOf(compute.instancesByTag("Name", "spare"))).toBe("unreachable");
    expect((await compute.instance(spare))?.state).toBe("running");
    expect(await outcomeOf(compute.stop(web, { force: false }))).toBe("unreachable");
    expect(account.peek.site("web.example").kind).toBe("silent");
    account.mendAccount("zone-down");
    expect(await outcomeOf(compute.instance(web))).toBe("done");
    account.breakAccount("region-down");
    expect(await outcomeOf(compute.address(address))).toBe("unreachable");
    expect(await outcomeOf(drCloud.compute.subnets([]))).toBe("done");
    expect(account.peek.site("web.example").kind).toBe("silent");
    account.mendAccount("region-down");
    expect(account.peek.site("web.example").kind).toBe("answers");
  });
});
