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

export function checksumOf(values: SqlRow): number {
  const body = values.at(-1);
  // The body by itself: to quote its 3 KB again would cost more than all the rest of a write.
  if (typeof body === "string") return crc32(body, crc32(JSON.stringify(values.slice(0, -1))));
  return crc32(JSON.stringify(values));
}

/** `case "shop"`, `record "0001" of "timeline/shop"`, `lease "slack"`. `key` as it is stored. */
export function nameOfRow(table: TableName, key: SqlRow): string {
  const [first, second] = key.map((part) => readKey(String(part)));
  if (table === "cases") return `case "${first}"`;
  return table === "records" ? `record "${second}" of "${first}"` : `lease "${first}"`;
}

/**
 * SQLite's C strings end at a NUL, which is a letter like any other to JavaScript and DynamoDB. U+0000 and U+0001 are written as two
 * letters each; the order of bytes stays what it was.
 */
export function storedKey(key: string): string {
  if (!/[\u0000\u0001]/.test(key)) return key;
  return key.replaceAll("\u0001", "\u0001\u0002").replaceAll("\u0000", "\u0001\u0001");
}

export function readKey(stored: string): string {
  if (!stored.includes("\u0001")) return stored;
  return stored.replaceAll("\u0001\u0001", "\u0000").replaceAll("\u0001\u0002", "\u0001");
}

/** A whole number for a column that sorts; a fraction of a millisecond is rounded up, so that nothing is looked at too early. */
export function wholeMs(ms: number | undefined): SqlValue {
  return ms === undefined ? null : Math.ceil(ms);
}
