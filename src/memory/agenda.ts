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
  readonly happen: () => void;
}

/** Nobody waits longer than this for nothing; it only bounds one sleep. */
const idleSleepMs = 60 * 60_000;

/** Why a nap ended: an abort without a reason makes an error with its stack, each time. */
const woken = "woken";

export function createAgenda(clock: Clock): Agenda {
  // Soonest last, and what was put down later before it.
  const items: Item[] = [];
  let present: number | undefined;
  // Several accounts may share one agenda, and each of them lets it run: one of them suffices.
  const naps = new Set<{ readonly until: number; readonly control: AbortController }>();
  const wakeOne = (time: number): void => {
    let first: { readonly until: number; readonly control: AbortController } | undefined;
    for (const nap of naps) if (first === undefined || nap.until < first.until) first = nap;
    if (first !== undefined && time < first.until) first.control.abort(woken);
  };
  let awake = 0;

  const now = (): number => present ?? clock.now();
  const first = (): Item | undefined => items[items.length - 1];
  const add = (item: Item): void => {
    let at = items.length;
    while (at > 0 && (items[at - 1]?.time ?? 0) <= item.time) at -= 1;
    items.splice(at, 0, item);
  };

  const catchUp = (): void => {
    if (present !== undefined) return;
    try {
      for (let next = first(); next !== undefined && next.time <= clock.now(); next = first()) {
        items.pop();
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
      add({ time, happen });
      // Whoever is awake looks what comes next before it sleeps.
      if (awake === 0) wakeOne(time);
    },
    catchUp,
    run: async (signal) => {
      // One for many naps, until somebody is woken by it.
      let control = new AbortController();
      signal.addEventListener("abort", () => control.abort(woken), { once: true });
      while (!signal.aborted) {
        awake += 1;
        catchUp();
        awake -= 1;
        const until = first()?.time ?? clock.now() + idleSleepMs;
        if (control.signal.aborted) control = new AbortController();
        const nap = { until, control };
        naps.add(nap);
        await clock.sleep(Math.max(0, until - clock.now()), control.signal);
        naps.delete(nap);
      }
      // Whoever slept on, because this one was to wake first, does so now.
      wakeOne(-Infinity);
    },
  };
}
