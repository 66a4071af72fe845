/** Turns for calls that are limited for a whole account: whoever asks gets the next one, `gapMs` after the one before. */
import type { Clock } from "../ports/clock.ts";

export type Slot = () => Promise<void>;

export function slotsEvery(gapMs: number, clock: Clock): Slot {
  let nextCallAt = 0;
  return async () => {
    const waitMs = nextCallAt - clock.now();
    nextCallAt = Math.max(clock.now(), nextCallAt) + gapMs;
    if (waitMs > 0) await clock.sleep(waitMs);
  };
}
