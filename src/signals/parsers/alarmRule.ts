/**
 * The alarm names in a composite alarm's rule.
 *
 *   ALARM(web-5xx) AND (NOT ALARM("deploy running") OR AT_LEAST(2, ALARM, (az-a, az-b, az-c)))
 */
import { alarmNameOf } from "../arn.ts";

/** CloudWatch's own limit for a rule. */
const RULE_LENGTH_MAX = 10_240;

const KEYWORD = /^(?:(?:NOT\s+)?(?:ALARM|OK|INSUFFICIENT_DATA)|AT_LEAST|AND|OR|NOT|TRUE|FALSE|\d+%?)$/i;

/** Names or the name part of ARNs, each once, in the rule's order. */
export function alarmNamesOfRule(rule: string | null): readonly string[] {
  if (rule === null) return [];
  const names = new Set<string>();
  let word = "";
  let quote = "";
  let depth = 0;
  const take = (inQuotes: boolean): void => {
    const text = word.trim();
    word = "";
    if (text !== "" && depth > 0 && (inQuotes ? !/^\d+%$/.test(text) : !isNoName(text)))
      names.add(alarmNameOf(text) ?? text);
  };
  for (const letter of rule.slice(0, RULE_LENGTH_MAX)) {
    if (quote !== "") {
      if (letter === quote) {
        take(true);
        quote = "";
      } else word += letter;
    } else if ((letter === '"' || letter === "'") && word.trim() === "") {
      word = "";
      quote = letter;
    } else if (letter === "(" || letter === ")" || letter === ",") {
      // A word in front of "(" is a function or an operator, never a name.
      if (letter === "(") word = "";
      else take(false);
      depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
    } else word += letter;
  }
  return [...names];
}

/** Keywords, and what follows a closing bracket: `AND NOT`, `OR`. */
function isNoName(text: string): boolean {
  return KEYWORD.test(text) || /^(?:AND|OR)\b/i.test(text);
}
