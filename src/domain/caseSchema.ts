/**
 * How a stored case is read: an older schema is lifted step by step to today's, a newer one is left alone, anything else
 * is named and not guessed at. Pure, so that every store reads the same way.
 */
import { MedicError } from "./errors.ts";
import { caseSchema } from "./serviceCase.ts";
import type { ServiceCase } from "./serviceCase.ts";

/** Lifts a stored body from schema N to N + 1. */
export type Upgrade = (older: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** By the schema that they read. Schema 1 is the first, so nothing older exists yet. Add `1: fromSchema1` when 2 comes. */
export const caseUpgrades: Readonly<Record<number, Upgrade>> = {};

export type CaseReading =
  { readonly kind: "case"; readonly current: ServiceCase } | { readonly kind: "newer"; readonly schema: number };

/** The item is damaged or was written by something else. A person must look; it is never overwritten by guesswork. */
export class CorruptItem extends MedicError {
  constructor(what: string, why: string, cause?: unknown) {
    super("corrupt-item", `${what} cannot be read: ${why}`, {
      retry: "never",
      next: "Nothing acts on it. Look at the item in the table, restore it from a backup or remove it.",
      cause,
    });
  }
}

/**
 * `what` names the item for the person who must look, for example `case "shop-web"`. `body` is the stored JSON text.
 * Throws CorruptItem.
 */
export function readCase(
  what: string,
  body: string,
  upgrades: Readonly<Record<number, Upgrade>> = caseUpgrades,
): CaseReading {
  let read = objectOf(what, body);
  let schema = read["schema"];
  if (typeof schema !== "number") throw new CorruptItem(what, "it has no schema number");
  if (schema > caseSchema) return { kind: "newer", schema };
  while (schema < caseSchema) {
    const upgrade: Upgrade | undefined = upgrades[schema];
    if (!upgrade) throw new CorruptItem(what, `nothing knows how to read schema ${schema}`);
    schema += 1;
    read = { ...upgrade(read), schema };
  }
  const missing = missingParts(read);
  if (missing.length > 0) throw new CorruptItem(what, `it lacks ${missing.join(", ")}`);
  return { kind: "case", current: read as unknown as ServiceCase };
}

/** Every write carries the revision after the one it was decided on; anything else is a fault of the caller. */
export function assertNextRevision(next: ServiceCase, expectedRev: number): void {
  if (next.rev === expectedRev + 1) return;
  throw new MedicError(
    "wrong-revision",
    `case "${next.service}" was to be written as revision ${next.rev} on top of ${expectedRev}`,
    { retry: "never", next: "Nothing was written. This is a fault of the program: report it with the log line." },
  );
}

function objectOf(what: string, body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new CorruptItem(what, "its body is not JSON", cause);
  }
  if (!isObject(value)) throw new CorruptItem(what, "its body is not an object");
  return value;
}

/** Only what the core touches without asking; the full shape is the writer's promise. */
function missingParts(read: Readonly<Record<string, unknown>>): string[] {
  const phase = read["phase"];
  const parts: Record<string, boolean> = {
    service: typeof read["service"] === "string",
    rev: typeof read["rev"] === "number",
    placement: isObject(read["placement"]),
    "phase.kind": isObject(phase) && typeof phase["kind"] === "string",
    bad: Array.isArray(read["bad"]),
    owes: Array.isArray(read["owes"]),
    entries: Array.isArray(read["entries"]),
    debts: Array.isArray(read["debts"]),
  };
  return Object.entries(parts)
    .filter(([, present]) => !present)
    .map(([part]) => part);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
