/**
 * A mark that stands in a store while an import goes into it. A bot that started on half of the cases would open incidents anew that are
 * open already, and act on them a second time.
 */
import { MedicError } from "../../domain/errors.ts";
import type { ExportItem, RecordKey, Records } from "../../ports/store.ts";

const key: RecordKey = { collection: "import", id: "unfinished" };

/** Which export is going in: its time of beginning (epoch ms) and the digest over its items. */
export interface ImportMark {
  readonly at: number;
  readonly sha256: string;
}

/** Before the first item. Throws MedicError `import-unfinished` while another file's import has not come to its end. */
export async function beginImport(records: Records, mark: ImportMark): Promise<void> {
  await records.putIfAbsent(key, mark);
  await assertNoOtherImport(records, mark.sha256);
}

/** Throws MedicError `import-unfinished` unless there is no mark, or it is of this file. */
export async function assertNoOtherImport(records: Records, sha256: string): Promise<void> {
  const found = await records.get<Partial<ImportMark> | null>(key);
  if (found && found.body?.sha256 !== sha256) throw importUnfinished(found.body);
}

/** After the last item, by whoever holds the mark: `beginImport` refuses everybody else. */
export async function endImport(records: Records): Promise<void> {
  await records.remove(key);
}

export function isImportMark(item: ExportItem): boolean {
  return item.kind === "record" && item.collection === key.collection && item.id === key.id;
}

/** Throws MedicError `import-unfinished`: for whoever is about to work on the store or to copy it. */
export async function assertNoImport(records: Records): Promise<void> {
  const found = await records.get<Partial<ImportMark> | null>(key);
  if (found) throw importUnfinished(found.body);
}

/** The items of a store that is to be copied whole. Throws MedicError `import-unfinished` where it meets the mark. */
export async function* withoutImport(items: AsyncIterable<ExportItem>): AsyncGenerator<ExportItem> {
  for await (const item of items) {
    if (isImportMark(item)) throw importUnfinished(markIn(item));
    yield item;
  }
}

function markIn(item: ExportItem): Partial<ImportMark> | null {
  try {
    return item.kind === "record" ? (JSON.parse(item.body) as Partial<ImportMark> | null) : null;
  } catch {
    return null;
  }
}

function importUnfinished(mark: Partial<ImportMark> | null): MedicError {
  const which = typeof mark?.sha256 === "string" ? ` (of the file whose last line has sha256 ${mark.sha256})` : "";
  return new MedicError(
    "import-unfinished",
    `an import into this store was begun and has not come to its end${which}`,
    {
      retry: "never",
      next: "Run the same `medic store import` again, with that file: it goes on where it stopped. If the file is gone, import into a new store.",
    },
  );
}
