import type { Findings } from "./block-findings.ts";
import { blockLimits as limits } from "./block-limits.ts";
import { isJson, listOf, objectsOf, textOf } from "./json.ts";
import type { Json } from "./model.ts";

export type ElementHolder = "section" | "actions" | "context_actions" | "input" | "card";

const choosers = ["static_select", "users_select", "conversations_select", "channels_select", "external_select"];
const multiChoosers = choosers.map((type) => `multi_${type}`);
const pickers = ["datepicker", "timepicker", "datetimepicker", "radio_buttons", "checkboxes"];
const typed = [
  "plain_text_input",
  "rich_text_input",
  "email_text_input",
  "url_text_input",
  "number_input",
  "file_input",
];

/** Which elements may stand where. */
const holders: Readonly<Record<ElementHolder, ReadonlySet<string>>> = {
  section: new Set(["button", "overflow", "image", "workflow_button", ...choosers, ...multiChoosers, ...pickers]),
  actions: new Set([
    "button",
    "overflow",
    "workflow_button",
    "rich_text_input",
    ...choosers,
    ...multiChoosers,
    ...pickers,
  ]),
  context_actions: new Set(["feedback_buttons", "icon_button"]),
  input: new Set([...choosers, ...multiChoosers, ...pickers, ...typed]),
  card: new Set(["button"]),
};

export function checkElement(
  findings: Findings,
  element: unknown,
  place: { readonly at: string; readonly holder: ElementHolder },
): void {
  const { at } = place;
  if (!isJson(element)) return findings.add(at, "missing required field: element");
  const type = textOf(element["type"]);
  if (type === undefined) return findings.add(at, "missing required field: type");
  if (!holders[place.holder].has(type)) return findings.add(`${at}/type`, `unsupported type: ${type}`);
  findings.longest(`${at}/action_id`, element["action_id"], limits.idLength);
  if (element["confirm"] !== undefined) checkConfirm(findings, element["confirm"], `${at}/confirm`);
  if (element["placeholder"] !== undefined) {
    findings.textObject(`${at}/placeholder`, element["placeholder"], { longest: limits.placeholder, plainOnly: true });
  }
  checkKind(findings, { element, type, at });
}

interface Looked {
  readonly element: Json;
  readonly type: string;
  readonly at: string;
}

function checkKind(findings: Findings, { element, type, at }: Looked): void {
  switch (type) {
    case "button":
      return checkButton(findings, element, at);
    case "overflow":
      return checkOptions(findings, element, { at, most: limits.overflowOptions });
    case "radio_buttons":
    case "checkboxes":
      return checkOptions(findings, element, { at, most: limits.choiceOptions, rich: true });
    case "static_select":
    case "multi_static_select":
      return checkSelect(findings, element, at);
    case "plain_text_input":
      return checkTextInput(findings, element, at);
    default:
      return;
  }
}

function checkButton(findings: Findings, button: Json, at: string): void {
  findings.textObject(`${at}/text`, button["text"], { longest: limits.buttonText, plainOnly: true });
  findings.longest(`${at}/value`, button["value"], limits.buttonValue);
  findings.longest(`${at}/url`, button["url"], limits.url);
  findings.longest(`${at}/accessibility_label`, button["accessibility_label"], limits.accessibilityLabel);
  const style = button["style"];
  if (style !== undefined && style !== "primary" && style !== "danger") {
    findings.add(`${at}/style`, "must be one of: primary, danger");
  }
}

function checkSelect(findings: Findings, element: Json, at: string): void {
  const groups = listOf(element["option_groups"]);
  if (groups.length === 0) return checkOptions(findings, element, { at, most: limits.selectOptions });
  findings.most(`${at}/option_groups`, groups.length, limits.selectOptions);
  groups.forEach((group, index) => {
    if (isJson(group))
      checkOptions(findings, group, { at: `${at}/option_groups/${index}`, most: limits.selectOptions });
  });
}

function checkOptions(
  findings: Findings,
  holder: Json,
  rule: { readonly at: string; readonly most: number; readonly rich?: boolean },
): void {
  const options = objectsOf(holder["options"]);
  findings.least(`${rule.at}/options`, options.length, 1);
  findings.most(`${rule.at}/options`, options.length, rule.most);
  const plainOnly = rule.rich !== true;
  options.forEach((option, index) => {
    const at = `${rule.at}/options/${index}`;
    findings.textObject(`${at}/text`, option["text"], { longest: limits.optionText, plainOnly });
    findings.longest(`${at}/value`, option["value"], limits.optionValue);
    findings.longest(`${at}/url`, option["url"], limits.url);
    if (option["description"] !== undefined) {
      findings.textObject(`${at}/description`, option["description"], { longest: limits.optionDescription, plainOnly });
    }
  });
}

function checkTextInput(findings: Findings, element: Json, at: string): void {
  const max = element["max_length"];
  if (max === undefined) return;
  if (typeof max !== "number" || max < 1 || max > limits.inputMaxLength) {
    findings.add(`${at}/max_length`, `must be between 1 and ${limits.inputMaxLength}`);
  }
}

function checkConfirm(findings: Findings, confirm: unknown, at: string): void {
  if (!isJson(confirm)) return findings.add(at, "must be an object");
  findings.textObject(`${at}/title`, confirm["title"], { longest: limits.confirmTitle, plainOnly: true });
  findings.textObject(`${at}/text`, confirm["text"], { longest: limits.confirmText });
  for (const name of ["confirm", "deny"]) {
    findings.textObject(`${at}/${name}`, confirm[name], { longest: limits.confirmButton, plainOnly: true });
  }
}
