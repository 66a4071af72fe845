import { isJson, objectOf, objectsOf, plainOf, textOf } from "./json.ts";
import type { ConfirmDialog, Json } from "./model.ts";

/** One interactive element with the block that holds it. */
export interface PlacedElement {
  readonly blockId: string;
  readonly element: Json;
}

/** Every block, those inside containers included. */
export function flatBlocks(blocks: readonly Json[]): readonly Json[] {
  return blocks.flatMap((block) =>
    block["type"] === "container" ? [block, ...flatBlocks(objectsOf(block["child_blocks"]))] : [block],
  );
}

/** Every element that a person could press, choose or fill, in reading order. */
export function placedElements(blocks: readonly Json[]): readonly PlacedElement[] {
  return flatBlocks(blocks).flatMap((block) => {
    const blockId = textOf(block["block_id"]) ?? "";
    return elementsOf(block)
      .filter(
        (element) => element["type"] !== "image" && element["type"] !== "mrkdwn" && element["type"] !== "plain_text",
      )
      .map((element) => ({ blockId, element }));
  });
}

function elementsOf(block: Json): readonly Json[] {
  switch (block["type"]) {
    case "section":
      return isJson(block["accessory"]) ? [block["accessory"]] : [];
    case "actions":
    case "context_actions":
      return objectsOf(block["elements"]);
    case "input":
      return isJson(block["element"]) ? [block["element"]] : [];
    case "card":
      return objectsOf(block["actions"]);
    case "carousel":
      return objectsOf(block["elements"]).flatMap(elementsOf);
    default:
      return [];
  }
}

/**
 * The element that a person means. The message may have been updated (with new block ids, new values) between the look and the press: the
 * element with the same action_id stands in then, but a button keeps the value that the person saw, as a slow client of the real one sends it.
 */
export function findElement(
  blocks: readonly Json[],
  wanted: { readonly actionId: string; readonly blockId?: string | undefined; readonly value?: string | undefined },
): PlacedElement | undefined {
  const all = placedElements(blocks).filter((each) => each.element["action_id"] === wanted.actionId);
  const inBlock = all.filter((each) => each.blockId === wanted.blockId);
  const candidates = inBlock.length > 0 ? inBlock : all;
  const isSeen = ({ element }: PlacedElement): boolean =>
    element["type"] === "button" && element["value"] === wanted.value;
  const found = candidates.find(isSeen) ?? candidates[0];
  if (found === undefined || found.element["type"] !== "button" || wanted.value === undefined) return found;
  return { blockId: wanted.blockId ?? found.blockId, element: { ...found.element, value: wanted.value } };
}

export function optionsOf(element: Json): readonly Json[] {
  return [
    ...objectsOf(element["options"]),
    ...objectsOf(element["option_groups"]).flatMap((group) => objectsOf(group["options"])),
  ];
}

/** The dialog that stands before an element, or undefined. */
export function confirmOf(element: Json): ConfirmDialog | undefined {
  const confirm = objectOf(element["confirm"]);
  if (confirm === undefined) return undefined;
  return {
    title: plainOf(confirm["title"]),
    text: plainOf(confirm["text"]),
    confirm: plainOf(confirm["confirm"]) || "Yes",
    deny: plainOf(confirm["deny"]) || "No",
    danger: confirm["style"] === "danger",
  };
}

/** Slack names every block and every element that came without a name. */
export function nameBlocks(blocks: readonly Json[], id: (prefix: string) => string): readonly Json[] {
  return blocks.map((block) => {
    const named: Record<string, unknown> = { ...block, block_id: textOf(block["block_id"]) ?? id("b") };
    const name = (value: unknown): unknown => {
      if (!isJson(value) || typeof value["type"] !== "string") return value;
      const inert = ["image", "mrkdwn", "plain_text"].includes(value["type"]) || typeof value["action_id"] === "string";
      return inert ? value : { ...value, action_id: id("a") };
    };
    if (block["type"] === "section" && isJson(block["accessory"])) named["accessory"] = name(block["accessory"]);
    if (block["type"] === "input") named["element"] = name(block["element"]);
    if (block["type"] === "actions") named["elements"] = objectsOf(block["elements"]).map(name);
    if (block["type"] === "container") named["child_blocks"] = nameBlocks(objectsOf(block["child_blocks"]), id);
    return named;
  });
}
