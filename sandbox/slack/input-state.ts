import { flatBlocks, placedElements } from "./block-elements.ts";
import { listOf, objectOf, textOf } from "./json.ts";
import type { InputState, Json } from "./model.ts";

/** What stands in the inputs before a person touches them, in Slack's `state.values` shape. */
export function initialState(blocks: readonly Json[]): InputState {
  const state: Record<string, Record<string, Json>> = {};
  for (const { blockId, element } of placedElements(blocks)) {
    const value = initialValue(element);
    const actionId = textOf(element["action_id"]);
    if (value === undefined || actionId === undefined) continue;
    state[blockId] = { ...state[blockId], [actionId]: value };
  }
  return state;
}

function initialValue(element: Json): Json | undefined {
  const type = textOf(element["type"]) ?? "";
  const text = (name: string): string | null => textOf(element[name]) ?? null;
  switch (type) {
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return { type, value: text("initial_value") };
    case "static_select":
    case "radio_buttons":
      return { type, selected_option: objectOf(element["initial_option"]) ?? null };
    case "checkboxes":
    case "multi_static_select":
      return { type, selected_options: listOf(element["initial_options"]) };
    case "users_select":
      return { type, selected_user: text("initial_user") };
    case "multi_users_select":
      return { type, selected_users: listOf(element["initial_users"]) };
    case "channels_select":
      return { type, selected_channel: text("initial_channel") };
    case "conversations_select":
      return { type, selected_conversation: text("initial_conversation") };
    case "datepicker":
      return { type, selected_date: text("initial_date") };
    case "timepicker":
      return { type, selected_time: text("initial_time") };
    default:
      return undefined;
  }
}

/** What the person set wins over what stood there. Only inputs that the blocks really have are taken. */
export function mergedState(blocks: readonly Json[], set: InputState): InputState {
  const state: Record<string, Record<string, Json>> = {};
  for (const [blockId, elements] of Object.entries(initialState(blocks))) {
    const mine = Object.entries(elements).map(([actionId, initial]): [string, Json] => [
      actionId,
      { ...initial, ...set[blockId]?.[actionId], type: initial["type"] },
    ]);
    state[blockId] = Object.fromEntries(mine);
  }
  return state;
}

/** What Slack's own client asks for before it sends a modal: block_id to sentence. */
export function missingInputs(blocks: readonly Json[], state: InputState): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const block of flatBlocks(blocks)) {
    const element = objectOf(block["element"]);
    const blockId = textOf(block["block_id"]);
    if (block["type"] !== "input" || element === undefined || blockId === undefined) continue;
    const value = state[blockId]?.[textOf(element["action_id"]) ?? ""] ?? {};
    if (isEmpty(value)) {
      if (block["optional"] !== true) errors[blockId] = "Please complete this required field.";
      continue;
    }
    const complaint = lengthComplaint(element, textOf(value["value"]) ?? "");
    if (complaint !== null) errors[blockId] = complaint;
  }
  return errors;
}

function isEmpty(value: Json): boolean {
  return Object.entries(value).every(
    ([name, each]) => name === "type" || each === null || each === "" || (Array.isArray(each) && each.length === 0),
  );
}

function lengthComplaint(element: Json, text: string): string | null {
  const { min_length: least, max_length: most } = element;
  if (typeof least === "number" && text.length < least) return `Please enter at least ${least} characters.`;
  if (typeof most === "number" && text.length > most) return `Please enter at most ${most} characters.`;
  return null;
}
