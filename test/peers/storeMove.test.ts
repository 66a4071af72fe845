/** The way from one machine to many and back: the commands as processes, between an embedded store and a table of DynamoDB Local. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Store } from "../../src/ports/store.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { runMedic } from "../cli/runMedic.ts";
import { testCredentials } from "../store/dynamoBed.ts";
import { sampleCase } from "../store/sampleCase.ts";
import { dynamoDbLocalInstall, hasDynamoDbLocal, startDynamoDbLocal, type DynamoDbLocal } from "./dynamodbLocal.ts";
import { requirePeer } from "./peer.ts";

const withDynamoDbLocal = requirePeer("DynamoDB Local", hasDynamoDbLocal(), dynamoDbLocalInstall);
const services = 150;

/** Without the head, which says where and when. */
const itemsOf = (file: string) => readFileSync(file, "utf8").split("\n").slice(1, -2).sort();

async function fill(store: Store): Promise<void> {
  for (let at = 0; at < services; at += 1) {
    const name = `service-${at}`;
    const phase: ServiceCase["phase"] = { kind: "needs-person", since: at, reason: { code: "config-gone" } as never };
    await store.cases.write(sampleCase(name), 0);
    const open = at % 3 === 0 ? { phase, due: at, incident: { id: `${name}-1`, openedAt: at } as never } : {};
    await store.cases.write(sampleCase(name, { rev: 2, ...open }), 1);
    await store.records.putIfAbsent({ collection: `timeline/${name}`, id: "0001" }, { said: 'ü\u2028"\n', at });
  }
  const lease = await store.leases.acquire("run/service-1", "w", { now: 1, leaseMs: 1, takeoverMs: 0 });
  if (lease) await store.leases.acquire("run/service-1", "w2", { now: 10, leaseMs: 1, takeoverMs: 0 });
}

withDynamoDbLocal("moving between an embedded store and DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "medic-move-"));
    local = await startDynamoDbLocal();
    env = {
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_DYNAMODB: local.endpoint,
      AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    };
  });
  afterAll(async () => {
    await local?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const medic = async (...args: string[]) => {
    const ran = await runMedic(["store", ...args], { env });
    if (ran.code !== 0) throw new Error(`medic store ${args.join(" ")}:\n${ran.out}\n${ran.err}`);
    return ran;
  };
  const tableStore = (table: string) =>
    dynamoStore({
      client: dynamoClient({ region: "eu-west-1", endpoint: local.endpoint, credentials: testCredentials }),
      table,
    });

  it("brings every item there and back, with open incidents, due times and fences", async () => {
    const [here, back] = [join(folder, "here"), join(folder, "back")];
    const [out, home] = [join(folder, "out.jsonl"), join(folder, "home.jsonl")];
    const first = await embeddedStore({ dir: here });
    await fill(first);
    await first.close();
    expect((await runMedic(["setup"], { env: { ...env, MEDIC_TABLE: "moved" } })).code).toBe(0);

    await medic("export", out, "--data-dir", here);
    expect((await medic("import", out, "--table", "moved")).out).toMatch(/301 items written, 0 were there already/);
    // Run again, as after a crash.
    expect((await medic("import", out, "--table", "moved")).out).toMatch(/0 items written, 301 were there already/);
    const table = tableStore("moved");
    await expect
      .poll(() => table.cases.due(20, 100), { timeout: 5_000 })
      .toEqual([0, 3, 6, 9, 12, 15, 18].map((at) => `service-${at}`));
    const lease = await table.leases.acquire("run/service-1", "w3", { now: 100, leaseMs: 1, takeoverMs: 0 });
    expect(lease?.fence).toBe(3);
    if (lease) await table.leases.release(lease);
    expect((await medic("check", "--table", "moved")).out).toMatch(
      /150 cases.*Open incidents: 50; the oldest is service-0-1/s,
    );

    await medic("export", home, "--table", "moved");
    await medic("import", home, "--data-dir", back);
    const changed = (line: string) => line.includes('"kind":"lease"');
    expect(itemsOf(home).filter((line) => !changed(line))).toEqual(itemsOf(out).filter((line) => !changed(line)));
    await medic("export", join(folder, "again.jsonl"), "--data-dir", back);
    expect(itemsOf(join(folder, "again.jsonl"))).toEqual(itemsOf(home));
  });

  it("tells of a bot that runs on the table, and does not import under it", async () => {
    const table = tableStore("busy");
    await table.setUp();
    await table.leases.acquire("sender", "worker-1", { now: Date.now(), leaseMs: 60_000, takeoverMs: 0 });
    const file = join(folder, "busy.jsonl");
    expect((await medic("export", file, "--table", "busy")).err).toMatch(/A bot runs on it \(lease "sender"/);
    const refused = await runMedic(["store", "import", file, "--table", "busy"], { env });
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/a bot runs on table "busy".*Nothing was written/s);
  });
});
