import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Log } from "../../src/ports/log.ts";
import { silentLog } from "../../src/ports/log.ts";
import { StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import type { Connection } from "../../src/store/sqlite/connection.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import type { SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { waitingMax } from "../../src/store/sqlite/groupCommit.ts";
import { inspectFolder } from "../../src/store/sqlite/inspect.ts";
import { sqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { named, sampleCase } from "./sampleCase.ts";
import { databaseIn, sqlError, watched } from "./sqliteBed.ts";

let dir: string;
let said: { level: string; code: string; fields: Readonly<Record<string, unknown>> }[];
let executed: string[];
/** What the next statements run into; the text that was executed is asked about. */
let trouble: ((text: string) => Error | undefined) | undefined;
let database: SqliteDatabase;

const noted =
  (level: string) =>
  (code: string, fields: Readonly<Record<string, unknown>> = {}) => {
    said.push({ level, code, fields });
  };
const log: Log = { info: noted("info"), warn: noted("warn"), error: noted("error") };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "medic-trouble-"));
  said = [];
  executed = [];
  trouble = undefined;
  const wrap = (sql: Connection) =>
    watched(sql, {
      before: (text) => {
        executed.push(text);
        const error = trouble?.(text);
        if (error) throw error;
      },
    });
  database = databaseIn(dir, { wrap, log });
});
afterEach(async () => {
  trouble = undefined;
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const store = () => sqliteStore(database, { log: silentLog });
const record = (id: string) => ({ collection: "inbox", id });
const full = (text: string) => (text === "COMMIT" ? sqlError("SQLITE_FULL", 13) : undefined);
const commits = () => executed.filter((text) => text === "COMMIT").length;

describe("the group commit", () => {
  it("puts what waits into one transaction and answers each write by itself", async () => {
    const { records, cases } = store();
    const before = commits();
    const answers = await Promise.allSettled([
      records.putIfAbsent(record("1"), 1),
      records.putIfAbsent(record("1"), 2),
      cases.write(sampleCase("shop"), 0),
      cases.write(sampleCase("shop", { rev: 9 }), 8),
      database.write("a broken one", ({ insert }) => {
        insert("records", ["inbox", "half", 1, "half"]);
        throw new StoreUnavailable("this one alone");
      }),
      database.write("a fault of the program", ({ insert }) => {
        insert("records", ["inbox", "half too", 1, "half"]);
        throw new TypeError("not the disk's fault");
      }),
      database.write("what the table refuses", ({ insert }) => insert("records", ["inbox", "no body", 1, null])),
      records.putIfAbsent(record("2"), 3),
    ]);
    expect(answers.map((answer) => (answer.status === "fulfilled" ? answer.value : "refused"))).toEqual([
      true,
      false,
      "written",
      "conflict",
      "refused",
      "refused",
      "refused",
      true,
    ]);
    expect(database.health()).toEqual({ ok: true });
    expect(commits() - before).toBe(1);
    // What was rolled back is not counted.
    expect(await inspectFolder(database.files)).toMatchObject({ report: { whole: true, cases: 1, records: 2 } });
    expect((await records.list("inbox", { limit: 10 })).map(({ id }) => id)).toEqual(["1", "2"]);
  });

  it("commits nothing where every condition is lost", async () => {
    await store().records.putIfAbsent(record("1"), 1);
    const before = commits();
    expect(await store().records.putIfAbsent(record("1"), 1)).toBe(false);
    expect(await store().cases.write(sampleCase("shop", { rev: 2 }), 1)).toBe("conflict");
    expect(commits()).toBe(before);
  });

  it("takes no more than can wait", async () => {
    const writes = Array.from({ length: waitingMax + 3 }, () => database.write("x", () => 1));
    const answers = await Promise.allSettled(writes);
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(refused).toHaveLength(3);
    expect(refused[0]).toBeInstanceOf(StoreUnavailable);
  });
});

describe("a full disk", () => {
  it("keeps nothing, says so to each writer, once in the log with ENOSPC, and to /readyz; then goes on by itself", async () => {
    trouble = full;
    const refused = await Promise.allSettled([1, 2, 3].map((at) => store().records.putIfAbsent(record(`${at}`), at)));
    for (const answer of refused) {
      if (answer.status === "fulfilled") throw new Error("answered without being kept");
      expect(answer.reason).toBeInstanceOf(StoreUnavailable);
      expect((answer.reason as StoreUnavailable).next).toMatch(/make room on the disk/);
    }
    await expect(store().cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUnavailable);
    const errors = said.filter(({ code }) => code === "store-write-failed");
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ level: "error", fields: { code: "SQLITE_FULL", errno: "ENOSPC", refused: 3 } });
    expect(database.health()).toMatchObject({
      ok: false,
      sentence: expect.stringMatching(/full \(ENOSPC\)/) as string,
    });
    await expect(database.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store().records.list("inbox", { limit: 10 })).toEqual([]);

    trouble = undefined;
    await database.ping();
    expect(database.health()).toEqual({ ok: true });
    expect(said.at(-1)).toMatchObject({ code: "store-writes-again" });
    expect(await store().records.putIfAbsent(record("1"), 1)).toBe(true);
  });

  it("says again each minute, not each write, and how many were refused meanwhile", async () => {
    trouble = full;
    // The clock goes on by a second each time that it is looked at.
    for (let at = 0; at < 100; at += 1)
      await store()
        .records.putIfAbsent(record(`${at}`), 1)
        .catch(() => undefined);
    const errors = said.filter(({ code }) => code === "store-write-failed");
    expect(errors.length).toBeGreaterThan(1);
    expect(errors.length).toBeLessThan(8);
  });

  it("does not write by itself while it lasts", async () => {
    trouble = full;
    await store()
      .records.putIfAbsent(record("1"), 1)
      .catch(() => undefined);
    const before = commits();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(commits()).toBe(before);
  });
});

describe("an error of the disk", () => {
  const failing = (code: string, rawCode: number, at: string) => (text: string) =>
    text === at ? sqlError(code, rawCode) : undefined;

  it("is uncertain when it meets the commit, and the connection is not used again before it was checked", async () => {
    trouble = failing("SQLITE_IOERR_FSYNC", 1034, "COMMIT");
    await expect(store().cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUncertain);
    trouble = undefined;
    executed = [];
    expect(await store().cases.write(sampleCase("shop"), 0)).toBe("written");
    // Its log was copied into the database, page by page, before it was trusted.
    expect(statSync(join(dir, "medic.db")).size).toBeGreaterThan(4096);
    expect(database.health()).toEqual({ ok: true });
  });

  it("is certain before the commit", async () => {
    trouble = failing("SQLITE_IOERR_WRITE", 778, "BEGIN IMMEDIATE");
    await expect(store().cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(database.health()).toMatchObject({ ok: false });
  });

  it("does not trust a database that came back with fewer commits than were answered", async () => {
    await store().cases.write(sampleCase("shop"), 0);
    trouble = failing("SQLITE_IOERR_WRITE", 778, "COMMIT");
    await expect(store().cases.write(sampleCase("web"), 0)).rejects.toThrow();
    const sql = openConnection(join(dir, "medic.db"), "write");
    sql.exec("UPDATE meta SET commits = 0");
    trouble = undefined;
    await expect(store().cases.load(named("shop"))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(said.at(-1)).toMatchObject({ level: "error", fields: { kind: "damaged" } });
    await expect(database.ping()).rejects.toBeInstanceOf(StoreUnavailable);
  });
});

describe("somebody at a shell", () => {
  it("reads useful columns while the bot runs", async () => {
    await store().cases.write(sampleCase("shop", { due: 7 }), 0);
    const shell = openConnection(join(dir, "medic.db"), "read");
    expect(shell.all("SELECT service, phase, rev, due FROM cases")).toEqual([["shop", "idle", 1, 7]]);
    shell.close();
  });

  it("who writes is waited for a moment, then told about, and nothing is lost when he ends", async () => {
    const shell = openConnection(join(dir, "medic.db"), "write");
    shell.exec("BEGIN IMMEDIATE");
    await expect(store().cases.write(sampleCase("shop"), 0)).rejects.toMatchObject({
      code: "store-unavailable",
      next: expect.stringContaining("close the shell") as string,
    });
    shell.exec("ROLLBACK");
    expect(await store().cases.write(sampleCase("shop"), 0)).toBe("written");
    shell.close();
  });

  it("who keeps reading does not let the log grow without a word", async () => {
    const shell = openConnection(join(dir, "medic.db"), "read");
    shell.exec("BEGIN");
    shell.get("SELECT count(*) FROM cases");
    const body = "x".repeat(290_000);
    for (let at = 0; at < 260; at += 1) await store().records.putIfAbsent(record(`${at}`), body);
    expect(said).toContainEqual(expect.objectContaining({ level: "warn", code: "store-log-held" }));
    shell.exec("ROLLBACK");
    shell.close();
    const before = statSync(join(dir, "medic.db-wal")).size;
    for (let at = 0; at < 40; at += 1) await store().records.putIfAbsent(record(`more-${at}`), body);
    expect(statSync(join(dir, "medic.db-wal")).size).toBeLessThanOrEqual(before);
  });
});
