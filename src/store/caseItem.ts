/** A case as an item: `case#<service>` / `case`, its columns for people, its index entry, and the body that alone is believed. */
import { CorruptItem, readCase } from "../domain/caseSchema.ts";
import type { Upgrade } from "../domain/caseSchema.ts";
import { caseColumns } from "../domain/caseColumns.ts";
import { timeText } from "../domain/recordKinds.ts";
import { caseSchema } from "../domain/serviceCase.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { assertCaseColumns, assertCaseFits, assertKeyFits, partitionKeyBytesMax } from "../domain/storedSize.ts";
import { tableShape } from "../domain/tableShape.ts";
import { NewerSchema } from "../ports/store.ts";
import { caseKey, caseSortKey } from "./caseKey.ts";
import { dueShardOf } from "./dueShard.ts";
import type { PlainItem } from "./tableModel.ts";

/** Throws MedicError `item-too-large`, `bad-key`. */
export function caseItem(next: ServiceCase): PlainItem {
  const body = JSON.stringify(next);
  assertCaseFits(next.service, body);
  assertCaseColumns(next.service, next);
  assertKeyFits(caseKey(next.service), partitionKeyBytesMax);
  return { pk: caseKey(next.service), sk: caseSortKey, ...caseAttributes(next), body };
}

type CaseAttributes = Readonly<Record<string, string | number>>;

/** What an item of this case has beside keys and body. The index is sparse: only what has a due time stands in it. */
export function caseAttributes(current: ServiceCase): CaseAttributes {
  const { opened, due, ...columns } = caseColumns(current);
  return {
    ...columns,
    ...(opened === undefined ? {} : { opened, openedUtc: timeText(opened) }),
    ...(due === undefined ? {} : dueAttributes(current.service, due)),
  };
}

/** What puts a case into the index, epoch ms. */
export function dueAttributes(service: string, due: number): CaseAttributes {
  const { partitionKey, sortKey } = tableShape.dueIndex;
  return { [partitionKey]: dueShardOf(service), [sortKey]: due, dueUtc: timeText(due) };
}

export interface ReadCase {
  readonly current: ServiceCase;
  /** Attributes that say something else than the body: edited by hand, or written by another version. The body is right. */
  readonly differing: readonly string[];
}

/** undefined: no case. Throws CorruptItem, NewerSchema. */
export function readCaseItem(
  what: string,
  stored: Readonly<Record<string, unknown>>,
  upgrades?: Readonly<Record<number, Upgrade>>,
): ReadCase | undefined {
  const { rev, body } = stored;
  // A revision of 0 is what repair leaves for an instant while it takes away an index entry that has no item.
  if (rev === 0) return undefined;
  if (body === undefined) throw new CorruptItem(what, "it has no body");
  if (typeof body !== "string" || typeof rev !== "number")
    throw new CorruptItem(what, "its body or revision is missing or of another type than expected");
  const reading = readCase(what, body, upgrades);
  if (reading.kind === "newer") throw new NewerSchema(what, reading.schema, caseSchema);
  const { current } = reading;
  if (current.rev !== rev) throw new CorruptItem(what, `its body has revision ${current.rev}, the item ${rev}`);
  return { current, differing: differing(stored, caseAttributes(current)) };
}

const notCompared = new Set<string>([tableShape.partitionKey, tableShape.sortKey, "body"]);

function differing(stored: Readonly<Record<string, unknown>>, wanted: CaseAttributes): string[] {
  const names = new Set([...Object.keys(stored), ...Object.keys(wanted)]);
  return [...names].filter((name) => !notCompared.has(name) && stored[name] !== wanted[name]).sort();
}
