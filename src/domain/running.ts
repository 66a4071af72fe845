/** From an order to the end of its run: confirming, recovering, verifying, climbing. */
import { automaticBlock } from "./blocks.ts";
import { askEvidence, dropOwed, enter, owe, say, sayReason, set, setIncident, type Draft } from "./draft.ts";
import { clip, dayMs } from "./limits.ts";
import type { CaseEvent } from "./event.ts";
import { isErrand, isTimeout, leadingSymptom, mayClimb } from "./ladder.ts";
import { applyMove } from "./moving.ts";
import { afterClearedRun } from "./onSignal.ts";
import { mail, mailBeforeAuto, needPerson, openIncident, proposeNext, resolve, waitAnew } from "./openings.ts";
import { reason, type Reason } from "./reasons.ts";
import type { Order, Phase, Proposal, RunOutcome } from "./serviceCase.ts";
import type { RunId } from "./words.ts";

/** Fresh evidence comes before the first act, whoever ordered it. */
export function confirm(draft: Draft, proposal: Proposal, by: Order["by"]): void {
  const order = orderOf(draft, proposal, by);
  const reading = askEvidence(draft);
  // A blocked run that is looked at again stays blocked on the card until it starts.
  if (by.kind === "person") set(draft, { blocked: undefined });
  if (draft.current.blocked === undefined) say(draft, "confirming");
  enter(draft, {
    kind: "confirming",
    since: draft.now,
    deadline: draft.now + draft.facts.timing.confirmMs,
    proposal,
    order,
    reading,
  });
}

export function orderOf(draft: Draft, proposal: Proposal, by: Order["by"]): Order {
  return {
    by,
    why: proposal.why ?? (by.kind === "rule" ? by.rule : "approved on the card"),
    proposal: proposal.number,
    recovery: proposal.recovery,
    rung: proposal.rung,
    limitMs: proposal.limitMs,
    at: draft.now,
    approvals: proposal.approvals,
    ...(proposal.options ? { options: proposal.options } : {}),
    ...(proposal.amount === undefined ? {} : { amount: proposal.amount }),
  };
}

/** How long a blocked automatic run waits before its conditions are looked at again. */
const blockedRetryMs = 30_000;

/** Back to proposing: what blocks is on the card, people may still approve, and it is tried again by itself. */
export function block(draft: Draft, proposal: Proposal, why: Reason): void {
  // More of the same does not help a service that failed three times a day: that is for a person.
  if (why.code === "blocked-cap") return needPerson(draft, why);
  const { blocked } = draft.current;
  const told = blocked !== undefined && JSON.stringify(blocked) === JSON.stringify(why);
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  enter(draft, {
    kind: "proposing",
    since: draft.now,
    proposal: { ...proposal, vetoUntil: draft.now + blockedRetryMs },
  });
  set(draft, { blocked: why });
  if (!told) sayReason(draft, why);
}

export function startRun(draft: Draft, order: Order): void {
  if (draft.current.incident === undefined) openIncident(draft, "warning", { ordered: true });
  const runFence = draft.current.runFence + 1;
  const runId = `${draft.current.service}/${runFence}` as RunId;
  if (draft.current.blocked) say(draft, "block-lifted");
  set(draft, { runFence, blocked: undefined });
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  enter(draft, {
    kind: "recovering",
    since: draft.now,
    deadline: draft.now + order.limitMs,
    runId,
    order,
    acted: false,
  });
  owe(draft, { kind: "run", runId });
  if (draft.facts.mailConfigured) mail(draft, "before-run");
  say(draft, "run-started", { recovery: order.recovery });
}

/** The scope's book has answered whether one more automatic run may go on. */
export function onPermit(draft: Draft, granted: boolean, refusal: "storm" | "busy" | "unreadable" | undefined): void {
  const { phase, placement } = draft.current;
  if (phase.kind !== "confirming") return;
  dropOwed(draft, (owed) => owed.kind === "permit");
  const why = granted
    ? (automaticBlock(draft, "before-run") ?? outdated(draft))
    : refusalReason(refusal, placement.scope);
  if (why === undefined) {
    startRun(draft, phase.order);
    return;
  }
  // The permit was taken for a run that does not start now.
  const runId = `${draft.current.service}/${draft.current.runFence + 1}` as RunId;
  if (granted) owe(draft, { kind: "release-permit", runId });
  block(draft, phase.proposal, why);
}

/** The permit came so late that the evidence under the order is old again. */
function outdated({ current, facts, now }: Draft): Reason | undefined {
  const { phase, incident } = current;
  const readAt = Math.max(0, ...(incident?.readings ?? []).map((r) => r.readAt));
  const isOld = readAt > 0 && now - readAt > facts.timing.evidenceAgeMs;
  const isLate = phase.kind === "confirming" && now >= phase.deadline;
  return isOld || isLate
    ? reason("blocked-evidence", { detail: "it had become old while waiting to start" })
    : undefined;
}

function refusalReason(refusal: "storm" | "busy" | "unreadable" | undefined, scope: string): Reason {
  if (refusal === "storm") return reason("blocked-storm", { scope });
  if (refusal === "busy") return reason("blocked-busy");
  return reason("blocked-permit-unread");
}

export function onRunStep(
  draft: Draft,
  event: { runId: RunId; step: string; state: "begun" | "done" | "progress"; acted: boolean },
): boolean {
  const { phase, incident } = draft.current;
  if (phase.kind !== "recovering" || phase.runId !== event.runId) return false;
  const acted = phase.acted || event.acted;
  if (event.state === "progress") {
    enter(draft, { ...phase, progress: (phase.progress ?? 0) + 1 });
    return true;
  }
  enter(draft, { ...phase, acted, step: event.step });
  if (acted && incident && phase.order.rung > incident.highestActed)
    setIncident(draft, { highestActed: phase.order.rung });
  say(draft, event.state === "begun" ? "step-begun" : "step-done", { step: event.step });
  return true;
}

export function onRunEnded(draft: Draft, event: Extract<CaseEvent, { kind: "run-ended" }>): boolean {
  const { runId, outcome, acted, moved } = event;
  const { phase, incident, placement } = draft.current;
  if (phase.kind !== "recovering" || phase.runId !== runId) return false;
  const automatic = phase.order.by.kind === "rule";
  const ran = acted || phase.acted;
  set(draft, {
    lastRun: {
      runId,
      recovery: phase.order.recovery,
      endedAt: draft.now,
      acted: ran,
      automatic,
      outcome: outcome.kind,
    },
    autoRuns: [
      ...draft.current.autoRuns.filter((at) => draft.now - at < dayMs),
      ...(automatic && ran ? [draft.now] : []),
    ],
  });
  if (ran && incident && phase.order.rung > incident.highestActed)
    setIncident(draft, { highestActed: phase.order.rung });
  dropOwed(draft, (owed) => owed.kind === "run");
  if (automatic) owe(draft, { kind: "release-permit", runId, scope: placement.scope });
  if (moved) applyMove(draft, runId, moved);
  afterRun(draft, { ...phase, acted: ran }, outcome);
  return true;
}

type Recovering = Extract<Phase, { kind: "recovering" }>;

function afterRun(draft: Draft, phase: Recovering, outcome: RunOutcome): void {
  const { recovery } = phase.order;
  switch (outcome.kind) {
    case "done":
      if (isErrand(recovery)) {
        say(draft, "errand-done", { recovery, summary: clip(outcome.summary), tookMs: draft.now - phase.since });
        endErrand(draft);
        return;
      }
      say(draft, "run-done", { recovery, tookMs: draft.now - phase.since });
      verify(draft, phase);
      return;
    case "cleared":
      say(draft, "run-cleared");
      if (phase.stopAsked && draft.current.bad.length > 0) needPerson(draft, stopped(phase.stopAsked));
      else afterClearedRun(draft);
      return;
    case "stopped":
      needPerson(draft, reason("run-stopped", { left: outcome.left }));
      return;
    case "refused":
    case "failed":
      onFailed(draft, phase, outcome);
      return;
  }
}

/** It brought nothing back, so nothing is proven; what went bad meanwhile opens as it would have without it. */
function endErrand(draft: Draft): void {
  if (draft.current.bad.length === 0) return resolve(draft, "done");
  enter(draft, { kind: "idle" });
  openIncident(draft, leadingSymptom(draft.current.bad.map((b) => b.symptom)));
}

type Failed = Extract<RunOutcome, { code: string }>;

function onFailed(draft: Draft, phase: Recovering, outcome: Failed): void {
  const { recovery } = phase.order;
  const why = reason(outcome.kind === "refused" ? "run-refused" : "run-failed", { recovery, detail: outcome.detail });
  if (phase.acted && isTimeout(outcome.code)) {
    sayReason(draft, why);
    say(draft, "effect-looked-for");
    verify(draft, phase);
    return;
  }
  if (mayClimb(outcome) && !phase.stopAsked) climb(draft, phase.order, why);
  else needPerson(draft, why);
}

const stopped = ({ by }: { by: { name: string } }): Reason =>
  reason("run-stopped", { left: `${by.name} asked for it; nothing further runs by itself.` });

function verify(draft: Draft, phase: Recovering): void {
  const { verifySettleMs, verifySpanMs } = draft.facts.timing;
  askEvidence(draft);
  enter(draft, {
    kind: "verifying",
    since: draft.now,
    deadline: draft.now + verifySettleMs + verifySpanMs,
    runId: phase.runId,
    order: phase.order,
    goodCount: 0,
    ...(phase.stopAsked ? { stopAsked: phase.stopAsked } : {}),
  });
}

/**
 * What the proposed rung would do was read. Where the world itself refuses it (no snapshot to build from), people are not kept
 * waiting for a window that ends in a refusal: the next rung is proposed at once. What a person ordered is theirs to see refused.
 */
export function onPreviewed(draft: Draft, event: Extract<CaseEvent, { kind: "previewed" }>): void {
  setIncident(draft, { previewedAt: event.at });
  const { phase, incident } = draft.current;
  if (phase.kind !== "proposing" || incident === undefined || event.refused === undefined) return;
  const { recovery, rung, mode, orderedBy, approvals } = phase.proposal;
  const isRules = rung >= 0 && orderedBy === undefined && approvals.length === 0 && mode !== "observe";
  if (recovery !== event.recovery || !isRules || draft.current.hold !== undefined) return;
  if (!mayClimb({ code: event.refused.code, climb: true })) return;
  climbFrom(draft, rung, reason("run-refused", { recovery, detail: clip(event.refused.why) }));
}

/** Up the ladder for a reason of the world's; a refused rung counts as tried, else the same one would be proposed for ever. */
export function climb(draft: Draft, order: Order, why: Reason): void {
  climbFrom(draft, order.rung, why);
}

function climbFrom(draft: Draft, rung: number, why: Reason): void {
  sayReason(draft, why);
  const { incident } = draft.current;
  if (incident && rung > incident.highestActed) setIncident(draft, { highestActed: rung });
  setIncident(draft, { tried: why });
  const detail = typeof why.args["detail"] === "string" ? why.args["detail"] : why.code;
  waitAnew(draft);
  proposeNext(draft, detail);
  const { phase } = draft.current;
  if (phase.kind === "proposing") say(draft, "climbed", { recovery: phase.proposal.recovery });
  mailBeforeAuto(draft);
}
