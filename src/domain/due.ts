/** When time alone brings the next thing. Every open case has such an instant; an idle one with nothing owed has none. */
import { callsOf } from "./calls.ts";
import { verifyDeadline } from "./onEvidence.ts";
import type { Draft } from "./draft.ts";
import { probeReadAt } from "./probeSignal.ts";
import type { ServiceCase } from "./serviceCase.ts";
import type { Timing } from "./timing.ts";

/** A live run renews its own lease; this is only how soon another worker looks whether it still does. */
const runWatchMs = 10_000;
/** Needs-person without anything else to come: looked at again so rarely that it costs nothing, but never forgotten. */
const idleWatchMs = 60 * 60 * 1000;

/** True while the relay or the sender still has something to do that is not a run. */
export function owesNow(current: ServiceCase): boolean {
  if (current.entries.length > 0 || current.owes.some((owed) => owed.kind !== "run")) return true;
  const shows = current.shown?.incident === current.incident?.id ? (current.shown?.version ?? 0) : 0;
  return current.incident !== undefined && shows < current.cardVersion;
}

export function nextDue(draft: Draft): number | undefined {
  const { current, now, facts } = draft;
  const times: number[] = [];
  if (owesNow(current)) times.push(now);
  if (current.owes.some((owed) => owed.kind === "run")) times.push(now + runWatchMs);
  if (current.hold) times.push(current.hold.until);
  times.push(...phaseTimes(draft, facts.timing));
  if (times.length === 0) return current.debts.length > 0 ? now + idleWatchMs : undefined;
  return Math.min(...times);
}

function phaseTimes(draft: Draft, timing: Timing): number[] {
  const { current, now } = draft;
  const { phase, incident } = current;
  switch (phase.kind) {
    case "idle":
      return [];
    case "proposing": {
      const { proposal } = phase;
      const first = proposal.approvals[0];
      const lapses =
        first === undefined ? [] : [first.at + timing.approvalLapsesMs - (proposal.warned ? 0 : timing.approvalWarnMs)];
      const waits = proposal.vetoUntil === undefined || proposal.mode !== "auto" || current.hold !== undefined;
      const veto = waits || proposal.vetoUntil === undefined ? [] : [proposal.vetoUntil];
      const asked = current.owes.some((owed) => owed.kind === "evidence");
      const renew = incident?.ladder.length && !asked ? [proposal.factsAt + timing.proposalFactsMs] : [];
      return [...lapses, ...veto, ...renew, ...probeReadAt(draft), ...callTimes(draft), now + idleWatchMs];
    }
    case "confirming":
      return [phase.deadline];
    case "recovering":
      return [phase.overdue ? now + runWatchMs : Math.max(phase.deadline, now)];
    case "verifying":
      return [Math.min(now + timing.verifyPollMs, verifyDeadline(draft))];
    case "resolved":
      return [phase.windowUntil];
    case "needs-person":
      return [...probeReadAt(draft), ...callTimes(draft), now + idleWatchMs];
  }
}

function callTimes({ current, facts }: Draft): number[] {
  const { mentionAt, escalateAt, remindAt } = callsOf(current, facts);
  return [mentionAt, escalateAt, remindAt].filter((at) => at !== undefined);
}
