/**
 * The embedded store beside dynalite, which it replaced: the same writes on the same disk in one run. dynalite never asks the disk to keep
 * anything (no fsync), so that its numbers are of writes that a power cut loses; what a disk takes for one fsync is said first.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import dynalite from "dynalite";
import type { Store } from "../src/ports/store.ts";
import { dynamoClient } from "../src/store/dynamoClient.ts";
import { dynamoStore } from "../src/store/dynamoStore.ts";
import { embeddedStore } from "../src/store/embeddedStore.ts";
import { caseOfBytes } from "../test/store/sampleCase.ts";
import { median, nowMs, pause, percentile, say } from "./numbers.ts";

export interface StorePlan {
  /** Writes one after the other, then the same number by 50 writers at once. */
  readonly writes: number;
  /** In the store when a start is measured. */
  readonly services: number;
}

/** A case in the middle of an incident. */
const caseBytes = 3_000;
const writersAtOnce = 50;
const pacedPerSecond = 100;

export async function measureStore(plan: StorePlan): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "medic-bench-store-"));
  try {
    sayFsync(root);
    await measureOne("sqlite", await embeddedStore({ dir: join(root, "sqlite") }), plan);
    const before = await openDynalite(join(root, "dynalite"));
    await measureOne("dynalite", before.store, plan);
    await before.close();
    await measureStartOf(join(root, "many"), plan.services);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function sayFsync(root: string): void {
  const handle = openSync(join(root, "fsync"), "w");
  const took = Array.from({ length: 100 }, () => {
    const from = nowMs();
    writeSync(handle, Buffer.alloc(4096), 0, 4096, 0);
    fsyncSync(handle);
    return nowMs() - from;
  });
  closeSync(handle);
  say("store.fsync.p50", median(took), "ms, 4 KB written and synced", { p99: percentile(took, 0.99) });
}

async function openDynalite(path: string): Promise<{ store: Store; close(): Promise<void> }> {
  const server = dynalite({ path, createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const store = dynamoStore({ client: dynamoClient({ region: "local", endpoint, credentials }), table: "medic" });
  await store.setUp();
  const close = async () => {
    await store.close();
    server.close();
  };
  return { store, close };
}

async function measureOne(name: string, store: Store, plan: StorePlan): Promise<void> {
  await inTurn(`store.${name}.single`, 1, { store, writes: plan.writes });
  await inTurn(`store.${name}.grouped`, writersAtOnce, { store, writes: plan.writes * 4 });
  await paced(`store.${name}`, store);
  await store.close();
}

/** Several writers, each its own service, each waiting for its answer before its next write. */
async function inTurn(
  name: string,
  writers: number,
  { store, writes }: { store: Store; writes: number },
): Promise<void> {
  const took: number[] = [];
  const each = Math.ceil(writes / writers);
  const cpu = process.cpuUsage();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const from = nowMs();
  const write = async (writer: number) => {
    for (let rev = 1; rev <= each; rev += 1) {
      const began = nowMs();
      const next = { ...caseOfBytes(`${name}-${writer}`, caseBytes), rev, due: rev };
      if ((await store.cases.write(next, rev - 1)) !== "written") throw new Error("nobody else writes here");
      took.push(nowMs() - began);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const ms = nowMs() - from;
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  say(name, (took.length * 1000) / ms, `writes of ${caseBytes} bytes a second, ${writers} at once`, {
    p50Ms: median(took),
    p99Ms: percentile(took, 0.99),
    cpuMsPerWrite: (user + system) / 1000 / took.length,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    loopDelayMaxMs: delay.max / 1e6,
  });
}

/** As a bot in a storm writes: what the event loop, and with it Slack, waits for the disk. */
async function paced(name: string, store: Store): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const pending: Promise<unknown>[] = [];
  delay.enable();
  for (let at = 0; at < pacedPerSecond * 5; at += 1) {
    const key = { collection: `${name}/paced`, id: String(at).padStart(6, "0") };
    pending.push(store.records.putIfAbsent(key, "x".repeat(caseBytes)));
    await pause(1000 / pacedPerSecond);
  }
  delay.disable();
  await Promise.all(pending);
  say(
    `${name}.loop`,
    delay.percentile(99) / 1e6,
    `ms p99 that the event loop waits, ${pacedPerSecond} writes a second`,
    {
      p50Ms: delay.percentile(50) / 1e6,
      maxMs: delay.max / 1e6,
    },
  );
}

async function measureStartOf(dir: string, services: number): Promise<void> {
  const store = await embeddedStore({ dir });
  const from = nowMs();
  const atOnce = 1_000;
  for (let first = 0; first < services; first += atOnce) {
    const names = Array.from({ length: Math.min(atOnce, services - first) }, (_, at) => `service-${first + at}`);
    await Promise.all(
      names.map((name, at) => store.cases.write({ ...caseOfBytes(name, 1_500), ...(at % 10 ? {} : { due: at }) }, 0)),
    );
  }
  say("store.sqlite.fill", nowMs() - from, `ms to write ${services} services, ${atOnce} at once`);
  await store.close();
  const script = fileURLToPath(new URL("storeStart.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, dir], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
  await once(child, "close");
  const start = JSON.parse(printed) as Record<string, number>;
  const bytes = statSync(join(dir, "medic.db")).size;
  say("store.sqlite.start", start["openMs"] ?? null, `ms until open and checked, ${services} services`, {
    ...start,
    bytes,
  });
}
