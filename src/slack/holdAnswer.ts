/** The private answer to a hold: it stands already; here it can be made longer, given a reason, or ended. */
import type { Button } from "@slack/types";
import type { Hold, ServiceCase } from "../domain/serviceCase.ts";
import { actions, button } from "./blocks/parts.ts";
import { actionIdOf, pressValue } from "./blocks/press.ts";
import { holdChoices } from "./modals.ts";
import type { Answer } from "./whisper.ts";

/** `medic.hold_for.60`: minutes, or `morning`. */
export const holdForPrefix = "medic.hold_for.";
export const holdWhyActionId = "medic.hold_reason";

export function holdAnswer(current: ServiceCase, hold: Hold): Answer {
  const { service } = current;
  const value = (action: "hold" | "resume") => pressValue({ action, service, proposal: current.proposalCount });
  const longer = holdChoices
    .filter((choice) => choice.value !== "30")
    .map((choice): Button =>
      button({ actionId: `${holdForPrefix}${choice.value}`, label: choice.label, value: value("hold") }),
    );
  return {
    text: [
      { bold: `${service} is held until ` },
      { time: hold.until, style: "time" },
      hold.why ? ` (${hold.why})` : "",
      ". Nothing runs by itself before; then a fresh veto window opens. Longer?",
    ],
    more: [
      actions("longer", [
        ...longer,
        button({ actionId: holdWhyActionId, label: "With a reason…", value: value("hold") }),
        button({ actionId: actionIdOf("resume"), label: "Resume", value: value("resume") }),
      ]),
    ],
  };
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** How long the chosen hold lasts from now; undefined: not one of the choices. */
export function holdLength(choice: string, now: number, tzOffsetMs: number): number | undefined {
  if (choice === "morning") {
    const local = now + tzOffsetMs;
    const eight = Math.floor(local / day) * day + 8 * 60 * minute;
    return (eight > local ? eight : eight + day) - local;
  }
  const minutes = Number(choice);
  return holdChoices.some((each) => each.value === choice) && Number.isFinite(minutes) ? minutes * minute : undefined;
}
