/**
 * How one row of each table is written, and the checksum that stands in it.
 *
 * The checksum is CRC-32 over every column and the body. It is against accidents of disks and memory, not against people: it finds every
 * burst of up to 32 bits, so every flipped byte, and of all other damage all but one in 4 billion; pages and their links are checked by
 * SQLite itself besides. A row that is gone, or an old copy of a row, has a right checksum: these show in the counts and in the sum of all
 * checksums that `meta` keeps in the same transaction.
 */
import { crc32 } from "node:zlib";
import type { SqlRow, SqlValue } from "./connection.ts";

export type TableName = "cases" | "records" | "leases";
export const tableNames: readonly TableName[] = ["cases", "records", "leases"];

/** In the order of `columnsOf`, without rowid and checksum. */
export const columnsOf: Readonly<Record<TableName, readonly string[]>> = {
  cases: ["service", "rev", "schema", "pattern", "phase", "symptom", "incident", "opened", "due", "body"],
  records: ["collection", "id", "rev", "body"],
  leases: ["name", "owner", "fence", "until"],
};

/** How many of the first columns are the key. */
export const keyColumns: Readonly<Record<TableName, number>> = { cases: 1, records: 2, leases: 1 };

const numbers = new Set(["rev", "schema", "opened", "due", "fence", "until", "checksum"]);

/**
 * All columns of `columnsOf` and then the checksum, as they are selected: each in its own kind whatever a damaged byte says it is, and
 * text as bytes, because the binding ends the process on text that is no UTF-8.
 */
export function readList(table: TableName): string {
  return [...columnsOf[table], "checksum"].map(readColumn).join(", ");
}

export function readColumn(column: string): string {
  return `CAST(${column} AS ${numbers.has(column) ? "INTEGER" : "BLOB"})`;
}

export function checksumOf(values: SqlRow): number {
  const body = values.at(-1);
  // The body by itself: to quote its 3 KB again would cost more than all the rest of a write.
  if (typeof body === "string") return crc32(body, crc32(JSON.stringify(values.slice(0, -1))));
  return crc32(JSON.stringify(values));
}

/** `case "shop"`, `record "0001" of "timeline/shop"`, `lease "slack"`. `key` as it is stored. */
export function nameOfRow(table: TableName, key: SqlRow): string {
  const [first, second] = key.map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString() : part));
  if (table === "cases") return `case "${first}"`;
  return table === "records" ? `record "${second}" of "${first}"` : `lease "${first}"`;
}

/** A whole number for a column that sorts; a fraction of a millisecond is rounded up, so that nothing is looked at too early. */
export function wholeMs(ms: number | undefined): SqlValue {
  return ms === undefined ? null : Math.ceil(ms);
}
