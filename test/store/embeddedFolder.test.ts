import fs, {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import fc from "fast-check";
import { silentLog } from "../../src/ports/log.ts";
import type { Log } from "../../src/ports/log.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { openForReading } from "../../src/store/sqlite/offline.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import { migrate, migrations, schemaVersion } from "../../src/store/sqlite/schema.ts";
import { createPrivate } from "../../src/store/sqlite/folder.ts";
import { named, sampleCase } from "./sampleCase.ts";

let root: string;
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "medic-folder-"));
  dir = join(root, "data");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (file: string) => statSync(file).mode & 0o777;

function listening(): { log: Log; codes: string[] } {
  const codes: string[] = [];
  return { codes, log: { ...silentLog, warn: (code) => void codes.push(code) } };
}

describe("the data folder", () => {
  it("is read by its owner alone, every file in it too", async () => {
    const before = process.umask(0);
    try {
      const store = await embeddedStore({ dir });
      await store.cases.write(sampleCase("shop"), 0);
      await store.backup(join(root, "copy.db"));
      expect(modeOf(dir)).toBe(0o700);
      const names = readdirSync(dir).sort();
      expect(names).toEqual(["answered", "lock", "medic.db", "medic.db-shm", "medic.db-wal", "medic.pid"]);
      for (const name of names) expect(modeOf(join(dir, name)), name).toBe(0o600);
      expect(modeOf(join(root, "copy.db"))).toBe(0o600);
      await store.close();
    } finally {
      process.umask(before);
    }
  });

  it("takes away what a copy gave to others, and says when others can write to the folder or own it", async () => {
    await (await embeddedStore({ dir })).close();
    chmodSync(join(dir, "medic.db"), 0o644);
    chmodSync(dir, 0o777);
    const { log, codes } = listening();
    await (await embeddedStore({ dir, log, uid: 4242 })).close();
    expect(modeOf(join(dir, "medic.db"))).toBe(0o600);
    expect(codes).toEqual(["data-folder-open", "data-folder-foreign"]);
  });

  it("is not followed to somewhere else, neither itself nor a file in it", async () => {
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), dir);
    await expect(embeddedStore({ dir })).rejects.toMatchObject({ code: "data-unusable" });
    expect(readdirSync(join(root, "elsewhere"))).toEqual([]);
    rmSync(dir);
    for (const name of ["medic.db", "medic.db-wal", "medic.db-shm", "answered", "lock", "medic.pid"]) {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir);
      writeFileSync(join(root, "target"), "untouched");
      symlinkSync(join(root, "target"), join(dir, name));
      await expect(embeddedStore({ dir }), name).rejects.toThrow(/is a symbolic link|symbolic link/);
      expect(statSync(join(root, "target")).size).toBe(9);
    }
  });

  it("is no folder of the kernel, also not through a link, and is refused at once", async () => {
    symlinkSync("/proc", join(root, "link"));
    for (const path of [
      "/proc/medic",
      "/sys/medic",
      "/dev/medic",
      "/dev/shm/medic",
      "/proc",
      join(root, "link", "medic"),
    ])
      await expect(embeddedStore({ dir: path }), path).rejects.toMatchObject({ code: "data-unusable" });
  });

  it("is told in one sentence when data of the earlier engine stands there, which is not read", async () => {
    mkdirSync(join(dir, "table"), { recursive: true });
    const { log, codes } = listening();
    await (await embeddedStore({ dir, log })).close();
    expect(codes).toContain("older-data-not-read");
  });

  it("starts empty after a start that was killed before the database had its name", async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, "medic.db"), "");
    await (await embeddedStore({ dir })).close();
    // `answered`, which says that there is no commit, is made before it.
    rmSync(join(dir, "medic.db"));
    writeFileSync(join(dir, "medic.db.next"), "half");
    writeFileSync(join(dir, "medic.db.next-journal"), "half");
    await (await embeddedStore({ dir })).close();
    expect(
      readdirSync(dir)
        .sort()
        .filter((name) => name.includes("next")),
    ).toEqual([]);
  });

  it("is never taken for a new one when its log and `answered` are not there", async () => {
    const store = await embeddedStore({ dir });
    for (let at = 0; at < 50; at += 1) await store.cases.write(sampleCase(`shop-${at}`), 0);
    const copy = join(root, "copy");
    mkdirSync(copy, { mode: 0o700 });
    copyFileSync(join(dir, "medic.db"), join(copy, "medic.db"));
    await store.close();
    await expect(embeddedStore({ dir: copy })).rejects.toMatchObject({ code: "data-damaged" });
  });

  it("is opened by one of two first starts that make its lock at once", async () => {
    const looking = fs as { lstatSync: unknown };
    const real = fs.lstatSync;
    const path = join(dir, "lock");
    let looks = 0;
    // The other process makes it between the look and the making.
    looking.lstatSync = (file: string, options: object) => {
      const found = real(file, options);
      if (file === path && (looks += 1) === 2) writeFileSync(path, "", { mode: 0o600 });
      return found;
    };
    syncBuiltinESMExports();
    try {
      await (await embeddedStore({ dir })).close();
    } finally {
      looking.lstatSync = real;
      syncBuiltinESMExports();
    }
    expect(looks).toBeGreaterThanOrEqual(2);
  });

  it("is read by a second process while the bot runs: checked, exported", async () => {
    const store = await embeddedStore({ dir });
    await store.cases.write(sampleCase("shop"), 0);
    const reading = await openForReading(dir);
    expect(await reading.check()).toMatchObject({ whole: true, cases: 1, commits: 1, lostCommits: 0 });
    const kinds: string[] = [];
    for await (const { kind } of reading.exportAll()) kinds.push(kind);
    expect(kinds).toEqual(["case"]);
    expect(await store.check()).toMatchObject({ whole: true, cases: 1 });
    await store.close();
    await expect(openForReading(join(root, "none"))).rejects.toMatchObject({ code: "data-unusable" });
    expect(existsSync(join(root, "none"))).toBe(false);
  });

  it("has an empty log when it was closed", async () => {
    const store = await embeddedStore({ dir });
    await store.cases.write(sampleCase("shop"), 0);
    await store.close();
    expect(statSync(join(dir, "medic.db-wal"), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });
});

describe("the schema of the data file", () => {
  it("goes from each version to the next in a transaction of its own", () => {
    createPrivate(join(root, "old.db"));
    const sql = openConnection(join(root, "old.db"), "write");
    expect(migrate(sql, { now: 1 })).toBe(0);
    sql.exec("INSERT INTO records VALUES ('a', 'b', 1, 2, '3')");
    const steps = [...migrations, "ALTER TABLE records ADD COLUMN note TEXT", "this is no SQL"];
    expect(() => migrate(sql, { now: 2, steps })).toThrow(/syntax/);
    expect(schemaVersion(sql)).toBe(migrations.length + 1);
    expect(sql.all("SELECT rev, note FROM records")).toEqual([[1, null]]);
    expect(migrate(sql, { now: 3, steps: steps.slice(0, -1) })).toBe(migrations.length + 1);
    sql.close();
  });

  it("is left alone when a newer program wrote it", async () => {
    await (await embeddedStore({ dir })).close();
    const sql = openConnection(join(dir, "medic.db"), "write");
    migrate(sql, { now: 2, steps: [...migrations, "ALTER TABLE records ADD COLUMN note TEXT"] });
    sql.get("PRAGMA wal_checkpoint(TRUNCATE)");
    const { size } = statSync(join(dir, "medic.db"));
    await expect(embeddedStore({ dir })).rejects.toMatchObject({ code: "newer-schema" });
    expect(schemaVersion(sql)).toBe(migrations.length + 1);
    expect(statSync(join(dir, "medic.db")).size).toBe(size);
    sql.close();
  });
});

it("keeps apart whatever names there are: services, collections, ids, owners", { timeout: 60_000 }, async () => {
  const store = await embeddedStore({ dir });
  const name = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), fc.nat(), async (names, run) => {
      const fresh = names.map((each) => `${each}${run}`);
      for (const each of fresh) {
        await store.cases.remove(named(each));
        await store.cases.write(sampleCase(each, { due: 1 }), 0);
        await store.records.remove({ collection: `c/${each}`, id: each });
        await store.records.putIfAbsent({ collection: `c/${each}`, id: each }, each);
      }
      for (const each of fresh) {
        expect((await store.cases.load(named(each)))?.service).toBe(each);
        expect(await store.records.list(`c/${each}`, { limit: 5 })).toEqual([{ id: each, rev: 1, body: each }]);
        const lease = await store.leases.acquire(each, each, { now: 0, leaseMs: 10, takeoverMs: 1 });
        expect(await store.leases.read(each)).toEqual(lease);
      }
      const due = await store.cases.due(1, 100_000);
      for (const each of fresh) expect(due).toContain(each);
    }),
    { numRuns: 30 },
  );
  expect((await store.check()).damage).toEqual([]);
  await expect(store.cases.write(sampleCase("half \ud800"), 0)).rejects.toMatchObject({ code: "bad-key" });
  await store.close();
});
