/**
 * Time, as the only thing that may wait. `sleep` ends early, without error, when the signal aborts. `again` says, when the time has
 * come, that there would be nothing to do: a clock that only pretends may then let the sleeper sleep for as long again. The wall
 * clock never asks.
 */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal, again?: () => boolean): Promise<void>;
}

/**
 * Whether `ms` have gone by since `since` (epoch ms; -Infinity = never yet). A wall clock that was put back tells of no time at all: that
 * counts as gone by, so that nothing waits for the clock to come round again.
 */
export function hasPassed(clock: Pick<Clock, "now">, since: number, ms: number): boolean {
  const now = clock.now();
  return now < since || now - since >= ms;
}

/**
 * Whether what was read at `since` (epoch ms) is at most `ms` old. After a wall clock was put back its age is not known: it is read again.
 */
export function isWithin(clock: Pick<Clock, "now">, since: number, ms: number): boolean {
  const now = clock.now();
  return now >= since && now - since <= ms;
}

/** The wall clock. The only reader of real time in the program. */
export const wallClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
    }),
};
