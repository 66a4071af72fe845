import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/ports/log.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import { openAnswered } from "../../src/store/sqlite/answered.ts";
import { createDatabase } from "../../src/store/sqlite/creating.ts";
import type { Connection } from "../../src/store/sqlite/connection.ts";
import { sqliteDatabase } from "../../src/store/sqlite/database.ts";
import type { SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { filesIn, statOf } from "../../src/store/sqlite/folder.ts";
import { openForWriting, standingOf } from "../../src/store/sqlite/opening.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";
import { sqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import type { ContractBed } from "./storeContract.ts";

/** As SQLite's binding throws it. */
export function sqlError(code: string, rawCode: number): Error {
  return Object.assign(new Error(`${code} by the test`), { code, rawCode });
}

/** Each look at it is a second later, so that nothing waits for the next try. */
export function hastyClock(): { now(): number; sleep(): Promise<void> } {
  let at = 1_790_000_000_000;
  return { now: () => (at += 1000), sleep: async () => undefined };
}

/** A connection that asks before it executes, and after. */
export function watched(
  sql: Connection,
  watch: { before?(text: string): void; after?(text: string): void },
): Connection {
  return {
    ...sql,
    exec: (text) => {
      watch.before?.(text);
      sql.exec(text);
      watch.after?.(text);
    },
  };
}

/** Without the folder's lock, so that one test may open several. */
export function databaseIn(
  dir: string,
  {
    wrap = (sql) => sql,
    log = silentLog,
    clock = hastyClock(),
  }: { wrap?: (sql: Connection) => Connection; log?: Log; clock?: Clock } = {},
): SqliteDatabase {
  const files = filesIn(dir);
  if (!statOf(files.database)) createDatabase(files, { now: 1 });
  const open = () => wrap(openForWriting(files));
  const sql = open();
  migrate(sql, { now: 1 });
  const standing = standingOf(sql);
  const answered = openAnswered(files, { ...standing, at: clock.now() });
  return sqliteDatabase({ files, open, sql, standing, answered, clock, log });
}

export async function sqliteBed(): Promise<ContractBed> {
  const dir = await mkdtemp(join(tmpdir(), "medic-sqlite-"));
  const opened: SqliteDatabase[] = [];
  // Each statement is a minute later, and nothing else takes time: whatever failed is looked at again at once.
  let now = 1_790_000_000_000;
  const clock: Clock = { now: () => now, sleep: async () => undefined };
  return {
    open: async ({ fault, upgrades } = {}) => {
      const broken = (text: string, wanted: ReturnType<NonNullable<typeof fault>>) =>
        text === "COMMIT" && fault?.() === wanted;
      const wrap = (sql: Connection) =>
        watched(sql, {
          before: (text) => {
            now += 60_000;
            if (broken(text, "refused")) throw sqlError("SQLITE_FULL", 13);
          },
          after: (text) => {
            if (broken(text, "answer lost")) throw sqlError("SQLITE_IOERR_FSYNC", 1034);
          },
        });
      const database = databaseIn(dir, { wrap, clock });
      opened.push(database);
      return sqliteStore(database, { log: silentLog, ...(upgrades ? { upgrades } : {}) });
    },
    close: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
