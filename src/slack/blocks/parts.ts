/** The small builders: one block or element each, cut to Slack's limits. */
import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  HeaderBlock,
  MrkdwnElement,
  Overflow,
  PlainTextElement,
  SectionBlock,
} from "@slack/types";
import type { Text } from "../../domain/text.ts";
import { blockLimits as limits, cut, cutMarkup } from "./limits.ts";
import { mrkdwn } from "./mrkdwn.ts";

export function plainText(text: string, chars: number): PlainTextElement {
  return { type: "plain_text", text: cut(text === "" ? " " : text, chars), emoji: true };
}

export function mrkdwnText(text: Text, chars: number): MrkdwnElement {
  return { type: "mrkdwn", text: cutMarkup(mrkdwn(text), chars) };
}

export function header(id: string, text: string): HeaderBlock {
  return { type: "header", block_id: id, text: plainText(text, limits.header) };
}

export function section(id: string, text: Text, accessory?: Overflow | Button): SectionBlock {
  const block: SectionBlock = { type: "section", block_id: id, text: mrkdwnText(text, limits.sectionText) };
  return accessory === undefined ? block : { ...block, accessory };
}

export function fields(id: string, all: readonly { readonly label: string; readonly value: Text }[]): SectionBlock {
  return {
    type: "section",
    block_id: id,
    fields: all
      .slice(0, limits.fields)
      .map(({ label, value }) => mrkdwnText([{ bold: label }, "\n", ...value], limits.fieldText)),
  };
}

export function context(id: string, notes: readonly Text[]): ContextBlock {
  return {
    type: "context",
    block_id: id,
    elements: notes.slice(0, limits.contextElements).map((note) => mrkdwnText(note, limits.contextText)),
  };
}

export function actions(id: string, elements: readonly Button[]): ActionsBlock {
  return { type: "actions", block_id: id, elements: elements.slice(0, limits.buttons) };
}

export interface ButtonParts {
  readonly actionId: string;
  readonly label: string;
  readonly value: string;
  readonly spoken?: string | undefined;
  readonly style?: "primary" | "danger" | undefined;
  readonly confirm?: ConfirmationDialog | undefined;
}

export function button(parts: ButtonParts): Button {
  return {
    type: "button",
    action_id: parts.actionId,
    text: plainText(parts.label, limits.buttonText),
    value: cut(parts.value, limits.buttonValue),
    ...(parts.spoken === undefined ? {} : { accessibility_label: cut(parts.spoken, limits.spoken) }),
    ...(parts.style === undefined ? {} : { style: parts.style }),
    ...(parts.confirm === undefined ? {} : { confirm: parts.confirm }),
  };
}

export function confirmDialog(dialog: {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
}): ConfirmationDialog {
  return {
    title: plainText(dialog.title, limits.confirmTitle),
    text: plainText(dialog.text, limits.confirmText),
    confirm: plainText(dialog.yes, limits.confirmButton),
    deny: plainText(dialog.no, limits.confirmButton),
  };
}
