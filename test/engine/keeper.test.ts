/** The keeper on the simulated account: what it makes, when, and what it leaves alone. */
import { describe, expect, test } from "vitest";
import { newCase } from "../../src/domain/newCase.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { InstanceId, Scope, ServiceName } from "../../src/domain/words.ts";
import { createAccount } from "../../src/memory/account.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createSharedWorld } from "../../src/memory/sharedWorld.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import { keeperLoop } from "../../src/engine/keeper.ts";
import { accountId, here, serviceOf, startAt } from "../recovery/planStory.ts";

const machine = "i-0aaa0000000000001" as InstanceId;
const hour = 3_600_000;
const there = `${accountId}/eu-central-1` as Scope;

const service = serviceOf({
  pattern: "instance",
  target: { kind: "instance", instanceId: machine },
  reprovision: { snapshotTag: { key: "backup", value: "web" }, subnets: [], types: [] },
  keeper: { everyMs: hour, retain: 3, copyToDr: true },
  dr: {
    region: "eu-central-1",
    scope: there,
    snapshotTag: { key: "backup", value: "web" },
    subnets: [],
    securityGroups: [],
    types: ["t3.small"],
  },
});

async function world(over: Partial<ServiceCase> = {}) {
  const clock = createVirtualClock({ startAt });
  const random = createSeededRandom(11);
  const shared = createSharedWorld({ clock });
  const volumes = [{ device: "/dev/sdf", data: "orders" }];
  const home = createAccount({ clock, random, shared, accountId, machines: [{ id: machine, name: "web", volumes }] });
  const away = createAccount({ clock, random, shared, accountId, region: "eu-central-1", machines: [] });
  const current = {
    ...newCase("web" as ServiceName, { scope: here, region: "eu-west-1", instanceId: machine }),
    ...over,
  };
  const settings = {
    services: new Map([[service.name, service]]),
    timing: defaultTiming,
    accounts: new Map(),
    defaultChannel: "#ops",
    digest: { cron: "0 8 * * *", timeZone: "UTC", enabled: false },
  } satisfies Settings;
  const clouds = memoryClouds([home, away]);
  const { leases } = memoryStore();
  const loopOf = (worker: string) =>
    keeperLoop({
      ...{ clock, settings, clouds, leases, worker },
      log: silentLog,
      metrics: silentMetrics,
      handler: { known: () => current },
    });
  const first = loopOf("one");
  const rounds = async (n: number): Promise<void> => {
    for (let each = 0; each < n; each += 1) {
      await first.round();
      await clock.advance(first.periodMs);
    }
  };
  return { clock, home, away, rounds, loopOf };
}

function devices(of: { peek: { snapshots(): readonly { tags: Readonly<Record<string, string>> }[] } }): string[] {
  return of.peek
    .snapshots()
    .map(({ tags }) => tags["ec2-medic:device"] ?? "none")
    .sort();
}

describe("the keeper", () => {
  test("snapshots each disk once an hour, tagged, and copies what is finished", async () => {
    const { home, away, rounds } = await world();
    await rounds(3);
    expect(devices(home)).toHaveLength(2);
    expect(devices(home)).toContain("/dev/sdf");
    expect(devices(away)).toEqual(devices(home));
    const [copy] = away.peek.snapshots();
    expect(copy?.tags).toMatchObject({ backup: "web", "ec2-medic:managed": "true" });
    expect(Number(copy?.tags["ec2-medic:taken-at"])).toBe(startAt);
    await rounds(12);
    expect(devices(home)).toHaveLength(4);
    expect(devices(away)).toHaveLength(4);
  });

  test("a worker without the lease makes nothing", async () => {
    const { home, rounds, loopOf } = await world();
    await rounds(1);
    const made = home.peek.snapshots().length;
    await loopOf("two").round();
    expect(home.peek.snapshots()).toHaveLength(made);
  });

  test("a service that is bad, or away from home, is not snapshotted", async () => {
    const bad = [
      { subject: "web down", symptom: "down" as const, evidenceKind: "probe" as const, since: 0, reason: "it is down" },
    ];
    const sick = await world({ bad });
    await sick.rounds(2);
    const gone = await world({ placement: { scope: there, region: "eu-central-1", instanceId: machine } });
    await gone.rounds(2);
    expect([...sick.home.peek.snapshots(), ...gone.home.peek.snapshots()]).toEqual([]);
  });

  test("it never deletes, however many there are", async () => {
    const { home, away, rounds } = await world();
    await rounds(80);
    expect(home.peek.snapshots().length).toBeGreaterThan(10);
    const deletions = [...home.writes, ...away.writes].filter(({ operation }) => operation === "DeleteSnapshot");
    expect(deletions).toEqual([]);
  });

  test("a snapshot that fails is not made again every round", async () => {
    const { home, rounds } = await world();
    home.breakAccount("snapshot-fails");
    await rounds(6);
    expect(devices(home).length).toBeLessThanOrEqual(4);
  });
});
