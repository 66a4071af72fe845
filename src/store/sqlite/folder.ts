/** The data folder: which files stand in it, that only its owner reads them, and that none is a link to somewhere else. */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { MedicError } from "../../domain/errors.ts";
import type { Log } from "../../ports/log.ts";
import { fileTroubleOf } from "../fileTrouble.ts";

export interface FolderFiles {
  readonly dir: string;
  readonly database: string;
  readonly wal: string;
  /** Never made by the bot: a database gets its name when it has its log. */
  readonly journal: string;
  readonly shm: string;
  /** What was answered: see answered.ts. */
  readonly answered: string;
  /** A database that is being made; nothing is in it that is not elsewhere. */
  readonly next: string;
  /** Only there while one database takes the place of another: see replacing.ts. */
  readonly replacing: string;
  readonly lock: string;
  readonly pid: string;
}

export function filesIn(dir: string): FolderFiles {
  const database = join(dir, "medic.db");
  return {
    dir,
    database,
    wal: `${database}-wal`,
    journal: `${database}-journal`,
    shm: `${database}-shm`,
    answered: join(dir, "answered"),
    next: `${database}.next`,
    replacing: join(dir, "replacing"),
    lock: join(dir, "lock"),
    pid: join(dir, "medic.pid"),
  };
}

function dataFiles(files: FolderFiles): readonly string[] {
  return [files.database, files.wal, files.journal, files.shm, files.answered, files.next, files.replacing];
}

/** Made by the kernel, not kept by a disk: nothing stored there survives, and some calls never return. */
const kernelFolders = ["/proc", "/sys", "/dev"];

/** Makes the folder when it is missing. Throws MedicError `data-unusable`; says in the log what is unsafe but works. */
export function prepareFolder(dir: string, { log, uid }: { log: Log; uid?: number | undefined }): FolderFiles {
  const path = resolve(dir);
  assertOnDisk(path);
  const files = filesIn(path);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = lstatSync(path);
    if (found.isSymbolicLink()) throw unusable(path, "it is a symbolic link, and links are not followed");
    if (!found.isDirectory()) throw unusable(path, "it is not a folder");
    tellWhoElseMay(path, found, { log, uid });
    for (const file of [...dataFiles(files), files.lock, files.pid]) assertPlain(file);
  } catch (error) {
    throw error instanceof MedicError ? error : refusedBySystem(path, error);
  }
  return files;
}

/** Throws MedicError `data-unusable` for a folder that is not there: for readers, who make nothing. */
export function existingFolder(dir: string): FolderFiles {
  const path = resolve(dir);
  assertOnDisk(path);
  const found = statOf(path);
  if (!found?.isDirectory()) throw noFolder(path, found);
  const files = filesIn(path);
  try {
    for (const file of dataFiles(files)) assertPlain(file);
  } catch (error) {
    throw error instanceof MedicError ? error : refusedBySystem(path, error);
  }
  return files;
}

function noFolder(path: string, found: Stats | undefined): MedicError {
  const is = found?.isSymbolicLink() ? "is a symbolic link, and links are not followed" : "is not a folder";
  return new MedicError("data-unusable", `the data folder ${path} ${found ? is : "does not exist"}`, {
    retry: "never",
    next: "Name the bot's own data folder with --data-dir or MEDIC_DATA_DIR; without them it is ./data.",
  });
}

function assertOnDisk(path: string): void {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  for (const candidate of [path, realPathOf(existing)])
    if (kernelFolders.some((kernel) => candidate === kernel || candidate.startsWith(`${kernel}/`)))
      throw unusable(path, "it belongs to the kernel and keeps nothing");
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It cannot be looked at: the next call says why.
    return path;
  }
}

function tellWhoElseMay(path: string, found: Stats, { log, uid }: { log: Log; uid?: number | undefined }): void {
  const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
  if ((found.mode & 0o022) !== 0)
    log.warn("data-folder-open", { path, mode, message: "others can write to the data folder; make it 0700" });
  if (uid !== undefined && found.uid !== uid)
    log.warn("data-folder-foreign", { path, owner: found.uid, message: "the data folder belongs to another user" });
}

/** A file of ours is a plain file that only we read. One that is missing is fine. */
function assertPlain(file: string): void {
  const found = statOf(file);
  if (!found) return;
  if (found.isSymbolicLink()) throw unusable(file, "it is a symbolic link, and links are not followed");
  if (!found.isFile()) throw unusable(file, "it is not a plain file");
}

/** Takes rights away from files that a copy or an editor left readable for others. Only those that are there. */
export function keepPrivate(files: FolderFiles): void {
  for (const file of [...dataFiles(files), files.lock, files.pid]) {
    const found = statOf(file);
    if (found?.isFile() && (found.mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}

/** undefined = not there. */
export function statOf(file: string): Stats | undefined {
  return lstatSync(file, { throwIfNoEntry: false });
}

/** Bytes; 0 = missing or empty. */
export function sizeOf(file: string): number {
  return statOf(file)?.size ?? 0;
}

/** A new, empty file that nobody else reads; fails when the name is taken. SQLite gives its side files the same rights. */
export function createPrivate(file: string): void {
  const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
  const handle = openSync(file, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600);
  fsyncSync(handle);
  closeSync(handle);
}

/** Without it a file's name may be gone after a power cut although its content is on disk. */
export function syncFolder(dir: string): void {
  const handle = openSync(dir, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

interface Unusable {
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

export function unusable(path: string, why: string, { next, cause }: Unusable = {}): MedicError {
  return new MedicError("data-unusable", `${path} cannot be used to keep data: ${why}`, {
    retry: "never",
    next: next ?? "Look at its permissions and the disk, or set MEDIC_DATA_DIR to a folder of its own on a disk.",
    cause,
  });
}

export function refusedBySystem(path: string, error: unknown): MedicError {
  const { why, next } = fileTroubleOf(error, { made: path });
  return unusable(path, why, { next, cause: error });
}
