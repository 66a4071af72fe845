/** The one judgement of an item that comes from elsewhere: what every store takes, whichever program wrote it. */
import { CorruptItem } from "../domain/caseSchema.ts";
import {
  assertCaseColumns,
  assertCaseFits,
  assertKeyFits,
  assertRecordFits,
  assertRecordKey,
  partitionKeyBytesMax,
} from "../domain/storedSize.ts";
import type { ExportItem } from "./store.ts";

/**
 * Asked by an import of every line before the first is written, and by each store of every item before it is written. Of a body that a
 * newer program wrote too. Throws MedicError `bad-key`, `bad-column`, `item-too-large` or CorruptItem.
 */
export function assertStorable(item: ExportItem): void {
  switch (item.kind) {
    case "case":
      if (item.service === "") throw new CorruptItem("a case", "it names no service");
      assertKeyFits(`case#${item.service}`, partitionKeyBytesMax);
      assertCaseFits(item.service, item.body);
      return assertCaseBody(item);
    case "record":
      assertRecordKey(item.collection, item.id);
      assertRecordFits(item.collection, item.id, item.body);
      assertRevision(`record "${item.id}" of "${item.collection}"`, item.rev);
      jsonOf(`record "${item.id}" of "${item.collection}"`, item.body);
      return;
    case "lease":
      if (item.name === "") throw new CorruptItem("a lease", "it has no name");
      assertKeyFits(`lease#${item.name}`, partitionKeyBytesMax);
      if (!Number.isSafeInteger(item.fence) || item.fence < 0)
        throw new CorruptItem(`lease "${item.name}"`, `its fence ${item.fence} is no whole number from 0`);
  }
}

function assertCaseBody({ service, rev, body }: ExportItem & { kind: "case" }): void {
  const what = `case "${service}"`;
  assertRevision(what, rev);
  const read = Object(jsonOf(what, body)) as Readonly<Record<string, unknown>>;
  if (typeof read["service"] !== "string" || typeof read["rev"] !== "number" || typeof read["schema"] !== "number")
    throw new CorruptItem(what, "its body is no case: service, rev or schema is missing");
  assertCaseColumns(service, read);
  if (read["service"] === service && read["rev"] === rev) return;
  throw new CorruptItem(
    what,
    `its body says "${read["service"]}" at revision ${read["rev"]}, the item revision ${rev}`,
  );
}

function assertRevision(what: string, rev: number): void {
  if (!Number.isSafeInteger(rev) || rev < 1)
    throw new CorruptItem(what, `its revision ${rev} is no whole number from 1`);
}

function jsonOf(what: string, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    throw new CorruptItem(what, "its body is not JSON", error);
  }
}
