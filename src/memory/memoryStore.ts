/** The store in memory: the same answers as DynamoDB, deterministic, with a place to inject faults. For simulation and sandbox. */
import { assertNextRevision, readCase } from "../domain/caseSchema.ts";
import type { Upgrade } from "../domain/caseSchema.ts";
import { caseSchema } from "../domain/serviceCase.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import {
  assertCaseColumns,
  assertCaseFits,
  assertLimit,
  assertRecordFits,
  assertRecordKey,
} from "../domain/storedSize.ts";
import type { ServiceName } from "../domain/words.ts";
import { NewerSchema } from "../ports/store.ts";
import type { Cases, RecordKey, Records, Store, StoredRecord } from "../ports/store.ts";
import { memoryLeases } from "./memoryLeases.ts";
import { memoryTransfer } from "./memoryTransfer.ts";
import { bodyOf, byUtf8, caseReading, memoryTable } from "./memoryTable.ts";
import type { MemoryTable, StoredBody, StoredCase } from "./memoryTable.ts";

export type StoreOperation =
  | `cases.${"load" | "write" | "due" | "all" | "repair" | "remove"}`
  | `records.${"get" | "putIfAbsent" | "replace" | "list" | "remove"}`
  | `leases.${"acquire" | "renew" | "release" | "read"}`
  | "ping";

/**
 * May wait and may throw. Before: nothing has happened (StoreUnavailable, a worker killed). After: it has happened and the
 * answer is lost (StoreUncertain, a worker killed).
 */
export interface StoreFaults {
  beforeCall?(operation: StoreOperation, key: string): void | Promise<void>;
  afterCall?(operation: StoreOperation, key: string): void | Promise<void>;
}

export interface MemoryStoreOptions {
  readonly faults?: StoreFaults;
  /** Shared by the stores of several workers; absent = a table of its own. */
  readonly table?: MemoryTable;
  readonly upgrades?: Readonly<Record<number, Upgrade>>;
  /** What is read of an item is made once, for all readers, none of whom may change it. Absent: each reader gets its own. */
  readonly sharesReadings?: boolean;
}

export type Call = <T>(operation: StoreOperation, key: string, work: () => T) => Promise<T>;

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const table = options.table ?? memoryTable();
  const { faults } = options;
  // Whoever has nothing to say about a call answers at once: it then costs no further turn of the promise queue.
  const call: Call = async (operation, key, work) => {
    const before = faults?.beforeCall?.(operation, key);
    if (before) await before;
    const answer = work();
    const after = faults?.afterCall?.(operation, key);
    if (after) await after;
    return answer;
  };
  return {
    cases: memoryCases(table, call, options),
    records: memoryRecords(table, call, options),
    leases: memoryLeases(table, call),
    transfer: memoryTransfer(table),
    setUp: async () => undefined,
    ping: () => call("ping", "", () => undefined),
    close: async () => undefined,
  };
}

function memoryCases(table: MemoryTable, call: Call, { upgrades, sharesReadings }: MemoryStoreOptions): Cases {
  // What other upgrades make of an item is nobody else's reading of it.
  const read = (service: string, stored: StoredCase) =>
    upgrades === undefined && sharesReadings === true
      ? caseReading(service, stored)
      : readCase(`case "${service}"`, stored.body, upgrades);
  return {
    load: (service) =>
      call("cases.load", service, () => {
        const stored = table.cases.get(service);
        if (!stored) return undefined;
        const reading = read(service, stored);
        if (reading.kind === "newer") throw new NewerSchema(`case "${service}"`, reading.schema, caseSchema);
        return reading.current;
      }),
    write: (next, expectedRev) =>
      call("cases.write", next.service, () => {
        const body = JSON.stringify(next);
        assertNextRevision(next, expectedRev);
        assertCaseFits(next.service, body);
        assertCaseColumns(next.service, next);
        const stored = table.cases.get(next.service);
        if ((stored?.rev ?? 0) !== expectedRev || (stored?.schema ?? 0) > caseSchema) return "conflict" as const;
        const due = next.due === undefined ? {} : { due: next.due };
        table.cases.set(next.service, { rev: next.rev, schema: next.schema, body, ...due });
        return "written" as const;
      }),
    due: (now, limit) =>
      call("cases.due", "", () => {
        assertLimit(limit);
        const found: { readonly service: string; readonly due: number }[] = [];
        for (const [service, { due }] of table.cases) if (due !== undefined && due <= now) found.push({ service, due });
        if (found.length > 1) found.sort((left, right) => left.due - right.due || byUtf8(left.service, right.service));
        return found.slice(0, limit).map(({ service }) => service as ServiceName);
      }),
    all: () => allCases(table, call, read),
    repair: () => call("cases.repair", "", () => 0),
    remove: (service) => call("cases.remove", service, () => void table.cases.delete(service)),
  };
}

async function* allCases(
  table: MemoryTable,
  call: Call,
  read: (service: string, stored: StoredCase) => ReturnType<typeof readCase>,
): AsyncGenerator<ServiceCase> {
  const page = await call("cases.all", "", () => [...table.cases].sort(([left], [right]) => byUtf8(left, right)));
  for (const [service, stored] of page) {
    const reading = read(service, stored);
    if (reading.kind === "case") yield reading.current;
  }
}

function memoryRecords(table: MemoryTable, call: Call, { sharesReadings }: MemoryStoreOptions): Records {
  const asRecord = <T>(id: string, stored: StoredBody): StoredRecord<T> => ({
    id,
    rev: stored.rev,
    body: sharesReadings === true ? bodyOf<T>(stored) : (JSON.parse(stored.body) as T),
  });
  const within = (collection: string) => table.records.get(collection);
  const named = ({ collection, id }: RecordKey) => `${collection}/${id}`;
  const moved = (collection: string) => void table.versions.set(collection, (table.versions.get(collection) ?? 0) + 1);
  const store = ({ collection, id }: RecordKey, stored: StoredBody) => {
    moved(collection);
    const records = within(collection) ?? new Map<string, StoredBody>();
    table.records.set(collection, records.set(id, stored));
  };
  const textOf = (key: RecordKey, body: unknown) => {
    assertRecordKey(key.collection, key.id);
    // A record without a body is one whose body is null: JSON has no undefined.
    const text = JSON.stringify(body ?? null);
    assertRecordFits(key.collection, key.id, text);
    return text;
  };
  return {
    get: <T>(key: RecordKey) =>
      call("records.get", named(key), () => {
        const stored = within(key.collection)?.get(key.id);
        return stored && asRecord<T>(key.id, stored);
      }),
    putIfAbsent: (key, body) =>
      call("records.putIfAbsent", named(key), () => {
        const text = textOf(key, body);
        if (within(key.collection)?.has(key.id)) return false;
        store(key, { rev: 1, body: text });
        return true;
      }),
    replace: (key, body, rev) =>
      call("records.replace", named(key), () => {
        const text = textOf(key, body);
        if (within(key.collection)?.get(key.id)?.rev !== rev) return false;
        store(key, { rev: rev + 1, body: text });
        return true;
      }),
    list: <T>(collection: string, { limit, after, newestFirst }: Parameters<Records["list"]>[1]) =>
      call("records.list", collection, () => {
        assertLimit(limit);
        const direction = newestFirst ? -1 : 1;
        const records = within(collection);
        if (records === undefined) return [];
        return [...records]
          .filter(([id]) => !after || byUtf8(id, after) * direction > 0)
          .sort(([left], [right]) => byUtf8(left, right) * direction)
          .slice(0, limit)
          .map(([id, stored]) => asRecord<T>(id, stored));
      }),
    remove: (key) =>
      call("records.remove", named(key), () => {
        moved(key.collection);
        within(key.collection)?.delete(key.id);
      }),
  };
}
