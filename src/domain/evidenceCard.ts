/** "Show evidence": everything the case knows about why it thinks what it thinks, as a private answer. */
import type { CardModel } from "./cardModel.ts";
import type { ServiceCase } from "./serviceCase.ts";
import { utc } from "./text.ts";

const rowsMax = 30;

export function evidenceCard(current: ServiceCase, now: number): CardModel {
  const readings = current.incident?.readings ?? [];
  const rows = [
    ...current.bad.map((bad) => [bad.subject, "bad", bad.evidenceKind, `since ${utc(bad.since)}: ${bad.reason}`]),
    ...readings.map((reading) => [
      `${reading.kind} read`,
      reading.verdict,
      reading.kind,
      `${utc(reading.readAt)}: ${reading.detail}`,
    ]),
  ].slice(0, rowsMax);
  const changes = current.incident?.changes ?? [];
  return {
    key: `evidence/${current.service}`,
    version: current.cardVersion,
    tone: "quiet",
    title: `${current.service}: evidence`,
    summary:
      rows.length === 0
        ? ["Nothing is bad and nothing was read yet."]
        : ["Newest first; unknown alone never runs anything."],
    facts: changes.length > 0 ? [{ label: "Changed lately", value: [changes.join("\n")] }] : [],
    notes: [["As of ", { time: now, style: "time" }]],
    buttons: [],
    menu: [],
    ...(rows.length > 0 ? { table: { head: ["What", "Verdict", "Kind", "Detail"], rows } } : {}),
  };
}
