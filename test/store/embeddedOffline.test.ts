/** Restore and accept-loss from a folder that a killed bot left, with its log, cut short at each of their calls on files. */
import fs, { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wallClock } from "../../src/ports/clock.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import { existingFolder, filesIn } from "../../src/store/sqlite/folder.ts";
import { inspectFolder } from "../../src/store/sqlite/inspect.ts";
import { acceptLoss, checkBackup, openForReading, restoreBackup } from "../../src/store/sqlite/offline.ts";
import { copied, itemsIn, preparedFolders } from "./damagedFolder.ts";
import type { Prepared } from "./damagedFolder.ts";

const clock = wallClock;
let root: string;
let prepared: Prepared;
/** Of everything. */
let backup: string;
/** Killed, with a row of its log that is not what was written. */
let broken: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "medic-offline-"));
  prepared = await preparedFolders(root);
  backup = join(root, "backup.db");
  await (await openForReading(prepared.closed)).backup(backup);
  broken = copied(prepared.killed, join(root, "broken"));
  // In another process's log: this one's connection would empty it when it is collected.
  const sql = openConnection(join(broken, "medic.db"), "write");
  sql.exec("PRAGMA wal_autocheckpoint = 0; UPDATE cases SET checksum = checksum + 1 WHERE service = 'service-4'");
  broken = copied(broken, join(root, "broken-killed"));
  sql.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Call = "renameSync" | "rmSync" | "fsyncSync";
const calls: readonly Call[] = ["renameSync", "rmSync", "fsyncSync"];

/** Which calls fail, by their number from 0. `medic.pid` belongs to the lock, which the kernel ends with a process. */
async function withCalls<T>(
  fails: (nth: number) => boolean,
  work: () => Promise<T>,
): Promise<{ made: number; answer?: T }> {
  const real = { renameSync: fs.renameSync, rmSync: fs.rmSync, fsyncSync: fs.fsyncSync };
  let made = 0;
  for (const call of calls)
    (fs as Record<Call, unknown>)[call] = (...args: unknown[]) => {
      if (!String(args[0]).endsWith("medic.pid") && fails(made++)) throw new Error("cut short by the test");
      return (real[call] as (...given: unknown[]) => unknown)(...args);
    };
  syncBuiltinESMExports();
  try {
    return { answer: await work(), made };
  } catch (error) {
    if (!String(error).includes("cut short by the test")) throw error;
    return { made };
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
}

const startOf = (dir: string) =>
  embeddedStore({ dir }).then(
    async (store) => (await store.close(), "starts"),
    (error: { code: string }) => error.code,
  );

/** For every call at which it may end: `after` looks at what stands then. Answers how many there were. */
async function atEachCall(
  from: string,
  mode: "killed" | "failed",
  { work, after }: { work: (dir: string) => Promise<unknown>; after: (dir: string, where: string) => Promise<void> },
): Promise<number> {
  for (let end = 0; ; end += 1) {
    const dir = copied(from, join(root, `cut-${mode}`));
    const fails = (nth: number) => (mode === "killed" ? nth >= end : nth === end);
    const { answer, made } = await withCalls(fails, () => work(dir));
    if (answer !== undefined && made <= end) return end;
    await after(dir, `${mode} at call ${end}`);
  }
}

describe("accept-loss from a folder with a log", () => {
  const withoutOne = () => new Map([...prepared.expected].filter(([name]) => name !== 'case "service-4"'));
  for (const mode of ["killed", "failed"] as const)
    it(
      `loses nothing that could be read, ${mode} at any call: nothing starts, and a repetition has it all`,
      { timeout: 120_000 },
      async () => {
        const ends = await atEachCall(broken, mode, {
          work: (dir) => acceptLoss(dir, { clock }),
          after: async (dir, where) => {
            const state = await inspectFolder(existingFolder(dir));
            if (state.kind === "kept" && state.report.whole)
              expect(await itemsIn(join(dir, "medic.db")), where).toEqual(withoutOne());
            else {
              expect(await startOf(dir), where).toBe("data-damaged");
              const { lost } = await acceptLoss(dir, { clock });
              expect(lost.unreadable, where).toEqual(['case "service-4"']);
            }
            expect(await itemsIn(join(dir, "medic.db")), where).toEqual(withoutOne());
            expect(await startOf(dir), where).toBe("starts");
          },
        });
        expect(ends).toBeGreaterThan(15);
      },
    );

  it("makes no empty store out of nothing, and names the newest file that stands aside", async () => {
    const dir = copied(prepared.killed, join(root, "nothing"));
    const { aside } = await restoreBackup(dir, backup, { clock });
    for (const name of ["medic.db", "medic.db-wal"]) rmSync(join(dir, name), { force: true });
    await expect(acceptLoss(dir, { clock })).rejects.toMatchObject({
      code: "data-missing",
      next: expect.stringContaining(`medic store restore ${aside[0] ?? "?"}`) as string,
    });
    await restoreBackup(dir, aside[0] ?? "", { clock });
    expect(await itemsIn(join(dir, "medic.db"))).toEqual(prepared.expected);
  });
});

describe("restore", () => {
  for (const mode of ["killed", "failed"] as const)
    it(
      `starts with the former or the restored items or not at all, ${mode} at any call`,
      { timeout: 120_000 },
      async () => {
        const ends = await atEachCall(broken, mode, {
          work: (dir) => restoreBackup(dir, backup, { clock }),
          after: async (dir, where) => {
            const state = await inspectFolder(existingFolder(dir));
            expect(state.kind, where).toBe("kept");
            if (state.kind === "kept" && !state.report.whole) {
              expect(await startOf(dir), where).toBe("data-damaged");
              await restoreBackup(dir, backup, { clock });
            }
            expect(await itemsIn(join(dir, "medic.db")), where).toEqual(prepared.expected);
            expect(await startOf(dir), where).toBe("starts");
          },
        });
        expect(ends).toBeGreaterThan(15);
      },
    );

  it("takes the log of the file with it, and leaves nothing of what it made on the way", async () => {
    const dir = copied(prepared.closed, join(root, "with-log"));
    const from = join(copied(prepared.killed, join(root, "killed-bot")), "medic.db");
    for (const end of ["", "-wal", "-shm", "-journal"])
      writeFileSync(join(dir, `medic.db.next${end}`), "an earlier attempt");
    const checked = await checkBackup(from);
    const { report } = await restoreBackup(dir, from, { clock });
    expect(report).toMatchObject({
      whole: true,
      cases: checked.cases,
      records: checked.records,
      commits: checked.commits,
    });
    expect(await itemsIn(join(dir, "medic.db"))).toEqual(prepared.expected);
    expect(readdirSync(dir).filter((name) => /next|replacing|unfinished/.test(name))).toEqual([]);
  });

  it("sets a foreign journal aside with the rest; no start takes a folder with one for a new one", async () => {
    const dir = copied(prepared.closed, join(root, "journal"));
    rmSync(join(dir, "answered"));
    writeFileSync(join(dir, "medic.db-journal"), Buffer.alloc(1024, 7));
    expect(await startOf(dir)).toBe("data-damaged");
    expect((await restoreBackup(dir, backup, { clock })).aside.some((name) => name.endsWith("-journal"))).toBe(true);
    expect(existsSync(filesIn(dir).journal)).toBe(false);
    expect(await startOf(dir)).toBe("starts");
    expect(await itemsIn(join(dir, "medic.db"))).toEqual(prepared.expected);
  });

  it("leaves the log of the former database with it, not with the restored one", async () => {
    const dir = copied(prepared.killed, join(root, "old-log"));
    copyFileSync(prepared.older, join(root, "older-backup.db"));
    const older = await itemsIn(prepared.older);
    const { aside } = await restoreBackup(dir, join(root, "older-backup.db"), { clock });
    expect(aside.some((name) => name.endsWith("-wal"))).toBe(true);
    expect(await startOf(dir)).toBe("starts");
    expect(await itemsIn(join(dir, "medic.db"))).toEqual(older);
  });
});
