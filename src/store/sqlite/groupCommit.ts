/**
 * Writes wait for one turn of the event loop and go into one transaction together: one fsync for all that came meanwhile. Each is a
 * savepoint of its own, so that a write that fails rolls back alone. Nobody is answered before COMMIT has returned.
 */
import { sentenceOf } from "../../domain/errors.ts";
import { StoreUncertain, StoreUnavailable } from "../../ports/store.ts";
import { changing } from "./changes.ts";
import type { Change, Changing } from "./changes.ts";
import type { Connection } from "./connection.ts";
import { troubleOf } from "./sqlErrors.ts";
import type { Trouble } from "./sqlErrors.ts";
import { turn } from "./turn.ts";

export interface Write {
  /** For the error: `case "shop"`. */
  readonly what: string;
  readonly work: (change: Change) => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** `taken` = how many of the batch, from its first one, this is about; the others have not been touched. */
export type Outcome = { readonly taken: number } &
  /** `commit` = the number of what was committed; without it nothing had to be. `occupied` = the bytes that a probe filled. */
  (
    | {
        readonly kind: "done";
        readonly commit?: number;
        readonly pages: number;
        readonly occupied: number;
        readonly answers: readonly (() => void)[];
      }
    /** `certain` = surely nothing of it was kept. `stuck` = the transaction could not be ended: this connection holds the lock and is of no use. */
    | {
        readonly kind: "failed";
        readonly trouble: Trouble;
        readonly certain: boolean;
        readonly stuck: boolean;
        readonly cause: unknown;
      }
  );

/** One transaction must not hold up the event loop: some 20 ms of work at 0.1 ms a write. */
const batchMax = 200;
/** Nor may it take much memory and log at once: a transaction ends with the write that reaches this, in characters of the bodies. */
export const batchBytesMax = 8 * 1024 * 1024;
/** A storm of several thousand services fits; more means that the disk has stopped. */
export const waitingMax = 20_000;

export interface GroupCommit {
  add(write: Write): void;
  /** When everything that waits now is answered. */
  settled(): Promise<void>;
}

/**
 * `carryOut` answers writes of its batch from the first one on, and says how many; the others come again. A fault of it must not leave
 * anybody without an answer: it is told to `faulted`, and what it has not answered is refused as uncertain.
 */
export function groupCommit(
  carryOut: (batch: readonly Write[]) => number,
  faulted: (error: unknown) => void,
): GroupCommit {
  let waiting: Write[] = [];
  let running: Promise<void> | undefined;
  const run = async () => {
    while (waiting.length > 0) {
      await turn();
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(answered(batch));
    }
    running = undefined;
  };
  const answered = (batch: readonly Write[]): number => {
    try {
      return carryOut(batch);
    } catch (error) {
      // Of those that were answered already this changes nothing.
      for (const write of batch) write.reject(new StoreUncertain(write.what, error));
      faulted(error);
      return batch.length;
    }
  };
  return {
    add: (write) => {
      if (waiting.length >= waitingMax) {
        const next = "look at the disk of the data folder: it does not keep up";
        write.reject(new StoreUnavailable(write.what, new Error(`${waitingMax} writes wait already`), next));
        return;
      }
      waiting.push(write);
      running ??= run();
    },
    settled: async () => {
      await running;
    },
  };
}

/** Where a transaction has come to. From "committing" on its mark may be on disk. */
export type Point = "beginning" | "working" | "committing";

/** Synchronous from BEGIN to COMMIT: no read of the store ever sees half of it. Never throws. */
export function commitBatch(sql: Connection, batch: readonly Write[]): Outcome {
  let point: Point = "beginning";
  const answers: (() => void)[] = [];
  try {
    sql.exec("BEGIN IMMEDIATE");
    point = "working";
    const change = changing(sql);
    for (const write of batch) {
      answers.push(carriedOut(sql, change, write));
      if (change.bytes() >= batchBytesMax) break;
    }
    const taken = answers.length;
    const [pages, occupied] = [change.pages(), change.occupied()];
    if (!change.hasWritten()) {
      sql.exec("ROLLBACK");
      return { kind: "done", taken, pages, occupied, answers };
    }
    const commit = change.account();
    point = "committing";
    sql.exec("COMMIT");
    return { kind: "done", taken, commit, pages, occupied, answers };
  } catch (cause) {
    const trouble = troubleOf(cause) ?? { kind: "other", code: "unknown", message: sentenceOf(cause) };
    const taken = point === "working" ? Math.min(answers.length + 1, batch.length) : answers.length || batch.length;
    return { kind: "failed", taken, trouble, certain: isCertain(point, trouble.kind), stuck: !isEnded(sql), cause };
  }
}

/**
 * Whether surely nothing of a transaction was kept that failed there with this. A full disk is met before the mark of the commit is
 * written. Of anything else at COMMIT the mark may be on disk, whatever a ROLLBACK says afterwards.
 */
export function isCertain(point: Point, kind: Trouble["kind"]): boolean {
  return point !== "committing" || kind === "full";
}

/** Ends the transaction, where SQLite has not done so; false = it stays open, and holds the lock of whoever writes. */
export function isEnded(sql: Connection): boolean {
  try {
    if (sql.inTransaction()) sql.exec("ROLLBACK");
    return true;
  } catch {
    // What failed first is what is told.
    return false;
  }
}

/** The answer to one write, to be given when the transaction is committed. */
function carriedOut(sql: Connection, change: Changing, write: Write): () => void {
  const undo = change.mark();
  sql.run("SAVEPOINT one");
  try {
    const answer = write.work(change);
    sql.run("RELEASE one");
    return () => write.resolve(answer);
  } catch (error) {
    // The disk's own troubles end the whole transaction; SQLite has often rolled it back already. Anything else is this write's alone.
    if (!sql.inTransaction() || isOfDisk(error)) throw error;
    sql.run("ROLLBACK TO one");
    sql.run("RELEASE one");
    undo();
    return () => write.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function isOfDisk(error: unknown): boolean {
  const kind = troubleOf(error)?.kind;
  return kind !== undefined && kind !== "other";
}

export function refused(write: Write, { certain, cause }: { certain: boolean; cause: unknown }, next: string): void {
  write.reject(certain ? new StoreUnavailable(write.what, cause, next) : new StoreUncertain(write.what, cause));
}
