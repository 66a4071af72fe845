/** How incidents open, are proposed for, and end. Every change of phase that is not a run's own stands here. */
import { askEvidence, dropOwed, enter, owe, say, set, setIncident, type Draft } from "./draft.ts";
import { approvalsForOrder, isDestructive, leadingSymptom, nextRung } from "./ladder.ts";
import { reason, type Reason } from "./reasons.ts";
import type { Rung } from "./service.ts";
import type { Incident, Person, Proposal } from "./serviceCase.ts";
import { defaultRung } from "./rungDefaults.ts";
import type { IncidentId, OrderOption, Recovery, Symptom } from "./words.ts";

/** Derived, so that a repeated decision after a lost answer makes the same one; the entry count tells two in one millisecond apart. */
function incidentId({ current, now }: Draft): IncidentId {
  return `${current.service}-${now.toString(36)}${current.entryCount.toString(36)}` as IncidentId;
}

export function openIncident(draft: Draft, symptom: Symptom, options: { ordered?: boolean } = {}): void {
  const ladder = options.ordered ? [] : (draft.facts.service?.ladders[symptom] ?? []);
  const incident: Incident = {
    id: incidentId(draft),
    openedAt: draft.now,
    symptom,
    ladder,
    highestActed: -1,
    reminders: 0,
    reopened: 0,
    refusedRungs: [],
    waitingSince: draft.now,
    ...(options.ordered ? { orderedWhileHealthy: true } : {}),
  };
  // A block belongs to an incident, what Slack shows belongs to the former one; a hold lasts until its own end.
  set(draft, { incident, shown: undefined, blocked: undefined });
  if (options.ordered) return;
  say(draft, "incident-opened", { symptom });
  owe(draft, { kind: "opening", incident: incident.id });
  if (ladder.length === 0) {
    const subject = draft.current.bad.at(-1)?.subject ?? "the alarm";
    say(draft, "signal-warning", { subject, symptom });
    proposeNothing(draft);
    return;
  }
  askEvidence(draft);
  proposeNext(draft);
  if (ladder.some((rung) => rung.mode === "auto") && draft.facts.mailConfigured) {
    owe(draft, { kind: "mail", id: `${incident.id}/opening`, about: "opening" });
  }
}

/** The incident opens again within the window; a run that acted means the next rung, else the same one. */
export function reopenIncident(draft: Draft): void {
  const { incident } = draft.current;
  if (incident === undefined) return;
  setIncident(draft, {
    reopened: incident.reopened + 1,
    reminders: 0,
    remindedAt: undefined,
    toldAt: undefined,
    tried: undefined,
    ack: undefined,
  });
  waitAnew(draft);
  set(draft, { blocked: undefined });
  const next = nextRung(incident);
  say(draft, "incident-reopened", { rung: next ? next.index + 1 : "none" });
  askEvidence(draft);
  proposeNext(draft);
  mailBeforeAuto(draft);
}

/** Something new waits for people: who reacted to what was before may have gone back to bed. Who has it is reminded, not called. */
export function waitAnew(draft: Draft): void {
  if (draft.current.incident?.ack) return;
  setIncident(draft, {
    waitingSince: draft.now,
    reactedAt: undefined,
    mentionedAt: undefined,
    escalatedAt: undefined,
  });
}

/** What would run by itself is told by mail too, so that Slack being down does not keep it from people. */
export function mailBeforeAuto(draft: Draft): void {
  const { phase } = draft.current;
  if (phase.kind === "proposing" && phase.proposal.mode === "auto" && draft.facts.mailConfigured)
    mail(draft, "before-run");
}

/** A card without an offer: the symptom has no ladder. */
export function proposeNothing(draft: Draft): void {
  propose(
    draft,
    { recovery: "restart", mode: "observe", vetoMs: 0, approvals: 1, limitMs: draft.facts.timing.restartLimitMs },
    -1,
  );
}

/** Proposes the next rung of the ladder, or says that a person is needed. */
export function proposeNext(draft: Draft, last?: string): void {
  const { incident } = draft.current;
  if (incident === undefined) return;
  const next = nextRung(incident);
  if (next === undefined) {
    const detail = last === undefined ? {} : { detail: last };
    needPerson(draft, reason(incident.ladder.length === 0 ? "no-ladder" : "ladder-ended", detail));
    return;
  }
  if (next.refused) {
    needPerson(draft, reason("refused-before", { recovery: next.rung.recovery }));
    return;
  }
  propose(draft, next.rung, next.index);
  if (next.rung.mode === "auto") setIncident(draft, { mentionedAt: draft.current.incident?.mentionedAt ?? draft.now });
  say(draft, "proposed", { recovery: next.rung.recovery, mode: next.rung.mode });
  if (next.rung.mode === "observe") say(draft, "observe-only");
}

interface Ordered {
  readonly by: Person;
  readonly why: string;
  readonly counts: boolean;
  readonly options?: readonly OrderOption[] | undefined;
  readonly amount?: number | undefined;
}

export function propose(draft: Draft, rung: Rung, index: number, ordered?: Ordered): Proposal {
  const number = draft.current.proposalCount + 1;
  const proposal: Proposal = {
    number,
    recovery: rung.recovery,
    rung: index,
    mode: rung.mode,
    sinceCard: draft.before.cardVersion + 1,
    madeAt: draft.now,
    factsAt: draft.now,
    vetoMs: rung.vetoMs,
    approvalsNeeded: rung.mode === "approve" ? rung.approvals : 1,
    approvals: ordered?.counts ? [{ by: ordered.by, at: draft.now }] : [],
    limitMs: rung.limitMs,
    ...(ordered ? { orderedBy: ordered.by, why: ordered.why } : {}),
    ...(ordered?.options?.length ? { options: ordered.options } : {}),
    ...(ordered?.amount === undefined ? {} : { amount: ordered.amount }),
  };
  set(draft, { proposalCount: number, blocked: undefined });
  enter(draft, { kind: "proposing", since: draft.now, proposal });
  return proposal;
}

/** A recovery that a person names, as a rung: its limit comes from the ladder when it stands there. */
export function orderedRung(draft: Draft, recovery: Recovery, index: number): Rung {
  const onLadder = index >= 0 ? draft.current.incident?.ladder[index] : undefined;
  const frozen = draft.current.incident?.ladder ?? [];
  // An order on a healthy service has no frozen ladder; what its owner asks for stands in the configuration.
  const rungs = frozen.length > 0 ? frozen : Object.values(draft.facts.service?.ladders ?? {}).flat();
  const approvals = onLadder?.mode === "auto" ? 1 : approvalsForOrder(rungs, recovery);
  if (onLadder) return { ...onLadder, mode: "approve", approvals };
  const usual = defaultRung(recovery, "approve", draft.facts.timing, draft.facts.service?.pattern);
  const written = rungs.some((each) => each.recovery === recovery);
  return { ...usual, vetoMs: 0, approvals: written ? approvals : Math.max(approvals, usual.approvals) };
}

/** The same offer with other consequences: a new number, nobody has approved it, and its veto window starts when it was told. */
export function offerAnew(draft: Draft, because: string): void {
  const { phase } = draft.current;
  if (phase.kind !== "proposing" && phase.kind !== "confirming") return;
  const { vetoUntil: _window, warned: _warned, ...offer } = phase.proposal;
  const number = draft.current.proposalCount + 1;
  dropOwed(draft, (owed) => owed.kind === "permit");
  set(draft, { proposalCount: number, blocked: undefined });
  enter(draft, {
    kind: "proposing",
    since: draft.now,
    proposal: { ...offer, number, factsAt: draft.now, approvals: [], sinceCard: draft.before.cardVersion + 1 },
  });
  say(draft, "proposal-changed", { proposal: number, because });
}

/** Healthy again. The window stays open: a failure within it continues this incident. */
export function resolve(draft: Draft, how: "recovered" | "cleared" | "closed" | "done"): void {
  const { current, now, facts } = draft;
  const ranWithin = current.lastRun?.acted === true && current.lastRun.endedAt >= (current.incident?.openedAt ?? 0);
  if (how === "recovered") say(draft, "recovered", { tookMs: now - (current.incident?.openedAt ?? now) });
  if (how === "cleared") say(draft, "cleared-by-itself", { ran: ranWithin });
  set(draft, { blocked: undefined });
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  enter(draft, {
    kind: "resolved",
    at: now,
    how,
    windowUntil: (ranWithin ? (current.lastRun?.endedAt ?? now) : now) + facts.timing.windowMs,
  });
  if (facts.mailConfigured && current.incident?.toldAt !== undefined) mail(draft, "outcome");
  if (current.incident) owe(draft, { kind: "archive", incident: current.incident.id });
}

/** Every earlier click is stale from here: the card that asks for a person is another one than the one that offered a run. */
export function needPerson(draft: Draft, why: Reason): void {
  say(draft, why.code, why.args);
  // Whoever refused or stopped it is awake; everything else must wake somebody.
  if (why.code !== "refused" && why.code !== "run-stopped") waitAnew(draft);
  set(draft, { blocked: undefined, proposalCount: draft.current.proposalCount + 1 });
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  enter(draft, { kind: "needs-person", since: draft.now, reason: why });
  if (draft.facts.mailConfigured) mail(draft, "outcome");
}

/** One mail per thing that happened: the id carries the card version, which moves on with every visible change. */
export function mail(draft: Draft, about: "before-run" | "outcome" | "escalation" | "original-returned"): void {
  const { incident, service } = draft.current;
  // The original may return long after the incident was filed.
  owe(draft, { kind: "mail", id: `${incident?.id ?? service}/${about}/${draft.before.cardVersion + 1}`, about });
}

/** Back to rest: the incident is filed, the next failure starts at the first rung. */
export function endWindow(draft: Draft): void {
  const { incident } = draft.current;
  if (incident) owe(draft, { kind: "archive", incident: incident.id });
  enter(draft, { kind: "idle" });
}

/** The incident's symptom follows the worst thing that is bad; one without a ladder takes the first ladder that fits. */
export function worsen(draft: Draft): void {
  const { incident, bad, phase } = draft.current;
  if (incident === undefined || bad.length === 0) return;
  const worst = leadingSymptom([...bad.map((b) => b.symptom), incident.symptom]);
  if (worst === incident.symptom) return;
  setIncident(draft, { symptom: worst });
  say(draft, "incident-worse", { symptom: worst });
  changeConsequences(draft, incident.symptom, worst);
  const ladder = draft.facts.service?.ladders[worst] ?? [];
  const mayTakeIt =
    incident.ladder.length === 0 && phase.kind === "proposing" && phase.proposal.orderedBy === undefined;
  if (!mayTakeIt || ladder.length === 0) return;
  setIncident(draft, { ladder });
  waitAnew(draft);
  askEvidence(draft);
  proposeNext(draft);
  if (ladder.some((rung) => rung.mode === "auto") && draft.facts.mailConfigured) {
    owe(draft, { kind: "mail", id: `${incident.id}/opening`, about: "opening" });
  }
}

/** On a bad host a restart leaves out the reboot: who approved a reboot has not approved a stop. */
function changeConsequences(draft: Draft, was: Symptom, is: Symptom): void {
  const { phase } = draft.current;
  if (phase.kind !== "proposing" && phase.kind !== "confirming") return;
  const { recovery } = phase.proposal;
  if (isDestructive(recovery, was) === isDestructive(recovery, is)) return;
  offerAnew(draft, `on a bad host, ${recovery} means stop and start, without a reboot first`);
}
