/** Cases in SQLite: the body as JSON text, beside it the columns that a person reads in a shell and the due loop sorts by. */
import { assertNextRevision, CorruptItem, readCase } from "../../domain/caseSchema.ts";
import type { CaseReading, Upgrade } from "../../domain/caseSchema.ts";
import { caseColumns } from "../../domain/caseColumns.ts";
import { codeOf, sentenceOf } from "../../domain/errors.ts";
import { caseSchema } from "../../domain/serviceCase.ts";
import type { ServiceCase } from "../../domain/serviceCase.ts";
import {
  assertCaseColumns,
  assertCaseFits,
  assertKeyFits,
  assertLimit,
  partitionKeyBytesMax,
} from "../../domain/storedSize.ts";
import type { ServiceName } from "../../domain/words.ts";
import type { Log } from "../../ports/log.ts";
import { NewerSchema } from "../../ports/store.ts";
import type { Cases } from "../../ports/store.ts";
import { isWhole, rowAt } from "./changes.ts";
import { numberAt, textAt } from "./connection.ts";
import type { Connection, SqlRow } from "./connection.ts";
import type { SqliteDatabase } from "./database.ts";
import { columnsOf, readColumn, readList, wholeMs } from "./rows.ts";
import { rebuildDueIndex } from "./dueIndex.ts";
import { turn } from "./turn.ts";

export interface SqliteCasesOptions {
  readonly log: Log;
  readonly upgrades?: Readonly<Record<number, Upgrade>>;
}

const bodyAt = columnsOf.cases.indexOf("body");
/** Bodies of 64 KB: 3 MB at once. */
const pageRows = 50;

export function sqliteCases(database: SqliteDatabase, { log, upgrades }: SqliteCasesOptions): Cases {
  return {
    load: (service) =>
      database.read(`case "${service}"`, (sql) => {
        const row = rowAt(sql, "cases", [service]);
        if (!row) return undefined;
        const reading = readRow(service, row, upgrades);
        if (reading.kind === "newer") throw new NewerSchema(`case "${service}"`, reading.schema, caseSchema);
        return reading.current;
      }),
    write: async (next, expectedRev) => {
      const body = JSON.stringify(next);
      assertNextRevision(next, expectedRev);
      assertCaseFits(next.service, body);
      assertCaseColumns(next.service, next);
      assertKeyFits(next.service, partitionKeyBytesMax);
      const values = caseRow(next, body);
      return database.write(`case "${next.service}"`, ({ sql, insert, update }) => {
        const found = sql.get("SELECT rev, schema, checksum FROM cases WHERE service = ?", values[0] ?? null);
        if (numberAt(found, 0) !== expectedRev || numberAt(found, 1) > caseSchema) return "conflict";
        if (found) update("cases", values, numberAt(found, 2));
        else insert("cases", values);
        return "written";
      });
    },
    due: async (now, limit) => {
      assertLimit(limit);
      const text = `SELECT ${readColumn("service")} FROM cases WHERE due <= ? ORDER BY due, service LIMIT ?`;
      return database.read("the due services", (sql) =>
        sql.all(text, now, limit).map((row) => textAt(row, 0) as ServiceName),
      );
    },
    all: () => allCases(database, { log, ...(upgrades ? { upgrades } : {}) }),
    repair: async () => {
      const mended = await database.write("the due index", rebuildDueIndex);
      if (mended > 0) log.warn("due-index-mended", { services: mended });
      return mended;
    },
    remove: (service) => database.write(`case "${service}"`, ({ remove }) => remove("cases", [service])),
  };
}

/** All columns, in the order of `columnsOf.cases`. */
export function caseRow(current: ServiceCase, body: string): SqlRow {
  const { service, rev, schema, pattern, phase, symptom, incident, opened, due } = caseColumns(current);
  return [
    service,
    rev,
    schema,
    pattern ?? null,
    phase,
    symptom ?? null,
    incident ?? null,
    wholeMs(opened),
    wholeMs(due),
    body,
  ];
}

function readRow(service: string, row: SqlRow, upgrades?: Readonly<Record<number, Upgrade>>): CaseReading {
  const what = `case "${service}"`;
  if (!isWhole(row)) throw new CorruptItem(what, "its checksum differs from what was written");
  return readCase(what, textAt(row, bodyAt), upgrades);
}

async function* allCases(database: SqliteDatabase, options: SqliteCasesOptions): AsyncGenerator<ServiceCase> {
  for (let after = ""; ;) {
    const page = await database.read("every case", (sql) => pageOf(sql, after));
    for (const row of page) {
      const current = readable(textAt(row, 0), row, options);
      if (current) yield current;
    }
    if (page.length < pageRows) return;
    after = textAt(page.at(-1), 0);
    await turn();
  }
}

function pageOf(sql: Connection, after: string): SqlRow[] {
  return sql.all(`SELECT ${readList("cases")} FROM cases WHERE service > ? ORDER BY service LIMIT ${pageRows}`, after);
}

/** One case that nobody can read must not hide the others. */
function readable(service: string, row: SqlRow, { log, upgrades }: SqliteCasesOptions): ServiceCase | undefined {
  try {
    const reading = readRow(service, row, upgrades);
    return reading.kind === "case" ? reading.current : undefined;
  } catch (error) {
    log.error(codeOf(error), { service, message: sentenceOf(error) });
    return undefined;
  }
}
