/** What a person gets wrong at three in the morning, and whether the answer names what helps. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acceptLossOfStore, backupStore, restoreStore } from "../../src/cli/store/backup.ts";
import { checkStore } from "../../src/cli/store/check.ts";
import { exportStore, importStore } from "../../src/cli/store/move.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { readExport } from "../../src/store/transfer/importFile.ts";
import { sampleCase } from "../store/sampleCase.ts";
import { fakeTerminal, type FakeTerminal } from "./fakeTerminal.ts";
import { runMedic } from "./runMedic.ts";

let folder: string;
let data: string;
let terminal: FakeTerminal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "medic-mistakes-"));
  data = join(folder, "data");
  terminal = fakeTerminal({ MEDIC_DATA_DIR: data });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function filled(dir = data): Promise<void> {
  const store = await embeddedStore({ dir });
  await store.cases.write(sampleCase("shop"), 0);
  for (let at = 0; at < 40; at += 1)
    await store.records.putIfAbsent({ collection: "timeline/shop", id: String(at) }, { text: "x".repeat(300) });
  await store.leases.acquire("sender", "worker", { now: 1, leaseMs: 1, takeoverMs: 0 });
  await store.close();
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf("xxxxxxxx");
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  writeFileSync(file, bytes);
}

describe("a folder", () => {
  test("where medic.db is missing: check and accept-loss name the restore, and the newest file aside", async () => {
    await filled();
    rmSync(join(data, "medic.db"));
    for (const command of [checkStore, acceptLossOfStore]) {
      expect(await command({}, terminal)).toBe(1);
      expect(terminal.errors()).toMatch(/medic\.db is missing.*\nnext: .*`medic store restore FILE`/s);
    }
    const aside = join(data, "medic.db.aside-1790000000000");
    writeFileSync(aside, "");
    expect(await checkStore({}, terminal)).toBe(1);
    expect(terminal.errors()).toContain(`medic store restore ${aside}`);
  });

  test("that is missing, a link, a file or another one is told apart", async () => {
    await filled();
    symlinkSync(data, join(folder, "link"));
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "empty"));
    const cases: [string, RegExp][] = [
      ["none", /the data folder .*none does not exist\nnext: Name the bot's own data folder with --data-dir/],
      ["link", /link is a symbolic link, and links are not followed\nnext: /],
      ["file", /file is not a folder\nnext: /],
      ["empty", /empty holds no data of this program.*\nnext: Name the bot's data folder.*restore FILE/],
    ];
    for (const [name, says] of cases) {
      const fresh = fakeTerminal({});
      expect(await checkStore({ dataDir: join(folder, name) }, fresh)).toBe(1);
      expect(fresh.errors()).toMatch(says);
    }
  });

  test("that is damaged is not exported, and the advice is that for a folder", async () => {
    await filled();
    flipByte(join(data, "medic.db"));
    expect(await exportStore({ file: join(folder, "e.jsonl") }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/is damaged: record .*\nnext: Nothing was exported.*medic store restore FILE/s);
    expect(terminal.errors()).not.toMatch(/table/);
  });

  test("whose pages are gone says first what is lost, and SQLite's own lines last", async () => {
    await filled();
    const file = join(data, "medic.db");
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 4, 4096 * 6);
    writeFileSync(file, bytes);
    expect(await checkStore({}, terminal)).toBe(1);
    expect(terminal.text()).toMatch(/DAMAGED:\n {2}(Not readable: |The file is damaged: \d+ more rows? )/);
  });
});

describe("a file", () => {
  test("that is no backup: what is wrong with it, and never to restore a backup", async () => {
    await filled();
    const bad = join(folder, "bad.db");
    await backupStore({ file: bad }, terminal);
    flipByte(bad);
    symlinkSync(bad, join(folder, "link.db"));
    writeFileSync(join(folder, "text"), "root:x:0:0\n".repeat(100));
    const cases: [string, RegExp][] = [
      ["none.db", /it does not exist/],
      ["data", /it is a folder/],
      ["link.db", /it is a symbolic link/],
      ["text", /it is no backup: it is not an SQLite database/],
      ["bad.db", /it is damaged: Not readable: record/],
    ];
    for (const [name, says] of cases) {
      const fresh = fakeTerminal({ MEDIC_DATA_DIR: data });
      expect(await restoreStore({ file: join(folder, name) }, fresh)).toBe(1);
      expect(fresh.errors()).toMatch(says);
      expect(fresh.errors()).toMatch(/\nnext: Nothing was changed\. Name another file/);
    }
  });

  test("to import that is missing or a folder is said in words", async () => {
    expect(await importStore({ file: join(folder, "none.jsonl") }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/cannot be imported: it does not exist\n/);
    expect(await importStore({ file: folder }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/cannot be imported: it is a folder\n/);
  });
});

describe("an import", () => {
  const file = () => join(folder, "e.jsonl");

  test("into its own source does not forbid that source", async () => {
    await filled();
    await exportStore({ file: file() }, terminal);
    expect(await importStore({ file: file() }, terminal)).toBe(0);
    expect(terminal.errors()).not.toMatch(/never again on the one/);
    expect(terminal.errors()).toMatch(/Nothing was missing here/);
  });

  test("says that a bot ran on the source; the head of the file knows it", async () => {
    await filled();
    const store = await embeddedStore({ dir: data });
    await exportStore({ file: file() }, terminal);
    await store.close();
    expect((await readExport(file())).head.running).toBe(true);
    expect(await importStore({ file: file(), dataDir: join(folder, "other") }, terminal)).toBe(0);
    expect(terminal.errors()).toMatch(/A bot ran there when it was exported/);
    await exportStore({ file: `${file()}.2` }, terminal);
    expect((await readExport(`${file()}.2`)).head.running).toBe(false);
  });
});

describe("a table", () => {
  test("whose name DynamoDB would refuse is refused with its rule", async () => {
    const region = fakeTerminal({ AWS_REGION: "eu-west-1" });
    for (const table of ["ab", "a b c", "x".repeat(256), "tisch-ä"])
      expect(await checkStore({ table }, region), table).toBe(1);
    expect(region.errors()).toMatch(/"ab" cannot be the name of a table\nnext: DynamoDB takes 3 to 255/);
  });

  test("is backed up by DynamoDB: backup, restore and accept-loss say so", async () => {
    for (const words of [["backup", "b.db"], ["restore", "b.db"], ["accept-loss"]]) {
      const ended = await runMedic(["store", ...words, "--table", "medic"], { env: { AWS_REGION: "eu-west-1" } });
      expect(ended.code).toBe(1);
      expect(ended.err).toMatch(/--table says that the data is in table "medic".*\nnext: .*point-in-time recovery/s);
    }
  });
});

test("exit codes are those of the help and of docs/store.md", async () => {
  await filled();
  const env = { MEDIC_DATA_DIR: data };
  const codeOf = async (...words: string[]) => (await runMedic(["store", ...words], { env })).code;
  expect(await codeOf("check")).toBe(0);
  expect(await codeOf("backup", join(folder, "b.db"))).toBe(0);
  expect(await codeOf("backup", join(folder, "b.db"))).toBe(1);
  expect(await codeOf("accept-loss", "--yes")).toBe(1);
  flipByte(join(data, "medic.db"));
  expect(await codeOf("check")).toBe(1);
  expect(await codeOf("accept-loss")).toBe(1);
  expect(await codeOf("accept-loss", "--yes")).toBe(0);
  expect(await codeOf("restore", join(folder, "b.db"))).toBe(0);
  expect(await codeOf("restore")).toBe(1);
  const docs = readFileSync(new URL("../../docs/store.md", import.meta.url), "utf8");
  expect(docs).toMatch(/Exit codes of `medic store`: 0 .*, 1 .*/s);
});
