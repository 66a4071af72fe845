/** A small data folder as a killed bot leaves it, and what must be in it; the tests of damage break copies of it. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExportItem } from "../../src/ports/store.ts";
import { emptyLog } from "../../src/store/sqlite/checkpoints.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import { sqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { exportFrom } from "../../src/store/sqlite/transfer.ts";
import { silentLog } from "../../src/ports/log.ts";
import { sampleCase, named } from "./sampleCase.ts";
import { databaseIn } from "./sqliteBed.ts";

export interface Prepared {
  /** Cleanly closed: everything is in the database. */
  readonly closed: string;
  /** Killed: a part is only in the log. */
  readonly killed: string;
  /** The database of `killed` as it was before its last writes. */
  readonly older: string;
  /** By what each names. */
  readonly expected: Map<string, string>;
}

const services = 24;

/** Folders below `root`. Bodies of 1 to 9 KB, so that some take several pages. */
export async function preparedFolders(root: string): Promise<Prepared> {
  const [live, closed, killed] = ["live", "closed", "killed"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(live);
  const database = databaseIn(live);
  const store = sqliteStore(database, { log: silentLog });
  const seen = (at: number) => [{ key: "x".repeat(1000 + (at % 3) * 4000), at }];
  const write = (at: number, rev: number) =>
    store.cases.write(
      sampleCase(`service-${at}`, { rev, seen: seen(at), ...(at % 2 ? { due: 1000 * rev + at } : {}) }),
      rev - 1,
    );
  for (let at = 0; at < services; at += 1) {
    await write(at, 1);
    await store.records.putIfAbsent({ collection: `timeline/${at}`, id: "0001" }, "y".repeat(at * 300));
  }
  await store.leases.acquire("slack", "a", { now: 0, leaseMs: 10, takeoverMs: 5 });
  const older = join(root, "older.db");
  emptyLog(openConnection(database.files.database, "write"));
  copyFileSync(database.files.database, older);
  // From here on only in the log: one commit each.
  for (let at = 0; at < services; at += 2) await write(at, 2);
  await store.cases.remove(named("service-3"));
  await store.records.putIfAbsent({ collection: "timeline/late", id: "0001" }, "late");
  await store.leases.acquire("slack", "b", { now: 100, leaseMs: 10, takeoverMs: 5 });
  copied(live, killed);
  const expected = await itemsIn(database.files.database);
  await store.close();
  copied(live, closed);
  return { closed, killed, older, expected };
}

/** Without what belongs to a running process. */
export function copied(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) if (!name.endsWith("-shm")) copyFileSync(join(from, name), join(to, name));
  return to;
}

export async function itemsIn(path: string): Promise<Map<string, string>> {
  const items = new Map<string, string>();
  for await (const item of exportFrom(path)) items.set(nameOf(item), JSON.stringify(item));
  return items;
}

/** As reports name it. */
export function nameOf(item: ExportItem): string {
  if (item.kind === "case") return `case "${item.service}"`;
  return item.kind === "record" ? `record "${item.id}" of "${item.collection}"` : `lease "${item.name}"`;
}

/** With 0x80, letters become bytes that are no UTF-8. */
export function flip(file: string, at: number, bits = 0x55): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ bits;
  writeFileSync(file, bytes);
}

export function cut(file: string, bytes: number): void {
  writeFileSync(file, readFileSync(file).subarray(0, bytes));
}
