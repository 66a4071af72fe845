/** How a card asks for a person: what the reason is, and what to do first. */
import type { CardInput } from "./card.ts";
import type { CardFact } from "./cardFacts.ts";
import type { PhaseWords } from "./cardPhases.ts";
import { sentence, type Reason } from "./reasons.ts";
import type { Phase, ServiceCase } from "./serviceCase.ts";
import { capital } from "./text.ts";

export function needsPersonWords({ current }: CardInput, phase: Extract<Phase, { kind: "needs-person" }>): PhaseWords {
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
      return "Other… lists what brings it back elsewhere (failover, re-provision); or launch a replacement by hand and give it the service's tag, or its id in medic.yaml. CloudTrail knows who it was.";
    case "run-refused":
      return "Mend what it says, then order it again with Other…, which shows first whether it could run; or order something else.";
    case "ladder-ended":
      return "Other… shows what else could run, and what it would cost; Close when it was mended by hand.";
    case "config-gone":
      return "Put it back into medic.yaml, or Close.";
    case "confirm-timed-out":
    case "blocked-evidence":
      return "Look at the evidence, then Approve by Other… or Close.";
    default:
      return `Look at ${current.placement.instanceId ?? current.service} in the console, then order a recovery with Other… or Close.`;
  }
}
