/** The right to act: how long it lasts, and who may not use it. */
import { describe, expect, test } from "vitest";
import { defaultTiming } from "../../src/domain/timing.ts";
import { takeLease } from "../../src/engine/runLease.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { memoryTable } from "../../src/memory/memoryTable.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { StoreUnavailable } from "../../src/ports/store.ts";
import { AbandonRun } from "../../src/recovery/control.ts";
import { startAt } from "./bench.ts";

function world() {
  const clock = createVirtualClock({ startAt });
  const table = memoryTable();
  const worker = (name: string, isAway: () => boolean = () => false) => {
    const faults = {
      beforeCall: () => {
        if (isAway()) throw new StoreUnavailable("the lease");
      },
    };
    const { leases } = memoryStore({ table, faults });
    return takeLease({ leases, clock, timing: defaultTiming, log: silentLog, worker: name }, "run/web");
  };
  return { clock, table, worker };
}

describe("the lease of a run", () => {
  test("it is renewed for as long as its worker lives, and nobody else gets it", async () => {
    const { clock, worker } = world();
    const lease = await worker("one");
    await clock.advance(10 * 60_000);
    await lease?.assertMargin();
    expect(await worker("two")).toBeUndefined();
  });

  test("without the store it may be used only while there is time for a whole call and the clocks' skew", async () => {
    const { clock, worker } = world();
    let away = false;
    const lease = await worker("one", () => away);
    away = true;
    await clock.advance(defaultTiming.leaseMs - defaultTiming.awsCallMs - defaultTiming.clockSkewMs);
    await lease?.assertMargin();
    await clock.advance(1);
    await expect(lease?.assertMargin()).rejects.toThrow();
  });

  test("another worker gets it only after its end and the wait, with a higher fence; the first is told", async () => {
    const { clock, worker } = world();
    let away = false;
    const first = await worker("one", () => away);
    away = true;
    await clock.advance(defaultTiming.leaseMs + defaultTiming.takeoverMs - 1);
    expect(await worker("two")).toBeUndefined();
    await clock.advance(1);
    const second = await worker("two");
    expect(second?.fence).toBeGreaterThan(first?.fence ?? 0);
    away = false;
    await expect(first?.assertMargin()).rejects.toThrow(AbandonRun);
    expect(first?.signal.aborted).toBe(true);
  });

  test("given back, it is free at once", async () => {
    const { worker } = world();
    await (await worker("one"))?.release();
    expect(await worker("two")).toBeDefined();
  });
});
