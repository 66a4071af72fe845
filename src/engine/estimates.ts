/** How long runs took here before: the best estimate that there is for the next one. One small record per service and recovery. */
import { codeOf } from "../domain/errors.ts";
import type { Estimate } from "../domain/runView.ts";
import type { Order, RunOutcome } from "../domain/serviceCase.ts";
import type { Recovery, RunId, ServiceName } from "../domain/words.ts";
import type { Log } from "../ports/log.ts";
import type { RecordKey, Records } from "../ports/store.ts";

interface Durations {
  /** Newest last. */
  readonly runs: readonly { readonly runId: RunId; readonly ms: number }[];
}

/** Older ones were of another machine, another size, another season. */
const runsMax = 5;
/** Another worker writes the same record: looked at again, a few times; an estimate is worth no more. */
const attemptsMax = 3;

function estimateKey(service: ServiceName, recovery: Recovery): RecordKey {
  return { collection: `estimate/${service}`, id: recovery };
}

export interface EndedRun {
  readonly service: ServiceName;
  readonly runId: RunId;
  readonly order: Pick<Order, "recovery">;
  readonly startedAt: number;
  readonly ended?: { readonly at: number; readonly outcome: Pick<RunOutcome, "kind"> };
}

/** Only what went to its end says how long it takes. Never throws: an estimate is no reason to hold a run's end back. */
export async function learnLength(
  { records, log }: { readonly records: Records; readonly log: Log },
  { service, runId, order, startedAt, ended }: EndedRun,
): Promise<void> {
  if (ended?.outcome.kind !== "done") return;
  try {
    await remember(records, { service, recovery: order.recovery, runId, ms: ended.at - startedAt });
  } catch (error) {
    log.warn("run-length-not-kept", { service, runId, code: codeOf(error) });
  }
}

/** Told twice, a run counts once. */
async function remember(
  records: Records,
  run: { readonly service: ServiceName; readonly recovery: Recovery; readonly runId: RunId; readonly ms: number },
): Promise<void> {
  const key = estimateKey(run.service, run.recovery);
  const { runId, ms } = run;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const stored = await records.get<Durations>(key);
    const before = stored?.body.runs ?? [];
    if (before.some((each) => each.runId === runId)) return;
    const body: Durations = { runs: [...before, { runId, ms }].slice(-runsMax) };
    const written = stored ? await records.replace(key, body, stored.rev) : await records.putIfAbsent(key, body);
    if (written) return;
  }
}

/** The middle one of the last few runs; undefined before the first. */
export async function estimateOf(
  records: Records,
  service: ServiceName,
  recovery: Recovery,
): Promise<Estimate | undefined> {
  const stored = await records.get<Durations>(estimateKey(service, recovery));
  const all = (stored?.body.runs ?? []).map(({ ms }) => ms).sort((a, b) => a - b);
  const middle = all[Math.floor(all.length / 2)];
  return middle === undefined ? undefined : { ms: middle, runs: all.length };
}
