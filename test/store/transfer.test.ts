import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { StoreUncertain, StoreUnavailable, type ExportItem, type Store } from "../../src/ports/store.ts";
import { writeExport } from "../../src/store/transfer/exportFile.ts";
import { nameOfItem } from "../../src/store/transfer/exportLines.ts";
import { readExport, strangersIn, writeImport } from "../../src/store/transfer/importFile.ts";
import { assertNoImport, beginImport, endImport } from "../../src/store/transfer/unfinished.ts";
import { named, sampleCase } from "./sampleCase.ts";

/** Nobody waits for pauses here. */
const clock: Clock = { now: () => 0, sleep: async () => undefined };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "medic-transfer-"));
  path = join(folder, "export.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function filled(): Promise<Store> {
  const store = memoryStore();
  for (let at = 0; at < 30; at += 1) {
    const service = `service-${at}`;
    await store.cases.write(sampleCase(service), 0);
    await store.cases.write(sampleCase(service, { rev: 2, due: at + 1 }), 1);
    // Letters that are line ends to some readers, and some that need escapes.
    await store.records.putIfAbsent({ collection: `timeline/${service}`, id: "1" }, { text: 'a\u2028b\nc\r"ü"\u0000' });
  }
  await store.leases.acquire("sender", "worker-1", { now: 1, leaseMs: 30_000, takeoverMs: 0 });
  return store;
}

async function itemsOf(store: Store): Promise<ExportItem[]> {
  const items: ExportItem[] = [];
  for await (const item of store.transfer.exportAll()) items.push(item);
  return items.sort((left, right) => (nameOfItem(left) < nameOfItem(right) ? -1 : 1));
}

const exported = async (store: Store) =>
  writeExport(path, { items: store.transfer.exportAll(), from: "a store in memory", at: 1_790_000_000_000 });
const lines = () => readFileSync(path, "utf8").split("\n");

describe("an export", () => {
  it("is read back as it was, with revisions, due times and fences, by whoever owns it alone", async () => {
    const source = await filled();
    expect(await exported(source)).toMatchObject({ cases: 30, records: 30, leases: 1, bytes: statSync(path).size });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const target = memoryStore();
    const read = await readExport(path);
    expect(read.head).toMatchObject({ format: 1, at: 1_790_000_000_000, cases: 30, from: "a store in memory" });
    expect(await strangersIn(target.transfer, read)).toEqual([]);
    expect(await writeImport(target.transfer, read, { clock })).toEqual({ written: 61, same: 0, leftAlone: [] });
    expect(await itemsOf(target)).toEqual(await itemsOf(source));
    expect(await target.cases.due(5, 100)).toEqual([0, 1, 2, 3, 4].map((at) => `service-${at}`));
    // The lease has no owner any more, and its next fence is a new one.
    const lease = await target.leases.acquire("sender", "worker-2", { now: 2, leaseMs: 30_000, takeoverMs: 0 });
    expect(lease?.fence).toBe(2);
  });

  it("never overwrites, and leaves nothing behind when its store fails", async () => {
    writeFileSync(path, "mine");
    await expect(exported(await filled())).rejects.toMatchObject({ code: "file-exists" });
    expect(readFileSync(path, "utf8")).toBe("mine");
    rmSync(path);
    const failing = async function* (): AsyncGenerator<ExportItem> {
      yield { kind: "lease", name: "sender", fence: 1 };
      throw new Error("gone");
    };
    await expect(writeExport(path, { items: failing(), from: "", at: 1 })).rejects.toThrow("gone");
    await expect(readExport(path)).rejects.toThrow(/it does not exist/);
  });

  it("of an empty store is one, too", async () => {
    await exported(memoryStore());
    expect(await writeImport(memoryStore().transfer, await readExport(path), { clock })).toMatchObject({ written: 0 });
  });
});

describe("a file that is not whole", () => {
  it("is refused wherever it was cut, before anything is written", async () => {
    await exported(await filled());
    const whole = readFileSync(path);
    for (const bytes of [0, 100, 512, 600, Math.floor(whole.length / 2), whole.length - 100, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, bytes));
      await expect(readExport(path), `cut at ${bytes}`).rejects.toMatchObject({ code: "export-unreadable" });
    }
    // At every end of a line as well, where nothing looks torn.
    for (let at = whole.indexOf("\n"); at >= 0 && at + 1 < whole.length; at = whole.indexOf("\n", at + 1)) {
      writeFileSync(path, whole.subarray(0, at + 1));
      await expect(readExport(path)).rejects.toThrow(/it was cut/);
    }
  });

  const changes: readonly [string, (all: string[]) => string[], RegExp][] = [
    ["a line is missing", (all) => all.toSpliced(5, 1), /its end speaks of 61 items, 60 are there/],
    ["a line stands in it twice", (all) => all.toSpliced(5, 0, all[5] ?? ""), /line 7: .* stands in it twice/],
    ["a letter was changed", (all) => all.with(3, (all[3] ?? "").replace("i-0123", "i-1123")), /digest/],
    ["a line is nonsense", (all) => all.with(3, "{}"), /line 4 is no item/],
    ["a body is no JSON", (all) => all.with(40, (all[40] ?? "").replace('"body":"{', '"body":"')), /line 41, record/],
    ["a case says another revision", (all) => all.with(1, (all[1] ?? "").replace('"rev":2', '"rev":3')), /revision 2/],
    ["something stands after the end", (all) => all.toSpliced(-1, 0, all[4] ?? ""), /after the end/],
    ["it is of a later format", (all) => all.with(0, (all[0] ?? "").replace('"format":1', '"format":2')), /format 2/],
    ["the export was never finished", (all) => all.with(0, (all[0] ?? "").replace("true", "false")), /its end/],
    ["it is something else", () => ["hello", ""], /no(t the)? head/],
  ];
  it.each(changes)("is refused when %s", async (_what, change, says) => {
    await exported(await filled());
    writeFileSync(path, change(lines()).join("\n"));
    await expect(readExport(path)).rejects.toThrow(says);
  });
});

describe("a case of a newer schema", () => {
  it.each([{ incident: null }, { incident: "i-1" }, { due: 1e300 }, { schema: 99.5 }, { pattern: "\ud800" }])(
    "is refused by its line when a column of it cannot be stored: %j",
    async (extra) => {
      const body = JSON.stringify({ service: "a", rev: 3, schema: 99, ...extra });
      const items = async function* (): AsyncGenerator<ExportItem> {
        yield { kind: "case", service: named("a"), rev: 3, body };
      };
      await writeExport(path, { items: items(), from: "", at: 1 });
      await expect(readExport(path)).rejects.toThrow(/line 2, case "a": .* cannot be stored/);
    },
  );
});

describe("an import", () => {
  it("goes on where it was interrupted, at every item, and each item is there once", async () => {
    const source = await filled();
    await exported(source);
    const read = await readExport(path);
    const target = memoryStore();
    for (let taken = 0; taken < 70; taken += 7) {
      let left = taken;
      const failing: Store["transfer"] = {
        exportAll: () => target.transfer.exportAll(),
        importItem: async (item) => {
          if ((left -= 1) < 0) throw new Error("the process died");
          return target.transfer.importItem(item);
        },
      };
      await writeImport(failing, read, { clock }).catch(() => undefined);
      // Not empty, but nothing that the file does not have.
      expect(await strangersIn(target.transfer, read)).toEqual([]);
    }
    expect(await writeImport(target.transfer, read, { clock })).toEqual({ written: 0, same: 61, leftAlone: [] });
    expect(await itemsOf(target)).toEqual(await itemsOf(source));
  });

  it("bears answers that are lost and a store that is throttled, and counts by what it reads back", async () => {
    const source = await filled();
    await exported(source);
    const target = memoryStore();
    let calls = 0;
    const flaky: Store["transfer"] = {
      exportAll: () => target.transfer.exportAll(),
      importItem: async (item) => {
        calls += 1;
        if (calls % 3 === 0) throw new StoreUnavailable("it");
        const answer = await target.transfer.importItem(item);
        if (calls % 4 === 0) throw new StoreUncertain("it");
        return answer;
      },
    };
    expect(await writeImport(flaky, await readExport(path), { clock })).toEqual({
      written: 61,
      same: 0,
      leftAlone: [],
    });
    expect(await itemsOf(target)).toEqual(await itemsOf(source));
  });

  it("that answers and keeps nothing is noticed", async () => {
    await exported(await filled());
    const empty = memoryStore();
    const lying: Store["transfer"] = { exportAll: () => empty.transfer.exportAll(), importItem: async () => true };
    await expect(writeImport(lying, await readExport(path), { clock })).rejects.toMatchObject({
      code: "import-incomplete",
    });
  });

  it("never overwrites: what stands there is named and left alone", async () => {
    await exported(await filled());
    const target = memoryStore();
    await target.cases.write(sampleCase("service-3", { cardVersion: 9 }), 0);
    await target.cases.write(sampleCase("other"), 0);
    const read = await readExport(path);
    expect((await strangersIn(target.transfer, read)).sort()).toEqual(['case "other"', 'case "service-3"']);
    expect(await writeImport(target.transfer, read, { clock })).toEqual({
      written: 60,
      same: 0,
      leftAlone: ['case "service-3"'],
    });
    expect((await target.cases.load(named("service-3")))?.cardVersion).toBe(9);
  });

  it("that is under way is told to whoever starts on the store, and its mark is no stranger", async () => {
    await exported(await filled());
    const target = memoryStore();
    await assertNoImport(target.records);
    await beginImport(target.records, { at: 1, sha256: "a" });
    await expect(assertNoImport(target.records)).rejects.toMatchObject({ code: "import-unfinished" });
    expect(await strangersIn(target.transfer, await readExport(path))).toEqual([]);
    // Another file's import neither begins nor ends meanwhile; the same one goes on.
    await expect(beginImport(target.records, { at: 2, sha256: "b" })).rejects.toThrow(/sha256 a\)/);
    await beginImport(target.records, { at: 3, sha256: "a" });
    await endImport(target.records);
    await assertNoImport(target.records);
  });

  it("takes names that hold the words between names for what they are", async () => {
    const source = memoryStore();
    await source.records.putIfAbsent({ collection: 'b" of "c', id: "a" }, 1);
    await source.records.putIfAbsent({ collection: "c", id: 'a" of "b' }, 2);
    await exported(source);
    const target = memoryStore();
    expect(await writeImport(target.transfer, await readExport(path), { clock })).toMatchObject({ written: 2 });
  });

  it("of a file that was changed after it was judged writes nothing of the change", async () => {
    await exported(await filled());
    const read = await readExport(path);
    writeFileSync(
      path,
      lines()
        .with(3, (lines()[3] ?? "").replace("i-0123", "i-1123"))
        .join("\n"),
    );
    const target = memoryStore();
    await expect(writeImport(target.transfer, read, { clock })).rejects.toMatchObject({ code: "export-changed" });
    for (const item of await itemsOf(target)) expect(JSON.stringify(item)).not.toContain("i-1123");
  });
});
