import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { caseRow } from "../../src/store/sqlite/cases.ts";
import { changing } from "../../src/store/sqlite/changes.ts";
import { createDatabase } from "../../src/store/sqlite/creating.ts";
import { filesIn } from "../../src/store/sqlite/folder.ts";
import { openForWriting } from "../../src/store/sqlite/opening.ts";
import { sampleCase } from "./sampleCase.ts";

/** `npm run bench -- --only store` plays 100,000; what a start costs grows with the number and nothing else. */
const services = 20_000;
const dir = mkdtempSync(join(tmpdir(), "medic-many-"));

beforeAll(() => {
  const files = filesIn(dir);
  createDatabase(files, { now: 1 });
  const sql = openForWriting(files);
  sql.exec("BEGIN");
  const change = changing(sql);
  for (let at = 0; at < services; at += 1) {
    const current = sampleCase(`service-${at}`, at % 10 ? {} : { due: at });
    change.insert("cases", caseRow(current, JSON.stringify(current)));
  }
  change.account();
  sql.exec("COMMIT");
  sql.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

it("starts with many services within seconds, checked, and asks for due ones without reading the others", async () => {
  const start = process.cpuUsage();
  const store = await embeddedStore({ dir });
  // Measured: 0.5 s of CPU; five times that is a fault and not a slow machine.
  expect(cpuMs(start)).toBeLessThan(2_500);
  const asking = process.cpuUsage();
  for (let at = 0; at < 200; at += 1) expect(await store.cases.due(at * 10, 5)).toHaveLength(Math.min(5, at + 1));
  // Measured: 0.1 ms each; to read 20,000 rows for each would take 20 ms.
  expect(cpuMs(asking) / 200).toBeLessThan(2);
  expect(await store.check()).toMatchObject({ whole: true, cases: services });
  await store.close();
});
