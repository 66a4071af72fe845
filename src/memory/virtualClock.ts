/**
 * A clock that moves only when it is told to, so that a night of incidents takes seconds and is the same every time.
 * Sleepers wake one at a time, in the order (wake time, order of falling asleep), and everything that one of them causes comes to
 * rest before the next wakes: that is what makes two runs with one seed identical.
 */
import type { Clock } from "../ports/clock.ts";

export interface VirtualClock extends Clock {
  /** How many sleep now. */
  sleeping(): number;
  /** Epoch ms of the next wake-up, undefined when nobody sleeps. */
  nextWake(): number | undefined;
  /** Moves on by `ms`, waking on the way whoever is due. */
  advance(ms: number): Promise<void>;
  advanceTo(at: number): Promise<void>;
  /** Wakes sleepers until `done` says so (true), or until the clock would pass `limitMs` from now or nobody sleeps (false). */
  runUntil(done: () => boolean, limitMs: number): Promise<boolean>;
  /** Wakes sleepers until nobody sleeps any more (true) or `limitMs` have passed (false). */
  runUntilIdle(limitMs: number): Promise<boolean>;
  /** Work outside the promise queue (a socket, a thread) that must end before time moves. It must not sleep on this clock. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Comes back when nothing is in flight. Does not move time. */
  quiet(): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** A turn of the event loop empties the whole promise queue; streams need a few more turns to hand on their chunks. */
const quietTurnsDefault = 1;
/** Tracked work that outlasts this many turns waits for something that never comes, most likely for this very clock. */
const stuckTurnsMax = 5_000_000;

export interface VirtualClockOptions {
  readonly startAt: number;
  readonly quietTurns?: number;
  /** Waits in real time before time jumps by this much; absent: as fast as possible. */
  readonly pace?: (ms: number) => Promise<void>;
}

export function createVirtualClock(options: VirtualClockOptions): VirtualClock {
  const quietTurns = options.quietTurns ?? quietTurnsDefault;
  const sleepers: Sleeper[] = [];
  let now = options.startAt;
  let order = 0;
  let inFlight = 0;
  let activity = 0;

  const quiet = async (): Promise<void> => {
    let still = 0;
    for (let turns = 0; still < quietTurns || inFlight > 0; turns++) {
      if (turns > stuckTurnsMax)
        throw new Error("virtual clock: tracked work never ends; does it sleep on this clock?");
      const before = activity;
      await turn();
      still = before === activity ? still + 1 : 0;
    }
  };

  const wakeNext = async (until: number): Promise<boolean> => {
    const next = sleepers[0];
    if (next === undefined || next.at > until) return false;
    if (options.pace !== undefined && next.at > now) await options.pace(next.at - now);
    sleepers.splice(sleepers.indexOf(next), 1);
    now = Math.max(now, next.at);
    next.wake();
    await quiet();
    return true;
  };

  const advanceTo = async (at: number): Promise<void> => {
    await quiet();
    while (await wakeNext(at));
    if (options.pace !== undefined && at > now) await options.pace(at - now);
    now = Math.max(now, at);
  };

  const runUntil = async (done: () => boolean, limitMs: number): Promise<boolean> => {
    const until = now + limitMs;
    await quiet();
    while (!done()) if (!(await wakeNext(until))) return done();
    return true;
  };

  return {
    now: () => now,
    sleep: (ms, signal) => {
      activity++;
      const moved = (): void => void activity++;
      return fallAsleep(sleepers, { at: now + Math.max(0, ms), order: order++, signal, moved });
    },
    sleeping: () => sleepers.length,
    nextWake: () => sleepers[0]?.at,
    advance: (ms) => advanceTo(now + ms),
    advanceTo,
    runUntil,
    runUntilIdle: async (limitMs) => {
      await runUntil(() => sleepers.length === 0, limitMs);
      return sleepers.length === 0;
    },
    track: async (work) => {
      inFlight++;
      activity++;
      try {
        return await work;
      } finally {
        inFlight--;
        activity++;
      }
    },
    quiet,
  };
}

function fallAsleep(
  sleepers: Sleeper[],
  nap: {
    readonly at: number;
    readonly order: number;
    readonly signal: AbortSignal | undefined;
    readonly moved: () => void;
  },
): Promise<void> {
  const { signal } = nap;
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    };
    const sleeper: Sleeper = { at: nap.at, order: nap.order, wake: done };
    const aborted = (): void => {
      nap.moved();
      const index = sleepers.indexOf(sleeper);
      if (index >= 0) sleepers.splice(index, 1);
      done();
    };
    insert(sleepers, sleeper);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Keeps the row sorted by (at, order); the new one has the highest order, so it goes behind its equals. */
function insert(row: Sleeper[], sleeper: Sleeper): void {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = row[middle];
    if (there !== undefined && there.at <= sleeper.at) low = middle + 1;
    else high = middle;
  }
  row.splice(low, 0, sleeper);
}
