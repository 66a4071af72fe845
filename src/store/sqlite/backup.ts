/** A copy of the database in one file, of one moment, whole or not there at all. */
import { closeSync, constants, fsyncSync, linkSync, openSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MedicError, sentenceOf } from "../../domain/errors.ts";
import type { Connection } from "./connection.ts";
import { createPrivate, statOf, syncFolder } from "./folder.ts";

/** Never overwrites. The file is on disk, with its name, when this returns. Throws MedicError `backup-failed`. */
export function backUp(sql: Connection, { file, pid }: { file: string; pid: number }): void {
  const target = resolve(file);
  const unfinished = `${target}.unfinished-${pid}`;
  if (statOf(target)) throw failed(target, "it exists already, and nothing is overwritten");
  try {
    createPrivate(unfinished);
    sql.exec(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`);
    syncFile(unfinished);
    // A link, where a rename would silently take the place of a file that came meanwhile.
    linkSync(unfinished, target);
    rmSync(unfinished);
    syncFolder(dirname(target));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw failed(target, sentenceOf(error), error);
  }
}

export function syncFile(file: string): void {
  const handle = openSync(file, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function failed(file: string, why: string, cause?: unknown): MedicError {
  return new MedicError("backup-failed", `no backup was made at ${file}: ${why}`, {
    retry: "later",
    next: "Name a file that does not exist, in a folder with room on a disk of its own.",
    cause,
  });
}
