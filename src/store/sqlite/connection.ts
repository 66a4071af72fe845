/**
 * One connection to an SQLite file: the few calls that the store makes, rows as arrays. Everything is synchronous, so that between two
 * calls of the store nothing is half done.
 *
 * Text is selected as a blob (`readColumn` in rows.ts) and becomes text here: the binding ends the process on text that is no UTF-8, which
 * one damaged byte makes of it, and it cuts text at a NUL. Bytes that are no text stay bytes.
 *
 * `close` lets go of the statements; the binding ends the connection in the kernel when they are collected. Nothing relies on that
 * moment: who may write is decided by a file of its own (folderLock.ts), and what must be on disk is on disk before `close`.
 */
import { isUtf8 } from "node:buffer";
import Database from "libsql";

/** Bytes = damaged text. */
export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = readonly SqlValue[];

export interface Connection {
  readonly path: string;
  /** One or several statements whose rows are not wanted. */
  exec(sql: string): void;
  /** How many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Row by row, as far as rows can be read. */
  each(sql: string, ...values: SqlValue[]): Iterable<SqlRow>;
  inTransaction(): boolean;
  close(): void;
}

/** Somebody else's write from a shell is waited for this long; the event loop stands still meanwhile. */
const busyMs = 250;

/** `mode`: "write" needs the file to be there already; "read" cannot change it, not even by closing. */
export function openConnection(path: string, mode: "write" | "read"): Connection {
  const uri = `file:${encodeURI(path).replaceAll("?", "%3f").replaceAll("#", "%23")}?mode=${mode === "read" ? "ro" : "rw"}`;
  const database = new Database(uri, { timeout: busyMs });
  const prepared = new Map<string, ReturnType<typeof database.prepare>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql);
    if (known) return known;
    const made = database.prepare(sql);
    // The store's statements are fixed texts, so that this never grows beyond their number.
    prepared.set(sql, made);
    return made;
  };
  const rowsOf = (sql: string) => statement(sql).raw();
  return {
    path,
    exec: (sql) => void database.exec(sql),
    run: (sql, ...values) => statement(sql).run(values).changes,
    get: (sql, ...values) => {
      const row = rowsOf(sql).get(values) as RawRow | undefined;
      return row && row.map(readValue);
    },
    all: (sql, ...values) => (rowsOf(sql).all(values) as RawRow[]).map((row) => row.map(readValue)),
    each: (sql, ...values) => eachRow(database.prepare(sql).raw().iterate(values) as Iterable<RawRow>),
    inTransaction: () => database.inTransaction,
    close: () => {
      prepared.clear();
      database.close();
    },
  };
}

type RawRow = readonly (string | number | null | Buffer)[];

function* eachRow(rows: Iterable<RawRow>): Iterable<SqlRow> {
  for (const row of rows) yield row.map(readValue);
}

function readValue(value: RawRow[number]): SqlValue {
  return Buffer.isBuffer(value) && isUtf8(value) ? value.toString("utf8") : value;
}

export function textAt(row: SqlRow | undefined, at: number): string {
  const value = row?.[at];
  return typeof value === "string" ? value : "";
}

export function numberAt(row: SqlRow | undefined, at: number): number {
  const value = row?.[at];
  return typeof value === "number" ? value : 0;
}
