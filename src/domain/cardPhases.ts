/** Title, summary and what is peculiar to each phase. The words never depend on an emoji or a colour. */
import type { Tone } from "./cardModel.ts";
import { personPiece, recoveryWords, symptomWords, whyProposed } from "./cardWords.ts";
import type { CardInput } from "./card.ts";
import { resolvedWords } from "./cardEnds.ts";
import type { CardFact } from "./cardFacts.ts";
import { needsPersonWords } from "./cardNeeds.ts";
import { orderText } from "./cardOrder.ts";
import { orderName } from "./orderWords.ts";
import { isToldOnly } from "./proposalKinds.ts";
import { sentence } from "./reasons.ts";
import type { Phase, ServiceCase } from "./serviceCase.ts";
import { capital, type Text } from "./text.ts";

export interface PhaseWords {
  readonly tone: Tone;
  readonly title: string;
  readonly summary: Text;
  readonly facts: readonly CardFact[];
  readonly notes: readonly Text[];
}

type In<Kind extends Phase["kind"]> = Extract<Phase, { kind: Kind }>;

const none = { facts: [], notes: [] } as const;

export function phaseWords(input: CardInput): PhaseWords {
  const { current } = input;
  const { phase } = current;
  switch (phase.kind) {
    case "idle":
      return restWords(input);
    case "proposing":
      return proposingWords(input, phase);
    case "confirming":
      return confirmingWords(current, phase);
    case "recovering":
      return recoveringWords(input, phase);
    case "verifying":
      return verifyingWords(current, phase);
    case "resolved":
      return resolvedWords(input, phase);
    case "needs-person":
      return needsPersonWords(input, phase);
  }
}

function brokenTitle(current: ServiceCase): string {
  const { incident, service, bad } = current;
  // Ordered while nothing is bad: there is no symptom to name.
  if (incident?.orderedWhileHealthy && bad.length === 0) return `${service}: an order waits for approval`;
  return `${service} ${symptomWords[incident?.symptom ?? "down"]}`;
}

function proposingWords({ current, now }: CardInput, phase: In<"proposing">): PhaseWords {
  const { proposal } = phase;
  if (isToldOnly(proposal)) return toldOnlyWords(current);
  const symptom = current.incident?.symptom ?? "down";
  const name = orderName(proposal, symptom);
  const held = current.hold !== undefined && current.hold.until > now;
  const head = proposal.mode === "observe" ? `Would propose: ${name}` : `Proposed: ${name}`;
  const why = proposal.orderedBy
    ? [" ordered by ", personPiece(proposal.orderedBy), proposal.why ? `: ${proposal.why}` : ""]
    : [`. ${whyProposed(proposal.recovery, symptom)}`];
  const before = triedBefore(current);
  return {
    tone: current.incident?.orderedWhileHealthy && current.bad.length === 0 ? "working" : "bad",
    title: held ? `${brokenTitle(current)} (held)` : brokenTitle(current),
    summary: [{ bold: head }, ...why, before],
    ...none,
  };
}

/** Why it has come to this rung. */
function triedBefore({ incident, lastRun }: ServiceCase): string {
  if (incident?.tried) return ` ${capital(sentence(incident.tried))}.`;
  if (lastRun === undefined || (incident?.highestActed ?? -1) < 0) return "";
  return ` ${capital(recoveryWords(lastRun.recovery).name)} was tried before and did not last.`;
}

/** A symptom without a ladder: told, and nothing more. */
function toldOnlyWords(current: ServiceCase): PhaseWords {
  const { incident } = current;
  return {
    tone: "bad",
    title: brokenTitle(current),
    summary: [
      { bold: "Told only" },
      `: there is no ladder for symptom ${incident?.symptom ?? "warning"}, so nothing is proposed.`,
    ],
    ...none,
  };
}

/** The window is over or somebody acknowledged: the outcome stays, what could still happen goes. */
function restWords(input: CardInput): PhaseWords {
  const { current, resolved } = input;
  if (current.incident === undefined) {
    return { tone: "good", title: `${current.service} is well`, summary: ["Nothing is wrong."], ...none };
  }
  const over: Text = ["Over; the next failure starts at the first rung"];
  if (resolved !== undefined) {
    const ended = resolvedWords(input, { kind: "resolved", windowUntil: 0, ...resolved });
    return { ...ended, notes: [over] };
  }
  const { incident, lastRun } = current;
  const ran = lastRun !== undefined && lastRun.endedAt >= incident.openedAt;
  return {
    tone: "good",
    title: `${current.service} is well again`,
    summary: [ran ? `After ${recoveryWords(lastRun.recovery, incident.symptom).name}.` : "Nothing was run."],
    facts: ran ? [{ label: "Run ended", value: [{ time: lastRun.endedAt, style: "date-time" }] }] : [],
    notes: [over],
  };
}

function confirmingWords(current: ServiceCase, phase: In<"confirming">): PhaseWords {
  const name = orderName(phase.order, current.incident?.symptom);
  return {
    tone: "working",
    title: `${current.service}: one more look before the ${name}`,
    summary: [
      { bold: capital(name) },
      ...orderText(phase.order),
      ". It starts as soon as fresh reads still say that it is bad.",
    ],
    facts: [],
    notes: [["If they are not in by ", { time: phase.deadline, style: "time" }, ", a person is asked"]],
  };
}

function recoveringWords({ current, run }: CardInput, phase: In<"recovering">): PhaseWords {
  const name = orderName(phase.order, current.incident?.symptom);
  const notes: Text[] = [
    ["Started ", { time: phase.since, style: "time" }, " · gives up ", { time: phase.deadline, style: "time" }],
  ];
  if (phase.stopAsked) {
    notes.unshift([personPiece(phase.stopAsked.by), { bold: " asked to stop" }, ": it ends at its next safe point"]);
  }
  const step: Text = run === undefined && phase.step ? [` Now: ${phase.step}.`] : [];
  return {
    tone: "working",
    title: `${current.service}: ${name} under way`,
    summary: [{ bold: capital(name) }, ...orderText(phase.order), ".", ...step],
    facts: [],
    notes,
  };
}

function verifyingWords(current: ServiceCase, phase: In<"verifying">): PhaseWords {
  const name = orderName(phase.order, current.incident?.symptom);
  // No count and no time of polls: they would change every few seconds, and nobody decides anything by them.
  const waiting: Text = phase.waitingForAlarm
    ? ["The service answers; waiting for ", { bold: phase.waitingForAlarm }, " to say so."]
    : ["Now it must answer without a break for two minutes."];
  return {
    tone: "working",
    title: `${current.service}: ${name} done, proving that it lasts`,
    summary: [...waiting, " ", { bold: capital(name) }, ...orderText(phase.order), "."],
    facts: [],
    notes: [
      ["Must be well by ", { time: phase.deadline, style: "time" }, ", else it goes up the ladder or asks a person"],
    ],
  };
}
