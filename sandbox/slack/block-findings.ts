import { isJson, textOf } from "./json.ts";

/** Collects what is wrong with blocks, in Slack's wording with JSON pointers. */
export interface Findings {
  readonly problems: string[];
  add(pointer: string, what: string): void;
  /** At most `limit` entries. */
  most(pointer: string, count: number, limit: number): void;
  least(pointer: string, count: number, limit: number): void;
  /** A text that may be absent. */
  longest(pointer: string, text: unknown, limit: number): void;
  /** A text that must be there and not be empty. */
  required(pointer: string, text: unknown, limit: number): void;
  textObject(pointer: string, value: unknown, rule: { readonly longest: number; readonly plainOnly?: boolean }): void;
}

export function createFindings(): Findings {
  const problems: string[] = [];
  const add = (pointer: string, what: string): void => {
    problems.push(`[ERROR] ${what} [json-pointer:/blocks${pointer}]`);
  };
  const findings: Findings = {
    problems,
    add,
    most(pointer, count, limit) {
      if (count > limit) add(pointer, `no more than ${limit} items allowed`);
    },
    least(pointer, count, limit) {
      if (count < limit) add(pointer, `no fewer than ${limit} items allowed`);
    },
    longest(pointer, text, limit) {
      if (text === undefined) return;
      if (typeof text !== "string") return add(pointer, "must be a string");
      if (text.length > limit) add(pointer, `must be less than ${limit + 1} characters`);
    },
    required(pointer, text, limit) {
      if (text === undefined) return add(pointer, `missing required field: ${pointer.split("/").at(-1) ?? ""}`);
      if (text === "") return add(pointer, "must be more than 0 characters");
      findings.longest(pointer, text, limit);
    },
    textObject(pointer, value, rule) {
      if (!isJson(value)) return add(pointer, `missing required field: ${pointer.split("/").at(-1) ?? ""}`);
      const type = textOf(value["type"]);
      if (type !== "plain_text" && type !== "mrkdwn")
        return add(`${pointer}/type`, `unsupported type: ${type ?? "none"}`);
      if (rule.plainOnly === true && type !== "plain_text") return add(`${pointer}/type`, "must be plain_text");
      findings.required(`${pointer}/text`, value["text"], rule.longest);
    },
  };
  return findings;
}
