/** What fits into one item. Asked before every write, by every store, so that a limit is met in tests and not in an outage. */
import { MedicError } from "./errors.ts";
import { fenceFloorLease } from "./fenceFloor.ts";
import { caseBytesMax } from "./limits.ts";

/** DynamoDB refuses items over 400 KB; the rest is room for keys and for a body that a later schema makes longer. */
export const recordBytesMax = 300 * 1024;
/** DynamoDB's own limits for a partition key and a sort key. */
export const partitionKeyBytesMax = 2048;
export const sortKeyBytesMax = 1024;
/** Items of other kinds have these partition keys; a collection must not look like one. */
export const reservedPrefixes = ["case#", "lease#"] as const;

/** Throws MedicError `item-too-large`. */
export function assertCaseFits(service: string, body: string): void {
  assertFits(`the case of "${service}"`, body, caseBytesMax);
}

/** Throws MedicError `item-too-large`. */
export function assertRecordFits(collection: string, id: string, body: string): void {
  assertFits(`record "${id}" of "${collection}"`, body, recordBytesMax);
}

/** Throws MedicError `bad-key` for what DynamoDB would refuse or mistake for an item of another kind. */
export function assertRecordKey(collection: string, id: string): void {
  if (collection === "" || id === "") throw badKey(`"${collection}" / "${id}"`, "neither part may be empty");
  if (reservedPrefixes.some((prefix) => collection.startsWith(prefix)))
    throw badKey(`"${collection}"`, `a collection must not begin with ${reservedPrefixes.join(" or ")}`);
  assertKeyFits(collection, partitionKeyBytesMax);
  assertKeyFits(id, sortKeyBytesMax);
}

/** `key` is the whole stored key, prefix included. Throws MedicError `bad-key`. */
export function assertKeyFits(key: string, bytesMax: number): void {
  // Half of a letter beyond the basic plane is no letter in UTF-8: two keys would become one.
  if (/\p{Surrogate}/u.test(key)) throw badKey(JSON.stringify(key), "it holds half of a letter");
  const bytes = utf8Bytes(key);
  if (bytes > bytesMax)
    throw badKey(`"${key.slice(0, 40)}…"`, `it has ${bytes} bytes, at most ${bytesMax} are possible`);
}

/** The name of a lease that somebody may hold. Throws MedicError `bad-key`. */
export function assertLeaseName(name: string): void {
  assertKeyFits(`lease#${name}`, partitionKeyBytesMax);
  if (name === fenceFloorLease) throw badKey(`"${name}"`, "it is kept for the floor of all fences");
}

/** For how many at most are asked for. Throws MedicError `bad-limit` for what is no whole number from 0. */
export function assertLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 0) return;
  throw new MedicError("bad-limit", `at most ${limit} were asked for, needed is a whole number from 0`, {
    retry: "never",
    next: "Nothing was read. This is a fault of the program: report it.",
  });
}

/**
 * What becomes a column or an attribute of a case, also of a body that a newer program wrote. Throws MedicError `bad-column` for half
 * of a letter, which no UTF-8 holds, a number beyond what is counted exactly, and an incident that is no object.
 */
export function assertCaseColumns(service: string, body: object): void {
  const { pattern, phase, incident, due, schema } = body as Readonly<Record<string, unknown>>;
  if (incident === null || (incident !== undefined && typeof incident !== "object"))
    throw badColumn(service, "incident", "it is no object");
  if (!Number.isSafeInteger(schema)) throw badColumn(service, "schema", "it is no whole number");
  const { id, symptom, openedAt } = (incident ?? {}) as Readonly<Record<string, unknown>>;
  const kind =
    typeof phase === "object" && phase !== null ? (phase as Readonly<Record<string, unknown>>)["kind"] : undefined;
  const columns = {
    pattern,
    "phase.kind": kind,
    "incident.id": id,
    "incident.symptom": symptom,
    due,
    "incident.openedAt": openedAt,
  };
  for (const [name, value] of Object.entries(columns)) {
    if (typeof value === "string") assertWholeLetters(`"${name}" of case "${service}"`, value);
    // Written rounded up, so that the end of the range is one less.
    else if (typeof value === "number" && !(Math.abs(value) < Number.MAX_SAFE_INTEGER))
      throw badColumn(service, name, `${value} is no number that is counted exactly`);
  }
}

/** Throws MedicError `bad-column`: for every text that is stored beside a body. */
export function assertWholeLetters(what: string, text: string): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw new MedicError("bad-column", `${what} cannot be stored: ${JSON.stringify(text)} holds half of a letter`, {
    retry: "never",
    next: "Nothing was written. Find what made this text, and cut texts between letters only.",
  });
}

function badColumn(service: string, name: string, why: string): MedicError {
  return new MedicError("bad-column", `"${name}" of case "${service}" cannot be stored: ${why}`, {
    retry: "never",
    next: "Nothing was written. Look at the body of this case where it comes from.",
  });
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function assertFits(what: string, body: string, bytesMax: number): void {
  // No UTF-16 unit becomes more than 3 bytes: most bodies need no counting.
  if (body.length * 3 <= bytesMax) return;
  const bytes = utf8Bytes(body);
  if (bytes <= bytesMax) return;
  throw new MedicError("item-too-large", `${what} has ${bytes} bytes, at most ${bytesMax} may be stored`, {
    retry: "never",
    next: "Nothing was written. This is a fault of the program: report it with the incident's timeline.",
  });
}

function badKey(what: string, why: string): MedicError {
  return new MedicError("bad-key", `${what} cannot be a key: ${why}`, {
    retry: "never",
    next: "Shorten or rename the service in medic.yaml.",
  });
}
