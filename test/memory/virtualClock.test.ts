import { describe, expect, it } from "vitest";
import { scaledClock } from "../../src/memory/scaledClock.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";

describe("virtual clock", () => {
  it("wakes sleepers in order of time, then of falling asleep", async () => {
    const clock = createVirtualClock({ startAt: 1_000 });
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.now()}`);
    };
    void sleeper("late", 50);
    void sleeper("first", 10);
    void sleeper("second", 10);
    await clock.advance(20);
    expect(woken).toEqual(["first@1010", "second@1010"]);
    expect(clock.now()).toBe(1_020);
    await clock.advance(30);
    expect(woken.at(-1)).toBe("late@1050");
  });

  it("lets everything that one sleeper causes come to rest before the next wakes", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const story: string[] = [];
    void (async () => {
      await clock.sleep(10);
      for (let i = 0; i < 50; i++) await Promise.resolve();
      story.push("first is done");
    })();
    void (async () => {
      await clock.sleep(10);
      story.push("second wakes");
    })();
    await clock.advance(10);
    expect(story).toEqual(["first is done", "second wakes"]);
  });

  it("wakes a sleeper that fell asleep on the way in the same advance", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const at: number[] = [];
    void (async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10);
        at.push(clock.now());
      }
    })();
    await clock.advance(35);
    expect(at).toEqual([10, 20, 30]);
    expect(clock.sleeping()).toBe(0);
  });

  it("ends an aborted sleep at once and forgets it", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const control = new AbortController();
    const sleep = clock.sleep(1_000, control.signal).then(() => clock.now());
    control.abort();
    expect(await sleep).toBe(0);
    expect(clock.nextWake()).toBeUndefined();
    await clock.sleep(1_000, control.signal);
  });

  it("does not move while tracked work is in flight", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    let finish = (): void => undefined;
    const work = clock.track(new Promise<void>((resolve) => (finish = resolve)));
    let moved = false;
    const moving = clock.advance(10).then(() => (moved = true));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(moved).toBe(false);
    finish();
    await work;
    await moving;
    expect(clock.now()).toBe(10);
  });

  it("runs until something is true, or says that the limit came first", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    let count = 0;
    void (async () => {
      for (;;) {
        await clock.sleep(10);
        count++;
      }
    })();
    expect(await clock.runUntil(() => count === 3, 1_000)).toBe(true);
    expect(clock.now()).toBe(30);
    expect(await clock.runUntil(() => false, 100)).toBe(false);
  });
});

describe("scaled clock", () => {
  it("runs faster than the clock under it and changes its pace for who already sleeps", async () => {
    const under = createVirtualClock({ startAt: 0 });
    const clock = scaledClock(10, under);
    const woken: number[] = [];
    void clock.sleep(100_000).then(() => woken.push(under.now()));
    await under.advance(5_000);
    expect(clock.now()).toBe(50_000);
    clock.setFactor(50);
    await under.advance(999);
    expect(woken).toEqual([]);
    await under.advance(2);
    expect(woken).toEqual([6_000]);
  });

  it("ends an aborted sleep at once", async () => {
    const under = createVirtualClock({ startAt: 0 });
    const control = new AbortController();
    const sleep = scaledClock(10, under).sleep(1_000_000, control.signal);
    control.abort();
    await sleep;
    expect(under.now()).toBe(0);
  });
});
