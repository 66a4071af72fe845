/** Time has passed: whatever is due happens here, and nowhere else. */
import { automaticBlock, endsWithWindow } from "./blocks.ts";
import { standing } from "./approvals.ts";
import { callsOf } from "./calls.ts";
import { askEvidence, dropOwed, enter, say, set, setIncident, type Draft } from "./draft.ts";
import { failVerify, verifyDeadline } from "./onEvidence.ts";
import { endHold, freshWindow } from "./onPeople.ts";
import { endWindow, mail, needPerson, resolve } from "./openings.ts";
import { onlyProbeLeft, probeReadAt } from "./probeSignal.ts";
import { reason } from "./reasons.ts";
import { block, confirm } from "./running.ts";
import type { Proposal } from "./serviceCase.ts";

export function onTime(draft: Draft): void {
  const { current, now, facts } = draft;
  if (
    facts.service === undefined &&
    isOpen(draft) &&
    current.phase.kind !== "needs-person" &&
    current.phase.kind !== "recovering"
  ) {
    needPerson(draft, reason("config-gone"));
  }
  if (current.hold && now >= current.hold.until) {
    say(draft, "hold-ended");
    endHold(draft);
  }
  const { phase } = draft.current;
  switch (phase.kind) {
    case "idle":
      return;
    case "proposing":
      onProposing(draft);
      remind(draft);
      return;
    case "confirming":
      if (now < phase.deadline) return;
      // Unknown alone never runs anything: an automatic run waits, a person's order goes back to the person.
      if (phase.order.by.kind === "rule")
        block(draft, phase.proposal, reason("blocked-evidence", { detail: "it did not arrive in time" }));
      else needPerson(draft, reason("confirm-timed-out"));
      return;
    case "recovering":
      if (now < phase.deadline || phase.overdue) return;
      enter(draft, { ...phase, overdue: true });
      say(draft, "run-overdue", { recovery: phase.order.recovery, limitMs: phase.order.limitMs });
      return;
    case "verifying":
      if (now >= verifyDeadline(draft)) failVerify(draft);
      else if (!draft.current.owes.some((owed) => owed.kind === "evidence")) askEvidence(draft);
      return;
    case "resolved":
      if (now < phase.windowUntil) return;
      say(draft, "window-ended");
      endWindow(draft);
      return;
    case "needs-person":
      readProbeAgain(draft);
      remind(draft);
      return;
  }
}

/** Nothing else would bring the news that it answers again. */
function readProbeAgain(draft: Draft): void {
  if (!onlyProbeLeft(draft)) return;
  const [at] = probeReadAt(draft);
  if (at !== undefined && draft.now >= at) askEvidence(draft);
}

function isOpen({ current }: Draft): boolean {
  return current.incident !== undefined && current.phase.kind !== "idle" && current.phase.kind !== "resolved";
}

function onProposing(draft: Draft): void {
  lapse(draft);
  const { phase } = draft.current;
  if (phase.kind !== "proposing") return;
  const { proposal } = phase;
  readAgain(draft, proposal);
  if (proposal.mode !== "auto" || proposal.vetoUntil === undefined || draft.now < proposal.vetoUntil) return;
  if (draft.current.hold) return; // Its end opens a fresh veto window.
  const why = automaticBlock(draft, "veto-ended");
  if (why) {
    block(draft, proposal, why);
    return;
  }
  const { blocked } = draft.current;
  if (blocked && endsWithWindow(blocked)) {
    say(draft, "block-lifted");
    set(draft, { blocked: undefined });
    freshWindow(draft);
    return;
  }
  if (blocked === undefined) say(draft, "veto-ended");
  confirm(draft, proposal, { kind: "rule", rule: "veto-ended" });
}

function readAgain(draft: Draft, proposal: Proposal): void {
  const { now, facts, current } = draft;
  if (current.owes.some((owed) => owed.kind === "evidence")) return;
  const isOld = now - proposal.factsAt >= facts.timing.proposalFactsMs;
  if (isOld && current.incident?.ladder.length) askEvidence(draft);
  else readProbeAgain(draft);
}

/** A given approval that could not run lapses; people are warned before. It EXPIRES, it was not denied. */
function lapse(draft: Draft): void {
  const { phase, bad } = draft.current;
  if (phase.kind !== "proposing") return;
  const { proposal } = phase;
  const left = standing(draft, proposal.approvals);
  if (left.length < proposal.approvals.length) {
    const { warned: _warned, ...rest } = proposal;
    enter(draft, { ...phase, proposal: { ...rest, approvals: left } });
    say(draft, "approval-expired");
    // An order that nobody confirmed is over; on a service that is well, so is what it opened.
    if (proposal.orderedBy && left.length === 0) {
      if (bad.length === 0) resolve(draft, "cleared");
      else needPerson(draft, reason("order-lapsed", { by: proposal.orderedBy.name, recovery: proposal.recovery }));
    }
    return;
  }
  const { approvalLapsesMs, approvalWarnMs } = draft.facts.timing;
  const until = (left[0]?.at ?? Infinity) + approvalLapsesMs;
  if (draft.now < until - approvalWarnMs || proposal.warned) return;
  enter(draft, { ...phase, proposal: { ...proposal, warned: true } });
  say(draft, "approval-expires-soon", { until });
}

/** Mention, escalate, remind: each when its time has come (`calls.ts` says when). */
function remind(draft: Draft): void {
  const { now, facts } = draft;
  const { mentionAt, escalateAt, remindAt } = callsOf(draft.current, facts);
  if (mentionAt !== undefined && now >= mentionAt) {
    setIncident(draft, { mentionedAt: now });
    say(draft, "mentioned");
  }
  if (escalateAt !== undefined && now >= escalateAt) escalate(draft);
  const { incident } = draft.current;
  if (remindAt === undefined || now < remindAt || incident === undefined) return;
  countReminder(draft, now - (incident.toldAt ?? incident.openedAt));
}

/** Still nobody: mail and the second channel. */
function escalate(draft: Draft): void {
  const { service, mailConfigured } = draft.facts;
  setIncident(draft, { escalatedAt: draft.now });
  const whom = [...(mailConfigured ? ["mail"] : []), ...(service?.secondChannel ? ["the second channel"] : [])];
  say(draft, "escalated", { whom: whom.join(" and ") });
  if (mailConfigured) mail(draft, "escalation");
}

function countReminder(draft: Draft, afterMs: number): void {
  const reminders = (draft.current.incident?.reminders ?? 0) + 1;
  setIncident(draft, { reminders, remindedAt: draft.now });
  say(draft, "reminded", { afterMs });
}

/** Slack or mail accepted a notice: people know, so veto windows may start. */
export function onTold(draft: Draft, incidentId: string, via: "slack" | "mail", version?: number): void {
  const { incident, phase } = draft.current;
  if (incident === undefined || incident.id !== incidentId) return;
  if (incident.toldAt === undefined) {
    setIncident(draft, { toldAt: draft.now, waitingSince: draft.now });
    say(draft, "told-people", { via });
  }
  if (phase.kind !== "proposing" || phase.proposal.mode !== "auto" || phase.proposal.vetoUntil !== undefined) return;
  if (version !== undefined && version < phase.proposal.sinceCard) return;
  const why = automaticBlock(draft, "veto-ended");
  // A time that cannot be kept is not promised: when a storm or a silence ends, a fresh window opens.
  if (why && why.code !== "blocked-hold" && endsWithWindow(why)) block(draft, phase.proposal, why);
  else freshWindow(draft);
}

export function onPerformed(
  draft: Draft,
  key: string,
  keyOf: (owed: Draft["current"]["owes"][number]) => string,
): void {
  dropOwed(draft, (owed) => keyOf(owed) === key);
}

export function onDebt(
  draft: Draft,
  change: { readonly add: Draft["current"]["debts"][number] } | { readonly repaid: string },
): void {
  const { debts } = draft.current;
  if ("add" in change) {
    if (debts.some((d) => d.id === change.add.id)) return;
    set(draft, { debts: [...debts, change.add] });
    say(draft, "debt-added", { debt: change.add.what });
    return;
  }
  const debt = debts.find((d) => d.id === change.repaid);
  if (debt === undefined) return;
  set(draft, { debts: debts.filter((d) => d !== debt) });
  say(draft, "debt-repaid", { debt: debt.what });
}
