/**
 * The case while one event is being decided. Handlers change it in small named steps; `decide` closes it into the next case or,
 * when nothing changed, into "ignored". It lives for one call and never leaves the core.
 */
import { owedKey } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { entriesWaitingMax } from "./limits.ts";
import { reason, type Reason, type ReasonArgs, type ReasonCode } from "./reasons.ts";
import type { Incident, Owed, Phase, ServiceCase } from "./serviceCase.ts";

export interface Draft {
  current: ServiceCase;
  readonly before: ServiceCase;
  readonly facts: Facts;
  readonly now: number;
  reasons: Reason[];
  answer: Reason | undefined;
}

export function openDraft(before: ServiceCase, facts: Facts, now: number): Draft {
  return { current: before, before, facts, now, reasons: [], answer: undefined };
}

/** Optional fields may be set to undefined here, which removes them: the stored item never holds an undefined. */
type Patch = { readonly [K in keyof ServiceCase]?: ServiceCase[K] | undefined };

export function set(draft: Draft, patch: Patch): void {
  draft.current = compact<ServiceCase>({ ...draft.current, ...patch });
}

export function setIncident(draft: Draft, patch: { readonly [K in keyof Incident]?: Incident[K] | undefined }): void {
  if (draft.current.incident === undefined) return;
  set(draft, { incident: compact<Incident>({ ...draft.current.incident, ...patch }) });
}

export function enter(draft: Draft, phase: Phase): void {
  set(draft, { phase: compact<Phase>(phase) });
}

function compact<T extends object>(value: object & { readonly [K in keyof T]?: T[K] | undefined }): T {
  const isWhole = Object.values(value).every((part) => part !== undefined);
  const kept = isWhole ? value : Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
  return kept as T;
}

/** Says what happened: it goes to the timeline, the log and the card in the same words. */
export function say(draft: Draft, code: ReasonCode, args: ReasonArgs = {}): void {
  sayReason(draft, reason(code, args));
}

export function sayReason(draft: Draft, said: Reason): void {
  const { current } = draft;
  const n = current.entryCount + 1;
  const entry = { n, at: draft.now, reason: said, ...(current.incident ? { incident: current.incident.id } : {}) };
  // The relay files entries within a second. When it cannot for long, the oldest that wait give way; the count shows the gap.
  set(draft, { entryCount: n, entries: [...current.entries, entry].slice(-entriesWaitingMax) });
  draft.reasons.push(said);
}

/** What the person who asked is told; the last word wins. */
export function answer(draft: Draft, code: ReasonCode, args: ReasonArgs = {}): void {
  draft.answer = reason(code, args);
}

export function owe(draft: Draft, owed: Owed): void {
  const key = owedKey(owed);
  if (draft.current.owes.some((o) => owedKey(o) === key)) return;
  set(draft, { owes: [...draft.current.owes, owed] });
}

export function dropOwed(draft: Draft, drop: (owed: Owed) => boolean): void {
  const owes = draft.current.owes.filter((owed) => !drop(owed));
  if (owes.length !== draft.current.owes.length) set(draft, { owes });
}

/** Asks for a fresh reading of evidence and answers its number. */
export function askEvidence(draft: Draft): number {
  const reading = draft.current.readingCount + 1;
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  set(draft, { readingCount: reading });
  owe(draft, { kind: "evidence", reading });
  return reading;
}
