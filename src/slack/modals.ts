/** The windows and their frame: a hold with its length and reason, closing with a reason, naming the service of an alarm. */
import type { InputBlock, ModalView } from "@slack/types";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Text } from "../domain/text.ts";
import { blockLimits as limits, cut } from "./blocks/limits.ts";
import { context, plainText, section } from "./blocks/parts.ts";
import { writeContext, type ViewContext } from "./press.ts";

export const modalIds = {
  other: "medic.other",
  holdWhy: "medic.hold_why",
  close: "medic.close_why",
  assign: "medic.assign_to",
} as const;

/** Another choice in Other…: what it would do is read anew. */
export const pickActionId = "medic.pick";
export const optionsActionId = "medic.options";
/** Block ids of inputs: what the submission is read by. */
export const inputs = {
  pick: "pick",
  options: "options",
  typed: "typed",
  amount: "amount",
  why: "why",
  length: "length",
  service: "service",
} as const;

export const nothing = "nothing";

export interface Frame {
  readonly title: string;
  readonly submit?: string | undefined;
  readonly callbackId: string;
  readonly context: ViewContext;
  readonly blocks: ModalView["blocks"];
}

export function modal(frame: Frame): ModalView {
  return {
    type: "modal",
    callback_id: frame.callbackId,
    private_metadata: cut(writeContext(frame.context), limits.privateMetadata),
    title: plainText(frame.title, limits.modalTitle),
    close: plainText("Cancel", limits.modalButton),
    ...(frame.submit === undefined ? {} : { submit: plainText(frame.submit, limits.modalButton) }),
    blocks: frame.blocks,
  };
}

/** Opened at once: Slack takes a trigger for three seconds only, and reading the case may take longer. */
export function loadingModal(callbackId: string, from: ViewContext, title: string): ModalView {
  return modal({ title, callbackId, context: from, blocks: [section("loading", ["Reading…"])] });
}

export function messageModal(callbackId: string, from: ViewContext, said: { title: string; text: Text }): ModalView {
  return modal({ title: said.title, callbackId, context: from, blocks: [section("message", said.text)] });
}

export function whyBlock(optional: boolean): InputBlock {
  return {
    type: "input",
    block_id: inputs.why,
    optional,
    label: plainText("Reason (stands on the card and in the record)", 2_000),
    element: { type: "plain_text_input", action_id: "v", multiline: true, max_length: 300 },
  };
}

export function closeModal(current: ServiceCase, from: ViewContext): ModalView {
  const debts = current.debts.map((debt): Text => [{ bold: "Owed back" }, `: ${debt.what}`]);
  return modal({
    title: "Close the incident",
    submit: "Close it",
    callbackId: modalIds.close,
    context: from,
    blocks: [
      section("now", [
        { bold: current.service },
        current.bad.length > 0 ? ` is still bad (${current.bad.length} signal(s)). ` : " is not bad any more. ",
        "Closing says that a person has dealt with it; the next failure opens a new incident.",
      ]),
      ...(debts.length > 0 ? [context("debts", debts)] : []),
      whyBlock(false),
    ],
  });
}

/** Lengths of a hold as minutes; `morning` is until 08:00 where the person is. */
export const holdChoices = [
  { value: "30", label: "30 min" },
  { value: "60", label: "1 h" },
  { value: "240", label: "4 h" },
  { value: "morning", label: "Until 08:00" },
] as const;

export function holdModal(service: string, from: ViewContext): ModalView {
  const options = holdChoices.map(({ value, label }) => ({ text: plainText(label, limits.optionText), value }));
  const [first] = options;
  return modal({
    title: "Hold",
    submit: "Hold",
    callbackId: modalIds.holdWhy,
    context: from,
    blocks: [
      section("now", [{ bold: service }, ": nothing runs by itself until the hold ends or somebody resumes."]),
      {
        type: "input",
        block_id: inputs.length,
        label: plainText("How long?", 2_000),
        element: {
          type: "static_select",
          action_id: "v",
          options,
          ...(first ? { initial_option: first } : {}),
        },
      },
      whyBlock(true),
    ],
  });
}

export function assignModal(services: readonly string[], from: ViewContext, alarm: string): ModalView {
  return modal({
    title: "Which service is this?",
    submit: "Assign",
    callbackId: modalIds.assign,
    context: from,
    blocks: [
      section("now", [{ bold: alarm }, " matched no service in medic.yaml."]),
      {
        type: "input",
        block_id: inputs.service,
        label: plainText("Service", 2_000),
        element: {
          type: "static_select",
          action_id: "v",
          options: services
            .slice(0, 100)
            .map((name) => ({ text: plainText(name, limits.optionText), value: cut(name, limits.optionValue) })),
        },
      },
    ],
  });
}
