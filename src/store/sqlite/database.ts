/** The one open database: reads, writes that go through the group commit, whether it is well, and its end. */
import { sentenceOf } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { hasPassed } from "../../ports/clock.ts";
import { unfailingLog } from "../../ports/log.ts";
import type { Log } from "../../ports/log.ts";
import { StoreUnavailable } from "../../ports/store.ts";
import type { AnsweredFile } from "./answered.ts";
import type { Change } from "./changes.ts";
import type { Connection } from "./connection.ts";
import type { FolderFiles } from "./folder.ts";
import { connectionKeeper, probeBytes } from "./connectionKeeper.ts";
import { groupCommit } from "./groupCommit.ts";
import type { StoreHealth } from "./health.ts";
import { standingOf } from "./opening.ts";
import type { Standing } from "./opening.ts";

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

/** Between two probes, ms. */
const probeMs = 1000;

export function sqliteDatabase(options: SqliteDatabaseOptions): SqliteDatabase {
  const { files, clock } = options;
  const log = unfailingLog(options.log);
  const keeper = connectionKeeper({ ...options, log });
  let closing = false;
  let probedAt = -Infinity;
  const group = groupCommit(
    (batch) => keeper.carryOut(batch),
    (error) => log.error("store-fault", { dir: files.dir, message: sentenceOf(error) }),
  );
  const refuseClosed = (what: string) => {
    if (closing) throw new StoreUnavailable(what, new Error("the store is closed"), "start the bot again");
  };
  const add = <T>(what: string, work: (change: Change) => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      refuseClosed(what);
      group.add({ what, work, resolve: (answer) => resolve(answer as T), reject });
    });
  const write = async <T>(what: string, work: (change: Change) => T): Promise<T> => {
    const answer = await add(what, work);
    // A small write fits into a disk that is nearly full: whether a large one does is asked, also when nobody asks /readyz.
    if (!keeper.health().ok && !closing && hasPassed(clock, probedAt, probeMs)) probe().catch(() => undefined);
    return answer;
  };
  const probe = async () => {
    probedAt = clock.now();
    await add("a probe of the disk", ({ occupy }) => occupy(probeBytes));
    await add("a probe of the disk", ({ occupy }) => occupy(0));
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
      if (!hasPassed(clock, probedAt, probeMs))
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
