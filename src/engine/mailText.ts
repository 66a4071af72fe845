/** Mails say what the card says, in the same words, without markup. */
import { cardOf, type CardInput } from "../domain/card.ts";
import { plain } from "../domain/text.ts";
import type { Owed } from "../domain/serviceCase.ts";

type About = Extract<Owed, { kind: "mail" }>["about"];

const subjects: Readonly<Record<About, string>> = {
  opening: "bad",
  "before-run": "about to act",
  outcome: "outcome",
  escalation: "nobody has reacted",
  "original-returned": "the original came back",
};

/** Its card, if there is one, speaks of the incident that made the service leave it. */
function returnedTitle({ current }: CardInput): string {
  const back = current.former.findLast((each) => each.returned !== undefined);
  return `${current.service}: its old machine ${back?.instanceId ?? ""} runs again`;
}

/** SNS refuses subjects over 100 characters and line breaks in them. */
const subjectCharsMax = 100;

export function mailText(about: About, input: CardInput): { readonly subject: string; readonly body: string } {
  const card = cardOf(input);
  const title = about === "original-returned" ? returnedTitle(input) : card.title;
  const subject = `[${subjects[about]}] ${title}`.replaceAll(/\s+/g, " ").slice(0, subjectCharsMax);
  const lines = [
    title,
    ...(title === card.title ? [] : ["It stays out of service until a person decides.", "", card.title]),
    plain(card.summary),
    "",
    ...card.facts.map((fact) => `${fact.label}: ${plain(fact.value)}`),
    ...(card.steps
      ? ["", card.steps.title, ...card.steps.lines.map((line) => `- ${line.title}: ${line.detail ?? line.status}`)]
      : []),
    "",
    ...card.notes.map(plain),
  ];
  return { subject, body: lines.join("\n") };
}
