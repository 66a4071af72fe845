/**
 * One process per data folder. The lock itself is an empty LevelDB next to the table, because LevelDB holds a lock of the
 * kernel: it ends with its process, however that dies, is not fooled by a reused process id, and holds across containers that
 * share the folder. The file with the process id only serves the message.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { MedicError } from "../domain/errors.ts";

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Throws MedicError `data-in-use` (another process has it) or `data-unusable` (not writable, disk full). */
export async function lockDirectory(dir: string, pid: number): Promise<DirectoryLock> {
  const pidFile = join(dir, "medic.pid");
  const lock = await opened(dir, pidFile);
  await writeFile(pidFile, `${pid}\n`);
  return {
    release: async () => {
      await rm(pidFile, { force: true });
      await lock.close();
    },
  };
}

/**
 * Opens and closes the LevelDB of the table once: what is damaged or not readable is said here, where dynalite would end the
 * process at its first request. Throws MedicError `data-unusable`.
 */
export async function assertUsable(path: string): Promise<void> {
  const level = new Level(path);
  try {
    await level.open();
    await level.close();
  } catch (error) {
    throw unusable(path, error);
  }
}

async function opened(dir: string, pidFile: string): Promise<Level> {
  try {
    await mkdir(dir, { recursive: true });
    const lock = new Level(join(dir, "lock"));
    await lock.open();
    return lock;
  } catch (error) {
    throw isLocked(error) ? inUse(dir, await holderOf(pidFile), error) : unusable(dir, error);
  }
}

function unusable(path: string, cause: unknown): MedicError {
  return new MedicError("data-unusable", `the data folder ${path} cannot be used: ${reasonOf(cause)}`, {
    retry: "never",
    next: "Look at its permissions and the disk; restore it from a copy, or set MEDIC_DATA_DIR to another folder.",
    cause,
  });
}

function inUse(dir: string, holder: string | undefined, cause: unknown): MedicError {
  return new MedicError("data-in-use", `${dir} is already in use by process ${holder ?? "(not known yet)"}`, {
    retry: "never",
    next: "Stop that process, or set MEDIC_DATA_DIR to another folder.",
    cause,
  });
}

async function holderOf(pidFile: string): Promise<string | undefined> {
  try {
    return (await readFile(pidFile, "utf8")).trim() || undefined;
  } catch {
    // The other process has the lock but has not written its id yet.
    return undefined;
  }
}

/** LevelDB's refusal is the cause of the error that `open` throws. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && "code" in error.cause
    ? error.cause.code === "LEVEL_LOCKED"
    : false;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
