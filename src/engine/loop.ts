/** A loop that no error ends: what goes wrong is logged with its code, counted, and tried again after the pause. */
import { codeOf, sentenceOf } from "../domain/errors.ts";
import type { Settings } from "../domain/settings.ts";
import type { Clock } from "../ports/clock.ts";
import type { Glance } from "../ports/glance.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";

export interface LoopParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface LoopDefinition {
  /** For log and metric: `due`, `reconcile`. */
  readonly name: string;
  /** From the end of one round to the beginning of the next. */
  readonly periodMs: number;
  round(): Promise<void>;
  /** The next round would find nothing, and that is known without asking anybody. Only asked by a clock that pretends. */
  readonly idle?: () => boolean;
  /** Once, after the last round: gives back what the loop holds. */
  end?(): Promise<void>;
}

/** Begins at once. Resolves when the signal has aborted and the round under way is over. */
export async function runLoop(parts: LoopParts, loop: LoopDefinition, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await guarded(parts, loop.name, () => loop.round());
    await parts.clock.sleep(loop.periodMs, signal, loop.idle);
  }
  if (loop.end) await guarded(parts, loop.name, () => loop.end?.() ?? Promise.resolve());
}

export interface LeasedParts extends Pick<LoopParts, "clock"> {
  readonly worker: string;
  readonly settings: Settings;
  readonly glance?: Glance | undefined;
}

/** Another worker holds this lease, so that the next round here would come back empty-handed. */
export function isOthers({ glance, worker, clock, settings }: LeasedParts, lease: string): boolean {
  const times = { now: clock.now(), takeoverMs: settings.timing.takeoverMs };
  return glance?.isTaken(lease, worker, times) === true && glance.passes(1);
}

/** For work whose failure must not take its neighbours with it. True when it worked. */
export async function guarded(parts: LoopParts, name: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const code = codeOf(error);
    parts.metrics.count("medic_loop_failures_total", { loop: name, code });
    parts.log.error("loop-failed", { loop: name, code, detail: sentenceOf(error) });
    return false;
  }
}

/** At most `width` at once, in order; each piece fails alone. */
export async function eachGuarded<T>(
  parts: LoopParts,
  row: { readonly name: string; readonly items: readonly T[]; readonly width: number },
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const takeOn = async (): Promise<void> => {
    while (next < row.items.length) {
      const item = row.items[next] as T;
      next += 1;
      await guarded(parts, row.name, () => work(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(row.width, row.items.length) }, takeOn));
}
