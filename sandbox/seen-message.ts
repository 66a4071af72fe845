import type { Json, SlackMessage } from "./slack/model.ts";

/** A message as a person reads it: its words, its buttons and its steps, free of Block Kit. */
export interface SeenMessage {
  readonly text: string;
  readonly title: string;
  readonly body: string;
  readonly buttons: readonly SeenButton[];
  readonly steps: readonly { readonly title: string; readonly status: string; readonly detail: string }[];
}

export interface SeenButton {
  readonly label: string;
  readonly actionId: string;
  readonly value: string;
}

export function seen(message: Pick<SlackMessage, "text" | "blocks">): SeenMessage {
  const header = message.blocks.find((block) => block["type"] === "header");
  return {
    text: plainOf(message.text),
    title: plainOf(wordsOf(header)),
    body: plainOf(message.blocks.map(wordsOf).join("\n")),
    buttons: message.blocks.flatMap(buttonsOf),
    steps: message.blocks.flatMap(stepsOf),
  };
}

function buttonsOf(block: Json): SeenButton[] {
  if (block["type"] !== "actions") return [];
  return list(block["elements"])
    .filter((element) => element["type"] === "button")
    .map((element) => ({
      label: wordsOf(element["text"]),
      actionId: string(element["action_id"]),
      value: string(element["value"]),
    }));
}

function stepsOf(block: Json): { title: string; status: string; detail: string }[] {
  if (block["type"] !== "plan") return [];
  return list(block["tasks"]).map((task) => ({
    title: string(task["title"]),
    status: string(task["status"]),
    detail: plainOf(wordsOf(task["output"] ?? task["details"])),
  }));
}

/** Every text in a block, in order; buttons and menus are not words. */
function wordsOf(part: unknown): string {
  if (typeof part === "string") return part;
  if (Array.isArray(part)) return part.map(wordsOf).filter(Boolean).join("\n");
  if (typeof part !== "object" || part === null) return "";
  const block = part as Json;
  switch (block["type"]) {
    case "actions":
    case "overflow":
    case "plan":
    case "divider":
      return "";
    case "user":
      return `<@${string(block["user_id"])}>`;
    case "usergroup":
      return "@group";
    case "rich_text":
    case "rich_text_list":
      return wordsOf(block["elements"]);
    case "rich_text_section":
      return list(block["elements"]).map(wordsOf).join("");
    default:
      return [block["text"], block["fields"], block["elements"]].map(wordsOf).filter(Boolean).join("\n");
  }
}

/** Slack's markup as a person sees it: times in UTC, names of links, no escapes. */
export function plainOf(text: string): string {
  return text
    .replace(/<!date\^(\d+)\^[^|>]*\|([^>]*)>/g, "$2")
    .replace(/<!subteam\^[^>]*>/g, "@oncall")
    .replace(/<(https?:[^|>]*)\|([^>]*)>/g, "$2")
    .replace(/<@U0?([A-Z])([A-Z]*)>/g, (_, first: string, rest: string) => `@${first}${rest.toLowerCase()}`)
    .replace(/:[a-z_]+:\s?/g, "")
    .replace(/(^|\s)\*([^*\n]+)\*/g, "$1$2")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}
