/** Going on with what can be read: every whole row of a damaged file, copied into a new one. The damaged file is only read. */
import { sentenceOf } from "../../domain/errors.ts";
import { changing, isWhole, rowAt } from "./changes.ts";
import { numberAt } from "./connection.ts";
import type { Connection, SqlRow } from "./connection.ts";
import { columnsOf, keyColumns, tableNames } from "./rows.ts";
import type { TableName } from "./rows.ts";
import { troubleOf } from "./sqlErrors.ts";

/** How many rows were copied. `to` has the tables of today and is empty; everything is one transaction. */
export function salvage(from: Connection, to: Connection): number {
  let copied = 0;
  to.exec("BEGIN IMMEDIATE");
  const change = changing(to);
  for (const table of tableNames)
    for (const rowid of rowidsOf(from, table)) {
      const row = wholeRow(from, table, rowid);
      const values = row?.slice(0, -1);
      // A damaged page can show a row twice.
      if (!values || rowAt(to, table, values.slice(0, keyColumns[table]))) continue;
      change.insert(table, values);
      copied += 1;
    }
  change.account();
  to.exec("COMMIT");
  return copied;
}

/** From the table in both directions and from the index of its keys: each goes as far as the first page that cannot be read. */
function rowidsOf(sql: Connection, table: TableName): Set<number> {
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

function wholeRow(sql: Connection, table: TableName, rowid: number): SqlRow | undefined {
  const columns = [...columnsOf[table], "checksum"].join(", ");
  const row = unlessDamaged(() => sql.get(`SELECT ${columns} FROM ${table} NOT INDEXED WHERE rowid = ?`, rowid));
  return row && isWhole(row) ? row : undefined;
}

function unlessDamaged<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    // A file whose list of tables is damaged has, for SQLite, no such table.
    if (troubleOf(error)?.kind === "damaged" || /no such (table|index)/.test(sentenceOf(error))) return undefined;
    throw error;
  }
}
