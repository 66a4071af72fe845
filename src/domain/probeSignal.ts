/**
 * A probe that nobody watches all the time is read with the evidence only. What it said last stands among the bad signals like
 * any other, so that "healthy" has one meaning; and while it is the last thing that is bad, it is read again and again.
 */
import type { Draft } from "./draft.ts";
import type { Evidence } from "./evidence.ts";
import type { BadSignal } from "./serviceCase.ts";

const subject = "probe";

/** The watch has its own patience (several bad answers in a row), so a watched probe is its business alone. */
function isReadOnly({ facts }: Draft): boolean {
  return facts.service?.probe !== undefined && !facts.service.watchProbe;
}

/** What this reading says about the probe: bad to be noted, or true when its signal is over. */
export function probeFromEvidence(draft: Draft, evidence: Evidence): { bad?: BadSignal; over?: boolean } {
  const { bad, phase } = draft.current;
  const reading = evidence.readings.find((r) => r.kind === "probe");
  if (!isReadOnly(draft) || reading === undefined) return {};
  const known = bad.some((b) => b.subject === subject);
  if (reading.verdict === "good") return known ? { over: true } : {};
  // At rest nothing opens from a reading; during a run the service is away because of us.
  const counts = phase.kind !== "idle" && phase.kind !== "resolved" && phase.kind !== "recovering";
  if (reading.verdict !== "bad" || known || !counts) return {};
  const { detail, readAt } = reading;
  return { bad: { subject, symptom: "down", evidenceKind: "probe", since: readAt, reason: detail } };
}

/** Only the probe is still bad and nobody watches it. */
export function onlyProbeLeft(draft: Draft): boolean {
  const { bad } = draft.current;
  return isReadOnly(draft) && bad.length === 1 && bad[0]?.subject === subject;
}

/** When it is read next: [] when nothing but time would bring the news anyway. */
export function probeReadAt(draft: Draft): number[] {
  if (!onlyProbeLeft(draft)) return [];
  const readAt = Math.max(0, ...(draft.current.incident?.readings ?? []).map((r) => r.readAt));
  const at = readAt + draft.facts.timing.probeMs;
  const asked = draft.current.owes.some((owed) => owed.kind === "evidence");
  return asked ? [] : [at];
}
