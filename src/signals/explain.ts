/**
 * `medic explain`: says what a message means, without signature, age or topic check. Pure. The keys of the JSON form are a
 * contract that people script against; keys may be added, none may change its meaning.
 */
import { isoOf } from "./instant.ts";
import type { Parsed } from "./parsed.ts";
import { isAlarm } from "./parsed.ts";
import { parseText } from "./parseMessage.ts";
import { renderExplained } from "./renderExplained.ts";
import { guessOf } from "./symptom.ts";

/** One message as plain JSON. `time`, `startTime`, `endTime`, … are ISO texts in UTC; unknown is null. */
export type Explained = { readonly cls: Parsed["cls"]; readonly time: string | null } & Readonly<
  Record<string, unknown>
>;

/** What the configuration adds. `why` says why no service matched. */
export interface Matched {
  readonly service: string | null;
  readonly why?: string;
  readonly symptom?: string;
  readonly proposal?: string;
}

export type Match = (parsed: Parsed) => Matched;

/** Every message in the text, one object each, in the text's order; at least one. */
export function explainText(text: string): readonly Explained[] {
  return parseText(text).map(explain);
}

/** The same with the service, its symptom and what would be proposed. */
export function explainTextWith(text: string, match: Match): readonly Explained[] {
  return parseText(text).map((parsed) => explainWith(parsed, match));
}

export function explainWith(parsed: Parsed, match: Match): Explained {
  return { ...explain(parsed), ...match(parsed) };
}

export function explain(parsed: Parsed): Explained {
  const { cls, incident, at, sentAt, ...rest } = parsed;
  const symptom = guessOf(parsed)?.symptom ?? null;
  return { cls, incident, symptom, time: isoOf(at), ...rest, sentAt: isoOf(sentAt), ...moreOf(parsed) };
}

function moreOf(parsed: Parsed): Record<string, unknown> {
  if (parsed.cls === "health") {
    return {
      startTime: isoOf(parsed.startTime),
      endTime: isoOf(parsed.endTime),
      lastUpdatedTime: isoOf(parsed.lastUpdatedTime),
    };
  }
  return isAlarm(parsed) && parsed.ec2Actions.includes("recover") ? { alarmActionRecover: true } : {};
}

/** For people: a block of lines a message, an empty line between. */
export function explainForPeople(text: string, match?: Match): string {
  return parseText(text)
    .map((parsed) => renderExplained(parsed, match?.(parsed)))
    .join("\n\n");
}
