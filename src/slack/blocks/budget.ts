/** Keeps a message under the content that Slack takes, by shortening the least important text first. */
import type { KnownBlock } from "@slack/types";
import type { DataVisualizationBlock } from "./chart.ts";
import { blockLimits as limits, cut, cutMarkup } from "./limits.ts";

type AnyOfOurs = KnownBlock | DataVisualizationBlock;

/** Characters of everything that people read; ids, urls and values do not count. */
export function contentChars(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + contentChars(each), 0);
  if (typeof value !== "object" || value === null) return 0;
  let sum = 0;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "string") sum += name === "text" || name === "title" || name === "label" ? inner.length : 0;
    else sum += contentChars(inner);
  }
  return sum;
}

/** Field and note texts are halved until all fits; buttons, title and consequences' labels always survive. */
export function withinBudget<B extends AnyOfOurs>(blocks: readonly B[]): B[] {
  let fitted = [...blocks];
  for (let chars = 1_000; contentChars(fitted) > limits.contentChars && chars >= 60; chars = Math.floor(chars / 2)) {
    fitted = fitted.map((block) => shortened(block, chars));
  }
  return fitted;
}

function shortened<B extends AnyOfOurs>(block: B, chars: number): B {
  if (block.type === "section" && "fields" in block && block.fields) {
    return { ...block, fields: block.fields.map((field) => ({ ...field, text: cutMarkup(field.text, chars) })) };
  }
  if (block.type === "section" && "text" in block && block.text) {
    return { ...block, text: { ...block.text, text: cutMarkup(block.text.text, Math.max(chars, 500)) } };
  }
  if (block.type === "context") {
    return {
      ...block,
      elements: block.elements.map((element) =>
        element.type === "image" ? element : { ...element, text: cutMarkup(element.text, chars) },
      ),
    };
  }
  if (block.type === "plan" || block.type === "rich_text" || block.type === "table") return deepCut(block, chars);
  return block;
}

/** The same structure with every text cut: for blocks whose texts lie deep. */
function deepCut<T>(value: T, chars: number): T {
  if (Array.isArray(value)) return value.map((each: unknown) => deepCut(each, chars)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]: [string, unknown]) => [
    name,
    typeof inner === "string" && (name === "text" || name === "title") ? cut(inner, chars) : deepCut(inner, chars),
  ]);
  return Object.fromEntries(entries) as T;
}
