/**
 * Reads every form of time that AWS puts into messages, without Date's own parser, whose answers differ between engines:
 * `2021-12-06T14:25:39.681+0000` (the offset has no colon), ISO 8601, RFC 1123 (even with a wrong weekday), epoch seconds or ms.
 */

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;
const RFC_1123 =
  /^(?:[A-Za-z]{3,9},? )?(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC|[+-]0000)$/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** 2001-09-09 in ms and the year 33658 in seconds: no event is older than the one or younger than the other. */
const MILLISECONDS_FROM = 1_000_000_000_000;
/** The last instant that can be printed with four digits of year. */
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Epoch ms, or null for anything that is no time. */
export function instantOf(value: unknown): number | null {
  if (typeof value === "number") return fromEpoch(value);
  if (typeof value !== "string" || value.length > 64) return null;
  const text = value.trim();
  if (/^\d{9,13}(?:\.\d+)?$/.test(text)) return fromEpoch(Number(text));
  return fromIso(text) ?? fromRfc1123(text);
}

/** ISO text with ms in UTC, for people and JSON. */
export function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function fromEpoch(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  return printable(Math.round(value >= MILLISECONDS_FROM ? value : value * 1000));
}

function fromIso(text: string): number | null {
  const found = ISO.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour, minute, second = "0", fraction = "", zone = "Z"] = found;
  const ms = Number(fraction.padEnd(3, "0").slice(0, 3));
  const utc = calendar([year, month, day, hour, minute, second].map(Number), ms);
  return utc === null ? null : printable(utc - offsetMs(zone));
}

function fromRfc1123(text: string): number | null {
  const found = RFC_1123.exec(text);
  if (found === null) return null;
  const [, day, monthName = "", year, hour, minute, second] = found;
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1;
  return calendar([Number(year), month, Number(day), Number(hour), Number(minute), Number(second)], 0);
}

/** Refuses 31 February instead of turning it into March. */
function calendar(parts: readonly number[], ms: number): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (month < 1 || month > 12 || day < 1 || hour > 24 || minute > 59 || second > 60) return null;
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day ? utc : null;
}

function offsetMs(zone: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (found === null) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? "0");
  return (found[1] === "-" ? -minutes : minutes) * 60_000;
}

function printable(at: number): number | null {
  return at >= 0 && at <= LAST_INSTANT ? at : null;
}
