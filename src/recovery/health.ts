/** What a plan reads out of fresh evidence: is the service well, and which kinds say that it is not? */
import { kindsThatSay, type Evidence } from "../domain/evidence.ts";
import type { EvidenceKind } from "../domain/words.ts";

/** The alarms that were bad when the run was ordered, with the kind of evidence that each of them is. */
export type AlarmKinds = Readonly<Record<string, EvidenceKind>>;

/**
 * Well = at least one observer of the placement says good and none says bad. Alarms are left out on purpose: they lag by
 * period × evaluations, and waiting for them is the verification's work, which knows how long each may take.
 */
export function isWell(evidence: Evidence): boolean {
  return kindsThatSay(evidence, "bad").length === 0 && kindsThatSay(evidence, "good").length > 0;
}

/** Kinds that say bad, from reads newer than `newerThan` and from alarms that are still in ALARM when read again. */
export function badKinds(evidence: Evidence, alarms: AlarmKinds, newerThan: number): EvidenceKind[] {
  const inAlarm = evidence.alarms.filter((a) => a.state === "ALARM").flatMap((a) => alarms[a.subject] ?? []);
  return [...new Set([...kindsThatSay(evidence, "bad", newerThan), ...inAlarm])];
}

/** For the journal and the card: every reading in its own words. */
export function inWords(evidence: Evidence): string {
  const said = evidence.readings.map((r) => `${r.kind} ${r.verdict} (${r.detail})`);
  return said.length === 0 ? "nothing could be read" : said.join("; ");
}
