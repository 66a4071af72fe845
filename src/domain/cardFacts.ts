/** The facts of a card: what is bad, where, and what was read about it. */
import type { CardModel } from "./cardModel.ts";
import type { Dossier } from "./dossier.ts";
import type { ServiceDefinition } from "./service.ts";
import type { ServiceCase } from "./serviceCase.ts";
import type { Piece } from "./text.ts";

export type CardFact = CardModel["facts"][number];

/** Bad signals that are named; the rest is counted, so that the card stays readable on a phone. */
const namedSignalsMax = 3;

export function badFacts(current: ServiceCase): CardFact[] {
  if (current.bad.length === 0) return [];
  const named = current.bad.slice(0, namedSignalsMax);
  const value: Piece[] = named.flatMap((bad, index): Piece[] => [
    ...(index > 0 ? ["\n"] : []),
    `${bad.subject}: ${shortReason(bad.reason)}`,
  ]);
  const rest = current.bad.length - named.length;
  if (rest > 0) value.push(`\nand ${rest} more`);
  const since = Math.min(...current.bad.map((bad) => bad.since));
  return [
    { label: "What is bad", value },
    { label: "Failing since", value: [{ time: since, style: "ago" }] },
  ];
}

/**
 * CloudWatch lists every datapoint with its time, which fills a phone's screen; how many and which threshold is what is read. The
 * whole sentence stands in the alarm and in the record.
 */
export function shortReason(reason: string): string {
  return reason
    .replace(/^Threshold Crossed: /, "")
    .replace(/ ?\[[^\]]*\]/, "")
    .replace(/ \(minimum [^)]*\)\.?$/, "");
}

export function placeFacts(
  current: ServiceCase,
  service: ServiceDefinition | undefined,
  dossier?: Dossier,
): CardFact[] {
  const { placement } = current;
  const where: Piece[] = [];
  if (placement.instanceId) where.push({ code: placement.instanceId });
  else if (placement.asgName) where.push("group ", { code: placement.asgName });
  else where.push("not seen yet");
  const seen = dossier?.instance;
  const rest = seen ? [seen.type, seen.availabilityZone, seen.state] : [placement.region];
  where.push(` · ${rest.join(" · ")}`);
  if (service?.owner) where.push(` · ${service.owner}`);
  return [{ label: "Instance", value: where }];
}

/** Fresh evidence, one line a kind. */
export function evidenceFacts(current: ServiceCase): CardFact[] {
  const readings = current.incident?.readings ?? [];
  const facts: CardFact[] = [];
  if (readings.length > 0) {
    const value = readings.flatMap((reading, index): Piece[] => [
      ...(index > 0 ? ["\n"] : []),
      { bold: `${reading.kind} ${reading.verdict}` },
      `: ${reading.detail} (`,
      { time: reading.readAt, style: "time" },
      ")",
    ]);
    facts.push({ label: "Evidence", value });
  }
  const changes = current.incident?.changes ?? [];
  if (changes.length > 0) facts.push({ label: "Changed lately", value: [changes.slice(0, 3).join("\n")] });
  return facts;
}
