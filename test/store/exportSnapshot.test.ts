import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { silentLog } from "../../src/ports/log.ts";
import { sqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { exportFrom } from "../../src/store/sqlite/transfer.ts";
import { databaseIn } from "./sqliteBed.ts";
import { sampleCase } from "./sampleCase.ts";

it("exports one moment: what is written after its first item is not in it", async () => {
  const dir = mkdtempSync(join(tmpdir(), "medic-snapshot-"));
  const database = databaseIn(dir);
  const store = sqliteStore(database, { log: silentLog });
  await store.cases.write(sampleCase("shop"), 0);
  await store.records.putIfAbsent({ collection: "timeline/shop", id: "1" }, 1);
  const kinds: string[] = [];
  for await (const item of exportFrom(database.files.database)) {
    if (kinds.length === 0) {
      await store.records.putIfAbsent({ collection: "timeline/shop", id: "2" }, 2);
      await store.leases.acquire("sender", "a", { now: 0, leaseMs: 1, takeoverMs: 0 });
    }
    kinds.push(item.kind);
  }
  expect(kinds).toEqual(["case", "record"]);
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});
