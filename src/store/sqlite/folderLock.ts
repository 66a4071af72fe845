/**
 * One process per data folder. SQLite lets several processes write by turns; what the bot keeps in memory would then be wrong. The lock is
 * an empty SQLite file that is held exclusively, because SQLite holds a lock of the kernel: it ends with its process however that dies, is
 * not fooled by a reused process id, and holds across containers that share the folder. `medic.pid` only serves the message.
 *
 * The kernel drops such a lock when its process closes ANY other handle on the same file: nothing here ever opens `lock` once it exists.
 */
import { constants, closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { MedicError } from "../../domain/errors.ts";
import { openConnection } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { createPrivate, refusedBySystem, statOf } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import { troubleOf } from "./sqlErrors.ts";

export interface FolderLock {
  release(): void;
}

/** Throws MedicError `data-in-use` (another process, or this one, has it) or `data-unusable`. */
export function lockFolder(files: FolderFiles, pid: number): FolderLock {
  const held = holding(files);
  try {
    writePid(files.pid, pid);
  } catch (error) {
    letGo(held);
    throw refusedBySystem(files.pid, error);
  }
  return {
    release: () => {
      rmSync(files.pid, { force: true });
      letGo(held);
    },
  };
}

function holding(files: FolderFiles): Connection {
  let opened: Connection | undefined;
  try {
    if (!statOf(files.lock)) createLock(files.lock);
    opened = openConnection(files.lock, "write");
    // No journal: nothing is ever written to it. Only `exec`, so that no statement keeps the connection alive after `close`.
    opened.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return opened;
  } catch (error) {
    opened?.close();
    if (troubleOf(error)?.kind === "busy") throw inUse(files, error);
    throw refusedBySystem(files.lock, error);
  }
}

/** Of two first starts one makes it; which of them has the folder is decided by the lock in it. */
function createLock(file: string): void {
  try {
    createPrivate(file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function letGo(held: Connection): void {
  held.exec("ROLLBACK");
  held.close();
}

function writePid(file: string, pid: number): void {
  const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;
  const handle = openSync(file, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    writeSync(handle, `${pid}\n`);
  } finally {
    closeSync(handle);
  }
}

function inUse(files: FolderFiles, cause: unknown): MedicError {
  const holder = holderOf(files.pid) ?? "(not known yet)";
  return new MedicError("data-in-use", `${files.dir} is already in use by process ${holder}`, {
    retry: "never",
    next: "Nothing was changed. Stop that process first; a second bot needs a folder of its own (MEDIC_DATA_DIR), or all of them a table.",
    cause,
  });
}

function holderOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    // The other process has the lock but has not written its id yet.
    return undefined;
  }
}
