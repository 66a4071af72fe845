/**
 * Readers for values of unknown shape. They never throw and never follow the prototype chain: a key called "constructor" or a
 * number where text should be is simply nothing.
 */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Longer texts than this are clipped: AWS's own longest field (a Health description) stays below it. */
const TEXT_LENGTH_MAX = 8_192;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function valueAt(record: unknown, key: string): unknown {
  return isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined;
}

export function recordAt(record: unknown, key: string): JsonRecord | null {
  const value = valueAt(record, key);
  return isRecord(value) ? value : null;
}

export function listAt(record: unknown, key: string): readonly unknown[] {
  const value: unknown = valueAt(record, key);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Text with something in it, else null. */
export function textAt(record: unknown, key: string): string | null {
  return textOf(valueAt(record, key));
}

export function textOf(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  return value.length > TEXT_LENGTH_MAX ? value.slice(0, TEXT_LENGTH_MAX) : value;
}

export function numberAt(record: unknown, key: string): number | null {
  const value = valueAt(record, key);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** First of several spellings of one key that holds text. */
export function textAtAny(record: unknown, keys: readonly string[]): string | null {
  for (const key of keys) {
    const text = textAt(record, key);
    if (text !== null) return text;
  }
  return null;
}

/** JSON's value, or undefined when the text is no JSON. */
export function jsonOf(text: string): unknown {
  // Plain text is common and an exception is dear; JSON begins with one of these, and nothing else does.
  if (!/^\s*(?:[[{"\d-]|true|false|null)/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Name → text of an object; entries that hold no text are left out. */
export function textsOf(record: JsonRecord | null): Record<string, string> {
  if (record === null) return {};
  const texts: [string, string][] = [];
  for (const key of Object.keys(record)) {
    const text = textAt(record, key);
    if (text !== null) texts.push([key, text]);
  }
  return Object.fromEntries(texts);
}
