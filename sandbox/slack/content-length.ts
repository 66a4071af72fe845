import { isJson } from "./json.ts";

const shownKeys = new Set(["text", "title", "label", "alt_text", "caption"]);

/** The characters that a reader would see; ids, values and URLs do not count. */
export function contentLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + contentLength(each), 0);
  if (!isJson(value)) return 0;
  return Object.entries(value).reduce((sum, [key, each]) => {
    if (typeof each !== "string") return sum + contentLength(each);
    return shownKeys.has(key) ? sum + each.length : sum;
  }, 0);
}
