/** A copy of the database in one file, of one moment, whole or not there at all. */
import { closeSync, constants, fsyncSync, linkSync, openSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MedicError, sentenceOf } from "../../domain/errors.ts";
import type { Connection } from "./connection.ts";
import { fileTroubleOf } from "../fileTrouble.ts";
import { createPrivate, statOf, syncFolder } from "./folder.ts";
import { troubleOf } from "./sqlErrors.ts";

/** Never overwrites. The file is on disk, with its name, when this returns. Throws MedicError `backup-failed`. */
export function backUp(sql: Connection, { file, pid }: { file: string; pid: number }): void {
  const target = resolve(file);
  const unfinished = `${target}.unfinished-${pid}`;
  try {
    const there = statOf(target);
    if (there?.isDirectory())
      throw failed(target, "it is a folder", { next: "Name the new file that is to be made in it." });
    if (there) throw failed(target, "it exists already, and nothing is overwritten");
    createPrivate(unfinished);
    sql.exec(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`);
    syncFile(unfinished);
    // A link, where a rename would silently take the place of a file that came meanwhile.
    linkSync(unfinished, target);
    rmSync(unfinished);
    syncFolder(dirname(target));
  } catch (error) {
    if (error instanceof MedicError) throw error;
    rmSync(unfinished, { force: true });
    if (troubleOf(error)?.kind === "damaged") throw copyNotWhole(target, sentenceOf(error), error);
    const { why, next } = fileTroubleOf(error, { made: target });
    throw failed(target, why, { next, cause: error });
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

/** A copy of damaged data is no backup, whether SQLite notices while it copies or the checksums afterwards. */
export function copyNotWhole(file: string, why: string, cause: unknown): MedicError {
  return failed(file, `the data is not whole (${why})`, {
    next: "Keep the older backups. `medic store check` says what is damaged in the data, and what helps.",
    cause,
  });
}

interface Failed {
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

function failed(file: string, why: string, { next, cause }: Failed = {}): MedicError {
  return new MedicError("backup-failed", `no backup was made at ${file}: ${why}`, {
    retry: "later",
    next: next ?? "Name a file that does not exist, in a folder with room on a disk of its own.",
    cause,
  });
}
