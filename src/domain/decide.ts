/**
 * The one function that decides. No I/O, no clock, no randomness: the case as it is, one event, the facts that the case cannot
 * see, and the time. It answers every event in every phase, if only with "ignored, because …".
 *
 * The caller stores `next` in one conditional write on `rev` and only then does what it owes; a lost race reloads and decides
 * again. Nothing here may therefore depend on anything but the arguments.
 */
import { owedKey, type Decision } from "./decision.ts";
import { enter, openDraft, sayReason, set, setIncident, type Draft } from "./draft.ts";
import { nextDue } from "./due.ts";
import type { CaseEvent } from "./event.ts";
import type { Facts } from "./facts.ts";
import { onEvidence } from "./onEvidence.ts";
import { onAck, onApprove, onClose, onHold, onNo, onOrder, onResume, onStop } from "./onPeople.ts";
import { onFormerSeen, onPlacement } from "./moving.ts";
import { onSignal } from "./onSignal.ts";
import { onDebt, onPerformed, onTime, onTold } from "./onTime.ts";
import { reason, type Reason } from "./reasons.ts";
import { onPermit, onPreviewed, onRunEnded, onRunStep } from "./running.ts";
import { sameJson } from "./same.ts";
import type { Phase, ServiceCase } from "./serviceCase.ts";

export function decide(current: ServiceCase, event: CaseEvent, facts: Facts, now: number): Decision {
  const draft = openDraft(current, facts, now);
  const ignored = apply(draft, event);
  return close(draft, event, ignored);
}

/** Changes the draft, or answers the reason why the event means nothing here. */
function apply(draft: Draft, event: CaseEvent): Reason | undefined {
  switch (event.kind) {
    case "signal":
      return onSignal(draft, event.signal);
    case "due":
      return void onTime(draft);
    case "told":
      return void onTold(draft, event.incident, event.via);
    case "shown":
      return onShown(draft, event);
    case "filed":
      return void set(draft, { entries: draft.current.entries.filter((entry) => entry.n > event.upTo) });
    case "performed":
      return void onPerformed(draft, event.key, owedKey);
    case "evidence":
      if (event.reading > draft.current.readingCount)
        return reason("nothing-to-do", { detail: "that reading was never asked for" });
      return void onEvidence(draft, event.reading, event.evidence);
    case "previewed":
      if (draft.current.incident?.id !== event.incident)
        return reason("nothing-to-do", { detail: "that incident is over" });
      return void onPreviewed(draft, event);
    case "permit":
      return onPermitFor(draft, event);
    case "run-step":
      return onRunStep(draft, event) ? undefined : reason("nothing-to-do", { detail: "that run is over" });
    case "run-ended":
      return onRunEnded(draft, event) ? undefined : reason("nothing-to-do", { detail: "that run is over" });
    case "placement":
      return onPlacement(draft, event);
    case "debt-added":
      return void onDebt(draft, { add: event.debt });
    case "debt-repaid":
      return void onDebt(draft, { repaid: event.debt });
    case "former-seen":
      return onFormerSeen(draft, event);
    case "noted":
      return void sayReason(draft, event.reason);
    case "approve":
    case "no":
    case "hold":
    case "resume":
    case "ack":
    case "stop":
    case "close":
    case "order":
      onPerson(draft, event);
      // Somebody who may has acted: nobody needs to be called out of bed any more.
      if (draft.reasons.length > 0) setIncident(draft, { reactedAt: draft.now });
      return undefined;
  }
}

type PersonEvent = Extract<CaseEvent, { by: unknown }>;

function onPerson(draft: Draft, event: PersonEvent): void {
  switch (event.kind) {
    case "approve":
      return onApprove(draft, event);
    case "no":
      return onNo(draft, event);
    case "hold":
      return onHold(draft, event);
    case "resume":
      return onResume(draft, event);
    case "ack":
      return onAck(draft, event);
    case "stop":
      return onStop(draft, event);
    case "close":
      return onClose(draft, event);
    case "order":
      return onOrder(draft, event);
  }
}

function onShown(draft: Draft, event: Extract<CaseEvent, { kind: "shown" }>): Reason | undefined {
  const { current } = draft;
  if (current.incident?.id !== event.incident) return reason("nothing-to-do", { detail: "that incident is over" });
  if ((current.shown?.version ?? 0) > event.version)
    return reason("nothing-to-do", { detail: "a newer card is shown already" });
  set(draft, { shown: { version: event.version, channel: event.channel, ts: event.ts, incident: event.incident } });
  onTold(draft, event.incident, "slack", event.version);
  return undefined;
}

function onPermitFor(draft: Draft, event: Extract<CaseEvent, { kind: "permit" }>): Reason | undefined {
  const { phase, owes } = draft.current;
  const asked = owes.some((owed) => owed.kind === "permit" && owed.reading === event.reading);
  if (phase.kind !== "confirming" || !asked) {
    return reason("nothing-to-do", { detail: "the order that asked for this permit is over" });
  }
  onPermit(draft, event.granted, event.refusal);
  return undefined;
}

function close(draft: Draft, event: CaseEvent, ignored: Reason | undefined): Decision {
  if (ignored !== undefined) return { kind: "ignored", reason: ignored };
  const { before, now } = draft;
  if (!looksTheSame(draft.current, before)) set(draft, { cardVersion: before.cardVersion + 1 });
  const changed = !sameJson(draft.current, before);
  const timeMoved =
    event.kind === "due" && before.due !== undefined && before.due <= now && nextDue(draft) !== before.due;
  if (!changed && !timeMoved) {
    return { kind: "ignored", reason: draft.answer ?? reason("nothing-to-do", { detail: "nothing changed" }) };
  }
  if (draft.current.phase.kind === "idle" && before.phase.kind === "idle" && draft.current.incident) rest(draft);
  const pattern = draft.facts.service?.pattern ?? before.pattern;
  set(draft, { rev: before.rev + 1, due: nextDue(draft), ...(pattern === undefined ? {} : { pattern }) });
  return {
    kind: "changed",
    next: draft.current,
    reasons: draft.reasons,
    ...(draft.answer ? { answer: draft.answer } : {}),
  };
}

/** At rest, the incident leaves the case once it is filed and Slack shows its end. */
function rest(draft: Draft): void {
  const { current } = draft;
  const shows = current.shown !== undefined && current.shown.version >= current.cardVersion;
  if (!shows || current.owes.length > 0 || current.entries.length > 0) return;
  set(draft, { incident: undefined, shown: undefined });
  enter(draft, { kind: "idle" });
}

/** Polls of a verification and retries of a blocked run are no news: a card that changed for them would be spam. */
function phaseShown(phase: Phase, blocked: boolean): object {
  if (phase.kind === "verifying") return { ...phase, goodCount: 0, goodSince: 0 };
  if (!blocked || (phase.kind !== "proposing" && phase.kind !== "confirming")) return { ...phase, reading: 0 };
  return { kind: "proposing", proposal: { ...phase.proposal, vetoUntil: 0 } };
}

/** Nothing that a card shows is different: another card version would be no news. */
function looksTheSame(current: ServiceCase, before: ServiceCase): boolean {
  return current === before || sameJson(visible(current), visible(before));
}

function visible(current: ServiceCase): readonly unknown[] | undefined {
  const { phase, incident, hold, blocked, debts, bad, placement, former } = current;
  if (incident === undefined) return undefined;
  const readings = incident.readings?.map(({ kind, verdict, detail }) => [kind, verdict, detail]);
  const told = { ...incident, toldAt: 0, reactedAt: 0, waitingSince: 0, readings };
  return [phaseShown(phase, blocked !== undefined), told, hold ?? null, blocked ?? null, debts, bad, placement, former];
}
