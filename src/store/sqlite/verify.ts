/**
 * Whether everything that was answered is there and is what was written: SQLite's own check of pages and indexes, the checksum of each
 * row, the counts and sums in `meta`, the due index, and how far `answered` says it must reach. Changes nothing; page by page, so that a
 * bot that checks itself goes on meanwhile.
 */
import type { Connection, SqlRow } from "./connection.ts";
import { numberAt, textAt } from "./connection.ts";
import { isWhole, reduced } from "./changes.ts";
import { rowidsOf, rowOfId } from "./rescue.ts";
import { columnsOf, keyColumns, nameOfRow, readColumn, readList, tableNames } from "./rows.ts";
import type { TableName } from "./rows.ts";
import { dueDifferences } from "./dueIndex.ts";
import { schemaVersion } from "./schema.ts";
import { standingOf } from "./opening.ts";
import { troubleOf } from "./sqlErrors.ts";
import { turn } from "./turn.ts";

export interface Verified {
  readonly schema: number;
  readonly created: number;
  readonly commits: number;
  /** Rows that were read and are whole. */
  readonly rows: Readonly<Record<TableName, number>>;
  /** Rows that `meta` counts; undefined where `meta` cannot be read. */
  readonly counted?: Readonly<Record<TableName, number>>;
  /** Names of rows that are there and not whole, or that only an index still knows. */
  readonly unreadable: readonly string[];
  /** What is wrong beside that, in SQLite's words or ours. Empty and nothing unreadable = whole. */
  readonly problems: readonly string[];
  /** Entries of the due index that are wrong; it can be made anew from the table. */
  readonly dueDifferences: number;
}

const pageRows = 200;
/** SQLite's list of problems can have a line for each row. */
const problemsMax = 10;

/** Of a consistent moment: the connection reads one snapshot from here to its end. Never throws for damage. */
export async function verify(sql: Connection): Promise<Verified> {
  const problems: string[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!troubleOf(error)) throw error;
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  attempt(() => sql.exec("BEGIN"));
  const schema = attempt(() => schemaVersion(sql)) ?? 0;
  const pages = attempt(() => pageProblems(sql)) ?? { others: [], ofDueIndex: 0 };
  problems.push(...pages.others);
  const standing = attempt(() => standingOf(sql)) ?? { created: 0, commits: 0 };
  const counted = attempt(() => countedIn(sql));
  const found = await verifyTables(sql, { attempt, counted: counted?.rows });
  const noted = attempt(() => numberAt(sql.get("SELECT schema FROM meta WHERE one = 1"), 0));
  if (noted !== undefined && schema !== noted)
    problems.push(`its schema is ${schema} in its header and ${noted} inside`);
  // Before what SQLite says, which tells a person less.
  if (counted) problems.unshift(...miscounted(counted, found));
  const differences = attempt(() => dueDifferences(sql)) ?? 0;
  attempt(() => sql.inTransaction() && sql.exec("ROLLBACK"));
  return {
    schema,
    ...standing,
    rows: found.rows,
    ...(counted ? { counted: counted.rows } : {}),
    unreadable: found.unreadable,
    problems: [...new Set(problems)],
    // SQLite's lines are of the same entries, and one more for their number.
    dueDifferences: differences > 0 ? differences : pages.ofDueIndex,
  };
}

interface Found {
  readonly rows: Record<TableName, number>;
  checksums: number;
  readonly unreadable: string[];
}

type Attempt = <T>(work: () => T) => T | undefined;

/** Wrong entries of an index are counted by themselves: from the table it can be made anew. */
function pageProblems(sql: Connection): { others: string[]; ofDueIndex: number } {
  const lines = sql
    .all(`SELECT CAST(integrity_check AS BLOB) FROM pragma_integrity_check(${problemsMax})`)
    .map((row) => textAt(row, 0))
    .filter((line) => line !== "ok");
  const others = lines.filter((line) => !/index cases_due$/.test(line));
  return { others, ofDueIndex: lines.length - others.length };
}

function countedIn(sql: Connection): { rows: Record<TableName, number>; checksums: number } | undefined {
  const row = sql.get("SELECT cases, records, leases, checksums FROM meta WHERE one = 1");
  if (!row) return undefined;
  const [cases, records, leases, checksums] = [0, 1, 2, 3].map((at) => numberAt(row, at)) as [
    number,
    number,
    number,
    number,
  ];
  return { rows: { cases, records, leases }, checksums };
}

async function verifyTables(
  sql: Connection,
  { attempt, counted }: { attempt: Attempt; counted: Readonly<Record<TableName, number>> | undefined },
): Promise<Found> {
  const found: Found = { rows: { cases: 0, records: 0, leases: 0 }, checksums: 0, unreadable: [] };
  for (const table of tableNames) {
    const seen = new Set<number>();
    for (let after = -1; ;) {
      const page = attempt(() => pageOf(sql, table, after));
      for (const row of page ?? []) judge(table, row, { found, seen });
      if (!page) rescued(sql, table, { found, seen });
      if (!page || page.length < pageRows) break;
      after = numberAt(page.at(-1), 0);
      await turn();
    }
    // Where all rows were seen, the index has no more names to give.
    if (seen.size !== counted?.[table]) attempt(() => onlyInIndex(sql, table, { found, seen }));
  }
  return found;
}

function judge(table: TableName, [rowid, ...row]: SqlRow, { found, seen }: { found: Found; seen: Set<number> }): void {
  seen.add(Number(rowid));
  found.checksums = reduced(found.checksums + numberAt(row, row.length - 1));
  if (isWhole(row)) found.rows[table] += 1;
  else found.unreadable.push(nameOfRow(table, row.slice(0, keyColumns[table])));
}

/** What stands on other pages than the one that cannot be read. */
function rescued(sql: Connection, table: TableName, { found, seen }: { found: Found; seen: Set<number> }): void {
  for (const rowid of rowidsOf(sql, table)) {
    const row = seen.has(rowid) ? undefined : rowOfId(sql, table, rowid);
    if (row) judge(table, [rowid, ...row], { found, seen });
  }
}

function pageOf(sql: Connection, table: TableName, after: number): SqlRow[] {
  return sql.all(
    `SELECT rowid, ${readList(table)} FROM ${table} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ${pageRows}`,
    after,
  );
}

/** Where a page of the table is lost, the index of its keys still names the rows that stood there. */
function onlyInIndex(sql: Connection, table: TableName, { found, seen }: { found: Found; seen: Set<number> }): void {
  const keys = columnsOf[table].slice(0, keyColumns[table]);
  const text = `SELECT rowid, ${keys.map(readColumn).join(", ")} FROM ${table} INDEXED BY sqlite_autoindex_${table}_1 ORDER BY ${keys.join(", ")}`;
  for (const [rowid, ...key] of sql.each(text))
    if (!seen.has(Number(rowid))) found.unreadable.push(nameOfRow(table, key));
}

function miscounted(counted: { rows: Record<TableName, number>; checksums: number }, found: Found): string[] {
  const unread = found.unreadable.length;
  const total = (rows: Record<TableName, number>) => rows.cases + rows.records + rows.leases;
  const missing = total(counted.rows) - total(found.rows) - unread;
  const more = unread > 0 ? "more " : "";
  if (missing > 0) return [`${missing} ${more}${missing === 1 ? "row is" : "rows are"} missing and cannot be named`];
  if (missing < 0) return [`${-missing} rows more than were counted`];
  const inTables = tableNames.some((table) => counted.rows[table] !== found.rows[table]);
  if (unread === 0 && (inTables || counted.checksums !== found.checksums))
    return ["rows are there in an older version, or the counts are damaged"];
  return [];
}
