/** The door into a case, against a store that loses races and answers. */
import { describe, expect, test } from "vitest";
import type { Facts } from "../../src/domain/facts.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { makeHandle } from "../../src/engine/handleEvent.ts";
import { memoryStore, type StoreFaults } from "../../src/memory/memoryStore.ts";
import { memoryTable, type MemoryTable } from "../../src/memory/memoryTable.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import { StoreUnavailable, StoreUncertain } from "../../src/ports/store.ts";
import { ana, bench, machine, scope, startAt, web } from "./bench.ts";

function door(table: MemoryTable, faults?: StoreFaults, refreshFacts: () => Promise<void> = async () => undefined) {
  const { settings } = bench({ mode: "approve" });
  const committed: number[] = [];
  const handler = makeHandle({
    cases: memoryStore({ table, ...(faults ? { faults } : {}) }).cases,
    clock: { now: () => startAt, sleep: async () => undefined },
    log: silentLog,
    metrics: silentMetrics,
    facts: (service): Facts => ({
      service: settings.services.get(service),
      timing: settings.timing,
      autopilot: { state: "on", readAt: startAt },
      storm: { active: false, readAt: startAt },
      warmUntil: 0,
      mailConfigured: false,
    }),
    refreshFacts,
    firstPlacement: (service) =>
      settings.services.has(service) ? { scope, region: "eu-west-1", instanceId: machine } : undefined,
    onCommitted: (current) => void committed.push(current.rev),
  });
  return { ...handler, committed };
}

const bad = (key: string): Signal => ({
  key,
  source: "sns",
  kind: "alarm",
  subject: `alarm ${key}`,
  verdict: "bad",
  symptom: "os",
  evidenceKind: "ec2",
  at: startAt - 1_000,
  reason: "test",
});

const revOf = (table: MemoryTable) => table.cases.get(web)?.rev;

describe("handle", () => {
  test("the first signal of a service costs one write and no read", async () => {
    const table = memoryTable();
    const calls: string[] = [];
    const { handle } = door(table, { beforeCall: (operation) => void calls.push(operation) });
    await handle(web, { kind: "signal", signal: bad("a") });
    await handle(web, { kind: "signal", signal: bad("b") });
    expect(calls).toEqual(["cases.write", "cases.write"]);
  });

  test("what comes in does not wait for a kill switch that another event is asking", async () => {
    const { handle } = door(memoryTable(), undefined, () => new Promise<void>(() => undefined));
    void handle(web, { kind: "due" });
    const taken = await handle(web, { kind: "signal", signal: bad("a") });
    expect(taken.kind).toBe("changed");
  });

  test("a lost race is decided again on what the winner stored", async () => {
    const table = memoryTable();
    const one = door(table);
    const other = door(table);
    await one.handle(web, { kind: "signal", signal: bad("a") });
    await other.handle(web, { kind: "signal", signal: bad("b") });
    const third = await one.handle(web, { kind: "signal", signal: bad("c") });
    expect(third.kind === "changed" && third.current.bad.map((b) => b.subject)).toEqual([
      "alarm a",
      "alarm b",
      "alarm c",
    ]);
    expect(revOf(table)).toBe(3);
  });

  test("an event that an old copy would ignore is looked at again on a strong read", async () => {
    const table = memoryTable();
    const one = door(table);
    const other = door(table);
    await one.handle(web, { kind: "signal", signal: bad("a") });
    // This worker has never heard of an incident.
    await other.handle(web, { kind: "placement", instanceId: machine });
    await one.handle(web, { kind: "hold", by: ana });
    const resumed = await other.handle(web, { kind: "resume", by: ana });
    expect(resumed.kind).toBe("changed");
  });

  test("a write whose answer was lost counts once, and its caller is told so", async () => {
    const table = memoryTable();
    let lose = true;
    const { handle, committed } = door(table, {
      afterCall: (operation) => {
        if (operation !== "cases.write" || !lose) return;
        lose = false;
        throw new StoreUncertain("the case");
      },
    });
    const handled = await handle(web, { kind: "signal", signal: bad("a") });
    expect(handled.kind).toBe("changed");
    expect(committed).toEqual([1]);
    expect(revOf(table)).toBe(1);
  });

  test("a lost answer that cannot be looked up stays unknown: nobody is told that nothing was kept", async () => {
    const table = memoryTable();
    let away = false;
    const { handle } = door(table, {
      beforeCall: () => {
        if (away) throw new StoreUnavailable("the case");
      },
      afterCall: (operation) => {
        if (operation !== "cases.write") return;
        away = true;
        throw new StoreUncertain("the case");
      },
    });
    await expect(handle(web, { kind: "signal", signal: bad("a") })).rejects.toThrow(StoreUncertain);
    expect(revOf(table)).toBe(1);
  });

  test("what could not be stored is refused, and nothing was done", async () => {
    const table = memoryTable();
    const { handle, committed } = door(table, {
      beforeCall: (operation) => {
        if (operation === "cases.write") throw new StoreUnavailable("the case");
      },
    });
    await expect(handle(web, { kind: "signal", signal: bad("a") })).rejects.toThrow(StoreUnavailable);
    expect(committed).toEqual([]);
  });

  test("the same change told by many messages at once is acted on once", async () => {
    const table = memoryTable();
    const { handle } = door(table);
    const all = await Promise.all(Array.from({ length: 20 }, () => handle(web, { kind: "signal", signal: bad("a") })));
    expect(all.filter((handled) => handled.kind === "changed")).toHaveLength(1);
  });

  test("a flood for one service is refused in words instead of growing for ever", async () => {
    const { handle } = door(memoryTable());
    const flood = Array.from({ length: 300 }, (_, n) => handle(web, { kind: "signal", signal: bad(String(n)) }));
    const settled = await Promise.allSettled(flood);
    const refused = settled.filter((one) => one.status === "rejected");
    expect(refused.length).toBe(100);
  });

  test("a service that medic.yaml does not name gets no case", async () => {
    const table = memoryTable();
    const { handle } = door(table);
    const handled = await handle("nobody" as never, { kind: "signal", signal: bad("a") });
    expect(handled).toMatchObject({ kind: "ignored", reason: { code: "config-gone" } });
    expect(table.cases.size).toBe(0);
  });
});
