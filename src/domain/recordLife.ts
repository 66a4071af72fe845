/**
 * How long what is not a case is kept. One judgement for both ways in which old records go: the sweeps of the engine
 * (`retention.ts`, `chores.ts`) remove what is over, and DynamoDB deletes by itself what carries this time as `expiresAt`.
 *
 * Expiry is leave to delete, not a deadline: a record counts as it stands until it is gone, in every store. DynamoDB deletes within
 * days of the time, a sweep within a day; nothing may depend on which. Cases and leases never expire.
 */
import { dayMs, hookLimitMs } from "./limits.ts";
import { headOf } from "./recordKinds.ts";

/** A quarter of a year: longer than any open incident is looked at, and than people ask for the steps of a run. */
export const keptMs = 90 * dayMs;
/** Longer than any lifecycle hook may wait: a message about one that was answered is recognised when it comes again. */
export const choreKeptMs = hookLimitMs + 60 * 60_000;

interface Life {
  readonly keptMs: number;
  /** When it was last of use, epoch ms, by the names in its body. Absent there: it is still of use. */
  readonly lastUse: readonly string[];
}

/**
 * By the first part of the collection. What is not named stays for ever: timelines, closed incidents and the audit are what people
 * are asked about years later, and are small; the inbox may hold a signal that nobody has judged yet; the rest is one record a
 * service, scope, channel or fleet that is written over again.
 */
const lives: Readonly<Record<string, Life>> = {
  mail: { keptMs, lastUse: ["at"] },
  dossier: { keptMs, lastUse: ["at"] },
  unmatched: { keptMs, lastUse: ["lastAt"] },
  // One without an end may still be carried on.
  run: { keptMs, lastUse: ["ended", "at"] },
  chore: { keptMs: choreKeptMs, lastUse: ["ended", "at"] },
};

/** From when on this record may be deleted, epoch ms; undefined: it stays. `body` as it is stored. */
export function expiryOf(collection: string, body: unknown): number | undefined {
  const life = Object.hasOwn(lives, headOf(collection)) ? lives[headOf(collection)] : undefined;
  if (life === undefined) return undefined;
  const lastUse = life.lastUse.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | null | undefined)?.[name],
    body,
  );
  return typeof lastUse === "number" && Number.isFinite(lastUse) ? lastUse + life.keptMs : undefined;
}

/** May records of this collection ever expire? */
export function canExpire(collection: string): boolean {
  return Object.hasOwn(lives, headOf(collection));
}
