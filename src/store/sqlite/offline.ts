/** What a person does with the data folder: look while the bot runs; restore or accept a loss while it does not. */
import { copyFileSync, constants, renameSync, rmSync } from "node:fs";
import { MedicError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { silentLog } from "../../ports/log.ts";
import type { ExportItem } from "../../ports/store.ts";
import { openAnswered, readAnswered } from "./answered.ts";
import { backUp, syncFile } from "./backup.ts";
import { openConnection } from "./connection.ts";
import { createPrivate, existingFolder, filesIn, prepareFolder, statOf, syncFolder } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import { lockFolder } from "./folderLock.ts";
import { inspectFolder } from "./inspect.ts";
import { standingOf } from "./opening.ts";
import type { Standing } from "./opening.ts";
import { damaged } from "./report.ts";
import type { StoreReport } from "./report.ts";
import { salvage } from "./salvage.ts";
import { migrate } from "./schema.ts";
import { exportFrom } from "./transfer.ts";

export interface ReadingStore {
  check(): Promise<StoreReport>;
  /** Throws MedicError `backup-failed`. */
  backup(file: string): Promise<void>;
  exportAll(): AsyncIterable<ExportItem>;
}

/** For a second process: takes no lock, changes nothing, works while the bot runs. Throws MedicError `data-unusable`, `data-missing`. */
export async function openForReading(dir: string, { pid = process.pid }: { pid?: number } = {}): Promise<ReadingStore> {
  const files = existingFolder(dir);
  const readable = () => {
    if (!statOf(files.database)) throw missing(files);
    return files.database;
  };
  readable();
  return {
    check: async () => {
      const state = await inspectFolder(files);
      if (state.kind === "fresh") throw missing(files);
      return state.report;
    },
    backup: async (file) => {
      const sql = openConnection(readable(), "read");
      try {
        backUp(sql, { file, pid });
      } finally {
        sql.close();
      }
    },
    exportAll: () => exportFrom(readable()),
  };
}

export interface Replaced {
  /** Where the former files stand now; empty when there were none. */
  readonly aside: readonly string[];
  /** What the folder holds now. */
  readonly report: StoreReport;
}

export interface ReplaceOptions {
  readonly clock: Clock;
  readonly pid?: number;
}

/**
 * Puts a backup in place of what the folder holds, which is kept aside. The backup is checked first.
 * Throws MedicError `data-in-use` while a bot runs, `data-damaged` or `backup-unusable` when the backup is not whole: nothing has changed then.
 */
export async function restoreBackup(dir: string, file: string, options: ReplaceOptions): Promise<Replaced> {
  await checkBackup(file);
  return replacing(dir, options, (_, next) => {
    copyFileSync(file, next, constants.COPYFILE_EXCL);
    return standingIn(next);
  });
}

/**
 * Goes on with every row that can still be read; the damaged files are kept aside. `lost` is the report on them.
 * Throws MedicError `data-in-use`, and `nothing-lost` when the folder is whole.
 */
export async function acceptLoss(
  dir: string,
  options: ReplaceOptions,
): Promise<Replaced & { readonly lost: StoreReport }> {
  let lost: StoreReport | undefined;
  const replaced = await replacing(dir, options, async (files, next) => {
    const state = await inspectFolder(files);
    if (state.kind === "fresh" || state.report.whole) throw nothingLost(files);
    lost = state.report;
    return salvagedInto(next, files, options.clock);
  });
  if (!lost) throw new Error("the loss was not looked at");
  return { ...replaced, lost };
}

type MakeNext = (files: FolderFiles, next: string) => Promise<Standing> | Standing;

/** The old answer file stays until the new database stands: a crash in between is noticed at the next start and repeated by a person. */
async function replacing(dir: string, { clock, pid = process.pid }: ReplaceOptions, make: MakeNext): Promise<Replaced> {
  const files = prepareFolder(dir, { log: silentLog });
  const lock = lockFolder(files, pid);
  const next = `${files.database}.next`;
  try {
    rmSync(next, { force: true });
    createPrivate(next);
    rmSync(next);
    const standing = await make(files, next);
    syncFile(next);
    const aside = setAside(files, clock.now());
    renameSync(next, files.database);
    rmSync(files.answered, { force: true });
    openAnswered(files, { ...standing, at: clock.now() }).close();
    syncFolder(files.dir);
    const state = await inspectFolder(files);
    if (state.kind === "fresh") throw missing(files);
    return { aside, report: state.report };
  } finally {
    rmSync(next, { force: true });
    lock.release();
  }
}

/** `medic.db.aside-<epoch ms>` with its log beside it, so that the two still belong together. */
function setAside(files: FolderFiles, now: number): string[] {
  const aside = `${files.database}.aside-${now}`;
  const moved: string[] = [];
  for (const [from, to] of [
    [files.database, aside],
    [files.wal, `${aside}-wal`],
    [files.shm, `${aside}-shm`],
  ] as const) {
    if (!statOf(from)) continue;
    if (statOf(to)) throw new Error(`${to} exists already`);
    renameSync(from, to);
    moved.push(to);
  }
  return moved;
}

function standingIn(path: string): Standing {
  const sql = openConnection(path, "read");
  try {
    return standingOf(sql);
  } finally {
    sql.close();
  }
}

function salvagedInto(next: string, files: FolderFiles, clock: Clock): Standing {
  createPrivate(next);
  const to = openConnection(next, "write");
  try {
    to.exec("PRAGMA synchronous = FULL");
    migrate(to, { now: clock.now() });
    if (statOf(files.database)?.size) {
      const from = openConnection(files.database, "read");
      try {
        salvage(from, to);
      } finally {
        from.close();
      }
    }
    return standingOf(to);
  } finally {
    to.close();
  }
}

/** A backup is a folder's database without log and answer file. Throws MedicError `data-damaged` or `backup-unusable`. */
export async function checkBackup(file: string): Promise<StoreReport> {
  if (!statOf(file)?.isFile()) throw unusableBackup(file, "it is not a plain file");
  const files = {
    ...filesIn(file),
    database: file,
    journal: `${file}-journal`,
    wal: `${file}-wal`,
    shm: `${file}-shm`,
    answered: `${file}.answered`,
  };
  const state = await inspectFolder(files);
  if (state.kind === "fresh") throw unusableBackup(file, "it holds no data of this program");
  if (!state.report.whole) throw damaged(files, state.report);
  return state.report;
}

function unusableBackup(file: string, why: string): MedicError {
  return new MedicError("backup-unusable", `${file} cannot be restored: ${why}`, {
    retry: "never",
    next: "Nothing was changed. Name a file that `medic store backup` made.",
  });
}

function nothingLost(files: FolderFiles): MedicError {
  return new MedicError("nothing-lost", `the data in ${files.dir} is whole`, {
    retry: "never",
    next: "Nothing was changed: start the bot.",
  });
}

function missing(files: FolderFiles): MedicError {
  const { answered } = { answered: readAnswered(files) };
  const had = answered.kind === "missing" ? "" : ", although it had some";
  return new MedicError("data-missing", `${files.dir} holds no data of this program${had}`, {
    retry: "never",
    next: "Name the bot's MEDIC_DATA_DIR.",
  });
}
