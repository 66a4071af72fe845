/** What goes wrong while something goes wrong: the way back from an error of the disk, and answers that must come whatever happens. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Log } from "../../src/ports/log.ts";
import { silentLog } from "../../src/ports/log.ts";
import { StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import type { Connection, SqlRow } from "../../src/store/sqlite/connection.ts";
import type { SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { groupCommit } from "../../src/store/sqlite/groupCommit.ts";
import { sqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { databaseIn, sqlError, watched } from "./sqliteBed.ts";

let dir: string;
let now: number;
let said: { code: string; fields: Readonly<Record<string, unknown>> }[];
let logFails: boolean;
/** What the next calls run into. */
let trouble: ((text: string) => Error | undefined) | undefined;
let kept: ((text: string) => Error | undefined) | undefined;
let answers: ((text: string) => SqlRow | undefined) | undefined;
let closeFails: boolean;
let transactionHangs: boolean;
/** Characters that one transaction may write. */
let room: number;
let executed: string[];
/** How long a look takes. */
let lookTakesMs: number;
let database: SqliteDatabase;

const noted = (code: string, fields: Readonly<Record<string, unknown>> = {}) => {
  said.push({ code, fields });
  if (logFails) throw new Error("the log's disk is full too");
};
const log: Log = { info: noted, warn: noted, error: noted };

function faulty(sql: Connection): Connection {
  let written = 0;
  const watching = watched(sql, {
    before: (text) => {
      executed.push(text);
      if (text === "BEGIN IMMEDIATE") written = 0;
      if (text === "COMMIT" && written > room) throw sqlError("SQLITE_FULL", 13);
      const error = trouble?.(text);
      if (error) throw error;
    },
    after: (text) => {
      const error = kept?.(text);
      if (error) throw error;
    },
  });
  return {
    ...watching,
    run: (text, ...values) => {
      for (const value of values) written += typeof value === "string" ? value.length : 0;
      return sql.run(text, ...values);
    },
    get: (text, ...values) => answers?.(text) ?? sql.get(text, ...values),
    all: (text, ...values) => {
      executed.push(text);
      if (text.includes("quick_check")) now += lookTakesMs;
      const answer = answers?.(text);
      return answer ? [answer] : sql.all(text, ...values);
    },
    inTransaction: () => transactionHangs || sql.inTransaction(),
    close: () => {
      if (closeFails) throw new TypeError("the connection does not close");
      sql.close();
    },
  };
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "medic-faults-"));
  now = 1_790_000_000_000;
  [said, executed] = [[], []];
  [logFails, closeFails, transactionHangs] = [false, false, false];
  [trouble, kept, answers] = [undefined, undefined, undefined];
  [room, lookTakesMs] = [Infinity, 0];
  database = databaseIn(dir, { wrap: faulty, log, clock: { now: () => now, sleep: async () => undefined } });
});
afterEach(async () => {
  [trouble, kept, answers] = [undefined, undefined, undefined];
  [logFails, closeFails, transactionHangs] = [false, false, false];
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const store = () => sqliteStore(database, { log: silentLog });
const put = (id: string, body: unknown = 1) =>
  store()
    .records.putIfAbsent({ collection: "inbox", id }, body)
    .catch((error: unknown) => error);
const failing = (code: string, rawCode: number, at: string) => (text: string) =>
  text === at ? sqlError(code, rawCode) : undefined;
const syncFails = failing("SQLITE_IOERR_FSYNC", 1034, "COMMIT");
const lookCount = () => executed.filter((text) => text.includes("quick_check")).length;
const saidCount = (code: string) => said.filter((line) => line.code === code).length;
const turns = async () => {
  for (let at = 0; at < 20; at += 1) await new Promise((resolve) => setImmediate(resolve));
};
/** An answer that never comes shows as such. */
const soon = (answer: Promise<unknown>) => Promise.race([answer, turns().then(() => "never answered")]);

describe("a wall clock that is put back by one hour", () => {
  it("does not keep a disk that is well again from being used, nor /readyz from asking it", async () => {
    trouble = syncFails;
    await put("1");
    await put("2");
    await database.ping().catch(() => undefined);
    trouble = undefined;
    now -= 3_600_000;
    await database.ping();
    expect(await put("3")).toBe(true);
  });

  it("does not keep the log from telling each minute", async () => {
    room = -1;
    await put("1");
    now -= 3_600_000;
    await put("2");
    expect(saidCount("store-write-failed")).toBe(2);
  });

  it("does not keep the log from telling that a reader holds the write-ahead log", async () => {
    answers = (text) => (text.includes("wal_checkpoint(PASSIVE)") ? [0, 20_000, 0] : undefined);
    const large = "x".repeat(290_000);
    for (let at = 0; at < 15; at += 1) await put(`a${at}`, large);
    await turns();
    now -= 3_600_000;
    for (let at = 0; at < 15; at += 1) await put(`b${at}`, large);
    await turns();
    expect(saidCount("store-log-held")).toBe(2);
  });
});

describe("looking whether a failed disk is well", () => {
  it("leaves the event loop at least ten times as long as a look takes", async () => {
    lookTakesMs = 6000;
    trouble = syncFails;
    const startedAt = now;
    for (; now < startedAt + 600_000; now += 100) await put("1");
    expect(lookCount()).toBeGreaterThan(5);
    // The first look has no pause before it.
    expect((lookCount() - 1) * lookTakesMs).toBeLessThanOrEqual(600_000 / 11);
  });

  it("pauses from 1 s, twice as long each time, to 30 s; from the beginning after a write was kept", async () => {
    trouble = syncFails;
    const startedAt = now;
    const lookedAt: number[] = [];
    const until = async (end: number) => {
      for (; now < end; now += 500) {
        const before = lookCount();
        await put("1");
        if (lookCount() > before) lookedAt.push((now - startedAt) / 1000);
      }
    };
    await until(startedAt + 130_000);
    expect(lookedAt).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5, 121.5]);
    trouble = undefined;
    now += 30_000;
    expect(await put("1")).toBe(true);
    trouble = syncFails;
    now += 30_000;
    await put("2");
    const before = lookCount();
    for (let at = 0; at < 3; at += 1, now += 1000) await put("2");
    expect(lookCount() - before).toBe(2);
  });

  it("does not trust a database whose pages are not whole", async () => {
    trouble = syncFails;
    await put("1");
    trouble = undefined;
    answers = (text) => (text.includes("quick_check") ? ["row 1 missing from index"] : undefined);
    expect(await put("2")).toBeInstanceOf(StoreUnavailable);
    expect(said.at(-1)).toMatchObject({ fields: { kind: "damaged", message: "row 1 missing from index" } });
  });
});

describe("every write is answered", () => {
  it.each(["the connection does not close", "the log fails"])("although %s", async (what) => {
    if (what === "the log fails") logFails = true;
    else closeFails = true;
    trouble = syncFails;
    const both = await Promise.all([soon(put("1")), soon(put("2"))]);
    expect(both).toEqual([expect.any(StoreUncertain), expect.any(StoreUncertain)]);
    trouble = undefined;
    now += 60_000;
    expect(await soon(put("3"))).toBe(true);
    expect(await soon(database.ping())).toBeUndefined();
  });

  it("although answering fails, and the next ones are taken", async () => {
    const broken = groupCommit(
      () => {
        throw new TypeError("a fault of the program");
      },
      (error) => said.push({ code: String(error), fields: {} }),
    );
    for (const what of ["first", "second"]) {
      const answer = new Promise((resolve, reject) => broken.add({ what, work: () => 1, resolve, reject }));
      expect(await soon(answer.catch((error: unknown) => error))).toBeInstanceOf(StoreUncertain);
    }
    expect(said.map(({ code }) => code)).toEqual(Array(2).fill("TypeError: a fault of the program"));
  });
});

describe("a failed transaction", () => {
  const kinds = {
    full: ["SQLITE_FULL", 13],
    io: ["SQLITE_IOERR_FSYNC", 1034],
    damaged: ["SQLITE_CORRUPT", 11],
    busy: ["SQLITE_BUSY", 5],
    other: ["SQLITE_TOOBIG", 18],
  } as const;
  type Kind = keyof typeof kinds;
  const table = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    (["BEGIN IMMEDIATE", "work", "COMMIT"] as const).map((point) => ({
      kind,
      point,
      certain: point !== "COMMIT" || kind === "full",
      // An error that is not the disk's is that of one write alone.
      neighbour: point === "work" && kind === "other",
      reopened: kind === "io" || kind === "damaged",
    })),
  );

  it.each(table)("by $kind at $point: certain $certain, opened anew $reopened", async (row) => {
    const [code, rawCode] = kinds[row.kind];
    const error = sqlError(code, rawCode);
    trouble = (text) => (text === row.point ? error : undefined);
    const work = () => {
      if (row.point === "work") throw error;
    };
    const [neighbour, own] = await Promise.all([put("1"), database.write("x", work).catch((found: unknown) => found)]);
    const refusal = row.certain ? StoreUnavailable : StoreUncertain;
    if (row.neighbour) expect([neighbour, own]).toEqual([true, error]);
    else expect([neighbour, own]).toEqual([expect.any(refusal), expect.any(refusal)]);
    trouble = undefined;
    const before = lookCount();
    expect(await put("2")).toBe(true);
    expect(lookCount() - before).toBe(row.reopened ? 1 : 0);
    expect((await store().records.list("inbox", { limit: 9 })).map(({ id }) => id)).toEqual(
      row.neighbour ? ["1", "2"] : ["2"],
    );
  });

  it("is as uncertain where the ROLLBACK fails after it, and the connection is not used again", async () => {
    kept = syncFails;
    trouble = failing("SQLITE_IOERR", 10, "ROLLBACK");
    transactionHangs = true;
    expect(await put("1")).toBeInstanceOf(StoreUncertain);
    [kept, trouble, transactionHangs] = [undefined, undefined, false];
    expect(await put("1")).toBe(false);
    expect(lookCount()).toBe(1);
  });

  it("is not left open where the ROLLBACK fails for a reason that is not the disk's", async () => {
    trouble = (text) => (text === "COMMIT" || text === "ROLLBACK" ? sqlError("SQLITE_FULL", 13) : undefined);
    expect(await put("1")).toBeInstanceOf(StoreUnavailable);
    expect(await put("2")).toBeInstanceOf(StoreUnavailable);
    trouble = undefined;
    now += 1000;
    expect(await put("3")).toBe(true);
    expect((await store().records.list("inbox", { limit: 9 })).map(({ id }) => id)).toEqual(["3"]);
  });
});

describe("a disk that is nearly full", () => {
  const lease = (at: number) => store().leases.acquire("sender", "a", { now: at, leaseMs: 1000, takeoverMs: 1 });

  it("is called full until a write of the largest size was kept, and told at most once a minute", async () => {
    for (let at = 0; at < 60; at += 1, now += 5000) {
      room = at % 2 === 0 ? 1000 : 100_000;
      expect(await put(`large ${at}`, "x".repeat(120_000))).toBeInstanceOf(StoreUnavailable);
      expect(await lease(at)).toBeDefined();
      await turns();
      expect(database.health().ok).toBe(false);
    }
    expect(saidCount("store-write-failed")).toBe(5);
    expect(saidCount("store-writes-again")).toBe(0);
    room = Infinity;
    // Nobody asks /readyz: the next write that is kept makes it ask the disk.
    await lease(60);
    await turns();
    expect(database.health()).toEqual({ ok: true });
    expect(saidCount("store-writes-again")).toBe(1);
  });

  it("that is full and well in turn is told at most once a minute, with how many were refused since", async () => {
    for (let at = 0; at < 60; at += 1, now += 2000) {
      room = -1;
      await put(`${at}`);
      room = Infinity;
      await database.ping();
    }
    const failures = said.filter(({ code }) => code === "store-write-failed");
    expect(failures.map(({ fields }) => fields["refused"])).toEqual([1, 30]);
    expect(saidCount("store-writes-again")).toBe(2);
  });
});

describe("the limits of a transaction and of the log", () => {
  it("ends a transaction at 8 MB of bodies, and answers all in order", async () => {
    const before = executed.filter((text) => text === "COMMIT").length;
    const found = await Promise.all(Array.from({ length: 70 }, (_, at) => put(`${at}`, "x".repeat(290_000))));
    expect(found).toEqual(Array(70).fill(true));
    // 29 of them are 8.4 MB.
    expect(executed.filter((text) => text === "COMMIT").length - before).toBe(3);
  });

  it("stops writes while a reader holds a log of 1 GiB, and goes on when it is let go", async () => {
    answers = (text) => (text.includes("wal_checkpoint(PASSIVE)") ? [0, 262_144, 0] : undefined);
    for (let at = 0; at < 15; at += 1) await put(`${at}`, "x".repeat(290_000));
    await turns();
    expect(await put("refused")).toMatchObject({
      code: "store-unavailable",
      next: expect.stringContaining("close the shell") as string,
    });
    answers = undefined;
    expect(await put("taken")).toBe(true);
    expect(await store().records.get({ collection: "inbox", id: "refused" })).toBeUndefined();
  });
});
