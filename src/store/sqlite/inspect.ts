/**
 * What stands in a folder, looked at without changing a byte of it: through a connection that cannot write and that, unlike another, does
 * not empty the log when it closes. A damaged log would be gone after that.
 */
import { sentenceOf } from "../../domain/errors.ts";
import { readAnswered } from "./answered.ts";
import type { AnsweredReading } from "./answered.ts";
import { openConnection } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { sizeOf, statOf } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import { reportOf, reportOfJournal, reportOfMissing, reportOfReplacing } from "./report.ts";
import type { StoreReport } from "./report.ts";
import { assertKnownSchema } from "./schema.ts";
import { troubleOf } from "./sqlErrors.ts";
import { verify } from "./verify.ts";
import type { Verified } from "./verify.ts";

export type FolderState =
  /** Nothing was ever kept here. */
  | { readonly kind: "fresh" }
  | {
      readonly kind: "kept";
      readonly report: StoreReport;
      readonly verified?: Verified;
      readonly answered: AnsweredReading;
    };

/**
 * `answered` is read first: a bot that runs meanwhile only adds commits to what it says. A `backup` may be without it.
 * Throws MedicError `newer-schema`, and errors of SQLite that are no damage.
 */
export async function inspectFolder(
  files: FolderFiles,
  { as = "folder" }: { as?: "folder" | "backup" } = {},
): Promise<FolderState> {
  const found = readAnswered(files);
  const answered: AnsweredReading = as === "backup" && found.kind === "missing" ? { kind: "backup" } : found;
  if (statOf(files.replacing)) return { kind: "kept", report: reportOfReplacing(files, answered), answered };
  // With nothing to apply it to it is still a trace of a database that was here.
  if (sizeOf(files.journal) > 0) return { kind: "kept", report: reportOfJournal(files, answered), answered };
  if (sizeOf(files.database) === 0)
    return wasNeverKept(files, answered)
      ? { kind: "fresh" }
      : { kind: "kept", report: reportOfMissing(files, answered), answered };
  const sql = openConnection(files.database, "read");
  try {
    const verified = await verifiedOf(sql);
    return { kind: "kept", report: reportOf(files, verified, answered), verified, answered };
  } finally {
    sql.close();
  }
}

/** Also a first start that was killed: it makes `answered`, which says that there is no commit, before the database has its name. */
function wasNeverKept(files: FolderFiles, answered: AnsweredReading): boolean {
  if (sizeOf(files.wal) > 0 || answered.kind === "unreadable") return false;
  return answered.kind !== "read" || answered.answered.commits === 0;
}

async function verifiedOf(sql: Connection): Promise<Verified> {
  try {
    assertKnownSchema(sql);
    return await verify(sql);
  } catch (error) {
    if (troubleOf(error)?.kind !== "damaged") throw error;
    const rows = { cases: 0, records: 0, leases: 0 };
    return {
      schema: 0,
      created: 0,
      commits: 0,
      rows,
      unreadable: [],
      problems: [sentenceOf(error)],
      dueDifferences: 0,
    };
  }
}

export function hasOlderTable(olderPath: string): boolean {
  return statOf(olderPath)?.isDirectory() ?? false;
}
