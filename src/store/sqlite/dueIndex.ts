/** The due index against the table. SQLite writes both in one transaction; only a damaged page can part them. */
import type { Change } from "./changes.ts";
import { numberAt, textAt } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { readColumn } from "./rows.ts";

const columns = `SELECT ${readColumn("due")}, ${readColumn("service")} FROM cases`;

/** Services of which table and index say different things. */
export function dueDifferences(sql: Connection): number {
  const indexed = new Set<string>();
  for (const row of sql.all(`${columns} INDEXED BY cases_due WHERE due IS NOT NULL`))
    indexed.add(`${numberAt(row, 0)} ${textAt(row, 1)}`);
  let differences = 0;
  for (const row of sql.all(`${columns} NOT INDEXED WHERE due IS NOT NULL`))
    if (!indexed.delete(`${numberAt(row, 0)} ${textAt(row, 1)}`)) differences += 1;
  return differences + indexed.size;
}

/** Makes the index anew from the table where they differ. Answers how many entries were wrong. */
export function rebuildDueIndex({ sql, touch }: Change): number {
  const differences = dueDifferences(sql);
  if (differences === 0) return 0;
  sql.exec("REINDEX cases_due");
  touch();
  return differences;
}
