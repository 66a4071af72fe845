/**
 * The tables, as a list of steps from nothing to today. `user_version` counts the steps that a file has seen; each step is a transaction
 * of its own with its number, so that a crash leaves a file between two steps and never within one. A step that was released is never
 * changed: add the next.
 */
import { MedicError } from "../../domain/errors.ts";
import { numberAt } from "./connection.ts";
import type { Connection } from "./connection.ts";

/** "medc": tells our files from other SQLite files. */
export const applicationId = 0x6d656463;

export type Migration = string;

export const migrations: readonly Migration[] = [
  `CREATE TABLE cases (
     service TEXT NOT NULL PRIMARY KEY,
     rev INTEGER NOT NULL,
     schema INTEGER NOT NULL,
     pattern TEXT,
     phase TEXT,
     symptom TEXT,
     incident TEXT,
     opened INTEGER,
     due INTEGER,
     checksum INTEGER NOT NULL,
     body TEXT NOT NULL
   ) STRICT;
   CREATE INDEX cases_due ON cases (due, service) WHERE due IS NOT NULL;
   CREATE TABLE records (
     collection TEXT NOT NULL,
     id TEXT NOT NULL,
     rev INTEGER NOT NULL,
     checksum INTEGER NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (collection, id)
   ) STRICT;
   CREATE TABLE leases (
     name TEXT NOT NULL PRIMARY KEY,
     owner TEXT,
     fence INTEGER NOT NULL,
     until INTEGER NOT NULL,
     checksum INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE meta (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     schema INTEGER NOT NULL,
     created INTEGER NOT NULL,
     commits INTEGER NOT NULL,
     cases INTEGER NOT NULL,
     records INTEGER NOT NULL,
     leases INTEGER NOT NULL,
     checksums INTEGER NOT NULL,
     room TEXT NOT NULL
   ) STRICT;`,
];

export function schemaVersion(sql: Connection): number {
  return numberAt(sql.get("PRAGMA user_version"), 0);
}

/** Answers the version that the file had. Throws MedicError `newer-schema` and leaves a newer file alone. */
export function migrate(
  sql: Connection,
  { now, steps = migrations }: { now: number; steps?: readonly Migration[] },
): number {
  const found = schemaVersion(sql);
  assertKnownSchema(sql, steps.length);
  for (const [at, step] of steps.entries()) {
    if (at < found) continue;
    sql.exec("BEGIN IMMEDIATE");
    try {
      sql.exec(step);
      if (at === 0) {
        sql.exec(`PRAGMA application_id = ${applicationId}`);
        sql.run("INSERT INTO meta VALUES (1, 0, ?, 0, 0, 0, 0, 0, '')", now);
      }
      // Twice: a number that one damaged byte changed is no newer schema.
      sql.run("UPDATE meta SET schema = ? WHERE one = 1", at + 1);
      sql.exec(`PRAGMA user_version = ${at + 1}`);
      sql.exec("COMMIT");
    } catch (error) {
      if (sql.inTransaction()) sql.exec("ROLLBACK");
      throw error;
    }
  }
  return found;
}

/** Throws MedicError `newer-schema`. What only the file's header says is left to `verify`. */
export function assertKnownSchema(sql: Connection, known = migrations.length): void {
  const found = schemaVersion(sql);
  if (found <= known || numberAt(sql.get("SELECT schema FROM meta WHERE one = 1"), 0) !== found) return;
  throw new MedicError("newer-schema", `${sql.path} has schema ${found}, this program knows up to ${known}`, {
    retry: "never",
    next: "A newer version of the bot wrote it and it was left alone: start that version, or restore a backup made by this one.",
  });
}
