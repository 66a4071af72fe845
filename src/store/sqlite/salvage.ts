/** Going on with what can be read: every whole row of a damaged file, copied into a new one. The damaged file is only read. */
import { changing, isWhole, rowAt } from "./changes.ts";
import type { Connection } from "./connection.ts";
import { rowidsOf, rowOfId } from "./rescue.ts";
import { keyColumns, tableNames } from "./rows.ts";

/** How many rows were copied. `to` has the tables of today and is empty; everything is one transaction. */
export function salvage(from: Connection, to: Connection): number {
  let copied = 0;
  to.exec("BEGIN IMMEDIATE");
  const change = changing(to);
  for (const table of tableNames)
    for (const rowid of rowidsOf(from, table)) {
      const row = rowOfId(from, table, rowid);
      if (!row || !isWhole(row)) continue;
      const values = row.slice(0, -1);
      // A damaged page can show a row twice.
      if (rowAt(to, table, values.slice(0, keyColumns[table]))) continue;
      change.insert(table, values);
      copied += 1;
    }
  change.account();
  to.exec("COMMIT");
  return copied;
}
