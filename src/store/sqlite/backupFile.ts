/** A file that somebody wants to restore: whether it is a whole database of this program. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { MedicError } from "../../domain/errors.ts";
import { fileTroubleOf } from "../fileTrouble.ts";
import { filesIn, statOf } from "./folder.ts";
import { inspectFolder } from "./inspect.ts";
import type { FolderState } from "./inspect.ts";
import type { StoreReport } from "./report.ts";

/** How every SQLite file begins (https://www.sqlite.org/fileformat.html, 1.3). */
const magic = "SQLite format 3\0";

/** A database by itself, with the log beside it when there is one. Throws MedicError `data-damaged` or `backup-unusable`. */
export async function checkBackup(file: string): Promise<StoreReport> {
  assertDatabase(file);
  const files = {
    ...filesIn(file),
    database: file,
    journal: `${file}-journal`,
    wal: `${file}-wal`,
    shm: `${file}-shm`,
    answered: `${file}.answered`,
    replacing: `${file}.replacing`,
  };
  let state: FolderState;
  try {
    state = await inspectFolder(files, { as: "backup" });
  } catch (error) {
    if (error instanceof MedicError) throw error;
    throw unreadableBackup(file, error);
  }
  if (state.kind === "fresh") throw unusableBackup(file, "it holds no data of this program");
  if (state.verified?.problems.includes("no such table: meta"))
    throw unusableBackup(file, "it is no backup: it is an SQLite database of another program");
  if (!state.report.whole)
    throw refused("data-damaged", file, { why: `it is damaged: ${state.report.damage.join(" ")}` });
  return state.report;
}

function assertDatabase(file: string): void {
  const found = statOf(file);
  if (!found) throw unusableBackup(file, "it does not exist");
  if (found.isSymbolicLink()) throw unusableBackup(file, "it is a symbolic link, and links are not followed");
  if (found.isDirectory()) throw unusableBackup(file, "it is a folder; name the file in it, for example medic.db");
  if (!found.isFile()) throw unusableBackup(file, "it is not a plain file");
  if (beginningOf(file) !== magic)
    throw refused("backup-unusable", file, {
      why: "it is no backup: it is not an SQLite database",
      next:
        "Nothing was changed. Name another file that `medic store backup` made, unpacked; what `medic store export` made goes into an " +
        "empty folder with `medic store import`.",
    });
}

function beginningOf(file: string): string {
  const bytes = Buffer.alloc(magic.length);
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return bytes.toString("latin1", 0, readSync(handle, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw unreadableBackup(file, error);
  }
}

function unreadableBackup(file: string, error: unknown): MedicError {
  const { why, next } = fileTroubleOf(error);
  return refused("backup-unusable", file, {
    why: `it cannot be read: ${why}`,
    next: next && `Nothing was changed. ${next}`,
  });
}

export function unusableBackup(file: string, why: string): MedicError {
  return refused("backup-unusable", file, { why });
}

interface Refused {
  readonly why: string;
  readonly next?: string | undefined;
}

function refused(code: string, file: string, { why, next }: Refused): MedicError {
  return new MedicError(code, `${file} cannot be restored: ${why}`, {
    retry: "never",
    next:
      next ??
      "Nothing was changed. Name another file that `medic store backup` made, or a medic.db.aside-TIME in the data folder.",
  });
}
