/** Title, summary and what is peculiar to each phase. The words never depend on an emoji or a colour. */
import type { Tone } from "./cardModel.ts";
import { personPiece, recoveryWords, symptomWords, whyProposed } from "./cardWords.ts";
import type { CardInput } from "./card.ts";
import type { CardFact } from "./cardFacts.ts";
import { isToldOnly } from "./proposalKinds.ts";
import { sentence, type Reason } from "./reasons.ts";
import type { Order, Phase, ServiceCase } from "./serviceCase.ts";
import { length, type Piece, type Text } from "./text.ts";

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
  return `${current.service} ${symptomWords[current.incident?.symptom ?? "down"]}`;
}

function proposingWords({ current, now }: CardInput, phase: In<"proposing">): PhaseWords {
  const { proposal } = phase;
  if (isToldOnly(proposal)) return toldOnlyWords(current);
  const symptom = current.incident?.symptom ?? "down";
  const { name } = recoveryWords(proposal.recovery, symptom);
  const held = current.hold !== undefined && current.hold.until > now;
  const head = proposal.mode === "observe" ? `Would propose: ${name}` : `Proposed: ${name}`;
  const why = proposal.orderedBy
    ? [" ordered by ", personPiece(proposal.orderedBy), proposal.why ? `: ${proposal.why}` : ""]
    : [`. ${whyProposed(proposal.recovery, symptom)}`];
  const tried = current.lastRun !== undefined && (current.incident?.highestActed ?? -1) >= 0;
  const before = tried
    ? ` ${capital(recoveryWords(current.lastRun.recovery).name)} was tried before and did not last.`
    : "";
  return {
    tone: "bad",
    title: held ? `${brokenTitle(current)} (held)` : brokenTitle(current),
    summary: [{ bold: head }, ...why, before],
    ...none,
  };
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
  const { name } = recoveryWords(phase.order.recovery, current.incident?.symptom);
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
  const { name } = recoveryWords(phase.order.recovery, current.incident?.symptom);
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
  const { name } = recoveryWords(phase.order.recovery, current.incident?.symptom);
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

function resolvedWords({ current, run, now }: CardInput, phase: In<"resolved">): PhaseWords {
  const { incident, lastRun } = current;
  const tookMs = incident === undefined ? 0 : phase.at - incident.openedAt;
  const took: CardFact = {
    label: "Time to recovery",
    value: [length(tookMs), ", at ", { time: phase.at, style: "time" }],
  };
  const window: Text = [
    "A failure before ",
    { time: phase.windowUntil, style: "time" },
    " reopens this incident one rung up",
  ];
  const notes = now < phase.windowUntil && phase.how === "recovered" && !incident?.ack ? [window] : [];
  const order = run?.order;
  switch (phase.how) {
    case "recovered": {
      const name = lastRun ? recoveryWords(lastRun.recovery, incident?.symptom).name : "recovery";
      const by: Text = order ? orderText(order) : lastRun?.automatic ? [" by itself"] : [];
      return {
        tone: "good",
        title: `${current.service} is back after ${length(tookMs)}`,
        summary: [{ bold: capital(name) }, ...by, ". It answers, and all alarms say so."],
        facts: [took],
        notes,
      };
    }
    case "cleared": {
      const summary =
        lastRun?.acted === true && incident && lastRun.endedAt >= incident.openedAt
          ? "It went well again without a further run."
          : "It cleared by itself; nothing was run.";
      return {
        tone: "good",
        title: `${current.service} is well again after ${length(tookMs)}`,
        summary: [summary],
        facts: [took],
        notes,
      };
    }
    case "closed":
      return {
        tone: "quiet",
        title: `${current.service}: incident closed`,
        summary: closedSummary(current),
        facts: [took],
        notes: [],
      };
  }
}

function closedSummary(current: ServiceCase): Text {
  const entry = current.entries.findLast((e) => e.reason.code === "closed-by-person");
  return [entry ? `${capital(sentence(entry.reason))}.` : "Closed by a person."];
}

function needsPersonWords({ current }: CardInput, phase: In<"needs-person">): PhaseWords {
  const since: CardFact = {
    label: "Waiting since",
    value: [{ time: phase.since, style: "ago" }],
  };
  return {
    tone: "person",
    title: `${current.service} needs a person`,
    summary: [{ bold: `${capital(sentence(phase.reason))}.` }, ` ${nextStep(phase.reason, current)}`],
    facts: [since],
    notes: [["Nothing runs by itself until somebody decides"]],
  };
}

/** What the person who takes it does first. */
function nextStep(reason: Reason, current: ServiceCase): string {
  const next = reason.args["next"];
  if (typeof next === "string" && next !== "") return next;
  switch (reason.code) {
    case "refused":
      return "It is not proposed again in this window; Other… orders something else.";
    case "run-stopped":
      return "Finish by hand what is left, or order a recovery with Other….";
    case "instance-terminated":
      return "Launch a replacement by hand (this version does not re-provision) and give it the service's tag, or its id in medic.yaml. CloudTrail knows who it was.";
    case "config-gone":
      return "Put it back into medic.yaml, or Close.";
    case "confirm-timed-out":
    case "blocked-evidence":
      return "Look at the evidence, then Approve by Other… or Close.";
    default:
      return `Look at ${current.placement.instanceId ?? current.service} in the console, then order a recovery with Other… or Close.`;
  }
}

/** What an order says when nobody gave a reason: the words around it say it already. */
const noReasons: ReadonlySet<string> = new Set(["", "approved on the card"]);

/** " by itself: nobody …", " approved by X, Y" or " ordered by X: why". */
export function orderText(order: Order): Piece[] {
  if (order.by.kind === "rule") return [` ${ruleWords(order.by.rule)}`];
  const gaveReason = !noReasons.has(order.why);
  const why = gaveReason ? [`: ${order.why}`] : [];
  const others = order.approvals.filter(
    (approval) => approval.by.id !== (order.by.kind === "person" ? order.by.person.id : ""),
  );
  const also = others.flatMap((approval): Piece[] => [", ", personPiece(approval.by)]);
  return [gaveReason ? " ordered by " : " approved by ", personPiece(order.by.person), ...also, ...why];
}

function ruleWords(rule: string): string {
  return rule === "veto-ended" || rule === "veto" ? "by itself: nobody objected in time" : `by the rule “${rule}”`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
