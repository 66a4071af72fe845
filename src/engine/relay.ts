/**
 * Performs what committed cases owe, and nothing else. Every piece of work has a key; it is done at least once, by whoever looks,
 * and its outcome comes back as an event. What fails stays owed, and the due loop finds it again.
 */
import { owedKey } from "../domain/decision.ts";
import { codeOf, sentenceOf } from "../domain/errors.ts";
import type { Owed, ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";

export interface RelayParts {
  readonly handle: Handle;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How each kind is performed. Answers true when the case must hear `performed`; false when another event says so. */
  readonly performers: Performers;
  /** Files the entries that wait, as timeline records. Answers the number of the last one. */
  readonly fileEntries: (current: ServiceCase) => Promise<number>;
}

export type Performers = {
  readonly [Kind in Owed["kind"]]: (
    owed: Extract<Owed, { readonly kind: Kind }>,
    current: ServiceCase,
  ) => Promise<boolean>;
};

export interface Relay {
  /** Starts on whatever this committed case owes, unless it is under way here already. Never throws, never waits. */
  kick(service: ServiceName, committed: ServiceCase): void;
  /** Resolves when nothing is under way here any more. */
  idle(): Promise<void>;
}

/** After a failure the same piece is left alone for this long, growing to the second: an outage is not hammered. */
const pauseFirstMs = 1_000;
const pauseMostMs = 30_000;
/** What failed and is not owed any more is never asked about again: beyond this many, pauses that are over are forgotten. */
const pausesKept = 1_000;

export function makeRelay(parts: RelayParts): Relay {
  const underWay = new Map<string, Promise<void>>();
  const pauses = new Map<string, Pause>();

  const start = (key: string, work: () => Promise<void>, about: { service: ServiceName; kind: string }) => {
    if (underWay.has(key) || (pauses.get(key)?.until ?? 0) > parts.clock.now()) return;
    const going = work()
      .then(() => void pauses.delete(key))
      .catch((error: unknown) => {
        const ms = Math.min((pauses.get(key)?.ms ?? pauseFirstMs / 2) * 2, pauseMostMs);
        if (pauses.size >= pausesKept) forgetOver(pauses, parts.clock.now());
        pauses.set(key, { until: parts.clock.now() + ms, ms });
        const code = codeOf(error);
        parts.metrics.count("medic_relay_failures_total", { kind: about.kind, code });
        parts.log.warn("owed-not-done", { ...about, code, detail: sentenceOf(error), againInMs: ms });
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, going);
  };

  return {
    kick: (service, committed) => {
      if (committed.entries.length > 0) {
        start(`${service} entries`, () => file(parts, service, committed), { service, kind: "entries" });
      }
      for (const owed of committed.owes) {
        const key = owedKey(owed);
        start(`${service} ${key}`, () => perform(parts, owed, committed, key), { service, kind: owed.kind });
      }
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

interface Pause {
  readonly until: number;
  readonly ms: number;
}

function forgetOver(pauses: Map<string, Pause>, now: number): void {
  for (const [key, { until }] of pauses) if (until <= now) pauses.delete(key);
}

async function file({ fileEntries, handle }: RelayParts, service: ServiceName, committed: ServiceCase): Promise<void> {
  const upTo = await fileEntries(committed);
  await handle(service, { kind: "filed", upTo });
}

async function perform(
  { performers, handle }: RelayParts,
  owed: Owed,
  current: ServiceCase,
  key: string,
): Promise<void> {
  const perform = performers[owed.kind] as (owed: Owed, current: ServiceCase) => Promise<boolean>;
  if (await perform(owed, current)) await handle(current.service, { kind: "performed", key });
}
