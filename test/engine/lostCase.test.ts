/** A case that was lost while records of its runs were kept (`accept-loss`, a merge): its runs count from 1 again. */
import { expect, test } from "vitest";
import type { RunRecord } from "../../src/engine/runRecord.ts";
import { bench, machine, web } from "./bench.ts";

test("a run of the number that a former run had acts for itself, and ends as it ends itself", async () => {
  const at = bench();
  const acts = () => at.account.writes.filter(({ who, outcome }) => who === "medic" && outcome === "accepted").length;
  const record = () => JSON.parse(at.table.records.get("run/web")?.get("web/1")?.body ?? "{}") as RunRecord;
  const recovered = async () => {
    const { engine } = at.hire();
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(20);
    expect(at.stored()).toMatchObject({ phase: { kind: "resolved", how: "recovered" }, runFence: 1 });
    const stopping = engine.stop({ deadlineMs: 20_000 });
    await at.advance(60);
    await stopping;
  };
  await recovered();
  const former = record();
  expect(acts()).toBe(1);
  at.table.cases.delete(web);
  await recovered();
  expect(acts()).toBe(2);
  expect(record().startedAt).toBeGreaterThan(former.startedAt);
  expect(record().ended?.at).toBeGreaterThan(former.ended?.at ?? Infinity);
});
