import { describe, expect, it } from "vitest";
import type { CaseEvent } from "../../src/domain/event.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { RunId } from "../../src/domain/words.ts";
import { makeControl } from "../../src/engine/runControl.ts";
import { openJournal } from "../../src/engine/runJournal.ts";
import { runKey, runViewOf, type RunRecord } from "../../src/engine/runRecord.ts";
import type { RunnerParts } from "../../src/engine/runPlan.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { StoreUnavailable } from "../../src/ports/store.ts";
import { AbandonRun } from "../../src/recovery/control.ts";
import { now, order, shopWeb } from "../card/cases.ts";

const runId = "shop-web/7" as RunId;
const waiting = "the snapshot is complete";

async function carrying() {
  const clock = createVirtualClock({ startAt: now });
  const { records } = memoryStore();
  const record: RunRecord = {
    ...{ runId, service: shopWeb, recovery: "of-another-version@9", order, inputs: {}, startedAt: now },
    ...{ fence: 1, worker: "w1", journal: [{ step: waiting, begun: { at: now, before: {} } }] },
  };
  const key = runKey(shopWeb, runId);
  await records.putIfAbsent(key, record);
  const stored = async () => {
    const found = await records.get<RunRecord>(key);
    if (found === undefined) throw new Error("the record is gone");
    return found;
  };
  const journal = await openJournal({ records, worker: "w1" }, await stored(), 1);
  const events: CaseEvent[] = [];
  let fails = false;
  const parts = {
    ...{ clock, records, log: silentLog, timing: defaultTiming },
    handle: async (_service: unknown, event: CaseEvent) => {
      if (fails) throw new StoreUnavailable("case");
      events.push(event);
      return { kind: "ignored" as const, reason: { code: "nothing-to-do" as const, args: {} } };
    },
  } as unknown as RunnerParts;
  const lease = {
    fence: 1,
    signal: new AbortController().signal,
    assertMargin: async () => undefined,
    release: async () => undefined,
  };
  const control = makeControl(parts, { service: shopWeb, runId, order, lease, step: journal });
  const say = async (said: string) => control.onProgress?.(waiting, said);
  return { clock, records, key, stored, events, say, failFrom: () => void (fails = true) };
}

describe("what a waiting step has to say", () => {
  it("stands in the run's record at once, and on the card as what it waits for", async () => {
    const desk = await carrying();
    await desk.say("snapshot 42 %");
    const { body } = await desk.stored();
    expect(body.progress).toEqual({ step: waiting, said: "snapshot 42 %", at: now });
    expect(runViewOf(body).steps).toMatchObject([{ name: waiting, status: "begun", progress: "snapshot 42 %" }]);
  });

  it("reaches the card at most every half minute", async () => {
    const desk = await carrying();
    await desk.say("snapshot 1 %");
    await desk.clock.advance(15_000);
    await desk.say("snapshot 20 %");
    expect(desk.events).toEqual([{ kind: "run-step", runId, step: waiting, state: "progress", acted: true }]);
    await desk.clock.advance(15_000);
    await desk.say("snapshot 42 %");
    expect(desk.events).toHaveLength(2);
    expect((await desk.stored()).body.progress?.said).toBe("snapshot 42 %");
  });

  it("never ends a run because it could not be told, and ends it here when another worker has it", async () => {
    const desk = await carrying();
    desk.failFrom();
    await expect(desk.say("snapshot 42 %")).resolves.toBeUndefined();
    const { body, rev } = await desk.stored();
    await desk.records.replace(desk.key, { ...body, fence: 2, worker: "w2" }, rev);
    await expect(desk.say("snapshot 60 %")).rejects.toBeInstanceOf(AbandonRun);
  });
});
