/**
 * Keeps the write-ahead log small: what it holds is copied into the database between two answers, not within one. A reader that keeps a
 * transaction open (a shell) holds the log; that is said, and at a limit writes stop before the disk is full of it.
 */
import type { Clock } from "../../ports/clock.ts";
import { hasPassed } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { numberAt } from "./connection.ts";
import type { Connection } from "./connection.ts";

/** 4 MB, SQLite's own habit: the copying takes some 20 ms. */
const pagesBetween = 1000;
/** 64 MB: no storm makes this unless something holds the log. */
const pagesHeld = 16_384;
/** 1 GiB. */
const pagesMax = 262_144;
const repeatMs = 60_000;

export interface Checkpoints {
  written(pages: number): void;
  isDue(): boolean;
  /** Throws the error of SQLite. */
  run(sql: Connection): void;
  /** Nothing more fits into the log. */
  isHeld(): boolean;
}

export function checkpoints({ dir, clock, log }: { dir: string; clock: Clock; log: Log }): Checkpoints {
  let since = 0;
  let inLog = 0;
  let toldAt = -Infinity;
  return {
    written: (pages) => {
      since += pages;
    },
    isDue: () => since >= pagesBetween,
    run: (sql) => {
      since = 0;
      const result = sql.get("PRAGMA wal_checkpoint(PASSIVE)");
      const [pages, copied] = [numberAt(result, 1), numberAt(result, 2)];
      inLog = copied < pages ? pages : 0;
      if (inLog < pagesHeld || !hasPassed(clock, toldAt, repeatMs)) return;
      toldAt = clock.now();
      const message = "a reader keeps its transaction open, and the log grows; close the shell that reads the data";
      log.warn("store-log-held", { dir, pages, message });
    },
    isHeld: () => inLog >= pagesMax,
  };
}

/** Copies everything and cuts the log to nothing. false = a reader is in the way. Throws the error of SQLite. */
export function emptyLog(sql: Connection): boolean {
  return numberAt(sql.get("PRAGMA wal_checkpoint(TRUNCATE)"), 0) === 0;
}
