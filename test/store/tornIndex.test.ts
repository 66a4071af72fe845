/** The four ways in which a kill tears dynalite's index, made by hand in its LevelDB. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Log } from "../../src/ports/log.ts";
import { silentLog } from "../../src/ports/log.ts";
import type { Store } from "../../src/ports/store.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { named, sampleCase } from "./sampleCase.ts";

const ever = Number.MAX_SAFE_INTEGER;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "medic-torn-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function withStore<T>(work: (store: Store) => Promise<T>, log: Log = silentLog): Promise<T> {
  const store = await embeddedStore({ dir, log });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

interface Row {
  readonly key: string;
  readonly value: { readonly pk: { readonly S: string } };
}

interface Index {
  readonly rows: readonly Row[];
  readonly put: (row: Row) => Promise<void>;
  readonly del: (row: Row) => Promise<void>;
}

/** The rows of the index, to be put back or taken away while no store is open. */
async function withIndex(work: (index: Index) => Promise<void>): Promise<void> {
  const level = new Level<string, Row["value"]>(join(dir, "table"), { valueEncoding: "json" });
  const rows: Row[] = [];
  for await (const [key, value] of level.iterator({ gte: "index-global~", lt: "index-global\uFFFF" }))
    rows.push({ key, value });
  await work({ rows, put: ({ key, value }) => level.put(key, value), del: ({ key }) => level.del(key) });
  await level.close();
}

async function rowsOf(service: string): Promise<Row[]> {
  let found: Row[] = [];
  await withIndex(async ({ rows }) => {
    found = rows.filter(({ value }) => value.pk.S === `case#${service}`);
  });
  return found;
}

it("puts back an entry that is missing, without touching the case", async () => {
  const current = sampleCase("shop", { due: 100 });
  await withStore((store) => store.cases.write(current, 0));
  const [row] = await rowsOf("shop");
  await withIndex(async ({ del }) => row && del(row));
  await withStore(async (store) => {
    expect(await store.cases.due(ever, 10)).toEqual([]);
    expect(await store.cases.repair()).toBe(1);
    expect(await store.cases.due(100, 10)).toEqual(["shop"]);
    expect(await store.cases.load(named("shop"))).toEqual(current);
    expect(await store.cases.repair()).toBe(0);
  });
});

it("moves an entry that stands at another time than its case", async () => {
  await withStore((store) => store.cases.write(sampleCase("shop", { due: 100 }), 0));
  const [early] = await rowsOf("shop");
  await withStore((store) => store.cases.write(sampleCase("shop", { rev: 2, due: 200 }), 1));
  const [late] = await rowsOf("shop");
  await withIndex(async ({ put, del }) => {
    if (early) await put(early);
    if (late) await del(late);
  });
  await withStore(async (store) => {
    expect(await store.cases.due(100, 10)).toEqual(["shop"]);
    expect(await store.cases.repair()).toBe(1);
    expect(await store.cases.due(199, 10)).toEqual([]);
    expect(await store.cases.due(200, 10)).toEqual(["shop"]);
    expect(await store.cases.repair()).toBe(0);
  });
  expect(await rowsOf("shop")).toHaveLength(1);
});

it("takes away the second entry of a case and the entry of a case that is not due", async () => {
  await withStore((store) => store.cases.write(sampleCase("shop", { due: 100 }), 0));
  await withStore((store) => store.cases.write(sampleCase("web", { due: 100 }), 0));
  const stale = [...(await rowsOf("shop")), ...(await rowsOf("web"))];
  await withStore((store) => store.cases.write(sampleCase("shop", { rev: 2, due: 200 }), 1));
  await withStore((store) => store.cases.write(sampleCase("web", { rev: 2 }), 1));
  await withIndex(async ({ put }) => void (await Promise.all(stale.map(put))));
  await withStore(async (store) => {
    expect(await store.cases.due(100, 10)).toEqual(["shop", "web"]);
    expect(await store.cases.repair()).toBe(2);
    expect(await store.cases.due(199, 10)).toEqual([]);
    expect(await store.cases.due(ever, 10)).toEqual(["shop"]);
    expect(await store.cases.load(named("web"))).toEqual(sampleCase("web", { rev: 2 }));
  });
});

it("takes away an entry that has no case, which loads as no case until then", async () => {
  await withStore((store) => store.cases.write(sampleCase("shop", { due: 100 }), 0));
  const [row] = await rowsOf("shop");
  await withStore((store) => store.cases.remove(named("shop")));
  await withIndex(async ({ put }) => row && put(row));
  await withStore(async (store) => {
    expect(await store.cases.due(ever, 10)).toEqual(["shop"]);
    expect(await store.cases.load(named("shop"))).toBeUndefined();
    expect(await store.cases.repair()).toBe(1);
    expect(await store.cases.due(ever, 10)).toEqual([]);
    expect(await store.cases.load(named("shop"))).toBeUndefined();
    expect(await store.cases.write(sampleCase("shop"), 0)).toBe("written");
  });
});

it("leaves the index entries of a newer program's case alone", async () => {
  await withStore((store) => store.cases.write(sampleCase("newer", { schema: 2, due: 100 }), 0));
  const [row] = await rowsOf("newer");
  await withIndex(async ({ del }) => row && del(row));
  await withStore(async (store) => expect(await store.cases.repair()).toBe(0));
  expect(await rowsOf("newer")).toEqual([]);
});
