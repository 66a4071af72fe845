/** Writing rows so that `meta` always says how many there are and what their checksums add up to, in the same transaction. */
import { numberAt } from "./connection.ts";
import type { Connection, SqlRow, SqlValue } from "./connection.ts";
import { checksumOf, columnsOf, keyColumns, readList } from "./rows.ts";
import type { TableName } from "./rows.ts";

/** Far below what JavaScript counts exactly: a sum that is reduced at each step never comes near the end of that. */
export const checksumModulus = 2 ** 48;

/** From 0 to the modulus, also below zero: adding it is the same as adding what was given. */
export function reduced(sum: number): number {
  return ((sum % checksumModulus) + checksumModulus) % checksumModulus;
}

export interface Change {
  readonly sql: Connection;
  /** All columns of `columnsOf`; the row must not be there. */
  readonly insert: (table: TableName, values: SqlRow) => void;
  /** Puts all columns in place of the row with the same key, whose checksum was `former`. */
  readonly update: (table: TableName, values: SqlRow, former: number) => void;
  /** Nothing happens when it is not there. */
  readonly remove: (table: TableName, key: SqlRow) => void;
  /** Something was written that is no row: to be committed too. */
  readonly touch: () => void;
  /** Fills this many bytes of `meta` with nothing of meaning: whether there is room. */
  readonly occupy: (bytes: number) => void;
}

interface Tally {
  rows: Record<TableName, number>;
  checksums: number;
  writes: number;
  bytes: number;
  occupied: number;
}

export interface Changing extends Change {
  /** undo = to what it was at `mark()`, with the savepoint. */
  mark(): () => void;
  hasWritten(): boolean;
  /** Pages of the log that this will take, roughly: a page for each row, for its keys and for each 4 KB of its body. */
  pages(): number;
  /** What was written so far, roughly, in characters. */
  bytes(): number;
  /** What `occupy` filled at the most. */
  occupied(): number;
  /** Puts the sums into `meta` and counts this commit: its number. To be called once, before COMMIT. */
  account(): number;
}

export function changing(sql: Connection): Changing {
  let tally: Tally = { rows: { cases: 0, records: 0, leases: 0 }, checksums: 0, writes: 0, bytes: 0, occupied: 0 };
  const count = (table: TableName, rows: number, { checksums, bytes }: { checksums: number; bytes: number }) => {
    tally = {
      ...tally,
      rows: { ...tally.rows, [table]: tally.rows[table] + rows },
      checksums: reduced(tally.checksums + checksums),
      writes: tally.writes + 1,
      bytes: tally.bytes + bytes,
    };
  };
  return {
    sql,
    insert: (table, values) => {
      const checksum = checksumOf(values);
      sql.run(insertText[table], ...values, checksum);
      count(table, 1, { checksums: checksum, bytes: lengthOf(values) });
    },
    update: (table, values, former) => {
      const checksum = checksumOf(values);
      const keys = keyColumns[table];
      sql.run(updateText[table], ...values.slice(keys), checksum, ...values.slice(0, keys));
      count(table, 0, { checksums: checksum - former, bytes: lengthOf(values) });
    },
    remove: (table, key) => {
      const found = sql.get(checksumText[table], ...key);
      if (!found || sql.run(deleteText[table], ...key) === 0) return;
      count(table, -1, { checksums: -numberAt(found, 0), bytes: 0 });
    },
    touch: () => {
      tally = { ...tally, writes: tally.writes + 1 };
    },
    occupy: (bytes) => {
      sql.run("UPDATE meta SET room = ? WHERE one = 1", "x".repeat(bytes));
      tally = {
        ...tally,
        writes: tally.writes + 1,
        bytes: tally.bytes + bytes,
        occupied: Math.max(tally.occupied, bytes),
      };
    },
    mark: () => {
      const before = tally;
      return () => {
        tally = before;
      };
    },
    hasWritten: () => tally.writes > 0,
    pages: () => tally.writes * 3 + Math.ceil(tally.bytes / 4096),
    bytes: () => tally.bytes,
    occupied: () => tally.occupied,
    account: () => {
      const { cases, records, leases } = tally.rows;
      const [counted] = sql.all(accountText, cases, records, leases, tally.checksums);
      if (!counted) throw new Error("the meta row of the data file is gone");
      return numberAt(counted, 0);
    },
  };
}

const accountText = `UPDATE meta SET commits = commits + 1, cases = cases + ?, records = records + ?, leases = leases + ?,
  checksums = (checksums + ?) & ${checksumModulus - 1} WHERE one = 1 RETURNING commits`;

const insertText = texts((table) => {
  const columns = [...columnsOf[table], "checksum"];
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
});
const updateText = texts((table) => {
  const columns = [...columnsOf[table].slice(keyColumns[table]), "checksum"];
  return `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE ${keyText(table)}`;
});
const deleteText = texts((table) => `DELETE FROM ${table} WHERE ${keyText(table)}`);
const checksumText = texts((table) => `SELECT checksum FROM ${table} WHERE ${keyText(table)}`);
const rowText = texts((table) => `SELECT ${readList(table)} FROM ${table} WHERE ${keyText(table)}`);

function keyText(table: TableName): string {
  return columnsOf[table]
    .slice(0, keyColumns[table])
    .map((column) => `${column} = ?`)
    .join(" AND ");
}

function lengthOf(values: SqlRow): number {
  const body = values.at(-1);
  return typeof body === "string" ? body.length : 0;
}

function texts(text: (table: TableName) => string): Readonly<Record<TableName, string>> {
  return { cases: text("cases"), records: text("records"), leases: text("leases") };
}

/** All columns of `columnsOf` and then the checksum; undefined = no such row. */
export function rowAt(sql: Connection, table: TableName, key: readonly SqlValue[]): SqlRow | undefined {
  return sql.get(rowText[table], ...key);
}

/** Whether the row, as `rowAt` gives it, is what was written. */
export function isWhole(row: SqlRow): boolean {
  return !row.some((value) => value instanceof Uint8Array) && checksumOf(row.slice(0, -1)) === row.at(-1);
}
