/**
 * The store of one process: SQLite in a folder, for a first installation and for one machine. What was answered is on disk: it survives a
 * killed process, a power cut and a full disk; damage is said at the start, never started over.
 */
import { join } from "node:path";
import type { Upgrade } from "../domain/caseSchema.ts";
import { wallClock } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { silentLog } from "../ports/log.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import { MedicError } from "../domain/errors.ts";
import { openAnswered } from "./sqlite/answered.ts";
import { backUp } from "./sqlite/backup.ts";
import { openConnection } from "./sqlite/connection.ts";
import { createDatabase } from "./sqlite/creating.ts";
import { sqliteDatabase } from "./sqlite/database.ts";
import type { SqliteDatabase } from "./sqlite/database.ts";
import { keepPrivate, prepareFolder, refusedBySystem, unusable } from "./sqlite/folder.ts";
import type { FolderFiles } from "./sqlite/folder.ts";
import { lockFolder } from "./sqlite/folderLock.ts";
import type { StoreHealth } from "./sqlite/health.ts";
import { hasOlderTable, inspectFolder } from "./sqlite/inspect.ts";
import { openForWriting, standingOf } from "./sqlite/opening.ts";
import { damaged } from "./sqlite/report.ts";
import type { StoreReport } from "./sqlite/report.ts";
import { migrate } from "./sqlite/schema.ts";
import { sqliteStore } from "./sqlite/sqliteStore.ts";

export type { StoreHealth } from "./sqlite/health.ts";
export type { StoreReport } from "./sqlite/report.ts";

export interface EmbeddedStoreOptions {
  /** Created when missing. One process at a time. */
  readonly dir: string;
  /** This process, for the message to a second one. */
  readonly pid?: number;
  /** This process's user; absent = the system is asked. */
  readonly uid?: number;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly upgrades?: Readonly<Record<number, Upgrade>>;
}

export interface EmbeddedStore extends Store {
  /** The same check as at the start, of the running store: every page and row. The event loop waits for SQLite's part of it. */
  check(): Promise<StoreReport>;
  /** One whole file of this moment; never overwrites. Throws MedicError `backup-failed`. Nothing else is done meanwhile. */
  backup(file: string): Promise<void>;
  /** Whether writes are taken now, without asking the disk; `ping` asks it. */
  health(): StoreHealth;
}

/**
 * Throws MedicError `data-in-use` when another process has the folder, `data-unusable` when the folder cannot keep data, `data-damaged`
 * when something that was answered is not there, `newer-schema`. The tables stand when this returns.
 */
export async function embeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { dir, pid = process.pid, uid = process.getuid?.(), clock = wallClock, log = silentLog } = options;
  const files = prepareFolder(dir, { log, uid });
  const lock = lockFolder(files, pid);
  try {
    const database = await openedDatabase(files, { clock, log });
    return storeOn(database, { pid, log, upgrades: options.upgrades, release: () => lock.release() });
  } catch (error) {
    lock.release();
    throw error instanceof MedicError ? error : refusedBySystem(files.database, error);
  }
}

interface Opening {
  readonly clock: Clock;
  readonly log: Log;
}

async function openedDatabase(files: FolderFiles, { clock, log }: Opening): Promise<SqliteDatabase> {
  tellOlder(files, log);
  const state = await inspectFolder(files);
  if (state.kind === "kept" && !state.report.whole) throw damaged(files, state.report);
  if (state.kind === "kept")
    for (const message of state.report.notes) log.warn("store-note", { dir: files.dir, message });
  if (state.kind === "fresh") createDatabase(files, { now: clock.now() });
  keepPrivate(files);
  const open = () => openForWriting(files);
  const sql = open();
  try {
    migrate(sql, { now: clock.now() });
    if (state.kind === "kept" && state.verified?.dueDifferences) sql.exec("REINDEX cases_due");
    const standing = standingOf(sql);
    const answered = openAnswered(files, { ...standing, at: clock.now() });
    return sqliteDatabase({ files, open, sql, standing, answered, clock, log });
  } catch (error) {
    sql.close();
    throw error;
  }
}

/** Before SQLite the folder held the files of another engine. Nothing was released with it. */
function tellOlder(files: FolderFiles, log: Log): void {
  const path = join(files.dir, "table");
  if (!hasOlderTable(path)) return;
  log.warn("older-data-not-read", { path, message: "data of an unreleased version stands there and is not read" });
}

interface StoreParts {
  readonly pid: number;
  readonly log: Log;
  readonly upgrades: Readonly<Record<number, Upgrade>> | undefined;
  readonly release: () => void;
}

function storeOn(database: SqliteDatabase, { pid, log, upgrades, release }: StoreParts): EmbeddedStore {
  const { files } = database;
  let closed: Promise<void> | undefined;
  return {
    ...sqliteStore(database, { log, ...(upgrades ? { upgrades } : {}) }),
    close: () => (closed ??= database.close().finally(release)),
    health: () => database.health(),
    check: async () => {
      const state = await inspectFolder(files);
      if (state.kind === "fresh") throw unusable(files.database, "it is gone");
      return state.report;
    },
    backup: async (file) => {
      const sql = openConnection(files.database, "read");
      try {
        backUp(sql, { file, pid });
      } finally {
        sql.close();
      }
    },
  };
}
