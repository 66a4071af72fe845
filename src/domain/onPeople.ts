/** What a person may say, and the visible answer to each of it. Permission was checked at the click; here it is obeyed. */
import { standing } from "./approvals.ts";
import { answer, dropOwed, enter, say, set, setIncident, type Draft } from "./draft.ts";
import type { Asker, CaseEvent } from "./event.ts";
import { clip } from "./limits.ts";
import { isErrand, rungOf } from "./ladder.ts";
import { forgetBad } from "./onSignal.ts";
import { endWindow, needPerson, openIncident, orderedRung, propose, resolve } from "./openings.ts";
import { isToldOnly } from "./proposalKinds.ts";
import { reason } from "./reasons.ts";
import { confirm, orderOf, startRun } from "./running.ts";
import type { Order, Person, Proposal } from "./serviceCase.ts";
import type { Recovery } from "./words.ts";

type Said<Kind extends CaseEvent["kind"]> = Extract<CaseEvent, { kind: Kind }>;

const personOf = ({ id, name }: Asker): Person => ({ id, name });

/** True when the person may; else the private answer says why not. */
function may(draft: Draft, by: Asker): boolean {
  if (by.allowed) return true;
  answer(draft, "not-allowed", { detail: by.refusal ?? "you are not an approver of this service" });
  return false;
}

function nothing(draft: Draft, detail: string): void {
  answer(draft, "nothing-to-do", { detail });
}

/** The proposal that a click is about; an older number or another phase is answered, never acted on. */
function proposalFor(draft: Draft, number: number): Proposal | undefined {
  const { phase } = draft.current;
  switch (phase.kind) {
    case "proposing":
      if (phase.proposal.number === number) return phase.proposal;
      answer(draft, "stale-press");
      return undefined;
    case "confirming":
      // Nothing was done yet and no person decided: who presses now may still decide.
      if (phase.order.by.kind === "rule" && phase.proposal.number === number) return phase.proposal;
      return alreadyDecided(draft, phase.order);
    case "recovering":
    case "verifying":
      return alreadyDecided(draft, phase.order);
    case "resolved":
      answer(draft, "already-decided", { what: "resolved" });
      return undefined;
    case "needs-person":
    case "idle":
      answer(draft, "stale-press");
      return undefined;
  }
}

function alreadyDecided(draft: Draft, order: Order): undefined {
  const who = order.approvals.map((a) => a.by.name).join(", ");
  answer(draft, "already-decided", { what: who ? `approved by ${who}` : "started because nobody objected" });
}

export function onApprove(draft: Draft, { by, proposal: number }: Said<"approve">): void {
  if (!may(draft, by)) return;
  const proposal = proposalFor(draft, number);
  if (proposal === undefined) return;
  if (proposal.rung < 0 && proposal.orderedBy === undefined)
    return nothing(draft, "nothing is proposed for this symptom; Other… orders a recovery");
  if (proposal.mode === "observe") return answer(draft, "observe-only");
  const given = standing(draft, proposal.approvals);
  if (given.some((a) => a.by.id === by.id)) return nothing(draft, "you approved it already; somebody else must");
  const { service } = draft.facts;
  if (service?.requireOther && proposal.orderedBy?.id === by.id) return answer(draft, "needs-other");
  const approvals = [...given, { by: personOf(by), at: draft.now }];
  const approved: Proposal = { ...proposal, approvals };
  const missing = proposal.approvalsNeeded - approvals.length;
  if (missing > 0) {
    say(draft, "approved-partly", { by: by.name, missing });
    answer(draft, "approved-partly", { by: by.name, missing });
    enter(draft, { kind: "proposing", since: draft.now, proposal: approved });
    return;
  }
  say(draft, "approved", { by: by.name });
  answer(draft, "approved", { by: by.name });
  // A hold stops the clock, not a person: who may approve may also end it.
  set(draft, { hold: undefined });
  confirm(draft, approved, { kind: "person", person: personOf(by) });
}

export function onNo(draft: Draft, { by, proposal: number, why }: Said<"no">): void {
  if (!may(draft, by)) return;
  const proposal = proposalFor(draft, number);
  const { incident } = draft.current;
  if (proposal === undefined || incident === undefined) return;
  if (isToldOnly(proposal)) return nothing(draft, "nothing is proposed, so there is nothing to refuse");
  if (proposal.rung >= 0 && !incident.refusedRungs.includes(proposal.rung))
    setIncident(draft, { refusedRungs: [...incident.refusedRungs, proposal.rung] });
  const said = reason("refused", { by: by.name, ...(why ? { why: clip(why) } : {}) });
  needPerson(draft, said);
  draft.answer = said;
}

export function onHold(draft: Draft, { by, forMs, why }: Said<"hold">): void {
  if (!may(draft, by)) return;
  const { phase, incident, hold } = draft.current;
  if (incident === undefined || phase.kind === "idle" || phase.kind === "resolved")
    return nothing(draft, "no incident is open");
  const { holdMs, holdMaxMs } = draft.facts.timing;
  // A second tap without a stated end changes nothing: two people at once must not shorten or lengthen each other's hold.
  if (hold && forMs === undefined && why === undefined) return answer(draft, "hold-kept", { until: hold.until });
  const until = draft.now + Math.min(Math.max(forMs ?? holdMs, 0), holdMaxMs);
  set(draft, {
    hold: { by: personOf(by), at: draft.now, until, ...(why ? { why: clip(why) } : {}) },
    blocked: undefined,
  });
  const args = { by: by.name, until, ...(why ? { why: clip(why) } : {}) };
  say(draft, "held", args);
  answer(draft, "held", args);
  if (phase.kind !== "confirming") return;
  // Nothing was done yet, so the first tap wins over what was decided: an approval must be given again.
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  const { warned: _warned, ...proposal } = phase.proposal;
  enter(draft, { kind: "proposing", since: draft.now, proposal: { ...proposal, approvals: [] } });
}

export function onResume(draft: Draft, { by }: Said<"resume">): void {
  if (!may(draft, by)) return;
  if (draft.current.hold === undefined) return nothing(draft, "nothing is held");
  say(draft, "resumed", { by: by.name });
  answer(draft, "resumed", { by: by.name });
  endHold(draft);
}

/** However a hold ends, a fresh veto window opens: nothing runs at once. */
export function endHold(draft: Draft): void {
  set(draft, { hold: undefined });
  const { phase } = draft.current;
  // What nobody was told of yet gets its window when they are.
  if (phase.kind !== "proposing" || phase.proposal.vetoUntil === undefined) return;
  freshWindow(draft);
}

/** The whole veto window from now, or from the end of the hold when one stands. */
export function freshWindow(draft: Draft): void {
  const { phase, hold } = draft.current;
  if (phase.kind !== "proposing" || phase.proposal.mode !== "auto") return;
  const vetoUntil = Math.max(draft.now, hold?.until ?? 0) + phase.proposal.vetoMs;
  enter(draft, { ...phase, proposal: { ...phase.proposal, vetoUntil } });
  if (hold === undefined) say(draft, "veto-started", { until: vetoUntil });
}

export function onAck(draft: Draft, { by }: Said<"ack">): void {
  if (!may(draft, by)) return;
  const { phase, incident } = draft.current;
  if (incident === undefined || phase.kind === "idle") return nothing(draft, "no incident is open");
  if (incident.ack && phase.kind !== "resolved") return nothing(draft, `${incident.ack.by.name} has it already`);
  setIncident(draft, { ack: { by: personOf(by), at: draft.now }, remindedAt: draft.now });
  say(draft, "acknowledged", { by: by.name });
  answer(draft, "acknowledged", { by: by.name });
  if (phase.kind === "resolved") {
    say(draft, "window-ended", { by: by.name });
    endWindow(draft);
  }
}

export function onStop(draft: Draft, { by }: Said<"stop">): void {
  if (!may(draft, by)) return;
  const { phase } = draft.current;
  if (phase.kind === "confirming") {
    needPerson(draft, reason("run-stopped", { left: `${by.name} stopped it before anything was done` }));
    answer(draft, "stop-asked", { by: by.name });
    return;
  }
  if (phase.kind === "verifying")
    return nothing(draft, "the run has ended; it is only being proven that the service answers");
  if (phase.kind !== "recovering") return nothing(draft, "no run is going on");
  if (phase.stopAsked) return answer(draft, "already-decided", { what: `asked to stop by ${phase.stopAsked.by.name}` });
  enter(draft, { ...phase, stopAsked: { by: personOf(by), at: draft.now } });
  say(draft, "stop-asked", { by: by.name });
  answer(draft, "stop-asked", { by: by.name });
}

export function onClose(draft: Draft, { by, why }: Said<"close">): void {
  if (!may(draft, by)) return;
  const { phase, incident } = draft.current;
  if (incident === undefined || phase.kind === "idle") return nothing(draft, "no incident is open");
  if (phase.kind === "resolved") return nothing(draft, "it is resolved already; `ack` ends its window");
  if (phase.kind === "recovering") return answer(draft, "busy-running", { recovery: phase.order.recovery });
  // What is bad now was seen by a person; only a new change opens again.
  forgetBad(draft, draft.current.bad);
  set(draft, { hold: undefined });
  say(draft, "closed-by-person", { by: by.name, why: clip(why) });
  answer(draft, "closed-by-person", { by: by.name, why: clip(why) });
  resolve(draft, "closed");
}

export function onOrder(draft: Draft, event: Said<"order">): void {
  const { by, recovery, why } = event;
  if (!may(draft, by)) return;
  const { phase } = draft.current;
  if (draft.facts.service === undefined) return nothing(draft, "this service is gone from medic.yaml");
  const decided = phase.kind === "confirming" && phase.order.by.kind === "person";
  if (decided || phase.kind === "recovering" || phase.kind === "verifying") {
    return answer(draft, phase.kind === "verifying" ? "busy-proving" : "busy-running", {
      recovery: phase.order.recovery,
    });
  }
  // From a card: only from the one that still stands. A verb names no card and means what is so now.
  const isOver = phase.kind === "resolved" || phase.kind === "idle";
  if (event.proposal !== undefined && (isOver || event.proposal !== draft.current.proposalCount)) {
    if (phase.kind === "resolved") return answer(draft, "already-decided", { what: "resolved" });
    return answer(draft, "stale-press");
  }
  if (isErrand(recovery) && !mayRunErrand(draft, recovery)) return;
  order(draft, event);
  const said = reason("ordered", { by: by.name, recovery, why: clip(why) });
  // Its own answer when more approvals are needed; else the order itself.
  draft.answer ??= said;
}

/** Never during an incident, a storm or a silence: what it would show then is not what it is for. */
function mayRunErrand(draft: Draft, recovery: Recovery): boolean {
  const { current, facts, now } = draft;
  const no = (detail: string): false => {
    answer(draft, "not-now", { recovery, detail });
    return false;
  };
  const open = current.phase.kind !== "idle" && current.phase.kind !== "resolved";
  if (open || current.bad.length > 0) return no("an incident is open here");
  if (facts.storm.active) return no(`a storm is on in ${current.placement.scope}`);
  if (facts.silence && now < facts.silence.until) return no("the service is silenced");
  return true;
}

function order(draft: Draft, { by, recovery, why, options, amount }: Said<"order">): void {
  const healthy = draft.current.bad.length === 0;
  const { phase } = draft.current;
  if (phase.kind === "idle" || phase.kind === "resolved" || draft.current.incident === undefined) {
    openIncident(draft, "warning", { ordered: true });
  }
  const { incident } = draft.current;
  const index = incident ? rungOf(incident, recovery) : -1;
  const person = personOf(by);
  say(draft, "ordered", { by: by.name, recovery, why: clip(why) });
  const counts = draft.facts.service?.requireOther !== true;
  const proposal = propose(draft, orderedRung(draft, recovery, index), index, {
    ...{ by: person, why: clip(why), counts, options, amount },
  });
  const missing = proposal.approvalsNeeded - proposal.approvals.length;
  if (missing > 0) {
    answer(draft, "approved-partly", { by: by.name, missing });
    return;
  }
  const ordered = { kind: "person", person } as const;
  if (healthy) startRun(draft, orderOf(draft, proposal, ordered));
  else confirm(draft, proposal, ordered);
}
