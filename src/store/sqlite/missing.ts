/** A folder without a database: what to do depends on whether it had one. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MedicError } from "../../domain/errors.ts";
import { readAnswered } from "./answered.ts";
import { sizeOf } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";

/** An empty store is never made out of nothing: it would run again what ran already. */
export function nothingToRead(files: FolderFiles): MedicError {
  return new MedicError("data-missing", `nothing can be read from ${files.database}`, {
    retry: "never",
    next: `Nothing was changed. ${waysOn(files)}`,
  });
}

/** For whoever only wants to look. */
export function missing(files: FolderFiles): MedicError {
  if (readAnswered(files).kind !== "missing" || sizeOf(files.wal) > 0 || newestAside(files) !== undefined)
    return new MedicError("data-missing", `${files.database} is missing, although ${files.dir} had one`, {
      retry: "never",
      next: waysOn(files),
    });
  return new MedicError("data-missing", `${files.dir} holds no data of this program: ${files.database} is missing`, {
    retry: "never",
    next:
      "Name the bot's data folder with --data-dir or MEDIC_DATA_DIR. If it is this one, put a backup there: " +
      "`medic store restore FILE`.",
  });
}

function waysOn(files: FolderFiles): string {
  const newest = newestAside(files);
  return newest === undefined
    ? "Restore a backup: `medic store restore FILE`. Without one, begin with nothing: set MEDIC_DATA_DIR to a new folder."
    : `Restore a backup, \`medic store restore FILE\`, or the newest file that was set aside: medic store restore ${newest}`;
}

function newestAside({ dir }: FolderFiles): string | undefined {
  const asides = readdirSync(dir).filter((name) => /^medic\.db\.aside-\d+$/.test(name));
  const newest = asides.sort((left, right) => left.length - right.length || (left < right ? -1 : 1)).at(-1);
  return newest === undefined ? undefined : join(dir, newest);
}
