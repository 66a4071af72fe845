/** What a person gets wrong at three in the morning, and whether the answer names what helps. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acceptLossOfStore, backupStore, restoreStore } from "../../src/cli/store/backup.ts";
import { checkStore } from "../../src/cli/store/check.ts";
import { exportStore, importStore } from "../../src/cli/store/move.ts";
import { said } from "../../src/cli/store/side.ts";
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
    expect(terminal.text()).toMatch(/DAMAGED:\n {2}(Not readable: |The file is damaged: \d+ (more )?rows? )/);
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

/** Bytes that no SQLite begins with: not a row of it can be read. */
function breakHead(file: string): void {
  writeFileSync(file, readFileSync(file).fill(0, 0, 100));
}

describe("data of which nothing can be read", () => {
  test.each([
    ["a head that is gone", breakHead],
    ["an empty file", (file: string) => writeFileSync(file, "")],
  ])("%s: no command offers or makes an empty store, or blames the disk", async (_, spoil) => {
    await filled();
    spoil(join(data, "medic.db"));
    expect(await checkStore({}, terminal)).toBe(1);
    expect(terminal.text()).toContain("Nothing can be read");
    expect(terminal.text()).not.toMatch(/accept-loss|end of the log/);
    for (const yes of [false, true]) {
      expect(await acceptLossOfStore({ yes }, terminal)).toBe(1);
      expect(terminal.errors()).toMatch(/medic store restore FILE/);
    }
    expect(terminal.text()).not.toContain("holds what could be read");
    const fresh = fakeTerminal({ MEDIC_DATA_DIR: data });
    expect(await backupStore({ file: join(folder, "b.db") }, fresh)).toBe(1);
    expect(fresh.errors()).toMatch(/the data is not whole .*\nnext: Keep the older backups/);
    expect(await exportStore({ file: join(folder, "e.jsonl") }, fresh)).toBe(1);
    expect(fresh.errors()).toMatch(/is damaged: .*\nnext: Nothing was exported/);
  });
});

test("accept-loss without --yes says how much can be read, and never acts on whole data", async () => {
  await filled();
  expect(await acceptLossOfStore({}, terminal)).toBe(1);
  expect(terminal.errors()).toMatch(/is whole\nnext: Nothing was changed, and nothing is lost/);
  flipByte(join(data, "medic.db"));
  expect(await acceptLossOfStore({}, terminal)).toBe(1);
  expect(terminal.text()).toContain("Can be read: 1 cases, 39 records, 1 leases.");
});

describe("what the system refuses", () => {
  test("is said in words with what helps, and never as a system call", async () => {
    await filled();
    const missing = join(folder, "none", "file");
    writeFileSync(join(folder, "plain"), "");
    await exportStore({ file: join(folder, "e.jsonl") }, terminal);
    const cases: [() => Promise<number>, RegExp][] = [
      [() => backupStore({ file: missing }, terminal), /the folder .*none does not exist/],
      [() => exportStore({ file: missing }, terminal), /the folder .*none does not exist/],
      [() => backupStore({ file: folder }, terminal), /it is a folder\nnext: Name the new file/],
      [
        () => importStore({ file: join(folder, "e.jsonl"), dataDir: join(folder, "plain") }, terminal),
        /it is not a folder/,
      ],
    ];
    for (const [command, says] of cases) {
      expect(await command()).toBe(1);
      expect(terminal.errors()).toMatch(says);
    }
    expect(terminal.errors()).not.toMatch(/E[A-Z]{3,}:|unfinished/);
  });

  test("is told with the next step, whoever throws it", async () => {
    const refusals: [string, RegExp][] = [
      ["EACCES", /permission denied\)\nnext: Run it as the user that the bot runs as/],
      ["ENOSPC", /its disk is full\nnext: Make room/],
      ["SQLITE_FULL", /its disk is full\nnext: Make room/],
      ["UNKNOWN_SQLITE_ERROR_1544", /permission denied\)\nnext: Run it as the user/],
      ["EIO", /\nnext: Look at the disk/],
    ];
    for (const [code, says] of refusals) {
      const fresh = fakeTerminal({});
      const refused = Object.assign(new Error("raw words"), { code, rawCode: code === "SQLITE_FULL" ? 13 : 1544 });
      expect(await said("check", fresh, () => Promise.reject(refused))).toBe(1);
      expect(fresh.errors()).toMatch(says);
    }
  });
});

describe("the wrong kind of file", () => {
  test("names the command that takes it", async () => {
    await filled();
    await backupStore({ file: join(folder, "b.db") }, terminal);
    await exportStore({ file: join(folder, "e.jsonl") }, terminal);
    expect(await importStore({ file: join(folder, "b.db") }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/b\.db cannot be imported: .*`medic store restore`/s);
    expect(await restoreStore({ file: join(folder, "e.jsonl") }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/e\.jsonl cannot be restored: .*`medic store import`/s);
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

  test("that left something alone says which to look at, and never that nothing was missing", async () => {
    await filled();
    await exportStore({ file: file() }, terminal);
    const store = await embeddedStore({ dir: data });
    await store.cases.write({ ...sampleCase("shop"), rev: 2 }, 1);
    await store.close();
    expect(await importStore({ file: file(), merge: true }, terminal)).toBe(0);
    expect(terminal.text()).toContain('left alone, something else stands there: case "shop"');
    expect(terminal.errors()).toMatch(/1 item is not as it is in the file.*Next: compare them/s);
    expect(terminal.errors()).not.toMatch(/Nothing was missing/);
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
