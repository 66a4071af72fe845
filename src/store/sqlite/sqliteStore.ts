/** The store's ports on one open database. */
import type { Store } from "../../ports/store.ts";
import { sqliteCases } from "./cases.ts";
import type { SqliteCasesOptions } from "./cases.ts";
import type { SqliteDatabase } from "./database.ts";
import { sqliteLeases } from "./leases.ts";
import { sqliteRecords } from "./records.ts";
import { sqliteTransfer } from "./transfer.ts";

export function sqliteStore(database: SqliteDatabase, options: SqliteCasesOptions): Store {
  return {
    cases: sqliteCases(database, options),
    records: sqliteRecords(database),
    leases: sqliteLeases(database),
    transfer: sqliteTransfer(database),
    // The tables stand since it was opened.
    setUp: async () => undefined,
    ping: () => database.ping(),
    close: () => database.close(),
  };
}
