import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/ports/store.ts";
import { silentLog } from "../../src/ports/log.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { openStore } from "../../src/store/openStore.ts";
import { named, sampleCase } from "./sampleCase.ts";

const writer = fileURLToPath(new URL("./embeddedWriter.ts", import.meta.url));

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "medic-embedded-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function startWriter(round: number): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", writer, dir, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What the writer said was answered, until it was killed after so many answers. */
async function writtenUntilKilled(child: ChildProcess, answersMin: number): Promise<string[]> {
  if (!child.stdout) throw new Error("the writer has no stdout");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === answersMin) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  return said;
}

describe("the embedded store", () => {
  it(
    "loses nothing that was answered when its process is killed under load, and mends its index",
    { timeout: 60_000 },
    async () => {
      for (const [round, answers] of [120, 251, 397].entries()) {
        const said = await writtenUntilKilled(startWriter(round), answers);
        expect(said.length).toBeGreaterThanOrEqual(answers);
        const store = await embeddedStore({ dir });
        await store.cases.repair();
        expect(await store.cases.repair()).toBe(0);
        const lastRev = new Map<string, number>();
        const records: string[] = [];
        for (const line of said) {
          const [kind, first = "", second = ""] = line.split(" ");
          if (kind === "case") lastRev.set(first, Number(second));
          if (kind === "record") records.push(second);
        }
        const stored = await store.records.list(`timeline/${round}`, { limit: 100_000 });
        expect(stored.map(({ id }) => id)).toEqual(expect.arrayContaining(records));
        expect(records.length).toBeGreaterThan(0);
        expect(lastRev.size).toBeGreaterThan(0);
        for (const [service, rev] of lastRev)
          expect((await store.cases.load(named(service)))?.rev).toBeGreaterThanOrEqual(rev);
        await expectWholeIndex(store);
        await store.close();
      }
    },
  );

  it("refuses a second process and names the first, and is free again once that is killed", async () => {
    const child = startWriter(0);
    if (!child.stdout) throw new Error("the writer has no stdout");
    await once(child.stdout, "data");
    const refused = embeddedStore({ dir });
    await expect(refused).rejects.toMatchObject({
      code: "data-in-use",
      next: expect.stringContaining("MEDIC_DATA_DIR") as string,
    });
    await expect(refused).rejects.toThrow(`already in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    const store = await embeddedStore({ dir });
    await store.close();
  });

  it("refuses a second opening in the same process, and is free again after close", async () => {
    const first = await embeddedStore({ dir, pid: 4242 });
    await expect(embeddedStore({ dir })).rejects.toThrow("already in use by process 4242");
    await first.close();
    await (await embeddedStore({ dir })).close();
  });

  it("lets exactly one of five openings at once in, whatever a dead process left behind", async () => {
    await writeFile(join(dir, "medic.pid"), "1\n");
    const opened = await Promise.allSettled(Array.from({ length: 5 }, () => embeddedStore({ dir })));
    const stores = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(stores).toHaveLength(1);
    expect(await readFile(join(dir, "medic.pid"), "utf8")).toBe(`${process.pid}\n`);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("finishes what is under way when it is closed, and refuses what comes later", async () => {
    const store = await embeddedStore({ dir });
    const writes = Array.from({ length: 50 }, (_, at) => store.cases.write(sampleCase(`service-${at}`), 0));
    await Promise.all([store.close(), ...writes.map((write) => write.catch(() => undefined))]);
    const answers = await Promise.allSettled(writes);
    await expect(store.cases.write(sampleCase("late"), 0)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    const again = await embeddedStore({ dir });
    for (const [at, answer] of answers.entries())
      if (answer.status === "fulfilled")
        expect((await again.cases.load(named(`service-${at}`)))?.rev, `service-${at}`).toBe(1);
      else expect(answer.reason).toBeInstanceOf(StoreUnavailable);
    await again.close();
  });

  it("says what is wrong with a folder that cannot be used", async () => {
    await writeFile(join(dir, "file"), "");
    await expect(embeddedStore({ dir: join(dir, "file") })).rejects.toMatchObject({ code: "data-unusable" });
  });

  it("is what openStore gives without a table, in a sentence that says what it survives", async () => {
    const store = await openStore({ region: "eu-west-1", dataDir: dir, log: silentLog });
    expect(store.description).toMatch(/embedded store \(SQLite\) in .*survives a crash, a power cut and a full disk/);
    await store.cases.write(sampleCase("shop"), 0);
    await store.close();
    const again = await openStore({ table: "", region: "eu-west-1", dataDir: dir, log: silentLog });
    expect((await again.cases.load(named("shop")))?.rev).toBe(1);
    await again.close();
  });
});

/** Every case that has a due time stands in the index with it, and nothing else does. */
async function expectWholeIndex(store: Awaited<ReturnType<typeof embeddedStore>>): Promise<void> {
  const due: { service: string; due: number }[] = [];
  for await (const current of store.cases.all())
    if (current.due !== undefined) due.push({ service: current.service, due: current.due });
  const expected = due
    .sort(
      (left, right) => left.due - right.due || Buffer.compare(Buffer.from(left.service), Buffer.from(right.service)),
    )
    .map(({ service }) => service);
  expect(await store.cases.due(Number.MAX_SAFE_INTEGER, 10_000)).toEqual(expected);
}
