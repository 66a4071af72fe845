/**
 * The first database of a folder. It gets its name with its tables and its log turned on, and after `answered`: a database that has its
 * name without `answered`, and no commit in it, is a copy that lacks its log, and never a first start that was killed.
 */
import { renameSync } from "node:fs";
import { openAnswered } from "./answered.ts";
import { openConnection } from "./connection.ts";
import { syncFolder } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import { standingOf } from "./opening.ts";
import type { Standing } from "./opening.ts";
import { beginNext, finishNext } from "./replacing.ts";
import { migrate } from "./schema.ts";

/** The tables of today, empty, on disk and named when this returns. `now` is epoch ms. */
export function createDatabase(files: FolderFiles, { now }: { now: number }): void {
  const standing = withTables(beginNext(files), now);
  finishNext(files);
  openAnswered(files, { ...standing, at: now }).close();
  renameSync(files.next, files.database);
  syncFolder(files.dir);
}

function withTables(path: string, now: number): Standing {
  const sql = openConnection(path, "write");
  try {
    migrate(sql, { now });
    return standingOf(sql);
  } finally {
    sql.close();
  }
}
