/**
 * Looks that are known to find nothing are not made. The proof that they would have found nothing: a night in which every look is made
 * is the same night, in every word, write, act and card.
 */
import { describe, expect, test } from "vitest";
import { memoryGlance } from "../../src/memory/memoryGlance.ts";
import { memoryTable } from "../../src/memory/memoryTable.ts";
import { playNight, type Night } from "./simulation.ts";

const seeds = Array.from({ length: 20 }, (_, index) => 4_000 + index);

interface Played extends Night {
  readonly writes: readonly string[];
}

async function played(seed: number, everyLook: boolean): Promise<Played> {
  const writes: string[] = [];
  const night = await playNight(seed, {
    everyLook,
    law: (_need, current) => void writes.push(JSON.stringify(current)),
  });
  return { ...night, writes };
}

describe("looks that find nothing", () => {
  test("a night with all of them is the same night", { timeout: 240_000 }, async () => {
    const kinds = new Set<Night["kind"]>();
    let writes = 0;
    for (const seed of seeds) {
      const skipping = await played(seed, false);
      expect(await played(seed, true)).toEqual(skipping);
      kinds.add(skipping.kind);
      writes += skipping.writes.length;
    }
    expect([...kinds].sort()).toEqual(["lone", "patterns"]);
    // Nights in which nothing is written are alike whatever is left out.
    expect(writes).toBeGreaterThan(seeds.length * 100);
  });

  describe("a lease at a glance", () => {
    const times = { now: 10_000, leaseMs: 30_000, takeoverMs: 5_000 };
    const glanceAt = (passes: boolean) => {
      const table = memoryTable();
      table.leases.set("sender", { owner: "one", fence: 3, until: 20_000 });
      return { table, glance: memoryGlance(table, { passes: () => passes, outsideSwitch: () => "on" }) };
    };
    const lease = { name: "sender", owner: "one", fence: 3, until: 20_000 };

    test("is renewed for whoever holds it, if the call passes", () => {
      const { table, glance } = glanceAt(true);
      expect(glance.renew(lease, times)).toEqual({ ...lease, until: 40_000 });
      expect(table.leases.get("sender")?.until).toBe(40_000);
    });

    test("is left alone when the call would fail, or it is another one's by now", () => {
      const failing = glanceAt(false);
      expect(failing.glance.renew(lease, times)).toBeUndefined();
      const { table, glance } = glanceAt(true);
      expect(glance.renew({ ...lease, fence: 2 }, times)).toBeUndefined();
      expect(glance.renew({ ...lease, owner: "two" }, times)).toBeUndefined();
      expect([table.leases.get("sender")?.until, failing.table.leases.get("sender")?.until]).toEqual([20_000, 20_000]);
    });

    test("is taken for others until nobody may believe in it any more", () => {
      const { glance } = glanceAt(true);
      expect(glance.isTaken("sender", "one", times)).toBe(false);
      expect(glance.isTaken("sender", "two", { ...times, now: 24_999 })).toBe(true);
      expect(glance.isTaken("sender", "two", { ...times, now: 25_000 })).toBe(false);
      expect(glance.isTaken("no such", "two", times)).toBe(false);
    });
  });
});
