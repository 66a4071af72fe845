/** A card as a Slack message. The order of parts is the same in every state, so that the eye finds them half asleep. */
import type { KnownBlock, Overflow } from "@slack/types";
import type { CardButton, CardModel, MenuItem, Tone } from "../../domain/cardModel.ts";
import { plain, type Piece, type Text } from "../../domain/text.ts";
import { chartBlock, chartLine, type DataVisualizationBlock } from "./chart.ts";
import { withinBudget } from "./budget.ts";
import { blockLimits as limits, cut } from "./limits.ts";
import { escape } from "./mrkdwn.ts";
import { actions, button, confirmDialog, context, fields, header, plainText, section } from "./parts.ts";
import { planBlock, stepList } from "./plan.ts";
import { actionIdOf, menuActionId, pressValue } from "./press.ts";
import { tableBlock, tableLines } from "./table.ts";

export type MedicBlock = KnownBlock | DataVisualizationBlock;

/** Newer blocks that a workspace may not have yet; each has a plain form. */
export const richBlocks = ["plan", "chart", "table"] as const;
export type RichBlock = (typeof richBlocks)[number];

/** Which newer blocks this workspace has refused so far. */
export type Refused = ReadonlySet<RichBlock>;

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly MedicBlock[];
  readonly metadata: {
    readonly event_type: "ec2_medic_card";
    readonly event_payload: { readonly key: string; readonly version: number };
  };
}

const emoji: Readonly<Record<Tone, string>> = {
  bad: ":rotating_light:",
  working: ":large_orange_circle:",
  good: ":large_green_circle:",
  person: ":raised_hand:",
  quiet: ":white_circle:",
};

const spoken: Readonly<Record<Tone, string>> = {
  bad: "BROKEN",
  working: "WORKING",
  good: "WELL",
  person: "NEEDS A PERSON",
  quiet: "NOTE",
};

export function cardMessage(card: CardModel, refused: Refused = new Set()): SlackMessage {
  return {
    text: notificationOf(card),
    blocks: cardBlocks(card, refused),
    metadata: { event_type: "ec2_medic_card", event_payload: { key: card.key, version: card.version } },
  };
}

/** Phones show this and nothing else: subject first, then what is going on, then when it runs. */
function notificationOf(card: CardModel): string {
  const first = card.notes[0];
  const when = card.buttons.length > 0 && first !== undefined ? ` ${plain(first)}` : "";
  // "NEEDS A PERSON · shop-web needs a person" would spend a phone's only line on saying it twice.
  const isSaid = card.title.toUpperCase().includes(spoken[card.tone]);
  const tone = isSaid ? "" : `${spoken[card.tone]} · `;
  return cut(
    escape(`${tone}${card.title}${/[.?!…]$/.test(card.title) ? "" : "."} ${plain(card.summary)}${when}`),
    limits.text,
  );
}

/** Which newer blocks the card would use: what to give up when Slack refuses it. */
export function richBlocksOf(card: CardModel): RichBlock[] {
  const used: RichBlock[] = [];
  if (card.steps) used.push("plan");
  if (card.chart && card.chart.points.length > 0) used.push("chart");
  if (card.table) used.push("table");
  return used;
}

export function cardBlocks(card: CardModel, refused: Refused = new Set()): MedicBlock[] {
  const id = (part: string) => `${cut(card.key, limits.blockId / 2)}:v${card.version}:${part}`;
  const blocks: MedicBlock[] = [header(id("header"), `${emoji[card.tone]} ${card.title}`)];
  const menu = menuOf(card);
  blocks.push(section(id("summary"), card.summary.length > 0 ? card.summary : [" "], menu));
  blocks.push(...factBlocks(card.facts, id));
  if (card.steps) {
    blocks.push(refused.has("plan") ? stepList(id("plan"), card.steps) : planBlock(id("plan"), card.steps));
  }
  if (card.table) {
    blocks.push(refused.has("table") ? tableLines(id("table"), card.table) : tableBlock(id("table"), card.table));
  }
  if (card.notes.length > 0) blocks.push(context(id("notes"), card.notes));
  if (card.buttons.length > 0)
    blocks.push(
      actions(
        id("actions"),
        card.buttons.map((each) => cardButton(card, each)),
      ),
    );
  // Below the buttons: on a phone it would push them out of sight, and it is looked at after the first decision.
  if (card.chart && card.chart.points.length > 0) {
    blocks.push(refused.has("chart") ? chartLine(id("chart"), card.chart) : chartBlock(id("chart"), card.chart));
  }
  return withinBudget(blocks);
}

/** Characters that fit one line of half a message's width. */
const halfWidthChars = 40;

/** Two columns for what is short; a line of its own for what is not, else a card fills the whole screen. */
function factBlocks(facts: CardModel["facts"], id: (part: string) => string): MedicBlock[] {
  const isShort = (value: Text) => plain(value).length <= halfWidthChars && !plain(value).includes("\n");
  const short = facts.filter(({ value }) => isShort(value));
  const long = facts.filter(({ value }) => !isShort(value));
  const lines = long.flatMap(({ label, value }, index): Piece[] => [
    ...(index > 0 ? ["\n"] : []),
    { bold: `${label}:` },
    plain(value).includes("\n") ? "\n" : " ",
    ...value,
  ]);
  return [
    ...(long.length > 0 ? [section(id("facts"), lines)] : []),
    ...(short.length > 0 ? [fields(id("fields"), short)] : []),
  ];
}

function cardButton(card: CardModel, each: CardButton) {
  return button({
    actionId: actionIdOf(each.action),
    label: each.label,
    value: pressValue({ ...pressedOn(card), action: each.action }),
    spoken: each.spoken,
    style: each.style,
    confirm: each.confirm === undefined ? undefined : confirmDialog(each.confirm),
  });
}

function pressedOn(card: CardModel) {
  return card.service === undefined ? { key: card.key } : { service: card.service, proposal: card.proposal ?? 0 };
}

function menuOf(card: CardModel): Overflow | undefined {
  if (card.menu.length === 0) return undefined;
  return {
    type: "overflow",
    action_id: menuActionId,
    options: card.menu.slice(0, limits.overflowOptions).map((item, index) => menuOption(card, item, index)),
  };
}

function menuOption(card: CardModel, item: MenuItem, index: number) {
  const text = plainText(item.label, limits.optionText);
  // A link is opened by Slack itself; its press still arrives and must be taken quietly.
  if ("link" in item) return { text, value: `link|${index}`, url: cut(item.link, limits.url) };
  return { text, value: cut(pressValue({ ...pressedOn(card), action: item.action }), limits.optionValue) };
}
