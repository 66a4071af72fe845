/** What people hear of a chore: lines in the timeline, and on the card what only a person can do. */
import { clip } from "../domain/limits.ts";
import { reason, type Reason } from "../domain/reasons.ts";
import type { RunOutcome } from "../domain/serviceCase.ts";
import type { Signal } from "../domain/signal.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle } from "../ports/handle.ts";
import { fingerprint } from "../recovery/token.ts";
import type { ChoreRecord, OpenChore } from "./choreRecord.ts";
import { outcomeWords } from "./runRecord.ts";

export interface TellingParts {
  readonly handle: Handle;
  readonly clock: Clock;
}

const whatOf = ({ answer, transition }: ChoreRecord): string => `${answer.hook} (${transition})`;

/**
 * A hook that waits for a person is bad news until it is over: as a signal it opens a card, or stands on the open one. It has no
 * ladder, so that nothing is proposed for it. Said once for each new wording.
 */
export async function askPerson(
  { handle, clock }: TellingParts,
  chore: OpenChore,
  { detail, until }: { readonly detail: string; readonly until: number },
): Promise<void> {
  const record = chore.record();
  if (record.asked === detail) return;
  const { group, instanceId } = record.answer;
  const said = reason("chore-needs-person", { group, what: whatOf(record), instance: instanceId, detail, until });
  await handle(record.service, { kind: "noted", reason: said });
  const waits = `${group} waits for an answer about ${instanceId}: ${detail}`;
  await handle(record.service, { kind: "signal", signal: signalOf(record, "bad", { at: clock.now(), reason: waits }) });
  await chore.change({ asked: detail });
}

/** The hook is over, however it ended. */
export async function tellEnd(
  { handle, clock }: TellingParts,
  record: ChoreRecord,
  outcome: RunOutcome,
): Promise<void> {
  await handle(record.service, { kind: "noted", reason: endReason(record, outcome) });
  if (record.asked === undefined) return;
  const over = { at: clock.now(), reason: `${record.answer.group} does not wait any more` };
  await handle(record.service, { kind: "signal", signal: signalOf(record, "good", over) });
}

function endReason(record: ChoreRecord, outcome: RunOutcome): Reason {
  const { group, instanceId } = record.answer;
  if (outcome.kind === "done")
    return reason("chore-done", { group, what: outcomeWords(outcome), instance: instanceId });
  return reason("chore-late", {
    group,
    what: `${whatOf(record)} of ${instanceId}: ${clip(outcomeWords(outcome), 120)}`,
  });
}

function signalOf(record: ChoreRecord, verdict: "good" | "bad", said: Pick<Signal, "at" | "reason">): Signal {
  const { group, hook, instanceId } = record.answer;
  return {
    key: `chore ${fingerprint([record.id, verdict, said.reason])}`,
    source: "reconcile",
    kind: "asg",
    subject: `group ${group} · hook ${hook} of ${instanceId}`,
    verdict,
    symptom: "warning",
    evidenceKind: "metric",
    at: said.at,
    reason: clip(said.reason),
  };
}
