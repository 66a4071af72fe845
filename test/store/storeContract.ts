/**
 * What every store promises, whatever it is built on. Run on memory, SQLite and dynalite (test/store) and on DynamoDB
 * Local (test/peers).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Upgrade } from "../../src/domain/caseSchema.ts";
import { fenceFloorLease } from "../../src/domain/fenceFloor.ts";
import { caseBytesMax } from "../../src/domain/limits.ts";
import type { Proposal, ServiceCase } from "../../src/domain/serviceCase.ts";
import { recordBytesMax } from "../../src/domain/storedSize.ts";
import { NewerSchema, StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import type { ExportItem, Lease, Store } from "../../src/ports/store.ts";
import { caseOfBytes, named, sampleCase } from "./sampleCase.ts";

export type Fault = "refused" | "answer lost";

export interface ContractBed {
  /** Another store on the same table. `fault` is asked before each write and breaks it. */
  open(options?: {
    readonly fault?: () => Fault | undefined;
    readonly upgrades?: Readonly<Record<number, Upgrade>>;
  }): Promise<Store>;
  close(): Promise<void>;
}

const writers = 16;

export function storeContract(name: string, newBed: () => Promise<ContractBed>): void {
  describe(`the store on ${name}`, () => {
    let bed: ContractBed;
    let store: Store;
    beforeEach(async () => {
      bed = await newBed();
      store = await bed.open();
      await store.setUp();
    });
    afterEach(() => bed.close());
    const stores = () => ({ bed, store });
    aboutTheTable(stores);
    aboutCases(stores);
    aboutSchemas(stores);
    aboutDue(stores);
    aboutRecords(stores);
    aboutPages(stores);
    aboutLeases(stores);
    aboutFaults(stores);
    aboutTransfer(stores, newBed);
  });
}

type Stores = () => { bed: ContractBed; store: Store };

function aboutTheTable(stores: Stores): void {
  it("is set up again, and by two at once, without harm", async () => {
    const { bed, store } = stores();
    await store.cases.write(sampleCase("shop"), 0);
    const other = await bed.open();
    await Promise.all([store.setUp(), other.setUp()]);
    expect((await other.cases.load(named("shop")))?.rev).toBe(1);
  });

  it("answers a ping", async () => {
    await expect(stores().store.ping()).resolves.toBeUndefined();
  });
}

function aboutCases(stores: Stores): void {
  it("has no case of a service that it never saw", async () => {
    expect(await stores().store.cases.load(named("shop"))).toBeUndefined();
  });

  it("gives back every field of a case as it was written", async () => {
    const { store } = stores();
    const current = sampleCase("shop", {
      phase: { kind: "proposing", since: 5, proposal: proposal() },
      latest: { "alarm/ü": 7 },
      due: 1_790_000_000_123,
    });
    await store.cases.write(current, 0);
    expect(await store.cases.load(named("shop"))).toEqual(current);
  });

  it("keeps what was written when the caller changes its object afterwards", async () => {
    const { store } = stores();
    const bad: ServiceCase["bad"][number][] = [];
    await store.cases.write(sampleCase("shop", { bad }), 0);
    bad.push({ subject: "a", symptom: "down", evidenceKind: "probe", since: 1, reason: "r" });
    const read = await store.cases.load(named("shop"));
    expect(read?.bad).toEqual([]);
    (read?.bad as unknown[]).push("changed");
    expect((await store.cases.load(named("shop")))?.bad).toEqual([]);
  });

  it("lets exactly one of 16 first writers win, across two stores", async () => {
    const { bed, store } = stores();
    const other = await bed.open();
    const answers = await Promise.all(
      Array.from({ length: writers }, (_, writer) =>
        (writer % 2 ? store : other).cases.write(sampleCase("shop", { cardVersion: writer }), 0),
      ),
    );
    expect(answers.filter((answer) => answer === "written")).toHaveLength(1);
    expect((await store.cases.load(named("shop")))?.cardVersion).toBe(answers.indexOf("written"));
  });

  it("lets exactly one of 16 writers of the same revision win, and so for ten revisions", async () => {
    const { bed, store } = stores();
    const other = await bed.open();
    await store.cases.write(sampleCase("shop"), 0);
    for (let rev = 1; rev <= 10; rev += 1) {
      const answers = await Promise.all(
        Array.from({ length: writers }, (_, writer) =>
          (writer % 2 ? store : other).cases.write(sampleCase("shop", { rev: rev + 1, cardVersion: writer }), rev),
        ),
      );
      expect(answers.filter((answer) => answer === "written")).toHaveLength(1);
      const read = await other.cases.load(named("shop"));
      expect(read).toMatchObject({ rev: rev + 1, cardVersion: answers.indexOf("written") });
    }
  });

  it("refuses a write on a revision that is gone, on one that never was, and on a case that is not there", async () => {
    const { store } = stores();
    await store.cases.write(sampleCase("shop"), 0);
    await store.cases.write(sampleCase("shop", { rev: 2 }), 1);
    expect(await store.cases.write(sampleCase("shop", { rev: 2, cardVersion: 9 }), 1)).toBe("conflict");
    expect(await store.cases.write(sampleCase("shop", { rev: 8, cardVersion: 9 }), 7)).toBe("conflict");
    expect(await store.cases.write(sampleCase("shop", { cardVersion: 9 }), 0)).toBe("conflict");
    expect(await store.cases.write(sampleCase("web", { rev: 2 }), 1)).toBe("conflict");
    expect(await store.cases.load(named("shop"))).toMatchObject({ rev: 2, cardVersion: 0 });
    expect(await store.cases.load(named("web"))).toBeUndefined();
  });

  it("refuses a write that does not carry the next revision", async () => {
    const { store } = stores();
    await expect(store.cases.write(sampleCase("shop", { rev: 2 }), 0)).rejects.toMatchObject({
      code: "wrong-revision",
    });
    expect(await store.cases.load(named("shop"))).toBeUndefined();
  });

  it("takes a case of exactly the largest size and refuses one byte more, leaving what was there", async () => {
    const { store } = stores();
    expect(await store.cases.write(caseOfBytes("shop", caseBytesMax), 0)).toBe("written");
    expect(JSON.stringify(await store.cases.load(named("shop")))).toHaveLength(caseBytesMax);
    const larger = { ...caseOfBytes("shop", caseBytesMax + 1), rev: 2 };
    await expect(store.cases.write(larger, 1)).rejects.toMatchObject({ code: "item-too-large" });
    expect((await store.cases.load(named("shop")))?.rev).toBe(1);
  });

  it("counts the bytes of a case and not its letters", async () => {
    const { store } = stores();
    const wide = sampleCase("shop", { seen: [{ key: "ü".repeat(caseBytesMax / 2), at: 1 }] });
    await expect(store.cases.write(wide, 0)).rejects.toMatchObject({ code: "item-too-large" });
  });

  it("keeps services with odd names apart", async () => {
    const { store } = stores();
    const names = [
      "a",
      "A",
      "a ",
      "shop/web",
      "shop#web",
      "case#a",
      "söp",
      "so\u0308p",
      "店",
      "🛒",
      "__proto__",
      "%00",
      "'\"\\",
    ];
    for (const service of names) await store.cases.write(sampleCase(service, { due: 5 }), 0);
    for (const service of names) expect((await store.cases.load(named(service)))?.service).toBe(service);
    expect([...(await store.cases.due(5, 100))].sort()).toEqual([...names].sort());
  });

  it("gives every case once, over several pages", async () => {
    const { store } = stores();
    const names = Array.from({ length: 30 }, (_, at) => `service-${at}`);
    await Promise.all(names.map((service) => store.cases.write(caseOfBytes(service, 60_000), 0)));
    await store.records.putIfAbsent({ collection: "timeline/service-1", id: "1" }, "no case");
    const read: string[] = [];
    for await (const { service } of store.cases.all()) read.push(service);
    expect(read.sort()).toEqual([...names].sort());
  });

  it("forgets a removed case, also in the due index, and starts it anew", async () => {
    const { store } = stores();
    await store.cases.write(sampleCase("shop", { due: 1 }), 0);
    await store.cases.remove(named("shop"));
    await store.cases.remove(named("never-there"));
    expect(await store.cases.load(named("shop"))).toBeUndefined();
    expect(await store.cases.due(10, 10)).toEqual([]);
    expect(await store.cases.write(sampleCase("shop"), 0)).toBe("written");
  });
}

function aboutSchemas(stores: Stores): void {
  it("leaves a case of a newer schema alone and still gives the others", async () => {
    const { store } = stores();
    await store.cases.write(sampleCase("newer", { schema: 2 }), 0);
    await store.cases.write(sampleCase("known"), 0);
    await expect(store.cases.load(named("newer"))).rejects.toBeInstanceOf(NewerSchema);
    expect(await store.cases.write(sampleCase("newer", { rev: 2 }), 1)).toBe("conflict");
    expect(await store.cases.write(sampleCase("newer"), 0)).toBe("conflict");
    const read: string[] = [];
    for await (const { service } of store.cases.all()) read.push(service);
    expect(read).toEqual(["known"]);
  });

  it("reads a case of an older schema in today's shape", async () => {
    const { bed, store } = stores();
    const { entries: _, ...older } = sampleCase("shop", { schema: 0 });
    await store.cases.write(older as ServiceCase, 0);
    const upgraded = await bed.open({ upgrades: { 0: (read) => ({ ...read, entries: [] }) } });
    expect(await upgraded.cases.load(named("shop"))).toEqual(sampleCase("shop"));
    expect(await upgraded.cases.write(sampleCase("shop", { rev: 2 }), 1)).toBe("written");
    expect((await store.cases.load(named("shop")))?.rev).toBe(2);
  });

  it("names an older case that nothing knows how to read, and does not guess", async () => {
    const { store } = stores();
    await store.cases.write(sampleCase("shop", { schema: 0 }), 0);
    await expect(store.cases.load(named("shop"))).rejects.toMatchObject({ code: "corrupt-item" });
    await expect(store.cases.load(named("shop"))).rejects.toThrow(/"shop".*schema 0/);
  });
}

function aboutDue(stores: Stores): void {
  it("gives due services soonest first, over all shards, at most as many as asked for", async () => {
    const { store } = stores();
    const names = Array.from({ length: 40 }, (_, at) => `service-${at}`);
    await Promise.all(names.map((service, at) => store.cases.write(sampleCase(service, { due: 1000 - at }), 0)));
    expect(await store.cases.due(1000, 100)).toEqual([...names].reverse());
    expect(await store.cases.due(1000, 7)).toEqual([...names].reverse().slice(0, 7));
    expect(await store.cases.due(963, 100)).toEqual(["service-39", "service-38", "service-37"]);
    expect(await store.cases.due(960, 100)).toEqual([]);
  });

  it("moves a service with its due time and drops it when nothing is due any more", async () => {
    const { store } = stores();
    await store.cases.write(sampleCase("shop", { due: 10 }), 0);
    expect(await store.cases.due(10, 5)).toEqual(["shop"]);
    await store.cases.write(sampleCase("shop", { rev: 2, due: 20 }), 1);
    expect(await store.cases.due(19, 5)).toEqual([]);
    expect(await store.cases.due(20, 5)).toEqual(["shop"]);
    await store.cases.write(sampleCase("shop", { rev: 3 }), 2);
    expect(await store.cases.due(1e15, 5)).toEqual([]);
  });

  it("has nothing to mend in an index that was never torn", async () => {
    const { store } = stores();
    await store.cases.write(sampleCase("shop", { due: 10 }), 0);
    await store.cases.write(sampleCase("web"), 0);
    expect(await store.cases.repair()).toBe(0);
  });
}

function aboutRecords(stores: Stores): void {
  const key = { collection: "run/shop", id: "0001" };

  it("stores a record once, for exactly one of 16 writers, whatever its body", async () => {
    const { bed, store } = stores();
    const other = await bed.open();
    const answers = await Promise.all(
      Array.from({ length: writers }, (_, writer) => (writer % 2 ? store : other).records.putIfAbsent(key, { writer })),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await store.records.get(key)).toEqual({ id: "0001", rev: 1, body: { writer: answers.indexOf(true) } });
  });

  it("replaces a record only at the revision that was read, for exactly one of 16 writers", async () => {
    const { bed, store } = stores();
    const other = await bed.open();
    await store.records.putIfAbsent(key, { deep: { a: 1, b: 2 } });
    const answers = await Promise.all(
      Array.from({ length: writers }, (_, writer) =>
        (writer % 2 ? store : other).records.replace(key, { deep: { writer } }, 1),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    const read = await store.records.get(key);
    expect(read).toEqual({ id: "0001", rev: 2, body: { deep: { writer: answers.indexOf(true) } } });
    expect(await store.records.replace(key, {}, 1)).toBe(false);
    expect(await store.records.replace(key, {}, 2)).toBe(true);
  });

  it("makes no ghost when a record that is not there is replaced", async () => {
    const { store } = stores();
    expect(await store.records.replace(key, { ghost: true }, 1)).toBe(false);
    expect(await store.records.get(key)).toBeUndefined();
    expect(await store.records.list("run/shop", { limit: 10 })).toEqual([]);
  });

  it("keeps bodies of every JSON kind", async () => {
    const { store } = stores();
    const bodies = ["", "text", 0, -1.5, true, null, [], [1, [2]], {}, { a: { b: null } }, "ü🛒", { __proto__: 1 }];
    for (const [at, body] of bodies.entries()) {
      await store.records.putIfAbsent({ collection: "kinds", id: String(at) }, body);
      expect((await store.records.get({ collection: "kinds", id: String(at) }))?.body).toEqual(body);
    }
  });

  it("takes a body of exactly the largest size and refuses one byte more", async () => {
    const { store } = stores();
    const largest = "x".repeat(recordBytesMax - 2);
    expect(await store.records.putIfAbsent(key, largest)).toBe(true);
    expect((await store.records.get(key))?.body).toBe(largest);
    const over = { ...key, id: "0002" };
    await expect(store.records.putIfAbsent(over, `${largest}x`)).rejects.toMatchObject({ code: "item-too-large" });
    await expect(store.records.replace(key, `${largest}x`, 1)).rejects.toMatchObject({ code: "item-too-large" });
  });

  it("refuses keys that DynamoDB cannot have or would mistake for a case or a lease", async () => {
    const { store } = stores();
    for (const bad of [
      { collection: "", id: "1" },
      { collection: "inbox", id: "" },
      { collection: "case#shop", id: "case" },
      { collection: "lease#slack", id: "lease" },
      { collection: "inbox", id: "x".repeat(1025) },
      { collection: "ü".repeat(1025), id: "1" },
    ])
      await expect(store.records.putIfAbsent(bad, 1)).rejects.toMatchObject({ code: "bad-key" });
  });

  it("removes a record, and one that is not there", async () => {
    const { store } = stores();
    await store.records.putIfAbsent(key, 1);
    await store.records.remove(key);
    await store.records.remove(key);
    expect(await store.records.get(key)).toBeUndefined();
    expect(await store.records.putIfAbsent(key, 2)).toBe(true);
  });
}

function aboutPages(stores: Stores): void {
  const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);

  it("lists a collection page by page, in both directions, every record once", async () => {
    const { store } = stores();
    const ids = Array.from({ length: 57 }, (_, at) => String(at).padStart(4, "0"));
    await Promise.all(ids.map((id) => store.records.putIfAbsent({ collection: "timeline/a", id }, { id })));
    await store.records.putIfAbsent({ collection: "timeline/ab", id: "0000" }, "another collection");
    for (const newestFirst of [false, true]) {
      const read: string[] = [];
      for (let after: string | undefined; ; after = read.at(-1)) {
        const page = await store.records.list("timeline/a", { limit: 10, newestFirst, ...(after ? { after } : {}) });
        read.push(...idsOf(page));
        if (page.length < 10) break;
      }
      expect(read).toEqual(newestFirst ? [...ids].reverse() : ids);
    }
    expect(await store.records.list("timeline/a", { limit: 1, newestFirst: true })).toEqual([
      { id: "0056", rev: 1, body: { id: "0056" } },
    ]);
    expect(await store.records.list("timeline/none", { limit: 10 })).toEqual([]);
    expect(await store.records.list("timeline/a", { limit: 0 })).toEqual([]);
  });

  it("fills a page although DynamoDB answers at most 1 MB at once", async () => {
    const { store } = stores();
    const ids = ["1", "2", "3", "4", "5", "6", "7"];
    for (const id of ids) await store.records.putIfAbsent({ collection: "large", id }, id.repeat(290_000));
    expect(idsOf(await store.records.list("large", { limit: 100 }))).toEqual(ids);
    expect(idsOf(await store.records.list("large", { limit: 6, newestFirst: true }))).toEqual(ids.slice(1).reverse());
  });

  it.each([Infinity, 1.5, NaN, -1, 2 ** 53])("refuses the limit %s alike, and stays well", async (limit) => {
    const { store } = stores();
    const refused = { code: "bad-limit", retry: "never" };
    await expect(store.records.list("timeline/a", { limit })).rejects.toMatchObject(refused);
    await expect(store.cases.due(1, limit)).rejects.toMatchObject(refused);
    await store.ping();
  });

  it("sorts ids by their UTF-8 bytes", async () => {
    const { store } = stores();
    const ids = ["A", "Z", "a", "ä", "\uFFFD", "😀"];
    for (const id of [...ids].reverse()) await store.records.putIfAbsent({ collection: "sorted", id }, 1);
    expect(idsOf(await store.records.list("sorted", { limit: 10 }))).toEqual(ids);
    expect(idsOf(await store.records.list("sorted", { limit: 10, after: "ä" }))).toEqual(["\uFFFD", "😀"]);
  });
}

function aboutLeases(stores: Stores): void {
  const times = (now: number) => ({ now, leaseMs: 30_000, takeoverMs: 5_000 });

  it("gives a free lease to exactly one of 16 workers, and an expired one too", async () => {
    const { bed, store } = stores();
    const other = await bed.open();
    const race = async (now: number) => {
      const answers = await Promise.all(
        Array.from({ length: writers }, (_, worker) =>
          (worker % 2 ? store : other).leases.acquire("slack", `worker-${now}-${worker}`, times(now)),
        ),
      );
      return answers.filter((lease): lease is Lease => lease !== undefined);
    };
    expect(await race(0)).toMatchObject([{ fence: 1, until: 30_000 }]);
    expect(await race(34_999)).toEqual([]);
    expect(await race(35_000)).toMatchObject([{ fence: 2, until: 65_000 }]);
  });

  it("refuses others while it is held and until the takeover pause is over", async () => {
    const { store } = stores();
    const held = await store.leases.acquire("run/shop", "a", times(0));
    expect(held).toEqual({ name: "run/shop", owner: "a", fence: 1, until: 30_000 });
    expect(await store.leases.acquire("run/shop", "b", times(34_999))).toBeUndefined();
    expect(await store.leases.read("run/shop")).toEqual(held);
    expect(await store.leases.acquire("run/shop", "b", times(35_000))).toMatchObject({ owner: "b", fence: 2 });
  });

  it("renews for its holder only, and the renewed end counts for others", async () => {
    const { store } = stores();
    const held = await store.leases.acquire("run/shop", "a", times(0));
    const renewed = held && (await store.leases.renew(held, { now: 10_000, leaseMs: 30_000 }));
    expect(renewed).toEqual({ name: "run/shop", owner: "a", fence: 1, until: 40_000 });
    expect(await store.leases.acquire("run/shop", "b", times(44_999))).toBeUndefined();
    expect(await store.leases.renew(lease("run/shop", "b", 1), { now: 1, leaseMs: 1 })).toBeUndefined();
    expect(await store.leases.renew(lease("none", "a", 1), { now: 1, leaseMs: 1 })).toBeUndefined();
    expect(await store.leases.read("none")).toBeUndefined();
  });

  it("refuses a stale holder everything: no renewal, no release of its successor", async () => {
    const { store } = stores();
    const stale = await store.leases.acquire("run/shop", "a", times(0));
    const successor = await store.leases.acquire("run/shop", "b", times(35_000));
    if (!stale || !successor) throw new Error("both leases were to be had");
    expect(await store.leases.renew(stale, { now: 36_000, leaseMs: 30_000 })).toBeUndefined();
    await store.leases.release(stale);
    expect(await store.leases.read("run/shop")).toEqual(successor);
    expect(await store.leases.acquire("run/shop", "a", times(36_000))).toBeUndefined();
  });

  it("refuses an owner its own older fence, after somebody else had the lease", async () => {
    const { store } = stores();
    const older = await store.leases.acquire("run/shop", "a", times(0));
    await store.leases.acquire("run/shop", "b", times(35_000));
    const newer = await store.leases.acquire("run/shop", "a", times(70_000));
    if (!older || !newer) throw new Error("both leases were to be had");
    expect(newer.fence).toBe(3);
    expect(await store.leases.renew(older, { now: 71_000, leaseMs: 30_000 })).toBeUndefined();
    await store.leases.release(older);
    expect(await store.leases.read("run/shop")).toEqual(newer);
  });

  it("keeps the fence for the same owner and never repeats one, also after a release", async () => {
    const { store } = stores();
    const first = await store.leases.acquire("run/shop", "a", times(0));
    expect(await store.leases.acquire("run/shop", "a", times(1_000))).toMatchObject({ fence: 1, until: 31_000 });
    if (!first) throw new Error("the lease was free");
    await store.leases.release(first);
    expect(await store.leases.read("run/shop")).toBeUndefined();
    expect(await store.leases.renew(first, { now: 1_500, leaseMs: 1 })).toBeUndefined();
    expect(await store.leases.acquire("run/shop", "b", times(2_000))).toMatchObject({ owner: "b", fence: 2 });
    expect(await store.leases.acquire("run/shop", "a", times(99_000))).toMatchObject({ owner: "a", fence: 3 });
  });
}

function aboutFaults(stores: Stores): void {
  it("says so when the answer to a write was lost, and a reload shows the truth", async () => {
    const { bed, store } = stores();
    let fault: Fault | undefined;
    const shaky = await bed.open({ fault: () => fault });
    await shaky.records.get({ collection: "a", id: "1" });
    fault = "answer lost";
    await expect(shaky.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUncertain);
    await expect(shaky.records.putIfAbsent({ collection: "a", id: "1" }, 1)).rejects.toBeInstanceOf(StoreUncertain);
    await expect(shaky.leases.acquire("slack", "a", { now: 0, leaseMs: 10, takeoverMs: 5 })).rejects.toBeInstanceOf(
      StoreUncertain,
    );
    expect((await store.cases.load(named("shop")))?.rev).toBe(1);
    expect((await store.records.get({ collection: "a", id: "1" }))?.rev).toBe(1);
    fault = undefined;
    expect(await shaky.cases.write(sampleCase("shop"), 0)).toBe("conflict");
    expect(await shaky.leases.acquire("slack", "a", { now: 1, leaseMs: 10, takeoverMs: 5 })).toMatchObject({
      fence: 1,
    });
  });

  it("says so when nothing was taken, and nothing is there", async () => {
    const { bed, store } = stores();
    const cut = await bed.open({ fault: () => "refused" });
    await expect(cut.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(cut.records.putIfAbsent({ collection: "a", id: "1" }, 1)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store.cases.load(named("shop"))).toBeUndefined();
    expect(await store.records.get({ collection: "a", id: "1" })).toBeUndefined();
  });
}

function aboutTransfer(stores: Stores, newBed: () => Promise<ContractBed>): void {
  const times = (now: number) => ({ now, leaseMs: 30_000, takeoverMs: 5_000 });
  const exported = async (store: Store) => {
    const items: ExportItem[] = [];
    for await (const item of store.transfer.exportAll()) items.push(item);
    const nameOf = (item: ExportItem) => JSON.stringify({ ...item, rev: 0, body: "", fence: 0 });
    return items.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
  };
  const openIncident = sampleCase("shop/ü #1", {
    phase: { kind: "proposing", since: 5, proposal: proposal() },
    incident: { id: "shop-1", symptom: "down", openedAt: 1_790_000_000_000 } as unknown as ServiceCase["incident"] &
      object,
    latest: { "alarm/ü": 7 },
    due: 1_790_000_000_123,
  });
  const fill = async (store: Store) => {
    await store.cases.write(openIncident, 0);
    await store.cases.write(sampleCase("quiet"), 0);
    await store.cases.write(sampleCase("quiet", { rev: 2, cardVersion: 3 }), 1);
    await store.cases.write(sampleCase("newer", { schema: 2, due: 9 }), 0);
    await store.records.putIfAbsent({ collection: "timeline/shop", id: "0001" }, { text: "ü🛒" });
    await store.records.putIfAbsent({ collection: "timeline/shop", id: "0002" }, null);
    await store.records.putIfAbsent({ collection: "run/shop", id: "0001" }, { step: 1 });
    await store.records.replace({ collection: "run/shop", id: "0001" }, { step: 2 }, 1);
    await store.leases.acquire("held", "a", times(0));
    await store.leases.acquire("held", "b", times(35_000));
    const given = await store.leases.acquire("given-back", "a", times(0));
    if (given) await store.leases.release(given);
  };

  it("refuses half of a letter in whatever is stored beside a body, before anything is written", async () => {
    const { store } = stores();
    await expect(store.leases.acquire("l", "host\ud800", times(0))).rejects.toMatchObject({ code: "bad-column" });
    const incident = { id: "i\ud800", symptom: "down", openedAt: 1 } as unknown as ServiceCase["incident"] & object;
    await expect(store.cases.write(sampleCase("a", { incident }), 0)).rejects.toMatchObject({ code: "bad-column" });
    await expect(store.cases.write(sampleCase("a", { due: 1e300 }), 0)).rejects.toMatchObject({ code: "bad-column" });
    expect(await exported(store)).toEqual([]);
  });

  it("raises the fence of a lease to the higher of both, so that none is given out twice", async () => {
    const { store } = stores();
    await store.leases.acquire("sender", "a", times(0));
    expect(await store.transfer.importItem({ kind: "lease", name: "sender", fence: 12 })).toBe(true);
    expect(await store.transfer.importItem({ kind: "lease", name: "sender", fence: 5 })).toBe(false);
    expect(await store.leases.acquire("sender", "a", times(1))).toMatchObject({ fence: 13 });
  });

  it("gives new owners fences above the floor of all fences, also after a move and for leases that it knew", async () => {
    const { store } = stores();
    await store.leases.acquire("known", "a", times(0));
    expect(await store.transfer.importItem({ kind: "lease", name: fenceFloorLease, fence: 1_000_007 })).toBe(true);
    expect(await store.leases.acquire("lost", "a", times(0))).toMatchObject({ fence: 1_000_008 });
    expect(await store.leases.acquire("known", "a", times(1))).toMatchObject({ fence: 1 });
    expect(await store.leases.acquire("known", "b", times(36_000))).toMatchObject({ fence: 1_000_008 });
    expect(await store.leases.acquire("known", "a", times(72_000))).toMatchObject({ fence: 1_000_009 });
    expect(await store.leases.read(fenceFloorLease)).toBeUndefined();
    const otherBed = await newBed();
    try {
      const other = await otherBed.open();
      await other.setUp();
      await other.transfer.importItem({ kind: "lease", name: fenceFloorLease, fence: 2_000_000 });
      for (const item of await exported(store)) await other.transfer.importItem(item);
      expect(await other.leases.acquire("lost", "b", times(0))).toMatchObject({ fence: 2_000_001 });
      expect(await other.leases.acquire("another", "b", times(0))).toMatchObject({ fence: 2_000_001 });
    } finally {
      await otherBed.close();
    }
  });

  it("gives nobody the floor of all fences as a lease", async () => {
    const { store } = stores();
    await expect(store.leases.acquire(fenceFloorLease, "a", times(0))).rejects.toMatchObject({ code: "bad-key" });
    expect(await exported(store)).toEqual([]);
  });

  it("goes to another store with open incidents, records, fences and what only a newer program can read", async () => {
    const { store } = stores();
    await fill(store);
    const items = await exported(store);
    expect(items).toHaveLength(8);
    const otherBed = await newBed();
    try {
      const other = await otherBed.open();
      await other.setUp();
      for (const item of items) expect(await other.transfer.importItem(item), JSON.stringify(item)).toBe(true);
      expect(await exported(other)).toEqual(items);
      expect(await other.cases.load(openIncident.service)).toEqual(openIncident);
      expect(await other.cases.load(named("quiet"))).toMatchObject({ rev: 2, cardVersion: 3 });
      await expect(other.cases.load(named("newer"))).rejects.toBeInstanceOf(NewerSchema);
      expect(await other.cases.write(sampleCase("newer", { rev: 2 }), 1)).toBe("conflict");
      expect(await other.cases.due(1_790_000_000_123, 10)).toEqual(["newer", openIncident.service]);
      expect(await other.cases.repair()).toBe(0);
      expect(await other.cases.write(sampleCase("quiet", { rev: 3 }), 2)).toBe("written");
      expect(await other.records.list("timeline/shop", { limit: 10 })).toEqual([
        { id: "0001", rev: 1, body: { text: "ü🛒" } },
        { id: "0002", rev: 1, body: null },
      ]);
      expect(await other.records.replace({ collection: "run/shop", id: "0001" }, { step: 3 }, 2)).toBe(true);
    } finally {
      await otherBed.close();
    }
  });

  it("brings leases without their owner and never gives out a fence again", async () => {
    const { store } = stores();
    await fill(store);
    const otherBed = await newBed();
    try {
      const other = await otherBed.open();
      await other.setUp();
      for (const item of await exported(store)) await other.transfer.importItem(item);
      expect(await other.leases.read("held")).toBeUndefined();
      expect(await other.leases.acquire("held", "c", times(0))).toMatchObject({ owner: "c", fence: 3 });
      expect(await other.leases.acquire("given-back", "a", times(0))).toMatchObject({ owner: "a", fence: 2 });
    } finally {
      await otherBed.close();
    }
  });

  it("leaves alone what stands under the key already", async () => {
    const { store } = stores();
    await fill(store);
    const before = await exported(store);
    const body = JSON.stringify(sampleCase("quiet", { rev: 9 }));
    for (const item of [
      { kind: "case", service: named("quiet"), rev: 9, body },
      { kind: "record", collection: "run/shop", id: "0001", rev: 9, body: "9" },
      { kind: "lease", name: "held", fence: 1 },
      { kind: "lease", name: "given-back", fence: 1 },
    ] as const)
      expect(await store.transfer.importItem(item), JSON.stringify(item)).toBe(false);
    expect(await exported(store)).toEqual(before);
    expect(await store.leases.read("held")).toMatchObject({ owner: "b", fence: 2 });
  });

  it.each([
    ["an incident that is null", { schema: 99, incident: null }, "bad-column"],
    ["an incident that is a word", { schema: 99, incident: "i-1" }, "bad-column"],
    ["a due time beyond what is counted exactly", { schema: 99, due: 1e300 }, "bad-column"],
    ["a schema that is no whole number", { schema: 99.5 }, "bad-column"],
    ["half of a letter in its pattern", { schema: 99, pattern: "\ud800" }, "bad-column"],
    ["no schema", {}, "corrupt-item"],
    ["another revision than its body", { schema: 99, rev: 4 }, "corrupt-item"],
    ["another service than its body", { schema: 99, service: "web" }, "corrupt-item"],
  ])("refuses an imported case with %s, and writes nothing", async (_what, extra, code) => {
    const { store } = stores();
    const body = JSON.stringify({ service: "shop", rev: 3, ...extra });
    const item = { kind: "case", service: named("shop"), rev: 3, body } as const;
    await expect(store.transfer.importItem(item)).rejects.toMatchObject({ code });
    expect(await exported(store)).toEqual([]);
  });

  it.each<[string, ExportItem, string]>([
    ["a case whose body is not JSON", { kind: "case", service: named("shop"), rev: 3, body: "{" }, "corrupt-item"],
    [
      "a record whose body is not JSON",
      { kind: "record", collection: "mail", id: "1", rev: 2, body: "{" },
      "corrupt-item",
    ],
    ["a record at revision 0", { kind: "record", collection: "mail", id: "1", rev: 0, body: "1" }, "corrupt-item"],
    [
      "a record that looks like a lease",
      { kind: "record", collection: "lease#a", id: "lease", rev: 1, body: "1" },
      "bad-key",
    ],
    ["a lease whose fence is half a number", { kind: "lease", name: "sender", fence: 1.5 }, "corrupt-item"],
    ["a lease whose fence is below 0", { kind: "lease", name: "sender", fence: -1 }, "corrupt-item"],
    [
      "a case without a service",
      { kind: "case", service: named(""), rev: 3, body: '{"service":"","rev":3,"schema":99}' },
      "corrupt-item",
    ],
    ["a lease without a name", { kind: "lease", name: "", fence: 1 }, "corrupt-item"],
  ])("refuses %s, and writes nothing", async (_what, item, code) => {
    const { store } = stores();
    await expect(store.transfer.importItem(item)).rejects.toMatchObject({ code });
    expect(await exported(store)).toEqual([]);
  });

  it("keeps every letter of a body, also of one that it would write differently", async () => {
    const { store } = stores();
    const item = { kind: "record", collection: "odd", id: "1", rev: 4, body: ' { "b" : 1, "a": "\\u00fc" } ' } as const;
    expect(await store.transfer.importItem(item)).toBe(true);
    expect(await exported(store)).toEqual([item]);
    expect(await store.records.get({ collection: "odd", id: "1" })).toEqual({
      id: "1",
      rev: 4,
      body: { b: 1, a: "ü" },
    });
  });
}

function lease(name: string, owner: string, fence: number): Lease {
  return { name, owner, fence, until: 0 };
}

/** Deep and typical; the store does not look at it, so that a new field of the core does not concern this file. */
function proposal(): Proposal {
  const offered = { number: 1, recovery: "restart", rung: 0, mode: "auto", vetoMs: 300_000, approvals: [{ at: 1 }] };
  return offered as unknown as Proposal;
}
