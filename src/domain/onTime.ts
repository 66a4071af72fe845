/** Time has passed: whatever is due happens here, and nowhere else. */
import { automaticBlock } from "./blocks.ts";
import { askEvidence, dropOwed, enter, say, set, setIncident, type Draft } from "./draft.ts";
import { failVerify, verifyDeadline } from "./onEvidence.ts";
import { endHold } from "./onPeople.ts";
import { endWindow, mail, needPerson } from "./openings.ts";
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
      onProposing(draft, phase.proposal);
      remind(draft);
      return;
    case "confirming":
      if (now < phase.deadline) return;
      say(draft, "confirm-timed-out");
      // Unknown alone never runs anything: an automatic run waits, a person's order goes back to the person.
      if (phase.order.by.kind === "rule")
        block(draft, phase.proposal, reason("blocked-evidence", { detail: "it did not arrive in time" }));
      else needPerson(draft, reason("confirm-timed-out"));
      return;
    case "recovering":
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
      remind(draft);
      return;
  }
}

function isOpen({ current }: Draft): boolean {
  return current.incident !== undefined && current.phase.kind !== "idle" && current.phase.kind !== "resolved";
}

function onProposing(draft: Draft, proposal: Proposal): void {
  const { now, facts } = draft;
  if (lapse(draft, proposal)) return;
  const asked = draft.current.owes.some((owed) => owed.kind === "evidence");
  if (now - proposal.factsAt >= facts.timing.proposalFactsMs && !asked && draft.current.incident?.ladder.length)
    askEvidence(draft);
  if (proposal.mode !== "auto" || proposal.vetoUntil === undefined || now < proposal.vetoUntil) return;
  if (draft.current.hold) return; // Its end opens a fresh veto window.
  const why = automaticBlock(draft, "veto-ended");
  if (why) {
    block(draft, proposal, why);
    return;
  }
  if (draft.current.blocked === undefined) say(draft, "veto-ended");
  confirm(draft, proposal, { kind: "rule", rule: "veto-ended" });
}

/** A given approval that could not run lapses; people are warned before. It EXPIRES, it was not denied. */
function lapse(draft: Draft, proposal: Proposal): boolean {
  const first = proposal.approvals[0];
  if (first === undefined) return false;
  const { approvalLapsesMs, approvalWarnMs } = draft.facts.timing;
  const until = first.at + approvalLapsesMs;
  const { phase } = draft.current;
  if (phase.kind !== "proposing") return false;
  if (draft.now >= until) {
    const { warned: _warned, ...rest } = proposal;
    enter(draft, { ...phase, proposal: { ...rest, approvals: [] } });
    say(draft, "approval-expired");
    return true;
  }
  if (draft.now >= until - approvalWarnMs && !proposal.warned) {
    enter(draft, { ...phase, proposal: { ...proposal, warned: true } });
    say(draft, "approval-expires-soon", { until });
  }
  return false;
}

/** Mention, escalate, remind: each once, and only while nobody has it. */
function remind(draft: Draft): void {
  const { incident, phase } = draft.current;
  if (incident === undefined || incident.toldAt === undefined) return;
  if (phase.kind !== "proposing" && phase.kind !== "needs-person") return;
  const { timing } = draft.facts;
  const waited = draft.now - incident.toldAt;
  if (incident.ack) {
    if (draft.now - (incident.remindedAt ?? incident.ack.at) >= timing.remindAckedMs) countReminder(draft, waited);
    return;
  }
  if (incident.ladder.length === 0 && !incident.orderedWhileHealthy) return; // A warning is told once, it does not nag.
  if (incident.reactedAt === undefined) call(draft, waited);
  const next = timing.remindAfterMs[incident.reminders];
  if (next !== undefined && waited >= next) countReminder(draft, waited);
}

/** Nobody reacted: the group first, then mail and the second channel. */
function call(draft: Draft, waited: number): void {
  const { incident } = draft.current;
  const { timing, service, mailConfigured } = draft.facts;
  if (incident?.mentionedAt === undefined && waited >= timing.mentionAfterMs) {
    setIncident(draft, { mentionedAt: draft.now });
    say(draft, "mentioned");
  }
  if (incident?.escalatedAt !== undefined || waited < timing.escalateAfterMs) return;
  setIncident(draft, { escalatedAt: draft.now });
  const whom = [...(mailConfigured ? ["mail"] : []), ...(service?.secondChannel ? [service.secondChannel] : [])];
  say(draft, "escalated", {
    whom: whom.join(" and ") || "nobody else: no mail topic and no second channel is configured",
  });
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
    setIncident(draft, { toldAt: draft.now });
    say(draft, "told-people", { via });
  }
  if (phase.kind !== "proposing" || phase.proposal.mode !== "auto" || phase.proposal.vetoUntil !== undefined) return;
  if (version !== undefined && version < phase.proposal.sinceCard) return;
  const vetoUntil = draft.now + phase.proposal.vetoMs;
  enter(draft, { ...phase, proposal: { ...phase.proposal, vetoUntil } });
  say(draft, "veto-started", { until: vetoUntil });
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
