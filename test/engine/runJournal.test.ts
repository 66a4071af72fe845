/** Who may write the record of a run: only the holder of the newest fence, whatever the store answers. */
import { describe, expect, test } from "vitest";
import type { RunId } from "../../src/domain/words.ts";
import { openJournal } from "../../src/engine/runJournal.ts";
import { runKey, type RunRecord } from "../../src/engine/runRecord.ts";
import { memoryStore, type StoreFaults } from "../../src/memory/memoryStore.ts";
import { memoryTable } from "../../src/memory/memoryTable.ts";
import { StoreUncertain } from "../../src/ports/store.ts";
import { AbandonRun } from "../../src/recovery/control.ts";
import { web } from "./bench.ts";

const runId = "web/1" as RunId;
const key = runKey(web, runId);
const step = (name: string) => ({ step: name, begun: { at: 1, before: {} } });

async function world() {
  const table = memoryTable();
  const record: Partial<RunRecord> = {
    runId,
    service: web,
    recovery: "restart@1",
    journal: [],
    fence: 1,
    worker: "one",
  };
  await memoryStore({ table }).records.putIfAbsent(key, record);
  const open = async (worker: string, fence: number, faults?: StoreFaults) => {
    const { records } = memoryStore({ table, ...(faults ? { faults } : {}) });
    const stored = await records.get<RunRecord>(key);
    if (stored === undefined) throw new Error("no record");
    return openJournal({ records, worker }, stored, fence);
  };
  const steps = async () => {
    const stored = await memoryStore({ table }).records.get<RunRecord>(key);
    return stored?.body.journal.map((entry) => entry.step);
  };
  return { open, steps };
}

describe("the journal of a run", () => {
  test("a worker that was taken over may not write any more, not even once", async () => {
    const { open, steps } = await world();
    const first = await open("one", 1);
    await first.write(step("a"));
    const second = await open("two", 2);
    await expect(first.write(step("late"))).rejects.toThrow(AbandonRun);
    await second.write(step("b"));
    expect(await steps()).toEqual(["a", "b"]);
  });

  test("an older fence cannot open a record that a newer one holds", async () => {
    const { open } = await world();
    await open("two", 2);
    await expect(open("one", 1)).rejects.toThrow(AbandonRun);
  });

  test("a write whose answer was lost is found or repeated, and stands once", async () => {
    for (const when of ["beforeCall", "afterCall"] as const) {
      const { open, steps } = await world();
      let lose = false;
      const journal = await open("one", 1, {
        [when]: (operation: string) => {
          if (operation !== "records.replace" || !lose) return;
          lose = false;
          throw new StoreUncertain("the journal");
        },
      });
      lose = true;
      await journal.write(step("a"));
      await journal.write(step("b"));
      expect(await steps()).toEqual(["a", "b"]);
    }
  });
});
