/** Debts that outlived their run: what the sweep gives back, what it leaves to people, and that it never works beside a run. */
import { describe, expect, test } from "vitest";
import type { Debt } from "../../src/domain/serviceCase.ts";
import type { InstanceId, RunId } from "../../src/domain/words.ts";
import type { AccountOptions } from "../../src/memory/account.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { drillTag, runTag } from "../../src/ports/compute.ts";
import { bench, machine, scope, startAt, web, type Bench } from "./bench.ts";

const group = "web-group";
const old = "i-0ccc0000000000003" as InstanceId;

const debtOf = (part: Pick<Debt, "id" | "kind"> & Partial<Debt>): Debt => ({
  what: `owed: ${part.id}`,
  since: startAt,
  runId: "web/1" as RunId,
  ...part,
});

/** A case that owes, and the rounds of a sweep or two. */
async function swept(
  debt: Debt,
  {
    account,
    minutes = 3,
    before,
  }: {
    readonly account?: Partial<AccountOptions>;
    readonly minutes?: number;
    readonly before?: (it: Bench) => Promise<unknown>;
  } = {},
): Promise<Bench> {
  const it = bench({ ...(account ? { account } : {}) });
  const { engine } = it.hire();
  await engine.start();
  await it.advance(1);
  await before?.(it);
  await engine.handle(web, { kind: "debt-added", debt });
  await it.advance(minutes);
  return it;
}

const owed = (it: Bench): string[] => it.stored()?.debts.map(({ id }: Debt) => id) ?? [];
const writes = ({ account }: Bench): string[] =>
  account.writes
    .filter(({ who }) => who === "medic")
    .map(({ operation, resource }) => `${operation} ${resource ?? ""}`.trim());

const grouped = (suspended: readonly string[], over: object = {}): Partial<AccountOptions> => ({
  groups: [{ ...{ name: group, min: 1, max: 1, desired: 1, instanceIds: [machine] }, suspended, ...over }],
});

describe("suspended processes", () => {
  const debt = debtOf({
    id: `suspended-processes/${group}`,
    kind: "suspended-processes",
    data: { group, processes: "ReplaceUnhealthy" },
  });

  test("exactly those that the debt names are resumed", async () => {
    const it = await swept(debt, { account: grouped(["HealthCheck", "ReplaceUnhealthy"]) });
    expect(owed(it)).toEqual([]);
    expect([...it.account.peek.group(group).suspended]).toEqual(["HealthCheck"]);
  });

  test("while another worker holds the run's lease nothing is touched", async () => {
    const it = await swept(debt, {
      account: grouped(["ReplaceUnhealthy"]),
      before: async ({ table, clock }) => {
        const times = { now: clock.now(), leaseMs: 60 * 60_000, takeoverMs: 5_000 };
        await memoryStore({ table }).leases.acquire(`run/${web}`, "another worker", times);
      },
    });
    expect(owed(it)).toEqual([debt.id]);
    expect(writes(it)).toEqual([]);
  });

  test("what cannot be resumed now is owed until it can", async () => {
    const it = await swept(debt, {
      account: grouped(["ReplaceUnhealthy"]),
      before: async ({ account }) => account.breakAccount("scaling-contended"),
    });
    expect(owed(it)).toEqual([debt.id]);
    it.account.mendAccount("scaling-contended");
    await it.advance(3);
    expect(owed(it)).toEqual([]);
  });
});

describe("an old instance that nobody fenced", () => {
  const machines = [
    { id: machine, name: "web" },
    { id: old, name: "old web" },
  ];
  const debt = (data?: Record<string, string>) =>
    debtOf({ id: `unfenced/${old}`, kind: "unfenced", ...(data ? { data } : {}) });

  test("it is stopped when its region answers, and the debt is paid when it is off", async () => {
    const it = await swept(debt({ instanceId: old, scope }), { account: { machines }, minutes: 5 });
    expect(it.account.peek.machine(old).state).toBe("stopped");
    expect(owed(it)).toEqual([]);
  });

  test("a debt that does not say where it is only stands there", async () => {
    const it = await swept(debt(), { account: { machines }, minutes: 5 });
    expect(it.account.peek.machine(old).state).toBe("running");
    expect(owed(it)).toEqual([`unfenced/${old}`]);
  });

  test("where the service lives is never stopped", async () => {
    const own = debtOf({ id: `unfenced/${machine}`, kind: "unfenced", data: { instanceId: machine, scope } });
    const it = await swept(own, { account: { machines }, minutes: 5 });
    expect(it.account.peek.machine(machine).state).toBe("running");
    expect(writes(it)).toEqual([]);
  });

  test("once the service is well where it was, nobody runs beside anybody: nothing is owed", async () => {
    const own = debtOf({ id: `unfenced/${machine}`, kind: "unfenced", data: { instanceId: machine, scope } });
    expect(owed(await swept(own, { account: { machines } }))).toEqual([]);
  });
});

describe("a drill instance", () => {
  const debt = debtOf({ id: "drill-instance/web/1", kind: "drill-instance", data: { instanceId: old } });

  test("it is ended, and paid for when it is gone", async () => {
    const tags = { [drillTag.key]: drillTag.value };
    const it = await swept(debt, {
      account: {
        machines: [
          { id: machine, name: "web" },
          { id: old, name: "drill", tags },
        ],
      },
      minutes: 5,
    });
    expect(it.account.peek.machine(old).state).toBe("terminated");
    expect(owed(it)).toEqual([]);
  });

  const before = debtOf({
    id: "drill-instance/web/1",
    kind: "drill-instance",
    // As a run writes it before the launch, when nobody knows the instance's id.
    data: { scope, runId: "web/1" },
  });
  const launchedBy = (runId: string, tags: Record<string, string>) => ({
    machines: [
      { id: machine, name: "web" },
      { id: old, name: "drill", tags: { ...tags, [runTag]: runId } },
    ],
  });

  test("whose id nobody had written down is found by its run and ended", async () => {
    const account = launchedBy("web/1", { [drillTag.key]: drillTag.value });
    const it = await swept(before, { account, minutes: 5 });
    expect(it.account.peek.machine(old).state).toBe("terminated");
    expect(owed(it)).toEqual([before.id]);
    // A launch that reads still hide would be lost with the debt: that nothing is there is believed after a while.
    await it.advance(10);
    expect(owed(it)).toEqual([]);
  });

  test("what another run launched, or is no drill, is not ended in its place", async () => {
    for (const account of [launchedBy("web/2", { [drillTag.key]: drillTag.value }), launchedBy("web/1", {})]) {
      const it = await swept(before, { account, minutes: 5 });
      expect(it.account.peek.machine(old).state).toBe("running");
    }
  });

  test("without the drill's tag it is not touched, whatever the debt says", async () => {
    const it = await swept(debt, {
      account: {
        machines: [
          { id: machine, name: "web" },
          { id: old, name: "old web" },
        ],
      },
      minutes: 5,
    });
    expect(it.account.peek.machine(old).state).toBe("running");
    expect(owed(it)).toEqual([debt.id]);
  });
});

describe("what needs a person", () => {
  const raised = debtOf({ id: `raised-max/${group}`, kind: "raised-max", data: { group, max: "2", desired: "1" } });

  test("a raised largest size stands until it is lowered", async () => {
    const it = await swept(raised, { account: grouped([], { max: 5 }) });
    expect(owed(it)).toEqual([raised.id]);
    expect(writes(it)).toEqual([]);
  });

  test("an address on nobody stands until a person acts", async () => {
    const address = debtOf({ id: "eipalloc-1", kind: "address" });
    const account = { addresses: [{ allocationId: "eipalloc-1", publicIp: "198.51.100.10" }] };
    const it = await swept({ ...address, id: "address/eipalloc-1" }, { account });
    expect(owed(it)).toEqual(["address/eipalloc-1"]);
    expect(writes(it)).toEqual([]);
  });

  test("a debt that cannot be read does not keep the next one from being paid", async () => {
    const it = bench({ account: grouped(["ReplaceUnhealthy"]) });
    const { engine } = it.hire();
    await engine.start();
    await it.advance(1);
    await engine.handle(web, { kind: "debt-added", debt: debtOf({ id: "address/eipalloc-none", kind: "address" }) });
    const processes = { id: `suspended-processes/${group}`, kind: "suspended-processes" } as const;
    await engine.handle(web, {
      kind: "debt-added",
      debt: debtOf({ ...processes, data: { group, processes: "ReplaceUnhealthy" } }),
    });
    await it.advance(3);
    expect(owed(it)).toEqual(["address/eipalloc-none"]);
  });
});
