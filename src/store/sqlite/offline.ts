/** What a person does with the data folder: look while the bot runs; restore or accept a loss while it does not. */
import { CorruptItem } from "../../domain/caseSchema.ts";
import { MedicError, sentenceOf } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { silentLog } from "../../ports/log.ts";
import type { ExportItem } from "../../ports/store.ts";
import { readAnswered } from "./answered.ts";
import { backUp } from "./backup.ts";
import { checkBackup, unusableBackup } from "./backupFile.ts";
import { openConnection } from "./connection.ts";
import { existingFolder, prepareFolder, sizeOf, statOf } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import { lockFolder } from "./folderLock.ts";
import { inspectFolder } from "./inspect.ts";
import { missing, nothingToRead } from "./missing.ts";
import { standingOf } from "./opening.ts";
import type { Standing } from "./opening.ts";
import { beginNext, finishNext, putInPlace, removeNext, undoReplacing } from "./replacing.ts";
import { damaged, reportOfReplacing } from "./report.ts";
import type { StoreReport } from "./report.ts";
import { salvage } from "./salvage.ts";
import { migrate } from "./schema.ts";
import { troubleOf } from "./sqlErrors.ts";
import { exportFrom } from "./transfer.ts";
import type { Verified } from "./verify.ts";

export { copyNotWhole } from "./backup.ts";
export { checkBackup } from "./backupFile.ts";

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
    if (statOf(files.replacing)) throw damaged(files, reportOfReplacing(files, readAnswered(files)));
    if (!statOf(files.database)) throw missing(files);
    return files.database;
  };
  if (!statOf(files.replacing)) readable();
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
    exportAll: () => exportWhole(files, () => exportFrom(readable())),
  };
}

/** What is damaged is put right in the folder; an export of the rest would lose it silently. Throws MedicError `data-damaged`. */
async function* exportWhole(files: FolderFiles, items: () => AsyncIterable<ExportItem>): AsyncGenerator<ExportItem> {
  try {
    yield* items();
  } catch (error) {
    // "other": its tables are not there.
    const kind = troubleOf(error)?.kind;
    if (!(error instanceof CorruptItem) && kind !== "damaged" && kind !== "other") throw error;
    throw new MedicError("data-damaged", `the data in ${files.dir} is damaged: ${sentenceOf(error)}`, {
      retry: "never",
      next:
        "Nothing was exported. `medic store check` says what is damaged; put it right with `medic store restore FILE` or " +
        "`medic store accept-loss`, then export again.",
      cause: error,
    });
  }
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
 * Puts a backup in place of what the folder holds, which is kept aside. The backup is checked first, and what was copied is compared with it.
 * Throws MedicError `data-in-use` while a bot runs, `data-damaged` or `backup-unusable` when the backup is not whole: nothing has changed then.
 */
export async function restoreBackup(dir: string, file: string, options: ReplaceOptions): Promise<Replaced> {
  return replacing(dir, options, async (files) => {
    const checked = await checkBackup(file);
    copyInto(beginNext(files), file);
    const copied = await checkBackup(files.next);
    const differs = (["cases", "records", "leases", "commits"] as const).some((each) => copied[each] !== checked[each]);
    if (differs) throw unusableBackup(file, "it changed while it was copied");
  });
}

/**
 * Goes on with every row that can still be read; the damaged files are kept aside. `lost` is the report on them.
 * Throws MedicError `data-in-use`, `nothing-lost` when the folder is whole, and `data-missing` when there is nothing to read.
 */
export async function acceptLoss(
  dir: string,
  options: ReplaceOptions,
): Promise<Replaced & { readonly lost: StoreReport }> {
  let lost: StoreReport | undefined;
  const replaced = await replacing(dir, options, async (files) => {
    const state = await inspectFolder(files);
    if (state.kind === "kept" && state.report.whole) throw nothingLost(files);
    if (state.kind === "fresh" || sizeOf(files.database) === 0) throw nothingToRead(files);
    if (sizeOf(files.journal) > 0) throw foreignJournal(files);
    lost = state.report;
    const countedLeases = leasesToFind(state.verified);
    const copied = salvageInto(beginNext(files), files, { clock: options.clock, countedLeases });
    // The same as an empty file: nothing is made out of nothing.
    if (copied === 0) throw nothingToRead(files);
  });
  if (!lost) throw new Error("the loss was not looked at");
  return { ...replaced, lost };
}

type MakeNext = (files: FolderFiles) => Promise<void>;

async function replacing(dir: string, { clock, pid = process.pid }: ReplaceOptions, make: MakeNext): Promise<Replaced> {
  const files = prepareFolder(dir, { log: silentLog });
  const lock = lockFolder(files, pid);
  try {
    undoReplacing(files);
    await make(files);
    const standing = standingIn(files.next);
    finishNext(files);
    const { aside, confirmed } = await putInPlace(files, { standing, now: clock.now() }, () => checkInPlace(files));
    return { aside, report: confirmed };
  } finally {
    try {
      // Still needed where the former files could not be put back: the next attempt does that.
      if (!statOf(files.replacing)) removeNext(files);
    } finally {
      lock.release();
    }
  }
}

/** Throws MedicError `data-damaged` when the disk did not keep what it was given. */
async function checkInPlace(files: FolderFiles): Promise<StoreReport> {
  // Its own mark stands there until this is done.
  const state = await inspectFolder({ ...files, replacing: `${files.replacing}.done` });
  if (state.kind === "fresh") throw missing(files);
  if (!state.report.whole) throw damaged(files, state.report);
  return state.report;
}

/** Through a connection, so that what stands only in the log of `from` is copied too. */
function copyInto(next: string, from: string): void {
  const sql = openConnection(from, "read");
  try {
    sql.exec(`VACUUM INTO '${next.replaceAll("'", "''")}'`);
  } finally {
    sql.close();
  }
}

function standingIn(path: string): Standing {
  const sql = openConnection(path, "read");
  try {
    return standingOf(sql);
  } finally {
    sql.close();
  }
}

/** undefined: not known, or something is amiss beside the rows that are named, so that leases may be there in an older version. */
function leasesToFind(verified: Verified | undefined): number | undefined {
  return verified?.problems.length === 0 ? verified.counted?.leases : undefined;
}

function salvageInto(
  next: string,
  files: FolderFiles,
  { clock, countedLeases }: { clock: Clock; countedLeases: number | undefined },
): number {
  const to = openConnection(next, "write");
  try {
    to.exec("PRAGMA synchronous = FULL");
    migrate(to, { now: clock.now() });
    const from = openConnection(files.database, "read");
    try {
      return salvage(from, to, countedLeases);
    } finally {
      from.close();
    }
  } finally {
    to.close();
  }
}

function nothingLost(files: FolderFiles): MedicError {
  return new MedicError("nothing-lost", `the data in ${files.dir} is whole`, {
    retry: "never",
    next: "Nothing was changed: start the bot.",
  });
}

function foreignJournal(files: FolderFiles): MedicError {
  return new MedicError("data-unusable", `${files.journal} is no file of this program and would change the database`, {
    retry: "never",
    next: `Nothing was changed. Move ${files.journal} out of the folder and look again with \`medic store check\`.`,
  });
}
