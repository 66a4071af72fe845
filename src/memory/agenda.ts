/**
 * What will happen by itself in the simulated account, in order. Things happen at their own instant even when the clock jumped
 * past it, so that a fast clock and a slow one tell the same story.
 */
import type { Clock } from "../ports/clock.ts";

export interface Agenda {
  /** The instant of what happens now, else the clock's. */
  now(): number;
  at(time: number, happen: () => void): void;
  /** Lets everything happen that is due. */
  catchUp(): void;
  /** Keeps catching up until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

interface Item {
  readonly time: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Nobody waits longer than this for nothing; it only bounds one sleep. */
const idleSleepMs = 60 * 60_000;

/** Why a nap ended: an abort without a reason makes an error with its stack, each time. */
const woken = "woken";

export function createAgenda(clock: Clock): Agenda {
  let items: Item[] = [];
  let order = 0;
  let present: number | undefined;
  // Several accounts may share one agenda, and each of them lets it run.
  const naps = new Set<{ readonly until: number; readonly control: AbortController }>();

  const now = (): number => present ?? clock.now();
  const first = (): Item | undefined =>
    items.reduce<Item | undefined>(
      (best, item) =>
        best === undefined || item.time < best.time || (item.time === best.time && item.order < best.order)
          ? item
          : best,
      undefined,
    );

  const catchUp = (): void => {
    if (present !== undefined) return;
    try {
      for (let next = first(); next !== undefined && next.time <= clock.now(); next = first()) {
        items = items.filter((item) => item !== next);
        present = next.time;
        next.happen();
      }
    } finally {
      present = undefined;
    }
  };

  return {
    now,
    at: (time, happen) => {
      items.push({ time, order: order++, happen });
      for (const nap of naps) if (time < nap.until) nap.control.abort(woken);
    },
    catchUp,
    run: async (signal) => {
      while (!signal.aborted) {
        catchUp();
        const until = first()?.time ?? clock.now() + idleSleepMs;
        const control = new AbortController();
        const stop = (): void => control.abort(woken);
        signal.addEventListener("abort", stop, { once: true });
        const nap = { until, control };
        naps.add(nap);
        await clock.sleep(Math.max(0, until - clock.now()), control.signal);
        naps.delete(nap);
        signal.removeEventListener("abort", stop);
      }
    },
  };
}
