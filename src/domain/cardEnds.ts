/** How a card reads when an incident or an errand is over, however it ended. */
import { orderText } from "./cardOrder.ts";
import type { CardInput } from "./card.ts";
import type { CardFact } from "./cardFacts.ts";
import type { PhaseWords } from "./cardPhases.ts";
import { recoveryWords } from "./cardWords.ts";
import { sentence } from "./reasons.ts";
import type { Phase, ServiceCase } from "./serviceCase.ts";
import { capital, length, type Text } from "./text.ts";

type Resolved = Extract<Phase, { kind: "resolved" }>;

export function resolvedWords({ current, run, now }: CardInput, phase: Resolved): PhaseWords {
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
    case "done":
      return errandWords(current);
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

/** It brought nothing back, because nothing was down. */
function errandWords(current: ServiceCase): PhaseWords {
  const { lastRun, entries, service } = current;
  const name = lastRun ? recoveryWords(lastRun.recovery).name : "order";
  const entry = entries.findLast((e) => e.reason.code === "errand-done");
  return {
    tone: "good",
    title: `${service}: ${name} done`,
    summary: [entry ? `${capital(sentence(entry.reason))}.` : `${capital(name)} went to its end.`],
    facts: [],
    notes: [],
  };
}

function closedSummary(current: ServiceCase): Text {
  const entry = current.entries.findLast((e) => e.reason.code === "closed-by-person");
  return [entry ? `${capital(sentence(entry.reason))}.` : "Closed by a person."];
}
