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
  at: number;
  readonly ms: number;
  readonly wake: () => void;
  readonly again: (() => boolean) | undefined;
  /** Everybody who sleeps on the same signal. */
  readonly others: Set<Sleeper> | undefined;
}

/** A turn of the event loop empties the whole promise queue; streams need a few more turns to hand on their chunks. */
const quietTurnsDefault = 1;
/** Tracked work that outlasts this many turns waits for something that never comes, most likely for this very clock. */
const stuckTurnsMax = 5_000_000;

export interface VirtualClockOptions {
  readonly startAt: number;
  readonly quietTurns?: number;
  /**
   * Whoever sleeps here waits for nothing but promises and what is tracked (no socket, stream or timer): everything has come to rest
   * once the promise queue is empty, and no turn of the event loop is waited for. Nothing else runs in the process meanwhile.
   */
  readonly promisesOnly?: boolean;
  /** Wakes also whoever says that it would find nothing: to prove that it finds nothing. */
  readonly everyLook?: boolean;
  /** Waits in real time before time jumps by this much; absent: as fast as possible. */
  readonly pace?: (ms: number) => Promise<void>;
}

interface ClockParts {
  readonly options: VirtualClockOptions;
  readonly row: ReturnType<typeof createRow>;
  readonly time: { now: number; inFlight: number; activity: number };
}

export function createVirtualClock(options: VirtualClockOptions): VirtualClock {
  const row = createRow();
  const time = { now: options.startAt, inFlight: 0, activity: 0 };
  const parts: ClockParts = { options, row, time };
  const quiet = quietOf(parts);
  const run = runOf(parts, quiet);

  const advanceTo = async (at: number): Promise<void> => {
    await run(at);
    if (options.pace !== undefined && at > time.now) await options.pace(at - time.now);
    time.now = Math.max(time.now, at);
  };

  return {
    now: () => time.now,
    sleep: (ms, signal, again) => {
      time.activity++;
      if (signal?.aborted === true) return Promise.resolve();
      return row.add(time.now, Math.max(0, ms), { others: signal && sleepersOf(signal, parts), again });
    },
    sleeping: () => row.length(),
    nextWake: () => row.first()?.at,
    advance: (ms) => advanceTo(time.now + ms),
    advanceTo,
    runUntil: (done, limitMs) => run(time.now + limitMs, done),
    runUntilIdle: async (limitMs) => {
      await run(time.now + limitMs, () => row.length() === 0);
      return row.length() === 0;
    },
    track: async (work) => {
      time.inFlight++;
      time.activity++;
      try {
        return await work;
      } finally {
        time.inFlight--;
        time.activity++;
      }
    },
    quiet: quiet.all,
  };
}

interface Quiet {
  byTurns(this: void): Promise<void>;
  all(this: void): Promise<void>;
}

function quietOf({ options, time }: ClockParts): Quiet {
  const quietTurns = options.quietTurns ?? quietTurnsDefault;
  const byTurns = async (): Promise<void> => {
    let still = 0;
    for (let turns = 0; still < quietTurns || time.inFlight > 0; turns++) {
      if (turns > stuckTurnsMax)
        throw new Error("virtual clock: tracked work never ends; does it sleep on this clock?");
      const before = time.activity;
      await turn();
      still = before === time.activity ? still + 1 : 0;
    }
  };
  const all = async (): Promise<void> => {
    if (options.promisesOnly !== true) return byTurns();
    await queueEmpty();
    if (time.inFlight > 0) await byTurns();
  };
  return { byTurns, all };
}

type Run = (until: number, done?: () => boolean) => Promise<boolean>;

function runOf({ options, row, time }: ClockParts, quiet: Quiet): Run {
  const wake = (next: Sleeper): void => {
    time.now = Math.max(time.now, next.at);
    next.wake();
  };
  /** Whoever would find nothing sleeps on, as if it had looked. */
  const takeDue = (until: number): Sleeper | undefined => {
    for (let next = row.take(until); next !== undefined; next = row.take(until)) {
      time.now = Math.max(time.now, next.at);
      if (options.everyLook === true || next.again?.() !== true) return next;
      row.putBack(next, time.now);
    }
    return undefined;
  };

  /** Wakes whoever is due until then, one after the other; true as soon as `done` says so. */
  const drive = async (until: number, done?: () => boolean): Promise<boolean> => {
    await quiet.all();
    while (done?.() !== true) {
      const at = row.first()?.at;
      if (at === undefined || at > until) return done?.() ?? false;
      if (options.pace !== undefined && at > time.now) await options.pace(at - time.now);
      const next = row.take();
      if (next) wake(next);
      await quiet.all();
    }
    return true;
  };

  /** The same without a promise for each who wakes: a night wakes tens of thousands. */
  const driveDirectly = (until: number, done?: () => boolean): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const step = (): void => {
        if (time.inFlight > 0) return void quiet.byTurns().then(step, reject);
        try {
          if (done?.() === true) return resolve(true);
          const next = takeDue(until);
          if (next === undefined) return resolve(false);
          wake(next);
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        whenQueueEmpty(step);
      };
      whenQueueEmpty(step);
    });
  return options.promisesOnly === true && options.pace === undefined ? driveDirectly : drive;
}

/** One listener for all who sleep on a signal: loops sleep on one and the same for as long as they live. */
function sleepersOf(signal: AbortSignal, { row, time }: ClockParts): Set<Sleeper> {
  const known = row.bySignal.get(signal);
  if (known !== undefined) return known;
  const others = new Set<Sleeper>();
  row.bySignal.set(signal, others);
  const aborted = (): void => {
    for (const sleeper of others) {
      time.activity++;
      row.leave(sleeper);
      sleeper.wake();
    }
  };
  signal.addEventListener("abort", aborted, { once: true });
  return others;
}

interface Row {
  readonly bySignal: WeakMap<AbortSignal, Set<Sleeper>>;
  add(now: number, ms: number, how: Pick<Sleeper, "others" | "again">): Promise<void>;
  putBack(sleeper: Sleeper, now: number): void;
  first(): Sleeper | undefined;
  /** The first one, if it is due until then. */
  take(until?: number): Sleeper | undefined;
  leave(sleeper: Sleeper): void;
  length(): number;
}

/** Who sleeps, the last to wake first: the next one is taken from the end. */
function createRow(): Row {
  const sleepers: Sleeper[] = [];
  const first = (): Sleeper | undefined => sleepers[sleepers.length - 1];
  return {
    bySignal: new WeakMap(),
    add: (now, ms, { others, again }) =>
      new Promise((wake) => {
        const sleeper: Sleeper = { at: now + ms, ms, wake, others, again };
        insert(sleepers, sleeper);
        others?.add(sleeper);
      }),
    putBack: (sleeper, now) => {
      sleeper.at = now + sleeper.ms;
      insert(sleepers, sleeper);
      sleeper.others?.add(sleeper);
    },
    first,
    take: (until = Infinity) => {
      const next = first();
      if (next === undefined || next.at > until) return undefined;
      sleepers.pop();
      next.others?.delete(next);
      return next;
    },
    leave: (sleeper) => {
      sleeper.others?.delete(sleeper);
      const index = sleepers.indexOf(sleeper);
      if (index >= 0) sleepers.splice(index, 1);
    },
    length: () => sleepers.length,
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const resolved = Promise.resolve();

/** A tick that is asked for out of the promise queue comes once that queue is empty, with everything that it brings. */
function whenQueueEmpty(go: () => void): void {
  void resolved.then(() => process.nextTick(go));
}

function queueEmpty(): Promise<void> {
  return new Promise(whenQueueEmpty);
}

/** Keeps the row sorted by time, backwards; the new one comes last among its equals: they wake before it. */
function insert(row: Sleeper[], sleeper: Sleeper): void {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = row[middle];
    if (there !== undefined && there.at > sleeper.at) low = middle + 1;
    else high = middle;
  }
  row.splice(low, 0, sleeper);
}
