/** The windows: Other…, a hold with its length and reason, closing with a reason, and naming the service of an alarm. */
import type { InputBlock, ModalView, PlainTextOption, RadioButtons } from "@slack/types";
import { consequenceFacts } from "../domain/cardCosts.ts";
import { recoveryWords, symptomWords } from "../domain/cardWords.ts";
import type { Dossier } from "../domain/dossier.ts";
import { isDestructive } from "../domain/ladder.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Piece, Text } from "../domain/text.ts";
import { recoveries, type Recovery } from "../domain/words.ts";
import { blockLimits as limits, cut } from "./blocks/limits.ts";
import { context, fields, plainText, section } from "./blocks/parts.ts";
import { writeContext, type ViewContext } from "./press.ts";

export const modalIds = {
  other: "medic.other",
  holdWhy: "medic.hold_why",
  close: "medic.close_why",
  assign: "medic.assign_to",
} as const;

export const pickActionId = "medic.pick";
/** Block ids of inputs: what the submission is read by. */
export const inputs = { pick: "pick", typed: "typed", why: "why", length: "length", service: "service" } as const;

export const nothing = "nothing";

interface Frame {
  readonly title: string;
  readonly submit?: string | undefined;
  readonly callbackId: string;
  readonly context: ViewContext;
  readonly blocks: ModalView["blocks"];
}

function modal(frame: Frame): ModalView {
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

export interface OtherModalInput {
  readonly current: ServiceCase;
  readonly context: ViewContext;
  readonly picked?: string | undefined;
  readonly dossier?: Dossier | undefined;
}

/** What a person may order beside what is proposed, with what it would do and cost before it is sent. */
export function otherModal({ current, context: from, picked, dossier }: OtherModalInput): ModalView {
  const symptom = current.incident?.symptom ?? "down";
  const blocks: ModalView["blocks"] = [section("now", nowText(current)), pickBlock(current, picked)];
  const recovery = recoveries.find((each) => each === picked);
  if (recovery !== undefined) {
    const words = recoveryWords(recovery, symptom);
    const steps = words.steps.flatMap((step, index): Piece[] => [`\n${index + 1}. ${step}`]);
    blocks.push(section(`plan:${recovery}`, [{ bold: "What it would do" }, ...steps]));
    blocks.push(fields(`costs:${recovery}`, consequenceFacts({ current, recovery, dossier })));
    if (isDestructive(recovery, symptom)) blocks.push(typedBlock(current.service));
  }
  if (picked === nothing) blocks.push(section("nothing", [nothingText(current)]));
  blocks.push(whyBlock(true));
  return modal({
    title: "Other…",
    submit: picked === nothing ? "Say no" : "Order",
    callbackId: modalIds.other,
    context: from,
    blocks,
  });
}

function nowText(current: ServiceCase): Text {
  const broken: Piece[] = current.incident
    ? [{ bold: `${current.service} ${symptomWords[current.incident.symptom]}.` }, " "]
    : [{ bold: current.service }, ": nothing is wrong as far as the bot knows. "];
  const { phase } = current;
  if (phase.kind !== "proposing") return broken;
  const clock =
    phase.proposal.mode === "auto" && !current.hold ? " The clock keeps running until you send this or hold." : "";
  return [...broken, `Proposed: ${recoveryWords(phase.proposal.recovery).name}.${clock}`];
}

function nothingText(current: ServiceCase): string {
  return current.phase.kind === "proposing"
    ? "The proposal is dropped and not made again in this window; the case then waits for a person."
    : "Nothing is proposed now, so nothing changes.";
}

function pickBlock(current: ServiceCase, picked: string | undefined): InputBlock {
  const options = [...recoveries.map((recovery) => recoveryOption(current, recovery)), nothingOption];
  const initial = options.find((option) => option.value === picked);
  const element: RadioButtons = {
    type: "radio_buttons",
    action_id: pickActionId,
    options,
    ...(initial ? { initial_option: initial } : {}),
  };
  return {
    type: "input",
    block_id: inputs.pick,
    dispatch_action: true,
    label: plainText("What should happen?", 2_000),
    element,
  };
}

function recoveryOption(current: ServiceCase, recovery: Recovery): PlainTextOption {
  const words = recoveryWords(recovery, current.incident?.symptom);
  return {
    text: plainText(words.label, limits.optionText),
    description: plainText(words.downtime, limits.optionText),
    value: recovery,
  };
}

const nothingOption: PlainTextOption = {
  text: plainText("Nothing", limits.optionText),
  description: plainText("No to the proposal; a person takes over", limits.optionText),
  value: nothing,
};

function typedBlock(service: string): InputBlock {
  return {
    type: "input",
    block_id: inputs.typed,
    label: plainText(`Type ${service} to confirm`, 2_000),
    hint: plainText("This stops the machine.", 2_000),
    element: { type: "plain_text_input", action_id: "v", placeholder: plainText(service, 150) },
  };
}

function whyBlock(optional: boolean): InputBlock {
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
