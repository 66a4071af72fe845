/**
 * Other…: what a person may order beside what is proposed. It lists what the service's pattern knows, shows what the chosen one
 * would do now, and has the name typed wherever a machine is stopped or replaced: a thumb at night hits the wrong line.
 */
import type { Checkboxes, InputBlock, ModalView, PlainTextOption, RadioButtons, StaticSelect } from "@slack/types";
import { cannotRun, consequenceFacts } from "../domain/cardCosts.ts";
import { recoveryWords, symptomWords, typedFor } from "../domain/cardWords.ts";
import type { Dossier } from "../domain/dossier.ts";
import { optionsOf, optionWords, orderName } from "../domain/orderWords.ts";
import type { Preview } from "../domain/preview.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Piece, Text } from "../domain/text.ts";
import type { OrderOption, Recovery } from "../domain/words.ts";
import { blockLimits as limits } from "./blocks/limits.ts";
import { context, fields, plainText, section } from "./blocks/parts.ts";
import { inputs, modal, modalIds, nothing, optionsActionId, pickActionId, whyBlock } from "./modals.ts";
import type { ViewContext } from "./press.ts";

export interface OtherModalInput {
  readonly current: ServiceCase;
  readonly context: ViewContext;
  /** What there is for the pattern of this service. */
  readonly choices: readonly Recovery[];
  readonly picked?: string | undefined;
  readonly options?: readonly OrderOption[] | undefined;
  readonly dossier?: Dossier | undefined;
  /** What the picked one would do; absent while it is being read. */
  readonly preview?: Preview | undefined;
}

export function otherModal(input: OtherModalInput): ModalView {
  const { current, context: from, choices, picked } = input;
  const recovery = choices.find((each) => each === picked);
  const blocks: ModalView["blocks"] = [section("now", nowText(current)), pickBlock(current, choices, picked)];
  if (recovery !== undefined) blocks.push(...pickedBlocks(input, recovery));
  if (picked === nothing) blocks.push(section("nothing", [nothingText(current)]));
  blocks.push(whyBlock(true));
  const order = cannotRun(input.preview) ? "Order all the same" : "Order";
  return modal({
    title: "Other…",
    submit: picked === nothing ? "Say no" : order,
    callbackId: modalIds.other,
    context: from,
    blocks,
  });
}

/** The plan, its costs, and what has to be typed or consented to. */
function pickedBlocks(
  { current, dossier, preview, options }: OtherModalInput,
  recovery: Recovery,
): ModalView["blocks"] {
  const symptom = current.incident?.symptom ?? "down";
  const words = recoveryWords(recovery, symptom);
  const refused = cannotRun(preview);
  const steps = (preview?.steps ?? words.steps).flatMap((step, index): Piece[] => [`\n${index + 1}. ${step}`]);
  const costs = consequenceFacts({ current, recovery, options, dossier, preview });
  const blocks: ModalView["blocks"] = [];
  if (refused === undefined) blocks.push(section(`plan:${recovery}`, [{ bold: "What it would do" }, ...steps]));
  blocks.push(fields(`costs:${recovery}`, costs));
  blocks.push(context(`read:${recovery}`, [readText(preview)]));
  const consents = optionsOf(recovery);
  if (consents.length > 0) blocks.push(optionsBlock(recovery, consents, options ?? []));
  const typed = typedFor(recovery, symptom);
  if (typed === "service") blocks.push(typedBlock(current.service, recovery));
  if (typed === "maximum") blocks.push(amountBlock());
  return blocks;
}

function readText(preview: Preview | undefined): Text {
  if (preview === undefined) return ["Reading what it would do now…"];
  const again = "an order reads everything again before it acts";
  if (preview.refused?.unread) return ["It could not be read; ", again];
  return ["As of ", { time: preview.readAt, style: "time" }, `; ${again}`];
}

function nowText(current: ServiceCase): Text {
  const broken: Piece[] =
    current.incident && current.bad.length > 0
      ? [{ bold: `${current.service} ${symptomWords[current.incident.symptom]}.` }, " "]
      : [{ bold: current.service }, ": nothing is wrong as far as the bot knows. "];
  const { phase } = current;
  if (phase.kind !== "proposing") return broken;
  const clock =
    phase.proposal.mode === "auto" && !current.hold ? " The clock keeps running until you send this or hold." : "";
  return [...broken, `Proposed: ${orderName(phase.proposal)}.${clock}`];
}

function nothingText(current: ServiceCase): string {
  return current.phase.kind === "proposing"
    ? "The proposal is dropped and not made again in this window; the case then waits for a person."
    : "Nothing is proposed now, so nothing changes.";
}

/** Slack takes ten radio buttons; a longer list folds into a menu. */
const radioMax = 10;

function pickBlock(current: ServiceCase, choices: readonly Recovery[], picked: string | undefined): InputBlock {
  const options = [...choices.map((recovery) => recoveryOption(current, recovery)), nothingOption];
  const initial = options.find((option) => option.value === picked);
  const shared = { action_id: pickActionId, options, ...(initial ? { initial_option: initial } : {}) };
  const element: RadioButtons | StaticSelect =
    options.length <= radioMax ? { type: "radio_buttons", ...shared } : { type: "static_select", ...shared };
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
    description: plainText(`Down: ${words.downtime}`, limits.optionText),
    value: recovery,
  };
}

const nothingOption: PlainTextOption = {
  text: plainText("Nothing", limits.optionText),
  description: plainText("No to the proposal; a person takes over", limits.optionText),
  value: nothing,
};

function optionsBlock(recovery: Recovery, all: readonly OrderOption[], chosen: readonly OrderOption[]): InputBlock {
  const options = all.map((option): PlainTextOption => {
    const { label, danger } = optionWords[option];
    return {
      text: plainText(label, limits.optionText),
      description: plainText(danger, limits.optionText),
      value: option,
    };
  });
  const initial = options.filter((option) => chosen.some((each) => each === option.value));
  const element: Checkboxes = {
    type: "checkboxes",
    action_id: optionsActionId,
    options,
    ...(initial.length > 0 ? { initial_options: initial } : {}),
  };
  return {
    type: "input",
    // Its own for each recovery: a consent that was given to another one must not come along.
    block_id: `${inputs.options}:${recovery}`,
    optional: true,
    dispatch_action: true,
    label: plainText("Consents, each on the record", 2_000),
    element,
  };
}

function typedBlock(service: string, recovery: Recovery): InputBlock {
  return {
    type: "input",
    block_id: inputs.typed,
    label: plainText(`Type ${service} to confirm`, 2_000),
    hint: plainText(recovery === "prune" ? "This deletes for good." : "This stops or replaces a machine.", 2_000),
    element: { type: "plain_text_input", action_id: "v", placeholder: plainText(service, 150) },
  };
}

function amountBlock(): InputBlock {
  return {
    type: "input",
    block_id: inputs.amount,
    label: plainText("Type the new maximum to confirm", 2_000),
    element: { type: "plain_text_input", action_id: "v", max_length: 4 },
  };
}
