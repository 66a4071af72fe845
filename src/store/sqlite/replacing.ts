/**
 * One database in place of another, so that neither an error nor a power cut at any moment loses the former one or lets a bot start on half
 * of it. A file named `replacing` stands from before the first rename until everything is in place: while it is there nothing starts, and
 * whoever replaces next puts the former files back first. Each rename is on disk before the next one, because a disk keeps their order
 * only then.
 */
import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { MedicError, sentenceOf } from "../../domain/errors.ts";
import { openAnswered } from "./answered.ts";
import { syncFile } from "./backup.ts";
import { openConnection } from "./connection.ts";
import { createPrivate, statOf, syncFolder } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import type { Standing } from "./opening.ts";

/** A new, empty file under the name of the next database; what an earlier attempt left there is gone. */
export function beginNext(files: FolderFiles): string {
  removeNext(files);
  createPrivate(files.next);
  return files.next;
}

export function removeNext({ next }: FolderFiles): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(next + suffix, { force: true });
}

/**
 * The next database as it will be opened, on disk: its header says that it has a log, so that no rollback journal ever stands beside the
 * file that a bot runs on. Only `exec`, so that no statement keeps this connection, and with it the log's index, alive after `close`.
 */
export function finishNext(files: FolderFiles): void {
  const sql = openConnection(files.next, "write");
  try {
    sql.exec("PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    sql.close();
  }
  for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(files.next + suffix, { force: true });
  syncFile(files.next);
  syncFolder(files.dir);
}

/**
 * Puts the finished next database in place; the former files are renamed to `medic.db.aside-<epoch ms>` and the like, which is what it
 * answers. `confirm` looks at the result. After any error the former files have their names again.
 */
export async function putInPlace<T>(
  files: FolderFiles,
  { standing, now }: { standing: Standing; now: number },
  confirm: () => Promise<T>,
): Promise<{ aside: readonly string[]; confirmed: T }> {
  const names = asideNames(files, now);
  for (const [, to] of names) if (statOf(to)) throw new Error(`${to} exists already`);
  beginReplacing(files, now);
  try {
    const aside = names.filter(([from, to]) => renamed(files, from, to)).map(([, to]) => to);
    renamed(files, files.next, files.database);
    openAnswered(files, { ...standing, at: now }).close();
    const confirmed = await confirm();
    endReplacing(files);
    return { aside, confirmed };
  } catch (error) {
    undoReplacing(files);
    throw error;
  }
}

/** After a replacement that was cut short: the former files have their names again when this returns. May be repeated at any point. */
export function undoReplacing(files: FolderFiles): void {
  if (!statOf(files.replacing)) return;
  const names = asideNames(files, startedAt(files));
  const some = names.some(([, to]) => statOf(to));
  // `next` is gone only when it has become the database: everything before it had been renamed by then.
  if (some && !statOf(files.next) && statOf(files.database)) {
    for (const file of [files.wal, files.shm, files.journal, files.answered]) rmSync(file, { force: true });
    syncFolder(files.dir);
    renamed(files, files.database, files.next);
  }
  for (const [from, to] of names) renamed(files, to, from);
  endReplacing(files);
  removeNext(files);
}

/** What belongs together stays together under the new name: a restore of it finds its log and what had been answered. */
function asideNames(files: FolderFiles, now: number): readonly (readonly [string, string])[] {
  const aside = `${files.database}.aside-${now}`;
  return [
    [files.database, aside],
    [files.wal, `${aside}-wal`],
    [files.shm, `${aside}-shm`],
    [files.journal, `${aside}-journal`],
    [files.answered, `${aside}.answered`],
  ];
}

/** false = there was no such file. */
function renamed({ dir }: FolderFiles, from: string, to: string): boolean {
  if (!statOf(from)) return false;
  renameSync(from, to);
  syncFolder(dir);
  return true;
}

/** Under its name only when its content is on disk. */
function beginReplacing(files: FolderFiles, now: number): void {
  const unfinished = `${files.replacing}.unfinished`;
  const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;
  const handle = openSync(unfinished, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    writeSync(handle, `${now}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renamed(files, unfinished, files.replacing);
}

function endReplacing({ dir, replacing }: FolderFiles): void {
  rmSync(replacing);
  syncFolder(dir);
}

function startedAt({ replacing, database }: FolderFiles): number {
  const text = readFileSync(replacing, "utf8");
  const at = /^(\d+)\n$/.exec(text)?.[1];
  if (at !== undefined) return Number(at);
  throw new MedicError("data-unusable", `${replacing} does not say which files were set aside`, {
    retry: "never",
    next: `Rename the newest ${database}.aside-* files back to medic.db*, its .answered to answered, and remove ${replacing}.`,
    cause: sentenceOf(text),
  });
}
