/**
 * Writes wait for one turn of the event loop and go into one transaction together: one fsync for all that came meanwhile. Each is a
 * savepoint of its own, so that a write that fails rolls back alone. Nobody is answered before COMMIT has returned.
 */
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

export type Outcome =
  /** `commit` = the number of what was committed; without it nothing had to be. */
  | {
      readonly kind: "done";
      readonly commit?: number;
      readonly pages: number;
      readonly answers: readonly (() => void)[];
    }
  /** `certain` = surely nothing of it was kept. */
  | { readonly kind: "failed"; readonly trouble: Trouble; readonly certain: boolean; readonly cause: unknown };

/** One transaction must not hold up the event loop: some 20 ms of work at 0.1 ms a write. */
const batchMax = 200;
/** A storm of several thousand services fits; more means that the disk has stopped. */
export const waitingMax = 20_000;

export interface GroupCommit {
  add(write: Write): void;
  /** When everything that waits now is answered. */
  settled(): Promise<void>;
}

/** `carryOut` answers every write of its batch, whatever happens; it must not throw. */
export function groupCommit(carryOut: (batch: readonly Write[]) => void): GroupCommit {
  let waiting: Write[] = [];
  let running: Promise<void> | undefined;
  const run = async () => {
    while (waiting.length > 0) {
      await turn();
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      carryOut(batch);
    }
    running = undefined;
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

/** Synchronous from BEGIN to COMMIT: no read of the store ever sees half of it. */
export function commitBatch(sql: Connection, batch: readonly Write[]): Outcome {
  let committing = false;
  try {
    sql.exec("BEGIN IMMEDIATE");
    const change = changing(sql);
    const answers = batch.map((write) => carriedOut(sql, change, write));
    if (!change.hasWritten()) {
      sql.exec("ROLLBACK");
      return { kind: "done", pages: 0, answers };
    }
    const commit = change.account();
    committing = true;
    sql.exec("COMMIT");
    return { kind: "done", commit, pages: change.pages(), answers };
  } catch (error) {
    if (sql.inTransaction()) sql.exec("ROLLBACK");
    const trouble = troubleOf(error) ?? { kind: "other", code: "unknown", message: String(error) };
    // A full disk is met before the mark of the commit is written. Of anything else at COMMIT the mark may be on disk.
    return { kind: "failed", trouble, certain: !committing || trouble.kind === "full", cause: error };
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
