/** A card as plain lines, for snapshots that a person reviews. */
import type { CardModel } from "../../src/domain/cardModel.ts";
import { plain } from "../../src/domain/text.ts";

export function asText(card: CardModel): string {
  return [
    `[${card.tone}] ${card.title}`,
    plain(card.summary),
    ...card.facts.map(({ label, value }) => `  ${label}: ${plain(value)}`),
    ...(card.chart ? [`  (chart: ${card.chart.title})`] : []),
    ...(card.steps
      ? [`  ${card.steps.title}`, ...card.steps.lines.map((l) => `   - ${l.status}: ${l.title} · ${l.detail ?? ""}`)]
      : []),
    ...card.notes.map((note) => `  > ${plain(note)}`),
    `  buttons: ${card.buttons.map((b) => `${b.label}${b.confirm ? " (asks)" : ""}`).join(" | ")}`,
    `  menu: ${card.menu.map((m) => m.label).join(" | ")}`,
  ].join("\n");
}
