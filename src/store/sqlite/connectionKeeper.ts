/**
 * The connection through good and bad days of the disk.
 *
 * After a full disk it stays: SQLite has rolled the transaction back before the mark of its commit. After any other error of the disk it
 * is closed, and before the next use opened anew, checked, and its log copied into the database: a failed sync leaves pages in the kernel
 * that look written and are not (https://lwn.net/Articles/752063/), and only writing them again makes sure.
 */
import { sentenceOf } from "../../domain/errors.ts";
import { recordBytesMax } from "../../domain/storedSize.ts";
import type { Log } from "../../ports/log.ts";
import { StoreUnavailable } from "../../ports/store.ts";
import { checkpoints, emptyLog } from "./checkpoints.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { textAt } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { SqliteDatabaseOptions } from "./database.ts";
import { commitBatch, isEnded, refused } from "./groupCommit.ts";
import type { Outcome, Write } from "./groupCommit.ts";
import { nextFor, storeHealth } from "./health.ts";
import type { Health, StoreHealth } from "./health.ts";
import { looks } from "./looks.ts";
import { standingOf } from "./opening.ts";
import { troubleOf } from "./sqlErrors.ts";
import type { Trouble } from "./sqlErrors.ts";
import { turn } from "./turn.ts";

/** The largest record: with room for less, a probe would promise too much. */
export const probeBytes = recordBytesMax;

export interface ConnectionKeeper {
  /** How many of the batch it answered, from the first one on. */
  carryOut(batch: readonly Write[]): number;
  read<T>(what: string, work: (sql: Connection) => T): T;
  health(): StoreHealth;
  close(): void;
}

export function connectionKeeper(options: SqliteDatabaseOptions): ConnectionKeeper {
  const { files, clock, log } = options;
  const { dir } = files;
  const health = storeHealth({ dir, clock, log });
  const wal = checkpoints({ dir, clock, log });
  const answered = answeredKeeper(options);
  const trusted = trustedConnection(options, health);
  const committed = ({ commit, pages, occupied }: Outcome & { kind: "done" }) => {
    if (commit === undefined) return;
    trusted.reached(commit);
    answered.write(commit);
    health.worked({ largest: occupied >= probeBytes });
    wal.written(pages);
    if (wal.isDue()) void checkpoint(wal, trusted);
  };
  const outcomeOf = (batch: readonly Write[]): Outcome => {
    try {
      const sql = trusted.usable("writes");
      if (wal.isHeld()) wal.run(sql);
      if (wal.isHeld()) throw logHeld();
      return commitBatch(sql, batch);
    } catch (error) {
      const trouble = troubleFrom(error);
      return { kind: "failed", taken: batch.length, trouble, certain: true, stuck: false, cause: error };
    }
  };
  return {
    carryOut: (batch) => {
      const outcome = outcomeOf(batch);
      try {
        if (outcome.kind === "done") committed(outcome);
        // Not tried at all while the last look is too young: what it found stands.
        else if (!(outcome.cause instanceof StoreUnavailable)) trusted.failing(outcome, outcome.taken);
      } finally {
        answerAll(batch, outcome, (trouble) => nextFor(health.trouble() ?? trouble, dir));
      }
      return outcome.taken;
    },
    read: (what, work) => {
      try {
        return work(trusted.usable(what));
      } catch (error) {
        const trouble = troubleOf(error);
        if (!trouble) throw error;
        trusted.failing({ trouble }, 0);
        throw new StoreUnavailable(what, error, nextFor(trouble, dir));
      }
    },
    health: () => health.now(),
    close: () => closeAll({ sql: trusted.end(), answered, log, dir }),
  };
}

interface TrustedConnection {
  /** Opened anew where it was not trusted any more. Throws the error of SQLite; StoreUnavailable when the last look is too young. */
  usable(what: string): Connection;
  current(): Connection | undefined;
  /** The connection, for the last time. */
  end(): Connection | undefined;
  /** `stuck` = it cannot be used any more, whatever the trouble. */
  failing(failure: { readonly trouble: Trouble; readonly stuck?: boolean }, writes: number): void;
  /** The number of the last commit: a database that was opened anew must reach it. */
  reached(commit: number): void;
}

function trustedConnection(options: SqliteDatabaseOptions, health: Health): TrustedConnection {
  const { clock, files, log, open } = options;
  let sql: Connection | undefined = options.sql;
  let commits = options.standing.commits;
  const disk = looks(clock);
  // Its transaction could not be ended. Closed, it would hold its lock until its memory is collected, and nobody could write.
  let stuckOne: Connection | undefined;
  const close = (former: Connection | undefined) => {
    try {
      former?.close();
    } catch (error) {
      log.warn("store-not-closed", { dir: files.dir, message: sentenceOf(error) });
    }
  };
  const anew = () => {
    if (stuckOne && !isEnded(stuckOne)) throw stillStuck();
    close(stuckOne);
    stuckOne = undefined;
    return reopened(open, commits);
  };
  return {
    usable: (what) => {
      if (sql) return sql;
      const trouble = health.trouble();
      if (!disk.isDue())
        throw new StoreUnavailable(what, new Error(trouble?.message), trouble && nextFor(trouble, files.dir));
      sql = disk.look(anew);
      commits = standingOf(sql).commits;
      return sql;
    },
    current: () => sql,
    end: () => {
      const last = sql;
      sql = undefined;
      close(stuckOne);
      return last;
    },
    failing: ({ trouble, stuck = false }, writes) => {
      health.failed(trouble, writes);
      if (!stuck && trouble.kind !== "io" && trouble.kind !== "damaged") return;
      const former = sql;
      // Not to be used again, even if it cannot be closed.
      sql = undefined;
      if (stuck) stuckOne = former;
      else close(former);
    },
    reached: (commit) => {
      commits = commit;
      disk.wentWell();
    },
  };
}

/** After the answers, not before them. */
async function checkpoint(wal: Checkpoints, trusted: TrustedConnection): Promise<void> {
  await turn();
  const sql = trusted.current();
  try {
    if (sql) wal.run(sql);
  } catch (error) {
    trusted.failing({ trouble: troubleFrom(error) }, 0);
  }
}

function answerAll(batch: readonly Write[], outcome: Outcome, next: (trouble: Trouble) => string): void {
  if (outcome.kind === "done") for (const answer of outcome.answers) answer();
  else for (const write of batch.slice(0, outcome.taken)) refused(write, outcome, next(outcome.trouble));
}

function logHeld(): Error {
  const message = "the log has reached its limit because a reader keeps its transaction open";
  return Object.assign(new Error(message), { code: "SQLITE_BUSY", rawCode: 5 });
}

function stillStuck(): Error {
  const message = "the transaction that failed cannot be ended; if this lasts, start the bot again";
  return Object.assign(new Error(message), { code: "SQLITE_IOERR", rawCode: 10 });
}

function troubleFrom(error: unknown): Trouble {
  return troubleOf(error) ?? { kind: "other", code: "unknown", message: sentenceOf(error) };
}

/** Throws the error of SQLite while the disk or the data is not well. */
function reopened(open: () => Connection, commitsMin: number): Connection {
  const sql = open();
  try {
    const [verdict] = sql.all("PRAGMA quick_check(1)");
    if (textAt(verdict, 0) !== "ok") throw damageError(textAt(verdict, 0));
    const { commits } = standingOf(sql);
    if (commits < commitsMin) throw damageError(`${commitsMin - commits} answered commits are missing`);
    if (!emptyLog(sql)) throw Object.assign(new Error("a reader holds the log"), { code: "SQLITE_BUSY", rawCode: 5 });
    return sql;
  } catch (error) {
    sql.close();
    throw error;
  }
}

function damageError(message: string): Error {
  return Object.assign(new Error(message), { code: "SQLITE_CORRUPT", rawCode: 11 });
}

interface AnsweredKeeper {
  write(commits: number): void;
  close(): void;
}

/** What was committed is durable whether or not this file says so: its own trouble is told once and stops nothing. */
function answeredKeeper({ answered, standing, files, clock, log }: SqliteDatabaseOptions): AnsweredKeeper {
  let told = false;
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!told) log.warn("answered-not-written", { file: files.answered, message: sentenceOf(error) });
      told = true;
    }
  };
  return {
    write: (commits) => attempt(() => answered.write({ created: standing.created, commits, at: clock.now() })),
    close: () => attempt(() => (answered.sync(), answered.close())),
  };
}

/** A log that cannot be emptied now is read at the next start: nothing is lost by that. */
function closeAll(parts: { sql: Connection | undefined; answered: AnsweredKeeper; log: Log; dir: string }): void {
  const { sql, answered, log, dir } = parts;
  try {
    if (sql) emptyLog(sql);
  } catch (error) {
    log.warn("store-log-kept", { dir, message: sentenceOf(error) });
  }
  sql?.close();
  answered.close();
}
