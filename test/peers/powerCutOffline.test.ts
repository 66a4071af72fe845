/**
 * The power goes while a person restores, accepts a loss, backs up or exports: at every sync and around it. Never an empty start, never half
 * of a database; what was said to be done is on the disk.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import { acceptLoss, openForReading, restoreBackup } from "../../src/store/sqlite/offline.ts";
import { copied, itemsIn, preparedFolders, type Prepared } from "../store/damagedFolder.ts";
import { disk } from "./diskImage.ts";
import { compilerSuite, faultLayer, readFaultLog, type FaultLayer, type FaultLine } from "./faultLayer.ts";
import { run } from "./programs.ts";

const replacer = fileURLToPath(new URL("./powerCutReplacer.ts", import.meta.url));
const seed = Number(process.env["POWER_CUT_SEED"] ?? 1);
const clock = wallClock;

let root: string;
let prepared: Prepared;
let backup: string;
/** As a killed bot leaves it, with a log in which one row is not what was written. */
let broken: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "medic-power-offline-"));
  prepared = await preparedFolders(root);
  backup = join(root, "backup.db");
  await (await openForReading(prepared.closed)).backup(backup);
  const breaking = copied(prepared.killed, join(root, "breaking"));
  const sql = openConnection(join(breaking, "medic.db"), "write");
  sql.exec("PRAGMA wal_autocheckpoint = 0; UPDATE cases SET checksum = checksum + 1 WHERE service = 'service-4'");
  broken = copied(breaking, join(root, "broken"));
  sql.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let layer: FaultLayer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "medic-power-"));
  layer = faultLayer();
});
afterEach(() => {
  layer.close();
  rmSync(folder, { recursive: true, force: true });
});

type What = "restore" | "accept-loss" | "backup" | "export";

async function runReplacer(what: What, file: string): Promise<number> {
  const from = what === "restore" || what === "accept-loss" ? broken : prepared.closed;
  const words = ["--import", "tsx", replacer, what, from, join(folder, "live"), file, layer.marksPath];
  return Number(await run(process.execPath, words, layer.env(folder)).ended);
}

/** What stands after a cut at each sync, beside it, and at the end; `judge` hears whether "done" had been said. */
async function cuts(lines: readonly FaultLine[], judge: (image: string, done: boolean) => Promise<string[]>) {
  const random = createSeededRandom(seed).fork("sectors");
  const isSync = (at: number) => lines[at]?.kind === "sync" || lines[at]?.kind === "syncFolder";
  const machine = disk();
  const faults: string[] = [];
  let [begun, done, images] = [false, false, 0];
  for (const [at, line] of lines.entries()) {
    machine.apply(line);
    if (line.kind === "mark") [begun, done] = [true, line.text.includes("done")];
    if (!begun || !(isSync(at) || isSync(at + 1) || done)) continue;
    // What was done must bear the worst.
    const keep = done ? 0 : random.pick([0, 0.5, 1]);
    const image = join(root, "image");
    machine.cutInto(image, () => random.next(), keep);
    images += 1;
    for (const fault of await judge(image, done)) faults.push(`cut after call ${at}, ${keep} kept: ${fault}`);
  }
  return { faults, images };
}

const startOf = (dir: string) =>
  embeddedStore({ dir }).then(
    async (store) => (await store.close(), "starts"),
    (error: { code: string }) => error.code,
  );

/** Starts with all of `expected`, or not at all until the command is repeated. */
async function faultsOf(
  dir: string,
  { done, expected, again }: { done: boolean; expected: Map<string, string>; again: () => Promise<unknown> },
): Promise<string[]> {
  try {
    const first = await startOf(dir);
    if (done && first !== "starts") return [`it was done, and the start says ${first}`];
    if (first !== "starts") {
      if (first !== "data-damaged") return [`the start says ${first}`];
      await again();
      const second = await startOf(dir);
      if (second !== "starts") return [`after a repetition the start says ${second}`];
    }
    expect(await itemsIn(join(dir, "medic.db"))).toEqual(expected);
    return [];
  } catch (error) {
    return [String(error).slice(0, 300)];
  }
}

const expectedOf = (what: What) =>
  what === "restore"
    ? prepared.expected
    : new Map([...prepared.expected].filter(([name]) => name !== 'case "service-4"'));
const again = (what: What, dir: string) => () =>
  what === "restore" ? restoreBackup(dir, backup, { clock }) : acceptLoss(dir, { clock });

compilerSuite("a power cut under what a person does", () => {
  for (const what of ["restore", "accept-loss"] as const)
    test(`${what}: no empty start, and all of it when it was done (seed ${seed})`, { timeout: 300_000 }, async () => {
      layer.control.set({ skipSync: 1 });
      expect(await runReplacer(what, backup)).toBe(0);
      const { faults, images } = await cuts(readFaultLog(layer.logPath), (image, done) => {
        const dir = join(image, "live");
        return faultsOf(dir, { done, expected: expectedOf(what), again: again(what, dir) });
      });
      expect(faults.slice(0, 10)).toEqual([]);
      expect(images).toBeGreaterThan(30);
    });

  for (const what of ["backup", "export"] as const)
    test(`${what}: the file that was said to be there is there, whole`, { timeout: 60_000 }, async () => {
      layer.control.set({ skipSync: 1 });
      mkdirSync(join(folder, "kept"));
      const file = join(folder, "kept", "file");
      expect(await runReplacer(what, file)).toBe(0);
      const { faults } = await cuts(readFaultLog(layer.logPath), async (image, done) => {
        const found = join(image, "kept", "file");
        if (!done) return [];
        if (!existsSync(found)) return ["it is not there"];
        return readFileSync(found).equals(readFileSync(file)) ? [] : ["it is not whole"];
      });
      expect(faults).toEqual([]);
    });
});
