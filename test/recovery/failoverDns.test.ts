/** Failover and fail-back of a pair behind a name: roles, weights, an inverted health check, ARC routing controls. */
import { describe, expect, test } from "vitest";
import type { DnsDefinition, ServiceDefinition } from "../../src/domain/service.ts";
import { createAccount, type Account } from "../../src/memory/account.ts";
import type { DnsDefinitions, RecordDefinition } from "../../src/memory/dnsModel.ts";
import { createSharedWorld } from "../../src/memory/sharedWorld.ts";
import { dnsSteps } from "../../src/recovery/dnsMove.ts";
import { failoverDns } from "../../src/recovery/failoverDns.ts";
import { provedBy } from "../../src/recovery/plan.ts";
import { lawsOf, mutationsOf, unlawful, untold } from "./planLaws.ts";
import { onceAt, primary, sawItAnswer, standby, waitedForIt } from "./pairStory.ts";
import { permissionsOff } from "./planPermissions.ts";
import { carryPlan, previewOf } from "./planWorld.ts";
import { startedAgainAnywhere } from "./startedAgain.ts";
import { serviceOf, type Ended, type PlanWorld, type Story } from "./planStory.ts";

const name = "web.example.";
const zoneId = "Z1";
const ips = { blue: "198.51.100.10", green: "198.51.100.20" } as const;
const control = (side: string) =>
  `arn:aws:route53-recovery-control::111122223333:controlpanel/p/routingcontrol/${side}`;
const endpoints = ["us-east-1", "us-west-2"].map((region) => ({ region, url: `https://${region}.example/v1` }));

const pair: DnsDefinition = { zoneId, name, type: "A", primarySet: "blue", standbySet: "green" };
const service = (over: Partial<DnsDefinition> = {}, more: Partial<ServiceDefinition> = {}): ServiceDefinition =>
  serviceOf({
    pattern: "dns-pair",
    target: { kind: "instance", instanceId: primary },
    standby: { kind: "instance", instanceId: standby },
    dns: { ...pair, ...over },
    ...more,
  });

type Side = "blue" | "green";
const record = (set: Side, over: Partial<RecordDefinition>): RecordDefinition => ({
  ...{ name, type: "A", set, ttl: 60, values: [ips[set]] },
  ...over,
});
const roles = [
  record("blue", { failover: "PRIMARY", healthCheckId: "hc-blue" }),
  record("green", { failover: "SECONDARY" }),
];
const weights = [record("blue", { weight: 200, healthCheckId: "hc-blue" }), record("green", { weight: 0, ttl: 30 })];

interface Built {
  readonly dns: DnsDefinitions;
  readonly standby?: "running" | "stopped";
  readonly primary?: "running" | "stopped";
  /** The standby has no address that outlives its stop. */
  readonly loose?: boolean;
  readonly group?: string;
}

function built({ dns, ...how }: Built): Story["accounts"] {
  return ({ clock, random }): readonly Account[] => [
    createAccount({
      clock,
      random,
      shared: createSharedWorld({ clock, ...dns }),
      machines: [
        {
          id: primary,
          name: "blue",
          availabilityZone: "eu-west-1a",
          privateIp: "10.0.1.10",
          state: how.primary ?? "running",
          ...(how.group === undefined ? {} : { asgName: how.group }),
        },
        {
          id: standby,
          name: "green",
          availabilityZone: "eu-west-1b",
          privateIp: "10.0.2.10",
          state: how.standby ?? "running",
        },
      ],
      addresses: [
        { allocationId: "eipalloc-1", publicIp: ips.blue, instanceId: primary },
        ...(how.loose ? [] : [{ allocationId: "eipalloc-2", publicIp: ips.green, instanceId: standby }]),
      ],
      sites: [{ host: "web.example", via: { kind: "record", zoneId, name } }],
    }),
  ];
}

const zone = (records: readonly RecordDefinition[], more: Partial<DnsDefinitions> = {}): DnsDefinitions => ({
  zones: [{ id: zoneId, records }],
  healthChecks: [{ id: "hc-blue", watches: { kind: "instance", instanceId: primary } }],
  ...more,
});

/** Complaints about where the name leads, and about what else of the records is not as it was. */
function leadsTo(side: Side, was: readonly RecordDefinition[], changed: readonly Partial<RecordDefinition>[]) {
  return (ended: Ended): string[] => {
    const { account } = ended;
    const answer = account.peek.site("web.example");
    const wanted = was.map((each, index) => ({ ...each, ...changed[index] }));
    const now = account.peek.records(zoneId);
    const strange = wanted.filter(
      (each) =>
        !now.some((other) =>
          Object.entries(each).every(
            ([key, value]) => JSON.stringify(other[key as keyof typeof other]) === JSON.stringify(value),
          ),
        ),
    );
    const by = side === "blue" ? primary : standby;
    return [
      ...sawItAnswer(ended),
      ...(answer.kind === "answers" && answer.by === by ? [] : [`the name gives ${JSON.stringify(answer)}`]),
      ...strange.map((each) => `no record is ${JSON.stringify(each)}, but ${JSON.stringify(now)}`),
    ];
  };
}

/** The change, then INSYNC, then the old time to live; each seen, and in this order. */
function waitedOut({ entries }: Pick<Ended, "entries">): string[] {
  const steps: readonly string[] = [dnsSteps.moved, dnsSteps.inSync, dnsSteps.forgotten];
  const seen = entries.filter(({ step }) => steps.includes(step) && provedBy(entries, step)).map(({ step }) => step);
  return JSON.stringify(seen) === JSON.stringify(steps) ? [] : [`only ${seen.join(", ")} was waited for`];
}

const story = (over: Partial<Story> & Pick<Story, "title" | "accounts" | "ends">): Story => ({
  definition: failoverDns,
  recovery: "failover",
  service: service(),
  placement: { instanceId: primary, recordSet: "blue" },
  break: ({ account }) => account.break("host-fails", primary),
  fenced: [primary],
  ...over,
});
const toGreen = { instanceId: standby, recordSet: "green" };
const swapped = [{ failover: "SECONDARY" as const }, { failover: "PRIMARY" as const }];
const send = "upsert Z1 ec2-medic: web.example. changes over";

const failoverRecords = story({
  title: "failover records, and the primary's host fails",
  deep: true,
  accounts: built({ dns: zone(roles) }),
  ends: {
    kind: "done",
    acts: [`stop ${primary}`, send],
    moved: toGreen,
    world: (ended) => [...leadsTo("green", roles, swapped)(ended), ...waitedOut(ended)],
  },
});
const weighted = story({
  title: "weighted records, and the standby is off",
  accounts: built({ dns: zone(weights), standby: "stopped" }),
  ends: {
    kind: "done",
    acts: [`start ${standby}`, `stop ${primary}`, send],
    moved: toGreen,
    world: (ended) => [...leadsTo("green", weights, [{ weight: 0 }, { weight: 200 }])(ended), ...waitedForIt(ended)],
  },
});
const switched = story({
  title: "a health check that is a switch, inverted",
  service: service({ invertHealthCheckId: "hc-switch" }),
  accounts: built({
    dns: zone([record("blue", { failover: "PRIMARY", healthCheckId: "hc-switch" }), roles[1] ?? record("green", {})], {
      healthChecks: [{ id: "hc-switch", watches: { kind: "control", arn: control("switch") } }],
      routingControls: [{ arn: control("switch"), state: "On" }],
    }),
  }),
  ends: {
    ...{ kind: "done", acts: [`stop ${primary}`, "setInverted hc-switch true 1"], moved: toGreen },
    world: leadsTo("green", [], []),
  },
});
const followed = story({
  title: "a health check that follows the primary: once that is off, nothing needs inverting",
  service: service({ invertHealthCheckId: "hc-blue" }),
  break: ({ account }) => account.break("process-dies", primary),
  accounts: built({ dns: zone(roles) }),
  ends: { kind: "done", acts: [`stop ${primary}`], moved: toGreen, world: leadsTo("green", [], []) },
});
const controls: Partial<DnsDefinitions> = {
  healthChecks: (["blue", "green"] as const).map((side) => ({
    id: `hc-${side}`,
    watches: { kind: "control", arn: control(side) },
  })),
  routingControls: [
    { arn: control("blue"), state: "On" },
    { arn: control("green"), state: "Off" },
  ],
};
const arc = story({
  title: "routing controls, while us-east-1 is away",
  service: service({ routing: { endpoints, primaryControlArn: control("blue"), standbyControlArn: control("green") } }),
  accounts: built({
    dns: zone(
      [roles[0] ?? record("blue", {}), record("green", { failover: "SECONDARY", healthCheckId: "hc-green" })],
      controls,
    ),
  }),
  break: ({ account }) => {
    account.break("host-fails", primary);
    account.breakAccount("dns-api-down");
  },
  ends: { kind: "done", acts: [`stop ${primary}`, "set"], moved: toGreen, world: leadsTo("green", [], []) },
});
const isStuck: NonNullable<Story["break"]> = ({ account }) => {
  account.break("host-fails", primary);
  account.break("stuck-stopping", primary);
};
const stuck = story({
  title: "the primary hangs while it stops",
  deep: true,
  accounts: built({ dns: zone(roles) }),
  break: isStuck,
  ends: { ...failoverRecords.ends, acts: [`stop ${primary}`, `stop ${primary} by force`, send] },
});
const needlessly = story({
  title: "a person orders with force although the primary can be reached",
  options: ["force"],
  accounts: built({ dns: zone(roles) }),
  ends: failoverRecords.ends,
});
const forcedStuck = story({
  title: "a person orders with force and the primary hangs while it stops",
  options: ["force"],
  accounts: built({ dns: zone(roles) }),
  break: isStuck,
  ends: { ...failoverRecords.ends, acts: [`stop ${primary}`, `stop ${primary} by force`, send] },
});
const stateless = story({
  title: "the service is declared stateless",
  deep: true,
  service: service({}, { fence: "address" }),
  accounts: built({ dns: zone(roles) }),
  fenced: [],
  ends: { kind: "done", acts: [send, `stop ${primary}`], moved: toGreen, world: leadsTo("green", roles, swapped) },
});
const movedRoles = roles.map((each, index) => ({ ...each, ...swapped[index] }));
const back = story({
  title: "a person orders it back while the former primary is off",
  recovery: "fail-back",
  accounts: built({ dns: zone(movedRoles), primary: "stopped" }),
  placement: { instanceId: standby, recordSet: "green" },
  break: () => undefined,
  fenced: [standby],
  ends: {
    kind: "done",
    acts: [`start ${primary}`, `stop ${standby}`, send],
    moved: { instanceId: primary, recordSet: "blue" },
    world: leadsTo("blue", roles, []),
  },
});

for (const each of [failoverRecords, weighted, switched, followed, arc, stuck, stateless, back]) lawsOf(each);

const changesARecord = async ({ account }: PlanWorld): Promise<void> => {
  const [blue] = account.peek.records(zoneId);
  if (blue) await account.calls.dns.upsert("somebody", zoneId, [{ ...blue, ttl: 5 }]);
};

const refusals: readonly Story[] = [
  story({
    title: "us-east-1 is away and the records themselves would have to change",
    accounts: built({ dns: zone(roles) }),
    break: ({ account }) => account.breakAccount("dns-api-down"),
    ends: { kind: "refused", code: "unreachable", acts: [] },
  }),
  story({
    title: "the standby leads already",
    accounts: built({ dns: zone(movedRoles) }),
    ends: { kind: "refused", code: "already-there", acts: [] },
  }),
  story({
    title: "the standby's record names an address that it will not have",
    accounts: built({ dns: zone(roles), standby: "stopped", loose: true }),
    ends: { kind: "refused", code: "record-elsewhere", acts: [] },
  }),
  story({
    title: "the standby has no record",
    accounts: built({ dns: zone(roles.slice(0, 1)) }),
    ends: { kind: "refused", code: "not-configured", acts: [] },
  }),
  story({
    title: "the records are simple ones",
    accounts: built({ dns: zone([record("blue", {}), record("green", {})]) }),
    ends: { kind: "refused", code: "not-configured", acts: [] },
  }),
  story({
    title: "the primary belongs to a group",
    accounts: built({ dns: zone(roles), group: "blue" }),
    ends: { kind: "refused", code: "group-member", acts: [] },
  }),
  story({
    title: "somebody changes a record right after the order",
    accounts: built({ dns: zone(roles) }),
    meanwhile: onceAt("journal.write", 1, (world) => changesARecord(world)),
    ends: { kind: "refused", code: "record-changed", acts: [] },
  }),
  story({
    title: "somebody changes a record while the primary stops",
    accounts: built({ dns: zone(roles) }),
    meanwhile: onceAt("compute.stop", 1, (world) => changesARecord(world)),
    ends: {
      ...{ kind: "refused", code: "record-changed", acts: [`stop ${primary}`] },
      debts: [`stopped-instance/${primary}`],
    },
  }),
  story({
    title: "somebody starts the primary again after the fence",
    accounts: built({ dns: zone(roles) }),
    // The order, the gate, the guard of the stop, then the check of the move: from here on only its guard looks at the primary.
    meanwhile: onceAt("dns.records", 4, ({ account }) => account.calls.start("somebody", [primary])),
    ends: {
      ...{ kind: "refused", code: "unfenced", acts: [`stop ${primary}`] },
      debts: [`stopped-instance/${primary}`],
    },
  }),
  story({
    title: "the standby's own host has failed",
    accounts: built({ dns: zone(roles) }),
    break: ({ account }) => account.break("host-fails", standby),
    ends: { kind: "refused", code: "standby-unfit", acts: [] },
  }),
  story({
    title: "somebody changes a record while the standby starts",
    accounts: built({ dns: zone(roles), standby: "stopped" }),
    meanwhile: onceAt("compute.start", 1, (world) => changesARecord(world)),
    ends: { kind: "refused", code: "record-changed", acts: [`start ${standby}`] },
  }),
  story({
    title: "the record API goes away while the standby starts: nothing is switched off",
    accounts: built({ dns: zone(roles), standby: "stopped" }),
    meanwhile: ({ name: called }, { account }) => {
      if (called === "compute.start") account.breakAccount("dns-api-down");
    },
    ends: { kind: "failed", code: "cannot-tell", acts: [`start ${standby}`] },
  }),
];

test.each(refusals)("$title: $ends.code, and nothing moves", async (each) => {
  const ended = await carryPlan(each);
  expect([...(await untold(each, ended)), ...(await unlawful(each, ended))]).toEqual([]);
});

startedAgainAnywhere(
  [
    needlessly,
    { ...weighted, options: ["force"] },
    { ...switched, options: ["force"] },
    { ...arc, options: ["force"] },
  ],
  primary,
);

test("every permission is declared, and none in vain", async () => {
  const stories = [failoverRecords, weighted, switched, followed, arc];
  const runs = await Promise.all(stories.map((each) => carryPlan(each)));
  expect(permissionsOff(weighted, runs)).toEqual({ missing: [], idle: [] });
});

test("resolvers get the old time to live to forget, counted from INSYNC", async () => {
  const { entries } = await carryPlan(failoverRecords);
  const changedAt = provedBy(entries, dnsSteps.inSync)?.at ?? 0;
  const forgotten = provedBy(entries, dnsSteps.forgotten);
  expect((forgotten?.at ?? 0) - changedAt).toBeGreaterThanOrEqual(60_000);
});

test("another worker that finds the records changed asks for INSYNC with a change of its own", async () => {
  const clean = await carryPlan(failoverRecords);
  const upsert = clean.calls.find(({ name: called }) => called === "dns.upsert");
  const ended = await carryPlan(failoverRecords, {
    fault: ({ number }) => (number === upsert?.number ? "crash-after" : undefined),
  });
  expect(ended.outcome?.kind).toBe("done");
  expect(provedBy(ended.entries, dnsSteps.inSync)).toBeDefined();
});

mutationsOf(
  "failover of a name",
  [failoverRecords, weighted, switched, followed, arc, stuck, needlessly, forcedStuck, stateless, back, ...refusals],
  {
    '"the old instance is stopped by force" without its debt': "the stop before it has borrowed the same",
    '"the old instance is stopped by force" without its other debts': "the stop before it has borrowed the same",
    '"the old instance is stopped by force" without its guard': "a stop is under way, and the move looks again",
  },
);

describe("what a person reads before", () => {
  test("which names are unreachable and for how long, and where the API lives", async () => {
    const { preview } = await previewOf(failoverRecords);
    expect(preview.headline).toBe(`web.example. leads to ${standby} (eu-west-1b) instead of ${primary} (eu-west-1a)`);
    expect(preview.downtime).toContain("web.example. is unreachable for some people for about 2 min");
    expect(preview.mind.join(" ")).toContain("us-east-1");
    expect(preview.steps.join(" ")).toContain("blue SECONDARY, green PRIMARY");
  });

  test("routing controls need no us-east-1, and say nothing of it", async () => {
    const { preview } = await previewOf(arc);
    expect(preview.refused).toBeUndefined();
    expect(preview.mind.join(" ")).not.toContain("us-east-1");
  });

  test("what refuses it now is said with a remedy", async () => {
    const loose = refusals[2];
    if (loose === undefined) throw new Error("no such story");
    const { preview } = await previewOf(loose);
    expect(preview.refused).toMatchObject({ code: "record-elsewhere" });
  });
});
