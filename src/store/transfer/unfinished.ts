/**
 * A mark that stands in a store while an import goes into it. A bot that started on half of the cases would open incidents anew that are
 * open already, and act on them a second time.
 */
import { MedicError } from "../../domain/errors.ts";
import type { ExportItem, RecordKey, Records } from "../../ports/store.ts";

const key: RecordKey = { collection: "import", id: "unfinished" };

/** Before the first item. */
export async function beginImport(records: Records, at: number): Promise<void> {
  await records.putIfAbsent(key, { at });
}

/** After the last one. */
export async function endImport(records: Records): Promise<void> {
  await records.remove(key);
}

export function isImportMark(item: ExportItem): boolean {
  return item.kind === "record" && item.collection === key.collection && item.id === key.id;
}

/** Throws MedicError `import-unfinished`: for whoever is about to work on the store or to copy it. */
export async function assertNoImport(records: Records): Promise<void> {
  if (await records.get(key)) throw importUnfinished();
}

/** The items of a store that is to be copied whole. Throws MedicError `import-unfinished` where it meets the mark. */
export async function* withoutImport(items: AsyncIterable<ExportItem>): AsyncGenerator<ExportItem> {
  for await (const item of items) {
    if (isImportMark(item)) throw importUnfinished();
    yield item;
  }
}

function importUnfinished(): MedicError {
  return new MedicError("import-unfinished", "an import into this store was begun and has not come to its end", {
    retry: "never",
    next: "Run the same `medic store import` again: it goes on where it stopped.",
  });
}
