/** When a disk that failed is looked at again. A look reads the whole database in one go, and the event loop waits for it. */
import type { Clock } from "../../ports/clock.ts";
import { hasPassed } from "../../ports/clock.ts";

/** The pause after the first look, ms; each further one waits twice as long. */
const pauseMinMs = 1000;
/** A disk that is well again is used again after this at the latest, ms, where a look takes less than a tenth of it. */
const pauseMaxMs = 30_000;
/** The pause is at least so many times what the look took: the event loop stands still for at most an eleventh of the time. */
const pausePerLook = 10;

export interface Looks {
  isDue(): boolean;
  /** What `work` answers or throws; the pause begins when it has ended. */
  look<T>(work: () => T): T;
  /** A write was kept: the next look is the first one again. */
  wentWell(): void;
}

export function looks(clock: Clock): Looks {
  let endedAt = -Infinity;
  let pauseMs = 0;
  let nextMs = pauseMinMs;
  return {
    isDue: () => hasPassed(clock, endedAt, pauseMs),
    look: (work) => {
      const startedAt = clock.now();
      try {
        return work();
      } finally {
        endedAt = clock.now();
        pauseMs = Math.max(nextMs, pausePerLook * (endedAt - startedAt));
        nextMs = Math.min(nextMs * 2, pauseMaxMs);
      }
    },
    wentWell: () => {
      nextMs = pauseMinMs;
    },
  };
}
