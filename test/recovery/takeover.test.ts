/** A step whose time ran out while no worker was there. */
import { expect, test } from "vitest";
import { Unreachable } from "../../src/domain/errors.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { advance } from "../../src/recovery/advance.ts";
import { newMemory, type Control } from "../../src/recovery/control.ts";
import type { Journal, Plan, Step, StepEntry } from "../../src/recovery/plan.ts";

const control: Control = {
  halt: async () => undefined,
  mayAct: async () => undefined,
  borrow: async () => undefined,
  repay: async () => undefined,
  onStep: async () => undefined,
};

function stage(step: Partial<Step<{ readonly clock: Clock }>>) {
  let now = 1_000_000;
  let acts = 0;
  let isSo = false;
  const clock: Clock = { now: () => now, sleep: async () => undefined };
  const entries: StepEntry[] = [{ step: "given", begun: { at: 0, before: {} } }];
  const journal: Journal = {
    entries,
    write: async (entry) => void entries.splice(0, entries.length, entry),
  };
  const plan: Plan<{ readonly clock: Clock }> = {
    title: "",
    gates: [],
    steps: [
      {
        ...{ name: "given", waitsFor: "", settleMs: 60_000, again: "safe", onTimeout: "fail", safePoint: false },
        check: async () => (isSo ? {} : undefined),
        act: async () => {
          acts += 1;
        },
        ...step,
      },
    ],
    summary: () => "",
  };
  const memory = newMemory();
  return {
    look: () => advance({ plan, journal, ports: { clock }, control, memory }),
    pass: (ms: number) => (now += ms),
    mend: () => (isSo = true),
    acts: () => acts,
  };
}

test("what cannot be left half done is done once more by whoever takes over, with all of its time", async () => {
  const s = stage({});
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  expect(s.acts()).toBe(1);
  s.pass(30_000);
  s.mend();
  expect(await s.look()).toMatchObject({ kind: "ended", outcome: { kind: "done" } });
});

test("it still ends when that does not help either", async () => {
  const s = stage({});
  await s.look();
  s.pass(61_000);
  expect(await s.look()).toMatchObject({ kind: "ended", outcome: { kind: "failed", code: "step-timed-out" } });
  expect(s.acts()).toBe(1);
});

test("what may be ended where it stands, or must not be repeated, is not begun again", async () => {
  for (const step of [{ safePoint: true }, { again: "never" as const }]) {
    const s = stage(step);
    expect(await s.look()).toMatchObject({ kind: "ended", outcome: { kind: "failed" } });
    expect(s.acts()).toBe(0);
  }
});

const hour = 3_600_000;

test("a wall clock that is put back gives a step its time once more, and no hour that comes again", async () => {
  const s = stage({});
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  s.pass(-hour);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  s.pass(59_999);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  s.pass(-hour);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  s.pass(60_001);
  expect(await s.look()).toMatchObject({ kind: "ended", outcome: { code: "step-timed-out" } });
});

test("what was begun before the clock was put back is taken over like anything else", async () => {
  const s = stage({ againAfterMs: 10_000 });
  s.pass(-hour);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  expect(s.acts()).toBe(0);
  s.pass(10_000);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  expect(s.acts()).toBe(1);
});

test("reads that fail are asked again for some patience, also while the clock is put back", async () => {
  const silent = async () => Promise.reject(new Unreachable("EC2"));
  const s = stage({ check: silent });
  s.pass(-hour);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  s.pass(119_000);
  expect(await s.look()).toMatchObject({ kind: "waiting" });
  s.pass(1_000);
  expect(await s.look()).toMatchObject({ kind: "ended", outcome: { code: "cannot-tell" } });
});
