/** A wall clock that is put back by one hour: nothing waits for it to come round again, and nothing old counts as fresh. */
import { expect, it } from "vitest";
import { makeAutopilot } from "../../src/engine/autopilot.ts";
import { guardedProbe } from "../../src/engine/guardedProbe.ts";
import { createPace, updatesPerMinute } from "../../src/engine/pace.ts";
import { createSenderQueue, type Job } from "../../src/engine/senderQueue.ts";
import type { SenderState } from "../../src/engine/senderState.ts";
import { pump } from "../../src/engine/senderTurn.ts";
import { listUnmatched, markTold, untold } from "../../src/engine/unmatched.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { hasPassed, isWithin } from "../../src/ports/clock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";

const hour = 3_600_000;
const start = 1_790_000_000_000;

function hands() {
  let at = start;
  return { now: () => at, sleep: async () => undefined, turn: (ms: number) => void (at += ms) };
}

it("is judged by two functions", () => {
  const clock = hands();
  expect([hasPassed(clock, start - 5, 6), hasPassed(clock, start - 5, 5)]).toEqual([false, true]);
  expect([isWithin(clock, start - 5, 4), isWithin(clock, start - 5, 5)]).toEqual([false, true]);
  expect([hasPassed(clock, start + 1, hour), isWithin(clock, start + 1, hour)]).toEqual([true, false]);
});

it("hears an autopilot that was switched off meanwhile", async () => {
  const clock = hands();
  let outside: "on" | "off" = "on";
  const { records } = memoryStore();
  const parts = { records, outside: { read: async () => outside }, offByEnvironment: false, clock, log: silentLog };
  const autopilot = makeAutopilot(parts);
  expect(await autopilot.readWithin(0)).toMatchObject({ state: "on" });
  outside = "off";
  clock.turn(-hour);
  expect(await autopilot.readWithin(10_000)).toMatchObject({ state: "off" });
  expect(autopilot.snapshot()).toMatchObject({ state: "off", readAt: start - hour });
});

it("keeps what was set while an older reading was on its way, whatever the clock says", async () => {
  const clock = hands();
  const { records } = memoryStore();
  let answer: (state: "on") => void = () => undefined;
  const answers = [new Promise<"on">((resolve) => (answer = resolve))];
  const outside = { read: () => answers.pop() ?? Promise.resolve("on" as const) };
  const autopilot = makeAutopilot({ records, outside, offByEnvironment: false, clock, log: silentLog });
  const older = autopilot.read();
  clock.turn(-hour);
  await autopilot.set("off", "Ana");
  answer("on");
  expect(await older).toMatchObject({ state: "off" });
  expect(autopilot.snapshot()).toMatchObject({ state: "off" });
});

it("asks the control URL of probes again", async () => {
  const clock = hands();
  let asked = 0;
  const ask = async ({ url }: { url?: string }) => {
    if (url === "http://control") asked += 1;
    return { good: false, detail: "no answer" };
  };
  const guarded = guardedProbe({ ask } as never, clock, "http://control");
  await guarded.ask({ kind: "http", url: "http://shop" } as never);
  clock.turn(-hour);
  await guarded.ask({ kind: "http", url: "http://shop" } as never);
  expect(asked).toBe(2);
});

it("sends to Slack at once, whatever was sent, paused or down in the hour that comes again", () => {
  const pace = createPace();
  for (let at = 0; at < updatesPerMinute; at += 1) pace.updated("m", start);
  pace.posted("C1", start);
  expect(pace.updateAt("m", true, start)).toBeGreaterThan(start);
  expect(pace.postAt("C1", start)).toBeGreaterThan(start);
  pace.pause("update", start + 30_000);
  pace.down(start + 30_000);
  const now = start - hour;
  expect(pace.updateAt("m", true, now)).toBeLessThanOrEqual(now);
  expect(pace.postAt("C1", now)).toBeLessThanOrEqual(now);
});

it.each([
  [false, 0],
  [true, 2_000],
])("sends what waits in the row, with a post that may stand already (%s) after %d ms", (mustFind, afterMs) => {
  const clock = hands();
  const queue = createSenderQueue();
  const waits = { notBefore: start + 60_000, attempts: 1, running: false, mustFind, ref: undefined };
  queue.put({ id: "a", kind: "say", channel: "C1", order: 1, priority: "reply", ...waits } as unknown as Job);
  const never = () => new Promise<never>(() => undefined);
  const state = {
    parts: {
      clock,
      settings: () => ({ timing: { clockSkewMs: 0 } }),
      chat: new Proxy({}, { get: () => never }),
      metrics: silentMetrics,
    },
    ...{ queue, pace: createPace(), cards: { channelFor: (channel: string) => channel } },
    ...{ lease: { until: Infinity }, running: 0, failures: 0, wake: new AbortController(), lookedAt: -Infinity },
  } as unknown as SenderState;
  pump(state);
  clock.turn(-hour);
  pump(state);
  expect([state.running, state.nextAt]).toEqual(mustFind ? [0, start - hour + afterMs] : [1, undefined]);
  clock.turn(afterMs);
  pump(state);
  expect(state.running).toBe(1);
});

it("tells again of what belongs to no service", async () => {
  const clock = hands();
  const { records } = memoryStore();
  const said = { key: "k", cls: "alarm", what: "cpu", isAlarming: true, reason: "r", where: "w", why: "y" };
  await listUnmatched(records, { ...said, count: 1, firstAt: start, lastAt: start }, "change");
  await markTold(records, "k", clock.now());
  expect((await untold(records, clock)).items).toEqual([]);
  clock.turn(-hour);
  expect((await untold(records, clock)).items).toHaveLength(1);
});
