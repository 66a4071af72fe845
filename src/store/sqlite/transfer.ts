/** Every item of the store for the way to another one, and the way in. */
import { caseColumns } from "../../domain/caseColumns.ts";
import { CorruptItem } from "../../domain/caseSchema.ts";
import type { ServiceCase } from "../../domain/serviceCase.ts";
import type { ServiceName } from "../../domain/words.ts";
import { assertStorable } from "../../ports/storableItem.ts";
import type { ExportItem, Transfer } from "../../ports/store.ts";
import { isWhole, rowAt } from "./changes.ts";
import type { Change } from "./changes.ts";
import { numberAt, openConnection, textAt } from "./connection.ts";
import type { Connection, SqlRow } from "./connection.ts";
import type { SqliteDatabase } from "./database.ts";
import { columnsOf, keyColumns, nameOfRow, readList, tableNames, wholeMs } from "./rows.ts";
import type { TableName } from "./rows.ts";
import { raiseFence } from "./leases.ts";
import { turn } from "./turn.ts";

const pageRows = 100;

export function sqliteTransfer(database: SqliteDatabase): Transfer {
  return {
    exportAll: () => exportFrom(database.files.database),
    importItem: async (item) => {
      const { table, values } = rowOf(item);
      return database.write(nameOfRow(table, values.slice(0, keyColumns[table])), (change) =>
        item.kind === "lease" ? raiseFence(change, item) : insertIfAbsent(change, table, values),
      );
    },
  };
}

/** One moment, whatever is written meanwhile: a connection of its own that keeps its snapshot. Throws CorruptItem at a damaged row. */
export async function* exportFrom(path: string): AsyncGenerator<ExportItem> {
  const sql = openConnection(path, "read");
  try {
    sql.exec("BEGIN");
    for (const table of tableNames) yield* exportTable(sql, table);
  } finally {
    if (sql.inTransaction()) sql.exec("ROLLBACK");
    sql.close();
  }
}

async function* exportTable(sql: Connection, table: TableName): AsyncGenerator<ExportItem> {
  const text = `SELECT rowid, ${readList(table)} FROM ${table} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ${pageRows}`;
  for (let after = -1; ;) {
    const page = sql.all(text, after);
    for (const [, ...row] of page) yield itemOf(table, row);
    if (page.length < pageRows) return;
    after = numberAt(page.at(-1), 0);
    await turn();
  }
}

export function itemOf(table: TableName, row: SqlRow): ExportItem {
  const key = row.slice(0, keyColumns[table]);
  if (!isWhole(row)) throw new CorruptItem(nameOfRow(table, key), "its checksum differs from what was written");
  const [first = "", second = ""] = key.map(String);
  const column = (name: string) => columnsOf[table].indexOf(name);
  const revAndBody = () => ({ rev: numberAt(row, column("rev")), body: textAt(row, column("body")) });
  switch (table) {
    case "cases":
      return { kind: "case", service: first as ServiceName, ...revAndBody() };
    case "records":
      return { kind: "record", collection: first, id: second, ...revAndBody() };
    case "leases":
      return { kind: "lease", name: first, fence: numberAt(row, column("fence")) };
  }
}

/** As the item stands in its table. Throws as `assertStorable` does for what no store could hold. */
function rowOf(item: ExportItem): { table: TableName; values: SqlRow } {
  assertStorable(item);
  switch (item.kind) {
    case "case":
      return { table: "cases", values: importedCase(item) };
    case "record":
      return { table: "records", values: [item.collection, item.id, item.rev, item.body] };
    case "lease":
      return { table: "leases", values: [item.name, null, item.fence, 0] };
  }
}

/** Columns also of a body that a newer program wrote: what has another shape there stays empty and decides nothing. */
function importedCase({ service, rev, body }: ExportItem & { kind: "case" }): SqlRow {
  const read = JSON.parse(body) as ServiceCase;
  const phaseOf = (read as Partial<ServiceCase>).phase ?? { kind: "idle" };
  const { schema, pattern, phase, symptom, incident, opened, due } = caseColumns({
    ...read,
    phase: phaseOf,
    service,
    rev,
  });
  const word = (value: unknown) => (typeof value === "string" ? value : null);
  const ms = (value: unknown) => (typeof value === "number" ? wholeMs(value) : null);
  const words = [pattern, phase, symptom, incident].map(word);
  return [service, rev, schema, ...words, ms(opened), ms(due), body];
}

export function insertIfAbsent({ sql, insert }: Change, table: TableName, values: SqlRow): boolean {
  if (rowAt(sql, table, values.slice(0, keyColumns[table]))) return false;
  insert(table, values);
  return true;
}
