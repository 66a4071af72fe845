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
import { reportOf, reportOfMissing } from "./report.ts";
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
 * `answered` is read first: a bot that runs meanwhile only adds commits to what it says.
 * Throws MedicError `newer-schema`, and errors of SQLite that are no damage.
 */
export async function inspectFolder(files: FolderFiles): Promise<FolderState> {
  const answered = readAnswered(files);
  if (sizeOf(files.database) === 0) {
    // A start that was killed leaves an empty database and no `answered`, which is made after the first commit.
    const hadNone = answered.kind === "missing" && sizeOf(files.wal) === 0;
    return hadNone ? { kind: "fresh" } : { kind: "kept", report: reportOfMissing(files, answered), answered };
  }
  // The power went while the file was made: what stands in it is taken back by whoever opens it for writing, and was never answered.
  if (answered.kind === "missing" && sizeOf(files.journal) > 0) return { kind: "fresh" };
  const sql = openConnection(files.database, "read");
  try {
    const verified = await verifiedOf(sql);
    if (sizeOf(files.database) <= firstBytes && wasNeverFinished(verified, answered)) return { kind: "fresh" };
    return { kind: "kept", report: reportOf(files, verified, answered), verified, answered };
  } finally {
    sql.close();
  }
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

/** The one page that turning on the log writes, before there are tables. */
const firstBytes = 4096;

/** Killed between the first bytes of the file and its tables. */
function wasNeverFinished(verified: Verified, answered: AnsweredReading): boolean {
  const { schema, commits, counted } = verified;
  const onlyEmpty = verified.problems.every((problem) => /^no such table/.test(problem));
  return answered.kind === "missing" && schema === 0 && commits === 0 && !counted && onlyEmpty;
}

export function hasOlderTable(olderPath: string): boolean {
  return statOf(olderPath)?.isDirectory() ?? false;
}
