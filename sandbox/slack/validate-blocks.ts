import { blockLimits as limits } from "./block-limits.ts";
import { createFindings, type Findings } from "./block-findings.ts";
import { flatBlocks } from "./block-elements.ts";
import { contentLength } from "./content-length.ts";
import { checkElement } from "./validate-elements.ts";
import { isJson, listOf, objectsOf, textOf } from "./json.ts";
import type { Json } from "./model.ts";
import { checkChart, checkDataTable, checkRichText, checkTable, checkTaskCard } from "./validate-rich-blocks.ts";

export type Surface = "message" | "modal" | "home";

export interface BlockVerdict {
  /** Slack's own sentences with JSON pointers; empty = fine. */
  readonly problems: readonly string[];
  /** The blocks are well formed but say too much: `msg_blocks_too_long`. */
  readonly tooLong: boolean;
}

/** Where each block may stand. A type that is missing here is unknown to this workspace. */
const surfaces: Readonly<Record<string, readonly Surface[]>> = {
  actions: ["message", "modal", "home"],
  alert: ["modal"],
  card: ["message", "modal", "home"],
  carousel: ["message", "home"],
  container: ["message", "modal", "home"],
  context: ["message", "modal", "home"],
  context_actions: ["message"],
  data_table: ["message"],
  data_visualization: ["message"],
  divider: ["message", "modal", "home"],
  file: ["message"],
  header: ["message", "modal", "home"],
  image: ["message", "modal", "home"],
  input: ["message", "modal", "home"],
  markdown: ["message"],
  plan: ["message"],
  rich_text: ["message", "modal", "home"],
  section: ["message", "modal", "home"],
  table: ["message", "home"],
  task_card: ["message"],
  video: ["message", "modal", "home"],
};

const containerChildren = new Set([
  "actions",
  "context",
  "divider",
  "file",
  "header",
  "image",
  "input",
  "rich_text",
  "section",
  "table",
  "video",
]);

/** Checks blocks as Slack would before it takes a message or a view. `refused` are types that this workspace pretends not to know yet. */
export function validateBlocks(
  blocks: unknown,
  surface: Surface,
  refused: ReadonlySet<string> = new Set(),
): BlockVerdict {
  const findings = createFindings();
  if (!Array.isArray(blocks)) {
    findings.add("", "must be an array");
    return { problems: findings.problems, tooLong: false };
  }
  const most = surface === "message" ? limits.blocksPerMessage : limits.blocksPerView;
  findings.most("", listOf(blocks).length, most);
  listOf(blocks).forEach((block, index) => checkBlock(findings, block, { pointer: `/${index}`, surface, refused }));
  const all = flatBlocks(objectsOf(blocks));
  checkUnique(findings, all);
  checkTotals(findings, all, surface);
  return { problems: findings.problems, tooLong: surface === "message" && contentLength(blocks) > limits.contentTotal };
}

interface Place {
  readonly pointer: string;
  readonly surface: Surface;
  readonly refused: ReadonlySet<string>;
}

function checkBlock(findings: Findings, block: unknown, place: Place): void {
  if (!isJson(block)) return findings.add(place.pointer, "must be an object");
  const type = textOf(block["type"]);
  if (type === undefined) return findings.add(place.pointer, "missing required field: type");
  const allowed = place.refused.has(type) ? undefined : surfaces[type];
  if (allowed === undefined) return findings.add(`${place.pointer}/type`, `unsupported type: ${type}`);
  if (!allowed.includes(place.surface)) {
    return findings.add(`${place.pointer}/type`, `unsupported type: ${type} is not allowed in a ${place.surface}`);
  }
  findings.longest(`${place.pointer}/block_id`, block["block_id"], limits.idLength);
  checkContent(findings, block, place);
}

function checkContent(findings: Findings, block: Json, place: Place): void {
  const at = place.pointer;
  switch (block["type"]) {
    case "section":
      return checkSection(findings, block, at);
    case "header":
      return findings.textObject(`${at}/text`, block["text"], { longest: limits.headerText, plainOnly: true });
    case "context":
      return checkContext(findings, block, at);
    case "actions":
      return checkElements(findings, block, { at, most: limits.actionsElements, holder: "actions" });
    case "context_actions":
      return checkElements(findings, block, { at, most: limits.contextActionsElements, holder: "context_actions" });
    case "input":
      return checkInput(findings, block, at);
    case "image":
      return checkImage(findings, block, at);
    case "markdown":
      return findings.required(`${at}/text`, block["text"], limits.markdownTotal);
    case "alert":
      return findings.textObject(`${at}/text`, block["text"], { longest: limits.alertText });
    case "container":
      return checkContainer(findings, block, place);
    case "card":
      return checkCard(findings, block, at);
    case "carousel":
      return checkCarousel(findings, block, at);
    case "rich_text":
      return checkRichText(findings, block, at);
    case "table":
      return checkTable(findings, block, at);
    case "data_table":
      return checkDataTable(findings, block, at);
    case "data_visualization":
      return checkChart(findings, block, at);
    case "task_card":
      return checkTaskCard(findings, block, at);
    case "plan":
      findings.required(`${at}/title`, block["title"], limits.sectionText);
      return objectsOf(block["tasks"]).forEach((task, index) => checkTaskCard(findings, task, `${at}/tasks/${index}`));
    default:
      return;
  }
}

function checkSection(findings: Findings, block: Json, at: string): void {
  if (block["text"] === undefined && block["fields"] === undefined) {
    return findings.add(at, "missing required field: text or fields");
  }
  if (block["text"] !== undefined) findings.textObject(`${at}/text`, block["text"], { longest: limits.sectionText });
  if (block["fields"] !== undefined) {
    const fields = listOf(block["fields"]);
    findings.least(`${at}/fields`, fields.length, 1);
    findings.most(`${at}/fields`, fields.length, limits.sectionFields);
    fields.forEach((field, index) =>
      findings.textObject(`${at}/fields/${index}`, field, { longest: limits.sectionFieldText }),
    );
  }
  if (block["accessory"] !== undefined)
    checkElement(findings, block["accessory"], { at: `${at}/accessory`, holder: "section" });
}

function checkContext(findings: Findings, block: Json, at: string): void {
  const elements = listOf(block["elements"]);
  findings.least(`${at}/elements`, elements.length, 1);
  findings.most(`${at}/elements`, elements.length, limits.contextElements);
  elements.forEach((element, index) => {
    const pointer = `${at}/elements/${index}`;
    if (isJson(element) && element["type"] === "image") return checkImage(findings, element, pointer);
    findings.textObject(pointer, element, { longest: limits.sectionText });
  });
}

function checkElements(
  findings: Findings,
  block: Json,
  options: { readonly at: string; readonly most: number; readonly holder: "actions" | "context_actions" },
): void {
  const elements = listOf(block["elements"]);
  findings.least(`${options.at}/elements`, elements.length, 1);
  findings.most(`${options.at}/elements`, elements.length, options.most);
  const seen = new Set<string>();
  elements.forEach((element, index) => {
    const at = `${options.at}/elements/${index}`;
    checkElement(findings, element, { at, holder: options.holder });
    const actionId = isJson(element) ? textOf(element["action_id"]) : undefined;
    if (actionId !== undefined && seen.has(actionId)) findings.add(at, `\`action_id\` "${actionId}" already exists`);
    if (actionId !== undefined) seen.add(actionId);
  });
}

function checkInput(findings: Findings, block: Json, at: string): void {
  findings.textObject(`${at}/label`, block["label"], { longest: limits.inputLabel, plainOnly: true });
  if (block["hint"] !== undefined) {
    findings.textObject(`${at}/hint`, block["hint"], { longest: limits.inputHint, plainOnly: true });
  }
  checkElement(findings, block["element"], { at: `${at}/element`, holder: "input" });
}

function checkImage(findings: Findings, block: Json, at: string): void {
  findings.required(`${at}/alt_text`, block["alt_text"], limits.altText);
  const hasUrl = block["image_url"] !== undefined;
  const hasFile = block["slack_file"] !== undefined;
  if (hasUrl === hasFile) findings.add(at, "must have exactly one of image_url and slack_file");
  findings.longest(`${at}/image_url`, block["image_url"], limits.url);
}

function checkContainer(findings: Findings, block: Json, place: Place): void {
  const at = place.pointer;
  if (block["title"] !== undefined) {
    findings.textObject(`${at}/title`, block["title"], { longest: limits.containerTitle, plainOnly: true });
  }
  const children = listOf(block["child_blocks"]);
  findings.least(`${at}/child_blocks`, children.length, 1);
  findings.most(`${at}/child_blocks`, children.length, limits.containerChildren);
  children.forEach((child, index) => {
    const pointer = `${at}/child_blocks/${index}`;
    const type = isJson(child) ? textOf(child["type"]) : undefined;
    if (type !== undefined && !containerChildren.has(type)) {
      return findings.add(`${pointer}/type`, `unsupported type: ${type} is not allowed in a container`);
    }
    checkBlock(findings, child, { ...place, pointer });
  });
}

function checkCard(findings: Findings, card: Json, at: string): void {
  for (const [field, longest] of [
    ["title", limits.cardTitle],
    ["subtitle", limits.cardTitle],
    ["body", limits.cardBody],
  ] as const) {
    if (card[field] !== undefined) findings.textObject(`${at}/${field}`, card[field], { longest });
  }
  listOf(card["actions"]).forEach((element, index) =>
    checkElement(findings, element, { at: `${at}/actions/${index}`, holder: "card" }),
  );
}

function checkCarousel(findings: Findings, block: Json, at: string): void {
  const cards = objectsOf(block["elements"]);
  findings.least(`${at}/elements`, cards.length, 1);
  findings.most(`${at}/elements`, cards.length, limits.carouselCards);
  cards.forEach((card, index) => checkCard(findings, card, `${at}/elements/${index}`));
}

function checkUnique(findings: Findings, blocks: readonly Json[]): void {
  const seen = new Set<string>();
  for (const block of blocks) {
    const id = textOf(block["block_id"]);
    if (id === undefined) continue;
    if (seen.has(id)) findings.add("", `\`block_id\` "${id}" already exists`);
    seen.add(id);
  }
}

function checkTotals(findings: Findings, blocks: readonly Json[], surface: Surface): void {
  const ofType = (type: string): readonly Json[] => blocks.filter((block) => block["type"] === type);
  const markdown = ofType("markdown").reduce((sum, block) => sum + (textOf(block["text"])?.length ?? 0), 0);
  if (markdown > limits.markdownTotal)
    findings.add("", `markdown text must be less than ${limits.markdownTotal + 1} characters`);
  if (surface !== "message") return;
  if (ofType("table").length > 1) findings.add("", "only one table is allowed in a message");
  if (ofType("data_visualization").length > limits.chartsPerMessage) {
    findings.add("", `no more than ${limits.chartsPerMessage} data_visualization blocks allowed`);
  }
}
