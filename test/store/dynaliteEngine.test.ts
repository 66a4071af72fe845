/** Two faults of dynalite 4.0.0 that would end the bot: should a newer version mend them, these tests stay true. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import type { Store } from "../../src/ports/store.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { named, sampleCase } from "./sampleCase.ts";

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "medic-engine-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

it("closes the iterator of every query and scan, also of one that stops at its limit", async () => {
  const iterators: { closed: boolean }[] = [];
  const { values } = Level.prototype as unknown as {
    readonly values: (this: Level, ...range: unknown[]) => ReturnType<Level["values"]>;
  };
  vi.spyOn(Level.prototype, "values").mockImplementation(function (this: Level, ...range: unknown[]) {
    const iterator = values.apply(this, range);
    const state = { closed: false };
    iterators.push(state);
    const close = iterator.close.bind(iterator);
    iterator.close = () => {
      state.closed = true;
      return close();
    };
    return iterator;
  });
  store = await embeddedStore({ dir });
  for (let at = 0; at < 20; at += 1) {
    await store.cases.write(sampleCase(`service-${at}`, { due: at }), 0);
    await store.records.putIfAbsent({ collection: "inbox", id: String(at) }, at);
  }
  for (const limit of [1, 5, 100]) {
    await store.cases.due(0, limit);
    await store.cases.due(1000, limit);
    await store.records.list("inbox", { limit });
  }
  await store.cases.repair();
  expect(iterators.length).toBeGreaterThan(50);
  await expect.poll(() => iterators.filter(({ closed }) => !closed)).toEqual([]);
});

it("answers an error of the disk instead of ending the process, and goes on when the disk does", async () => {
  store = await embeddedStore({ dir });
  const full = new Error("IO error: 000022.ldb: No space left on device");
  // The engine took hold of `put` and `get` when it was made, so the fault is put below them.
  const faulty = Level.prototype as unknown as Record<"_put" | "_get", () => Promise<never>>;
  const put = vi.spyOn(faulty, "_put").mockRejectedValue(full);
  const get = vi.spyOn(faulty, "_get").mockRejectedValue(full);
  await expect(store.cases.load(named("shop"))).rejects.toBeInstanceOf(StoreUnavailable);
  get.mockRestore();
  await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUncertain);
  put.mockRestore();
  expect(await store.cases.write(sampleCase("shop"), 0)).toBe("written");
});
