import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, copyFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MedicError } from "../../src/domain/errors.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import type { SqlValue } from "../../src/store/sqlite/connection.ts";
import { filesIn, existingFolder } from "../../src/store/sqlite/folder.ts";
import { inspectFolder } from "../../src/store/sqlite/inspect.ts";
import { acceptLoss, openForReading, restoreBackup } from "../../src/store/sqlite/offline.ts";
import { copied, cut, flip, itemsIn, preparedFolders } from "./damagedFolder.ts";
import type { Prepared } from "./damagedFolder.ts";

let root: string;
let prepared: Prepared;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "medic-damage-"));
  prepared = await preparedFolders(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const pageBytes = 4096;
const frameBytes = pageBytes + 24;
const logHeaderBytes = 32;

type Fate = "whole" | "told";

/** Breaks a copy of the folder and says what became of it. Anything but whole, or told with what is lost, is a failure. */
async function fateOf(from: string, where: string, breaking: (dir: string) => void): Promise<Fate> {
  const dir = copied(from, join(root, "broken"));
  breaking(dir);
  const state = await inspectFolder(existingFolder(dir));
  expect(state.kind, where).toBe("kept");
  if (state.kind === "fresh") throw new Error(where);
  if (state.report.whole) {
    expect(await itemsIn(filesIn(dir).database), where).toEqual(prepared.expected);
    return "whole";
  }
  expect(state.report.damage.join(" "), where).toMatch(/\w+ .*\./);
  return "told";
}

/** How often each fate was met; `positions` per page or frame. */
async function fates(from: string, positions: readonly { where: string; breaking: (dir: string) => void }[]) {
  const met = { whole: 0, told: 0 };
  for (const { where, breaking } of positions) met[await fateOf(from, where, breaking)] += 1;
  return met;
}

/** Every other one with the highest bit, which makes text of no language. */
const flips = (name: string, places: readonly number[]) =>
  places.map((at, nth) => ({
    where: `${name} at ${at}`,
    breaking: (dir: string) => flip(join(dir, name), at, nth % 2 ? 0x80 : 0x55),
  }));

function placesIn(file: string, step: number, within: readonly number[]): number[] {
  const { size } = statSync(file);
  const pages = Array.from({ length: Math.ceil(size / step) }, (_, page) => page * step);
  return pages.flatMap((page) => within.map((at) => page + at)).filter((at) => at < size);
}

describe("damage to the embedded store", () => {
  it("is none in the folders that are broken here", async () => {
    expect(prepared.expected.size).toBeGreaterThan(40);
    for (const from of [prepared.closed, prepared.killed])
      expect(await fateOf(from, from, () => undefined)).toBe("whole");
    expect(statSync(join(prepared.killed, "medic.db-wal")).size).toBeGreaterThan(20 * frameBytes);
  });

  it("is whole or told for a byte flipped in every page of the database", async () => {
    const file = join(prepared.closed, "medic.db");
    const met = await fates(prepared.closed, flips("medic.db", placesIn(file, pageBytes, [3, 700, 4000])));
    expect(met.told).toBeGreaterThan(100);
  });

  it("is whole or told for a byte flipped in each field of the database's header", async () => {
    const met = await fates(
      prepared.closed,
      flips(
        "medic.db",
        Array.from({ length: 50 }, (_, at) => at * 2),
      ),
    );
    expect(met.told).toBeGreaterThan(10);
  });

  it("is told for a byte flipped in every frame of the log, because the end of it is missing then", async () => {
    const file = join(prepared.killed, "medic.db-wal");
    const places = placesIn(file, frameBytes, [logHeaderBytes + 2, logHeaderBytes + 20, logHeaderBytes + 2000]);
    const met = await fates(prepared.killed, flips("medic.db-wal", [0, 9, 17, 26, ...places]));
    expect(met.told).toBeGreaterThan(60);
  });

  it("is told for a log that is cut after any frame, and for a database cut after any page", async () => {
    const cuts = (from: string, name: string, { first, step }: { first: number; step: number }) => {
      const { size } = statSync(join(from, name));
      const lengths = Array.from({ length: Math.floor((size - first - 1) / step) + 1 }, (_, at) => first + at * step);
      return [0, ...lengths].map((bytes) => ({
        where: `${name} cut to ${bytes}`,
        breaking: (dir: string) => cut(join(dir, name), bytes),
      }));
    };
    const log = await fates(
      prepared.killed,
      cuts(prepared.killed, "medic.db-wal", { first: logHeaderBytes, step: frameBytes }),
    );
    expect(log.whole).toBe(0);
    const database = await fates(
      prepared.closed,
      cuts(prepared.closed, "medic.db", { first: pageBytes, step: pageBytes }),
    );
    expect(database.whole).toBe(0);
  });

  it("is told for each missing file that held answers, and for an older copy of the database", async () => {
    const without = (name: string) => ({ where: `no ${name}`, breaking: (dir: string) => rmSync(join(dir, name)) });
    expect(await fates(prepared.closed, [without("medic.db")])).toEqual({ whole: 0, told: 1 });
    expect(await fates(prepared.killed, [without("medic.db"), without("medic.db-wal")])).toEqual({ whole: 0, told: 2 });
    const older = (dir: string) => copyFileSync(prepared.older, join(dir, "medic.db"));
    expect(await fates(prepared.closed, [{ where: "older", breaking: older }])).toEqual({ whole: 0, told: 1 });
  });

  it("loses nothing with `answered`: any byte of it, all of it, a part of it", async () => {
    const bytes = Array.from({ length: 64 }, (_, at) => at).flatMap((at) => [at, 512 + at]);
    expect(await fates(prepared.killed, flips("answered", bytes))).toEqual({ whole: bytes.length, told: 0 });
    const gone = [
      { where: "no answered", breaking: (dir: string) => rmSync(join(dir, "answered")) },
      { where: "half of answered", breaking: (dir: string) => cut(join(dir, "answered"), 100) },
      { where: "empty answered", breaking: (dir: string) => cut(join(dir, "answered"), 0) },
    ];
    for (const { where, breaking } of gone) {
      expect(await fateOf(prepared.killed, where, breaking)).toBe("whole");
      const state = await inspectFolder(existingFolder(join(root, "broken")));
      if (state.kind === "kept") expect(state.report.notes.join(" "), where).toMatch(/`answered`/);
    }
  });

  it("keeps noticing a lost end of the log when one copy in `answered` is damaged too", async () => {
    const both = (dir: string) => {
      flip(join(dir, "answered"), 12);
      cut(join(dir, "medic.db-wal"), logHeaderBytes + frameBytes);
    };
    expect(await fateOf(prepared.killed, "both", both)).toBe("told");
  });

  it("is silent about a write that a power cut tore before it was answered", async () => {
    const torn = (dir: string) => {
      const file = join(dir, "medic.db-wal");
      // The first half of a frame more, as of a commit that never ended.
      writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(frameBytes / 2, 7)]));
    };
    expect(await fateOf(prepared.killed, "torn", torn)).toBe("whole");
    const store = await embeddedStore({ dir: join(root, "broken") });
    expect((await store.check()).notes).toEqual([]);
    await store.close();
  });
});

describe("rows that SQLite itself cannot miss", () => {
  const changed = async (text: string) => {
    const dir = copied(prepared.closed, join(root, "changed"));
    const sql = openConnection(join(dir, "medic.db"), "write");
    sql.exec(text);
    const state = await inspectFolder(existingFolder(dir));
    sql.close();
    return state.kind === "kept" ? state.report.damage.join(" ") : state.kind;
  };

  it("are told when they are gone, more than there were, or there in an older version", async () => {
    expect(await changed("DELETE FROM records WHERE collection = 'timeline/5'")).toMatch(/1 row is missing/);
    expect(await changed("DELETE FROM leases; DELETE FROM cases WHERE service = 'service-1'")).toMatch(/2 rows are/);
    const older = (table: string) => {
      const sql = openConnection(prepared.older, "read");
      const [row] = sql.all(`SELECT rev, checksum, CAST(body AS BLOB) FROM ${table} WHERE service = 'service-2'`);
      sql.close();
      const [rev, checksum, body] = row ?? [];
      return `UPDATE cases SET rev = ${String(rev)}, checksum = ${String(checksum)}, body = '${String(body)}' WHERE service = 'service-2'`;
    };
    expect(await changed(older("cases"))).toMatch(/older version/);
  });
});

describe("the embedded store, started on damage", () => {
  it("refuses, names what cannot be read and both ways on, changes nothing, and says the same again", async () => {
    const dir = copied(prepared.closed, join(root, "refused"));
    breakBody(dir, "service-4");
    const before = readFileSync(join(dir, "medic.db"));
    for (let start = 0; start < 2; start += 1) {
      const refused = await embeddedStore({ dir }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(MedicError);
      expect(refused).toMatchObject({ code: "data-damaged" });
      expect((refused as MedicError).message).toContain('case "service-4"');
      expect((refused as MedicError).next).toMatch(/medic store restore FILE.*medic store accept-loss/);
    }
    expect(readFileSync(join(dir, "medic.db")).equals(before)).toBe(true);
  });

  it("says how many answered commits are missing and when the last answer was, and leaves the log as it is", async () => {
    const dir = copied(prepared.killed, join(root, "cut"));
    flip(join(dir, "medic.db-wal"), logHeaderBytes + 30 * frameBytes + 99);
    const before = readFileSync(join(dir, "medic.db-wal"));
    await expect(embeddedStore({ dir })).rejects.toThrow(
      /last \d+ of \d+ answered commits are missing.*last answer at 20\d\d-/,
    );
    expect(readFileSync(join(dir, "medic.db-wal")).equals(before)).toBe(true);
    // Also when the process ends, which closes whatever is still open.
    const writer = fileURLToPath(new URL("./embeddedWriter.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", writer, dir], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(said).toMatch(/data-damaged/);
    expect(readFileSync(join(dir, "medic.db-wal")).equals(before)).toBe(true);
  });
});

describe("after damage", () => {
  it("goes on with everything that can be read, names the rest, and keeps the damaged files", async () => {
    const dir = copied(prepared.closed, join(root, "accepted"));
    breakBody(dir, "service-4");
    const { aside, lost, report } = await acceptLoss(dir, { clock: wallClock });
    expect(lost.unreadable).toEqual(['case "service-4"']);
    expect(report).toMatchObject({ whole: true, cases: 22 });
    expect(statSync(aside[0] ?? "").size).toBe(statSync(join(prepared.closed, "medic.db")).size);
    const kept = new Map(prepared.expected);
    kept.delete('case "service-4"');
    expect(await itemsIn(filesIn(dir).database)).toEqual(kept);
    const store = await embeddedStore({ dir });
    await store.close();
    await expect(acceptLoss(dir, { clock: wallClock })).rejects.toMatchObject({ code: "nothing-lost" });
  });

  it(
    "loses no row of a whole page when any page is broken, without its name being told or it being counted",
    { timeout: 120_000 },
    async () => {
      const { size } = statSync(join(prepared.closed, "medic.db"));
      let namedAndGone = 0;
      for (let page = 1; page < size / pageBytes; page += 3) {
        const dir = copied(prepared.closed, join(root, "page"));
        const file = join(dir, "medic.db");
        const bytes = readFileSync(file);
        bytes.fill(0xa5, page * pageBytes, (page + 1) * pageBytes);
        writeFileSync(file, bytes);
        if (await isWhole(dir)) continue;
        const { lost } = await acceptLoss(dir, { clock: wallClock });
        const left = await itemsIn(file);
        for (const [name, item] of prepared.expected)
          if (left.has(name)) expect(left.get(name), name).toBe(item);
          else if (lost.unreadable.includes(name)) namedAndGone += 1;
          else expect(/rows? (is|are) missing/.test(lost.damage.join()), `${page} ${name}`).toBe(true);
      }
      expect(namedAndGone).toBeGreaterThan(10);
    },
  );

  it("gives out no fence of a lost lease again, however often leases are lost; the others go on from theirs", async () => {
    const dir = copied(prepared.closed, join(root, "fences"));
    const times = (now: number) => ({ now, leaseMs: 10, takeoverMs: 5 });
    const acquired = async (name: string, now: number) => {
      const store = await embeddedStore({ dir });
      const lease = await store.leases.acquire(name, "c", times(now));
      await store.close();
      return lease?.fence;
    };
    const breakLease = (name: string) => {
      const sql = openConnection(join(dir, "medic.db"), "write");
      sql.run("UPDATE leases SET checksum = checksum + 1 WHERE name = ?", name);
      sql.close();
    };
    expect(await acquired("kept", 1)).toBe(1);
    expect(await acquired("slack", 1_000)).toBe(3);
    breakLease("slack");
    const { lost } = await acceptLoss(dir, { clock: wallClock });
    expect(lost.unreadable).toEqual(['lease "slack"']);
    expect(await acquired("slack", 2_000)).toBe(1_000_004);
    expect(await acquired("kept", 2_000)).toBe(1);
    breakLease("slack");
    await acceptLoss(dir, { clock: wallClock });
    expect(await acquired("slack", 3_000)).toBe(2_000_005);
  });

  it("begins leases above what their holders wrote into records, where no lease can be read", async () => {
    const dir = copied(prepared.closed, join(root, "recorded-fence"));
    const store = await embeddedStore({ dir });
    await store.records.putIfAbsent({ collection: "run/shop", id: "shop/1" }, { fence: 1_000_009, worker: "a" });
    await store.close();
    const sql = openConnection(join(dir, "medic.db"), "write");
    sql.exec("UPDATE leases SET checksum = checksum + 1, fence = 0");
    sql.close();
    await acceptLoss(dir, { clock: wallClock });
    expect((await itemsIn(filesIn(dir).database)).get('lease "fence-floor"')).toContain("2000009");
  });

  it("takes no number for a fence that a damaged byte has made of one", async () => {
    const dir = copied(prepared.closed, join(root, "implausible-fence"));
    const sql = openConnection(join(dir, "medic.db"), "write");
    sql.exec("UPDATE leases SET fence = 9007199254740000");
    sql.close();
    await acceptLoss(dir, { clock: wallClock });
    expect((await itemsIn(filesIn(dir).database)).get('lease "fence-floor"')).toContain("1000000");
  });

  it("begins leases above all that was seen where their number cannot be read", async () => {
    const dir = copied(prepared.closed, join(root, "uncounted"));
    const sql = openConnection(join(dir, "medic.db"), "write");
    sql.exec("DELETE FROM meta");
    sql.close();
    await acceptLoss(dir, { clock: wallClock });
    expect((await itemsIn(filesIn(dir).database)).get('lease "fence-floor"')).toContain("1000002");
  });

  it("gives new owners fences above all that was seen where a lease is there in an older version", async () => {
    const dir = copied(prepared.closed, join(root, "older-lease"));
    const acquired = async (owner: string, now: number) => {
      const store = await embeddedStore({ dir });
      const lease = await store.leases.acquire("run/shop", owner, { now, leaseMs: 10, takeoverMs: 5 });
      await store.close();
      return lease?.fence ?? 0;
    };
    const leaseRow = (change?: readonly SqlValue[]) => {
      const sql = openConnection(join(dir, "medic.db"), "write");
      const set = "UPDATE leases SET owner = ?, fence = ?, until = ?, checksum = ? WHERE name = 'run/shop'";
      if (change) sql.run(set, ...change);
      const [row] = sql.all("SELECT owner, fence, until, checksum FROM leases WHERE name = 'run/shop'");
      sql.close();
      return row ?? [];
    };
    await acquired("a", 1_000);
    const older = leaseRow();
    await acquired("b", 2_000);
    const last = await acquired("c", 3_000);
    leaseRow(older);
    const { lost } = await acceptLoss(dir, { clock: wallClock });
    expect(lost.damage.join()).toMatch(/older version/);
    expect(await acquired("d", 4_000)).toBeGreaterThan(last);
  });

  it("is mended by a backup that was made while the store ran; the damaged files stay aside", async () => {
    const dir = copied(prepared.closed, join(root, "restored"));
    const backup = join(root, "backup.db");
    const store = await embeddedStore({ dir });
    const reading = await openForReading(dir);
    await reading.backup(backup);
    await expect(reading.backup(backup)).rejects.toMatchObject({ code: "backup-failed" });
    await expect(restoreBackup(dir, backup, { clock: wallClock })).rejects.toMatchObject({ code: "data-in-use" });
    await store.close();
    rmSync(join(dir, "medic.db"));
    await expect(embeddedStore({ dir })).rejects.toMatchObject({ code: "data-damaged" });
    const { report } = await restoreBackup(dir, backup, { clock: wallClock });
    expect(report.whole).toBe(true);
    expect(await itemsIn(filesIn(dir).database)).toEqual(prepared.expected);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    await (await embeddedStore({ dir })).close();
  });

  it("restores no backup that is damaged, and changes nothing then", async () => {
    const dir = copied(prepared.closed, join(root, "kept"));
    const bad = join(root, "bad.db");
    copyFileSync(join(prepared.closed, "medic.db"), bad);
    flip(bad, 5 * pageBytes + 3);
    const before = readFileSync(join(dir, "medic.db"));
    await expect(restoreBackup(dir, bad, { clock: wallClock })).rejects.toMatchObject({ code: "data-damaged" });
    await expect(restoreBackup(dir, join(dir, "answered"), { clock: wallClock })).rejects.toBeInstanceOf(MedicError);
    await expect(restoreBackup(dir, join(dir, "none"), { clock: wallClock })).rejects.toMatchObject({
      code: "backup-unusable",
    });
    expect(readFileSync(join(dir, "medic.db")).equals(before)).toBe(true);
    await (await embeddedStore({ dir })).close();
  });
});

async function isWhole(dir: string): Promise<boolean> {
  const state = await inspectFolder(existingFolder(dir));
  return state.kind === "kept" && state.report.whole;
}

/** One letter of a stored body, found by the name that stands in it. */
function breakBody(dir: string, service: string): void {
  const file = join(dir, "medic.db");
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf(`{"schema":1,"service":"${service}"`);
  expect(at).toBeGreaterThan(0);
  flip(file, at + 3);
}
