/** What an order would do, for the person who asked, and the line that lets it go. */
import { cannotRun, consequenceFacts } from "../src/domain/cardCosts.ts";
import type { CardModel } from "../src/domain/cardModel.ts";
import type { Asker } from "../src/domain/event.ts";
import { optionsOf, optionWords } from "../src/domain/orderWords.ts";
import type { Preview } from "../src/domain/preview.ts";
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import type { Piece, Text } from "../src/domain/text.ts";
import type { Wanted } from "./orderVerb.ts";

export interface PreviewCardInput {
  readonly current: ServiceCase;
  readonly preview: Preview;
  readonly wanted: Wanted;
  readonly title: string;
  readonly asker: Asker;
}

export function previewCard({ current, preview, wanted, title, asker }: PreviewCardInput): CardModel {
  const refused = cannotRun(preview);
  const { recovery } = wanted;
  const steps = preview.steps.flatMap((step, i): Piece[] => [...(i > 0 ? ["\n"] : []), `${i + 1}. ${step}`]);
  return {
    key: `preview/${current.service}/${recovery}`,
    version: 1,
    tone: refused ? "person" : "quiet",
    title: refused ? `${title} cannot run now` : title,
    summary: [
      "Nothing was ordered. ",
      ...(refused ? ["This is what stands in its way."] : ["This is what it would do."]),
    ],
    facts: [
      ...consequenceFacts({ current, recovery, preview, options: wanted.options }),
      ...(refused || steps.length === 0 ? [] : [{ label: "Steps", value: steps }]),
    ],
    notes: [
      ...goNotes(current, wanted, asker, refused !== undefined),
      ["As of ", { time: preview.readAt, style: "time" }],
    ],
    buttons: [],
    menu: [],
  };
}

function goNotes({ phase, service }: ServiceCase, wanted: Wanted, asker: Asker, isRefused: boolean): Text[] {
  const { recovery, options, amount, line } = wanted;
  const notes: Text[] = [];
  if (!asker.allowed)
    notes.push([{ bold: "You may look" }, `: ordering it is refused (${asker.refusal ?? "you are no approver"})`]);
  else if (recovery === "raise-max" && amount === undefined)
    notes.push([{ bold: "To go: " }, { code: `${line} MAXIMUM go` }, " with the new maximum"]);
  else if (!isRefused) notes.push([{ bold: "To go: " }, { code: `${line} go` }, " and a reason if you like"]);
  for (const option of optionsOf(recovery).filter((each) => !options.includes(each))) {
    const { label, danger } = optionWords[option];
    notes.push([`${label}: `, { code: `${line} ${option}` }, `. ${danger}`]);
  }
  if (phase.kind === "proposing" && phase.proposal.recovery === recovery && phase.proposal.mode !== "observe") {
    notes.push([
      "It is what the card proposes: Approve there, or ",
      { code: `/medic approve ${service}` },
      ", is the same",
    ]);
  }
  return notes;
}
