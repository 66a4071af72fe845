/** What leaves the table by itself, and what stays. */
import { describe, expect, test } from "vitest";
import { dayMs } from "../../src/domain/limits.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import { keptMs } from "../../src/domain/recordLife.ts";
import { retentionLoop } from "../../src/engine/retention.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { memoryTable, type MemoryTable } from "../../src/memory/memoryTable.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import { startAt, web } from "./bench.ts";

function sweeper(table: MemoryTable, services: readonly ServiceName[] = [web]) {
  const store = memoryStore({ table });
  const time = { now: startAt };
  const loop = retentionLoop({
    clock: { now: () => time.now, sleep: async () => undefined },
    log: silentLog,
    metrics: silentMetrics,
    records: store.records,
    cases: store.cases,
    services,
  });
  const put = (collection: string, id: string, body: unknown) => store.records.putIfAbsent({ collection, id }, body);
  const left = async (collection: string) =>
    (await store.records.list(collection, { limit: 1_000 })).map((stored) => stored.id);
  return { time, loop, put, left };
}

const old = startAt;
const later = startAt + keptMs;

describe("retention", () => {
  test("mails, dossiers, ended runs and unmatched messages go after a quarter of a year; younger ones stay", async () => {
    const { time, loop, put, left } = sweeper(memoryTable());
    for (const [id, at] of [
      ["old", old],
      ["young", old + dayMs],
    ] as const) {
      await put("mail", id, { worker: "w", at });
      await put("dossier", id, { at });
      await put("unmatched", id, { key: id, lastAt: at });
      await put(`run/${web}`, id, { startedAt: at, ended: { at } });
    }
    await loop.round();
    time.now = later;
    await loop.round();
    for (const collection of ["mail", "dossier", "unmatched", `run/${web}`])
      expect(await left(collection), collection).toEqual(["young"]);
  });

  test("a run without an end, timelines, closed incidents and the audit stay for ever", async () => {
    const { time, loop, put, left } = sweeper(memoryTable());
    const kept = [`run/${web}`, `timeline/${web}`, `closed/${web}`, "audit/2026-11"];
    for (const collection of kept) await put(collection, "old", { at: old, startedAt: old, closedAt: old });
    await loop.round();
    time.now = later * 2;
    await loop.round();
    for (const collection of kept) expect(await left(collection), collection).toEqual(["old"]);
  });

  test("one worker a day sweeps, in rounds that never look at more than a few pages", async () => {
    const table = memoryTable();
    const one = sweeper(table);
    const other = sweeper(table);
    for (let n = 0; n < 2_500; n += 1) await one.put("mail", String(n).padStart(6, "0"), { at: old });
    await one.loop.round();
    one.time.now = later;
    other.time.now = later;
    await one.loop.round();
    expect(await one.left("mail")).toHaveLength(500);
    await other.loop.round();
    expect(await one.left("mail")).toHaveLength(500);
    await one.loop.round();
    expect(await one.left("mail")).toEqual([]);
  });
});
