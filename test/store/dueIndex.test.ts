import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { openConnection } from "../../src/store/sqlite/connection.ts";
import { sampleCase } from "./sampleCase.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "medic-due-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** An index that lacks all entries, which only damage makes: it is taken for one of no rows, filled, and taken back. */
function emptyIndex(): void {
  const sql = openConnection(join(dir, "medic.db"), "write");
  const change = (from: string, to: string) =>
    sql.exec(`PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(sql, '${from}', '${to}') WHERE name = 'cases_due';
      PRAGMA writable_schema = RESET`);
  change("due IS NOT NULL", "due < -1");
  sql.exec("REINDEX cases_due");
  change("due < -1", "due IS NOT NULL");
  sql.get("PRAGMA wal_checkpoint(TRUNCATE)");
  sql.close();
}

it("is made anew at the start when it does not say what the cases say, and this is noted", async () => {
  const store = await embeddedStore({ dir });
  for (let at = 0; at < 5; at += 1) await store.cases.write(sampleCase(`service-${at}`, { due: at }), 0);
  await store.close();
  emptyIndex();
  const notes: unknown[] = [];
  const note = (_: string, fields?: unknown) => void notes.push(fields);
  const again = await embeddedStore({ dir, log: { info: note, warn: note, error: note } });
  expect(notes).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/due index differs in 5/) as string }),
  ]);
  expect(await again.cases.due(10, 10)).toHaveLength(5);
  await again.close();
});

it("is mended in a running store by repair, which says how much was wrong", async () => {
  const store = await embeddedStore({ dir });
  for (let at = 0; at < 5; at += 1) await store.cases.write(sampleCase(`service-${at}`, { due: at }), 0);
  emptyIndex();
  expect(await store.cases.due(10, 10)).toEqual([]);
  expect(await store.cases.repair()).toBe(5);
  expect(await store.cases.due(10, 10)).toHaveLength(5);
  expect(await store.cases.repair()).toBe(0);
  await store.close();
});
