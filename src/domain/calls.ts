/**
 * When people are called: mention, escalation, reminders. One place answers "when", so that the due time of a case and what is
 * done at it can never disagree.
 */
import type { Facts } from "./facts.ts";
import { isToldOnly } from "./proposalKinds.ts";
import type { ServiceCase } from "./serviceCase.ts";

export interface Calls {
  /** Epoch ms; absent: not called that way (any more). */
  readonly mentionAt?: number;
  readonly escalateAt?: number;
  readonly remindAt?: number;
}

export function callsOf(current: ServiceCase, { timing, mailConfigured }: Facts): Calls {
  const { incident, phase } = current;
  if (incident === undefined || (phase.kind !== "proposing" && phase.kind !== "needs-person")) return {};
  const { toldAt, ack } = incident;
  if (ack) return { remindAt: (incident.remindedAt ?? ack.at) + timing.remindAckedMs };
  // A warning is told once, it does not nag.
  if (phase.kind === "proposing" && isToldOnly(phase.proposal)) return {};
  const afterMs = timing.remindAfterMs[incident.reminders];
  const remind = toldAt === undefined || afterMs === undefined ? {} : { remindAt: toldAt + afterMs };
  // `observe` asks nobody for a decision; whoever reacted needs no call.
  const asks = phase.kind === "needs-person" || phase.proposal.mode !== "observe";
  if (!asks || incident.reactedAt !== undefined) return remind;
  const since = incident.waitingSince ?? toldAt ?? incident.openedAt;
  // Slack being down must not keep mail from calling.
  const reaches = toldAt !== undefined || mailConfigured;
  return {
    ...remind,
    ...(toldAt !== undefined && incident.mentionedAt === undefined ? { mentionAt: since + timing.mentionAfterMs } : {}),
    ...(reaches && incident.escalatedAt === undefined ? { escalateAt: since + timing.escalateAfterMs } : {}),
  };
}
