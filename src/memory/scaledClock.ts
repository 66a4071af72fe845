/** A clock that runs faster than the one under it, for the sandbox page. Changing the speed takes effect on who already sleeps. */
import type { Clock } from "../ports/clock.ts";

export interface ScaledClock extends Clock {
  factor(): number;
  setFactor(factor: number): void;
}

export function scaledClock(factor: number, under: Clock): ScaledClock {
  let speed = factor;
  let anchorUnder = under.now();
  let anchor = anchorUnder;
  const sleepers = new Set<AbortController>();
  const now = (): number => anchor + (under.now() - anchorUnder) * speed;

  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const until = now() + ms;
    while (signal?.aborted !== true) {
      const left = until - now();
      if (left <= 0 && ms > 0) return;
      const control = new AbortController();
      const stop = (): void => control.abort();
      signal?.addEventListener("abort", stop, { once: true });
      sleepers.add(control);
      // Whole milliseconds: a rest too small for a number of today's date to show would never pass.
      await under.sleep(Math.ceil(Math.max(0, left) / speed), control.signal);
      sleepers.delete(control);
      signal?.removeEventListener("abort", stop);
      if (!control.signal.aborted && until - now() <= 0) return;
    }
  };

  return {
    now: () => Math.floor(now()),
    sleep,
    factor: () => speed,
    setFactor: (next) => {
      if (!(next > 0)) throw new RangeError(`a clock cannot run at ×${next}`);
      anchor = now();
      anchorUnder = under.now();
      speed = next;
      for (const each of [...sleepers]) each.abort();
    },
  };
}
