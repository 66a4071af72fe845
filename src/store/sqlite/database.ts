/**
 * The one open database: reads, writes that go through the group commit, and what happens when the disk does not do as it should.
 *
 * After a full disk the connection stays: SQLite has rolled the transaction back before the mark of its commit. After any other error of
 * the disk it is closed, and before the next write opened anew, checked, and its log copied into the database: a failed sync leaves pages
 * in the kernel that look written and are not (https://lwn.net/Articles/752063/), and only writing them again makes sure.
 */
import { sentenceOf } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { StoreUnavailable } from "../../ports/store.ts";
import type { AnsweredFile } from "./answered.ts";
import type { Change } from "./changes.ts";
import { checkpoints, emptyLog } from "./checkpoints.ts";
import { textAt } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { FolderFiles } from "./folder.ts";
import { commitBatch, groupCommit, refused } from "./groupCommit.ts";
import type { Outcome, Write } from "./groupCommit.ts";
import { nextFor, storeHealth } from "./health.ts";
import type { StoreHealth } from "./health.ts";
import { standingOf } from "./opening.ts";
import type { Standing } from "./opening.ts";
import { troubleOf } from "./sqlErrors.ts";
import type { Trouble } from "./sqlErrors.ts";
import { turn } from "./turn.ts";

export interface SqliteDatabase {
  readonly files: FolderFiles;
  /** From what was committed, synchronously within. `what` names it in an error. Throws StoreUnavailable. */
  read<T>(what: string, work: (sql: Connection) => T): Promise<T>;
  /** `work` looks and writes in one go, inside a transaction. Throws StoreUnavailable, StoreUncertain and what `work` throws. */
  write<T>(what: string, work: (change: Change) => T): Promise<T>;
  health(): StoreHealth;
  /** Throws StoreUnavailable while writes fail; asks the disk itself whether they still do. */
  ping(): Promise<void>;
  /** Answers what waits, refuses what comes later, empties the log. */
  close(): Promise<void>;
}

export interface SqliteDatabaseOptions {
  readonly files: FolderFiles;
  /** Opened once at the start and again after an error of the disk. */
  readonly open: () => Connection;
  readonly sql: Connection;
  readonly standing: Standing;
  readonly answered: AnsweredFile;
  readonly clock: Clock;
  readonly log: Log;
}

/** The largest case and its pages: with room for less, a probe would promise too much. */
const probeBytes = 64 * 1024;
/** Between two looks whether the disk is well again. */
const lookMs = 1000;

export function sqliteDatabase(options: SqliteDatabaseOptions): SqliteDatabase {
  const keeper = connectionKeeper(options);
  const { files } = options;
  let closing = false;
  let probedAt = -Infinity;
  const group = groupCommit((batch) => keeper.carryOut(batch));
  const refuseClosed = (what: string) => {
    if (closing) throw new StoreUnavailable(what, new Error("the store is closed"), "start the bot again");
  };
  const write = <T>(what: string, work: (change: Change) => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      refuseClosed(what);
      group.add({ what, work, resolve: (answer) => resolve(answer as T), reject });
    });
  const probe = async () => {
    probedAt = options.clock.now();
    await write("a probe of the disk", ({ occupy }) => occupy(probeBytes));
    await write("a probe of the disk", ({ occupy }) => occupy(0));
  };
  return {
    files,
    read: async (what, work) => {
      refuseClosed(what);
      return keeper.read(what, work);
    },
    write,
    health: () => keeper.health(),
    ping: async () => {
      refuseClosed("a ping");
      const health = keeper.health();
      if (health.ok) return keeper.read("a ping", (sql) => void standingOf(sql));
      if (options.clock.now() - probedAt < lookMs)
        throw new StoreUnavailable("a ping", new Error(health.sentence), health.next);
      await probe();
    },
    close: async () => {
      if (closing) return;
      closing = true;
      await group.settled();
      keeper.close();
    },
  };
}

interface ConnectionKeeper {
  carryOut(batch: readonly Write[]): void;
  read<T>(what: string, work: (sql: Connection) => T): T;
  health(): StoreHealth;
  close(): void;
}

function connectionKeeper(options: SqliteDatabaseOptions): ConnectionKeeper {
  const { files, standing, clock, log } = options;
  const { dir } = files;
  const health = storeHealth({ dir, clock, log });
  const wal = checkpoints({ dir, clock, log });
  const answered = answeredKeeper(options);
  let sql: Connection | undefined = options.sql;
  let commits = standing.commits;
  let triedAt = -Infinity;

  const failing = (trouble: Trouble, writes: number) => {
    health.failed(trouble, writes);
    if (trouble.kind !== "io" && trouble.kind !== "damaged") return;
    sql?.close();
    sql = undefined;
  };
  /** The connection, opened anew where it is not trusted. Throws the error of SQLite. */
  const usable = (what: string): Connection => {
    if (sql) return sql;
    const trouble = health.trouble();
    if (clock.now() - triedAt < lookMs)
      throw new StoreUnavailable(what, new Error(trouble?.message), trouble && nextFor(trouble, dir));
    triedAt = clock.now();
    sql = reopened(options.open, commits);
    commits = standingOf(sql).commits;
    return sql;
  };
  const checkpoint = async () => {
    await turn();
    try {
      if (sql) wal.run(sql);
    } catch (error) {
      failing(troubleFrom(error), 0);
    }
  };
  const committed = ({ commit, pages }: Outcome & { kind: "done" }) => {
    if (commit === undefined) return;
    commits = commit;
    answered.write(commits);
    health.worked();
    wal.written(pages);
    if (wal.isDue()) void checkpoint();
  };
  return {
    carryOut: (batch) => {
      try {
        if (wal.isHeld() && sql) wal.run(sql);
        if (wal.isHeld()) throw new Error("the log has reached its limit because a reader holds it");
        const outcome = commitBatch(usable("writes"), batch);
        if (outcome.kind === "done") {
          committed(outcome);
          for (const answer of outcome.answers) answer();
          return;
        }
        failing(outcome.trouble, batch.length);
        for (const write of batch) refused(write, outcome, nextFor(outcome.trouble, dir));
      } catch (error) {
        const trouble = troubleFrom(error);
        if (!(error instanceof StoreUnavailable)) failing(trouble, batch.length);
        for (const write of batch) refused(write, { certain: true, cause: error }, nextFor(trouble, dir));
      }
    },
    read: (what, work) => {
      try {
        return work(usable(what));
      } catch (error) {
        const trouble = troubleOf(error);
        if (!trouble) throw error;
        failing(trouble, 0);
        throw new StoreUnavailable(what, error, nextFor(trouble, dir));
      }
    },
    health: () => health.now(),
    close: () => closeAll({ sql, answered, log, dir }),
  };
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
