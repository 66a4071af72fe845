import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acceptLossOfStore, backupStore, restoreStore } from "../../src/cli/store/backup.ts";
import { checkStore } from "../../src/cli/store/check.ts";
import { exportStore, importStore } from "../../src/cli/store/move.ts";
import type { IncidentId } from "../../src/domain/words.ts";
import type { Store } from "../../src/ports/store.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { beginImport } from "../../src/store/transfer/unfinished.ts";
import { named, sampleCase } from "../store/sampleCase.ts";
import { goodConfig } from "../config/brokenConfigs.ts";
import { fakeTerminal, type FakeTerminal } from "./fakeTerminal.ts";
import { runMedic } from "./runMedic.ts";

let folder: string;
let data: string;
let terminal: FakeTerminal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "medic-store-"));
  data = join(folder, "data");
  terminal = fakeTerminal({ MEDIC_DATA_DIR: data });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openedAt = Date.UTC(2026, 10, 30, 3, 0, 0);
const incident = (id: string, at: number) => ({ id: id as IncidentId, openedAt: at });

/** Two open incidents, one quiet service, some records and a lease that ended long ago. */
async function fill(store: Store): Promise<void> {
  const open = (service: string, at: number) =>
    sampleCase(service, {
      phase: { kind: "needs-person", since: at, reason: { code: "config-gone" } as never },
      incident: incident(`${service}-1`, at) as never,
      due: at,
    });
  await store.cases.write(open("shop", openedAt), 0);
  await store.cases.write(open("web", openedAt + 60_000), 0);
  await store.cases.write(sampleCase("quiet"), 0);
  for (let at = 0; at < 40; at += 1)
    await store.records.putIfAbsent({ collection: "timeline/shop", id: String(at) }, { text: "x".repeat(300) });
  await store.leases.acquire("sender", "worker", { now: 1, leaseMs: 1, takeoverMs: 0 });
}

async function filled(dir = data): Promise<void> {
  const store = await embeddedStore({ dir });
  await fill(store);
  await store.close();
}

/** Every item, in one order. */
async function contentOf(dir: string): Promise<string> {
  const store = await embeddedStore({ dir });
  const lines: string[] = [];
  for await (const item of store.transfer.exportAll()) lines.push(JSON.stringify(item));
  await store.close();
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

/** As a disk does it: in the middle of the file, where rows stand. */
function flipByte(): void {
  const path = join(data, "medic.db");
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf("xxxxxxxx");
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  writeFileSync(path, bytes);
}

describe("medic store check", () => {
  test("counts, and names the oldest open incident", async () => {
    await filled();
    expect(await checkStore({}, terminal)).toBe(0);
    expect(terminal.text()).toMatch(/3 cases, 40 records, 1 leases/);
    expect(terminal.text()).toMatch(/Size \d.*schema 1\./);
    expect(terminal.text()).toMatch(/Last answered write: 20\d\d-/);
    expect(terminal.text()).toContain(
      "Open incidents: 2; the oldest is shop-1 of shop, since 2026-11-30 03:00:00 UTC.",
    );
    expect(terminal.text()).toContain("Everything that was answered is there.");
  });

  test("as JSON for other programs", async () => {
    await filled();
    expect(await checkStore({ json: true }, terminal)).toBe(0);
    const oldestOpen = { service: "shop", incident: "shop-1", openedAt };
    expect(JSON.parse(terminal.text())).toMatchObject({ whole: true, cases: 3, open: 2, oldestOpen, damage: [] });
  });

  test("says what is damaged and what to do, and exits with 1", async () => {
    await filled();
    flipByte();
    expect(await checkStore({}, terminal)).toBe(1);
    expect(terminal.text()).toMatch(/DAMAGED:\n {2}Not readable: record "\d+" of "timeline\/shop"\./);
    expect(terminal.text()).toMatch(/`medic store restore FILE`/);
    expect(terminal.text()).not.toContain("Everything that was answered");
  });

  test("of a folder that holds nothing makes nothing and fails", async () => {
    expect(await checkStore({}, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/does not exist.*\nnext: /s);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("works while the bot has the store, as does a backup, without Slack's and AWS's packages", async () => {
    const store = await embeddedStore({ dir: data });
    await fill(store);
    const env = { MEDIC_DATA_DIR: data };
    const [checked, backedUp] = await Promise.all([
      runMedic(["store", "check"], { env, light: "but for SQLite" }),
      runMedic(["store", "backup", join(folder, "b.db"), "--json"], { env, light: "but for SQLite" }),
    ]);
    expect(checked).toMatchObject({ code: 0, err: "" });
    expect(checked.out).toMatch(/3 cases, 40 records/);
    expect(backedUp).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(backedUp.out)).toMatchObject({
      cases: 3,
      records: 40,
      bytes: statSync(join(folder, "b.db")).size,
    });
    expect(await store.cases.write(sampleCase("later"), 0)).toBe("written");
    await store.close();
  });
});

describe("medic store backup and restore", () => {
  test("is for its owner alone, overwrites nothing, and brings everything back", async () => {
    await filled();
    const file = join(folder, "backup.db");
    expect(await backupStore({ file }, terminal)).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(terminal.text()).toMatch(/backup\.db: 3 cases, 40 records, 1 leases; .* KB, \d+\.\d s\. Read back, whole\./);
    const before = readFileSync(file);
    expect(await backupStore({ file }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/it exists already/);
    expect(readFileSync(file).equals(before)).toBe(true);

    const content = await contentOf(data);
    flipByte();
    expect(await restoreStore({ file }, terminal)).toBe(0);
    expect(terminal.text()).toMatch(/kept aside: .*medic\.db\.aside-/);
    expect(await contentOf(data)).toBe(content);
  });

  test("of damaged data leaves no file that looks like a backup", async () => {
    await filled();
    flipByte();
    const file = join(folder, "backup.db");
    expect(await backupStore({ file }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/the data is not whole \(in .*data\).*\nnext: Keep the older backups/s);
    expect(existsSync(file)).toBe(false);
  });

  test("a restore is refused while a bot runs, and of a file that is no backup; nothing has changed then", async () => {
    await filled();
    const file = join(folder, "backup.db");
    await backupStore({ file }, terminal);
    const store = await embeddedStore({ dir: data });
    expect(await restoreStore({ file }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/already in use by process/);
    expect((await store.cases.load(named("shop")))?.rev).toBe(1);
    await store.close();
    const content = await contentOf(data);
    writeFileSync(join(folder, "other"), "hello");
    expect(await restoreStore({ file: join(folder, "other") }, terminal)).toBe(1);
    expect(await contentOf(data)).toBe(content);
  });

  test("is about folders: with MEDIC_TABLE set it says what backs a table up", async () => {
    const onTable = fakeTerminal({ MEDIC_TABLE: "medic", AWS_REGION: "eu-west-1" });
    expect(await backupStore({ file: join(folder, "b") }, onTable)).toBe(1);
    expect(onTable.errors()).toMatch(/table "medic".*\nnext: .*point-in-time recovery.*--data-dir/s);
  });
});

describe("medic store accept-loss", () => {
  test("says what would be lost and does nothing without --yes; with it goes on with the rest", async () => {
    await filled();
    flipByte();
    const damagedBytes = readFileSync(join(data, "medic.db"));
    expect(await acceptLossOfStore({}, terminal)).toBe(1);
    expect(terminal.text()).toMatch(/Not readable: record "\d+" of "timeline\/shop"/);
    expect(terminal.errors()).toMatch(/nothing was changed.*--yes/s);
    expect(readFileSync(join(data, "medic.db")).equals(damagedBytes)).toBe(true);

    expect(await acceptLossOfStore({ yes: true }, terminal)).toBe(0);
    expect(terminal.text()).toMatch(/lost: record "\d+" of "timeline\/shop"/);
    expect(terminal.text()).toMatch(/3 cases, 39 records, 1 leases/);
    expect(await checkStore({}, terminal)).toBe(0);
  });

  test("does nothing to a store that is whole", async () => {
    await filled();
    expect(await acceptLossOfStore({ yes: true }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/is whole/);
  });
});

describe("medic store export and import", () => {
  const other = () => join(folder, "other");
  const file = () => join(folder, "export.jsonl");

  test("moves everything, and may be repeated", async () => {
    await filled();
    expect(await exportStore({ file: file() }, terminal)).toBe(0);
    expect(terminal.errors()).toMatch(/exported: 3 cases, 40 records, 1 leases/);
    expect(terminal.errors()).not.toMatch(/A bot runs/);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    for (const says of [/: 44 items written, 0 were there already/, /: 0 items written, 44 were there already/]) {
      expect(await importStore({ file: file(), dataDir: other() }, terminal)).toBe(0);
      expect(terminal.text()).toMatch(says);
    }
    expect(await contentOf(other())).toBe(await contentOf(data));
    expect(terminal.errors()).toMatch(/never again on the one that the export came from/);
  });

  test("through a pipe", async () => {
    await filled();
    const exported = await runMedic(["store", "export", "-"], {
      env: { MEDIC_DATA_DIR: data },
      light: "but for SQLite",
    });
    expect(exported).toMatchObject({ code: 0 });
    const imported = await runMedic(["store", "import", "-", "--data-dir", other()], {
      stdin: exported.out,
      light: "but for SQLite",
    });
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.out).toMatch(/44 items written/);
    expect(await contentOf(other())).toBe(await contentOf(data));
  });

  test("tells that a bot runs, and is refused into a store that one has", async () => {
    const store = await embeddedStore({ dir: data });
    await fill(store);
    expect(await exportStore({ file: file() }, terminal)).toBe(0);
    expect(terminal.errors()).toMatch(
      new RegExp(`A bot runs on it \\(process ${process.pid}\\).*stop it and export again`),
    );
    expect(await importStore({ file: file() }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/already in use/);
    await store.close();
  });

  test("writes nothing of a file that was cut", async () => {
    await filled();
    await exportStore({ file: file() }, terminal);
    writeFileSync(file(), readFileSync(file()).subarray(0, -200));
    expect(await importStore({ file: file(), dataDir: other() }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/it was cut.*\nnext: Nothing was written/s);
    expect(readdirSync(folder)).not.toContain("other");
  });

  test("refuses a store that is not empty; --merge adds what is missing and names what it left alone", async () => {
    await filled();
    await exportStore({ file: file() }, terminal);
    const store = await embeddedStore({ dir: other() });
    await store.cases.write(sampleCase("shop", { cardVersion: 5 }), 0);
    await store.close();
    expect(await importStore({ file: file(), dataDir: other() }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/holds what is not in the file, or not the same: case "shop".*--merge/s);
    expect(await importStore({ file: file(), dataDir: other(), merge: true }, terminal)).toBe(0);
    expect(terminal.text()).toMatch(/43 items written, 0 were there already/);
    expect(terminal.text()).toContain('left alone, something else stands there: case "shop"');
    const after = await embeddedStore({ dir: other() });
    expect((await after.cases.load(named("shop")))?.cardVersion).toBe(5);
    await after.close();
  });

  test("another import, even with --merge, is refused while one is unfinished, and its mark stays", async () => {
    const store = await embeddedStore({ dir: other() });
    await beginImport(store.records, { at: 1, sha256: "that of another file" });
    await store.close();
    await filled();
    await exportStore({ file: file() }, terminal);
    expect(await importStore({ file: file(), dataDir: other(), merge: true }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/has not come to its end .*that of another file/);
    expect(await exportStore({ file: `${file()}.2`, dataDir: other() }, terminal)).toBe(1);
  });

  test("half of an import is neither exported nor started on", async () => {
    const store = await embeddedStore({ dir: data });
    await fill(store);
    await beginImport(store.records, { at: 1, sha256: "that of another file" });
    await store.close();
    expect(await exportStore({ file: file() }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/an import into this store was begun and has not come to its end/);
    const config = join(folder, "medic.yaml");
    writeFileSync(config, goodConfig.replaceAll(/^( {4}pattern: )/gm, '    account: "123456789012"\n$1'));
    const tokens = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", MEDIC_HTTP_PORT: "0" };
    const started = await runMedic(["start"], { env: { ...tokens, MEDIC_CONFIG: config, MEDIC_DATA_DIR: data } });
    expect(started.code).toBe(1);
    expect(started.err).toMatch(
      /an import into this store was begun.*\nnext: Run the same `medic store import` again/s,
    );
  });

  test("a table needs its region", async () => {
    expect(await exportStore({ file: file(), table: "medic" }, terminal)).toBe(1);
    expect(terminal.errors()).toMatch(/next: Set AWS_REGION/);
  });
});
