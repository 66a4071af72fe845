/** Reading row by row around pages that cannot be read. */
import { sentenceOf } from "../../domain/errors.ts";
import { numberAt } from "./connection.ts";
import type { Connection, SqlRow } from "./connection.ts";
import { columnsOf, keyColumns, readList } from "./rows.ts";
import type { TableName } from "./rows.ts";
import { troubleOf } from "./sqlErrors.ts";

/** From the table in both directions and from the index of its keys: each goes as far as the first page that cannot be read. */
export function rowidsOf(sql: Connection, table: TableName): Set<number> {
  const rowids = new Set<number>();
  const keys = columnsOf[table].slice(0, keyColumns[table]).join(", ");
  for (const text of [
    `SELECT rowid FROM ${table} NOT INDEXED ORDER BY rowid`,
    `SELECT rowid FROM ${table} NOT INDEXED ORDER BY rowid DESC`,
    `SELECT rowid FROM ${table} INDEXED BY sqlite_autoindex_${table}_1 ORDER BY ${keys}`,
  ])
    unlessDamaged(() => {
      for (const row of sql.each(text)) rowids.add(numberAt(row, 0));
    });
  return rowids;
}

/** Its columns and checksum, whole or not; undefined = not there, or on a page that cannot be read. */
export function rowOfId(sql: Connection, table: TableName, rowid: number): SqlRow | undefined {
  const text = `SELECT ${readList(table)} FROM ${table} NOT INDEXED WHERE rowid = ?`;
  return unlessDamaged(() => sql.get(text, rowid));
}

function unlessDamaged<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    // A file whose list of tables is damaged has, for SQLite, no such table.
    if (troubleOf(error)?.kind === "damaged" || /no such (table|index|column)/.test(sentenceOf(error)))
      return undefined;
    throw error;
  }
}
