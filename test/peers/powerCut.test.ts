/**
 * The power goes while the embedded store writes: at every sync and at many moments between, whatever had not been synced is there
 * in part, in whole or not at all. The store must open on each such disk by itself and hold all that was answered.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSeededRandom, type SeededRandom } from "../../src/memory/seededRandom.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Store } from "../../src/ports/store.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { disk } from "./diskImage.ts";
import { compilerSuite, faultLayer, readFaultLog, type FaultLayer, type FaultLine } from "./faultLayer.ts";
import { bodyOf, caseOf, recordsOf } from "./powerCutWrites.ts";
import { run } from "./programs.ts";

const writer = fileURLToPath(new URL("./powerCutWriter.ts", import.meta.url));
const seed = Number(process.env["POWER_CUT_SEED"] ?? 1);

/** What the writer had asked for and had been answered when the power went; the value is the revision (fence) of the key. */
interface Told {
  readonly asked: Map<string, number>;
  readonly answered: Map<string, number>;
}

function hear({ asked, answered }: Told, mark: string): void {
  for (const line of mark.trim().split("\n")) {
    const [said, kind, ...parts] = line.split(" ");
    if (said === "closed") continue;
    const key = [kind, ...parts.slice(0, -1)].join(" ");
    (said === "ok" ? answered : asked).set(key, Number(parts.at(-1)));
  }
}

/** One sentence for each thing that is not as it must be. */
async function faultsOf(store: Store, { asked, answered }: Told): Promise<string[]> {
  const faults: string[] = [];
  const found = new Map<string, number>();
  const judge = (key: string, rev: number, isAsWritten: boolean) => {
    found.set(key, rev);
    if (rev > (asked.get(key) ?? 0)) faults.push(`${key} is at ${rev}, which nobody asked for`);
    if (!isAsWritten) faults.push(`${key} at ${rev} is not as it was written`);
  };
  const services = new Set<string>();
  for (const key of asked.keys()) if (key.startsWith("case ")) services.add(key.slice(5));
  for await (const current of store.cases.all()) {
    const isAsWritten = JSON.stringify(current) === JSON.stringify(caseOf(current.service, current.rev));
    judge(`case ${current.service}`, current.rev, isAsWritten);
  }
  for (const service of services) {
    for (const { id, rev, body } of await store.records.list(recordsOf(service), { limit: 100_000 })) {
      const isAsWritten = JSON.stringify(body) === JSON.stringify(bodyOf(service, Number(id), rev));
      judge(`record ${service} ${Number(id)}`, rev, isAsWritten);
    }
  }
  for (const key of asked.keys()) {
    const lease = key.startsWith("lease ") ? await store.leases.read(key.slice(6)) : undefined;
    if (lease) judge(key, lease.fence, lease.owner === `owner-${lease.fence}`);
  }
  for (const [key, rev] of answered)
    if ((found.get(key) ?? 0) < rev)
      faults.push(`${key} was answered at ${rev} and is at ${found.get(key) ?? "nothing"}`);
  const due = await store.cases.due(Number.MAX_SAFE_INTEGER, 10_000);
  for (const service of due) if (!found.has(`case ${service}`)) faults.push(`${service} is due and has no case`);
  return faults;
}

/** Every line after which the power goes: around each sync, and one in `spacing` of the others. */
function cutsOf(lines: readonly FaultLine[], random: SeededRandom, betweenMax: number): ReadonlySet<number> {
  const isSync = (at: number) => lines[at]?.kind === "sync" || lines[at]?.kind === "syncFolder";
  const cuts = new Set<number>();
  for (const at of lines.keys()) if (isSync(at) || isSync(at + 1)) cuts.add(at);
  for (let drawn = 0; drawn < betweenMax; drawn += 1) cuts.add(random.int(0, lines.length - 1));
  return cuts;
}

let folder: string;
let layer: FaultLayer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "medic-power-"));
  layer = faultLayer();
});
afterEach(() => {
  layer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that the writer's disk saw. */
async function recorded(writes: number): Promise<FaultLine[]> {
  const dir = join(folder, "live");
  const child = run(
    process.execPath,
    ["--import", "tsx", writer, dir, layer.marksPath, String(writes)],
    layer.env(folder),
  );
  if ((await child.ended) !== 0) throw new Error(`the writer failed:\n${child.printed()}`);
  return readFaultLog(layer.logPath);
}

interface Outcome {
  readonly images: number;
  readonly answered: number;
  readonly faults: readonly string[];
}

async function powerCuts(lines: readonly FaultLine[], betweenMax: number): Promise<Outcome> {
  const random = createSeededRandom(seed);
  const cuts = cutsOf(lines, random.fork("cuts"), betweenMax);
  const chance = random.fork("sectors");
  const told: Told = { asked: new Map(), answered: new Map() };
  const machine = disk();
  const faults: string[] = [];
  let images = 0;
  for (const [at, line] of lines.entries()) {
    machine.apply(line);
    if (line.kind === "mark") hear(told, line.text);
    if (!cuts.has(at)) continue;
    images += 1;
    const image = join(folder, "image");
    machine.cutInto(image, () => chance.next(), chance.pick([0, 0.1, 0.5, 0.9, 1]));
    for (const fault of await faultsAfter(join(image, "live"), told))
      faults.push(`power cut after call ${at}: ${fault}`);
  }
  return { images, answered: told.answered.size, faults };
}

async function faultsAfter(dir: string, told: Told): Promise<string[]> {
  const alarms: string[] = [];
  const alarm = (code: string) => void alarms.push(`the store said ${code}`);
  const log: Log = { info: () => undefined, warn: alarm, error: alarm };
  try {
    const store = await embeddedStore({ dir, log });
    const faults = await faultsOf(store, told);
    await store.close();
    return [...alarms, ...faults];
  } catch (error) {
    return [...alarms, `the store does not open: ${String(error)}`];
  }
}

compilerSuite("a power cut under the embedded store", () => {
  test(`opens by itself and holds all that was answered, wherever the power went (seed ${seed})`, async () => {
    layer.control.set({ skipSync: 1 });
    const lines = await recorded(600);
    const { images, answered, faults } = await powerCuts(lines, 120);
    expect(faults.slice(0, 10)).toEqual([]);
    expect(images).toBeGreaterThan(150);
    expect(answered).toBeGreaterThan(200);
  });

  test("the same without syncs loses what was answered: this test can fail", async () => {
    layer.control.set({ loseSync: 1 });
    const { faults } = await powerCuts(await recorded(120), 40);
    expect(faults.filter((fault) => fault.includes("was answered at")).length).toBeGreaterThan(0);
  });
});
