import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import { consumedMeter } from "../../src/store/consumed.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { dueShardOf } from "../../src/store/dueShard.ts";
import { openStore } from "../../src/store/openStore.ts";
import { startDynalite } from "./dynalitePeer.ts";
import type { DynalitePeer } from "./dynalitePeer.ts";
import { testCredentials } from "./dynamoBed.ts";
import { lossyHandler } from "./lossyHandler.ts";
import type { Fate, Network } from "./lossyHandler.ts";
import { caseOfBytes, named, sampleCase } from "./sampleCase.ts";

const region = "eu-west-1";
let peer: DynalitePeer;
beforeAll(async () => {
  peer = await startDynalite();
});
afterAll(() => peer.stop());
let tables = 0;
let table: string;

function clientThrough(network: Network = () => "fine"): DynamoDB {
  return dynamoClient({
    region,
    endpoint: peer.endpoint,
    credentials: testCredentials,
    requestHandler: lossyHandler(peer.handler, network),
  });
}

/** A store whose calls of one operation meet these fates in turn; afterwards all is fine. */
function storeMeeting(operation: string, fates: readonly Fate[]) {
  const left = [...fates];
  const pauses: number[] = [];
  let sent = 0;
  const network: Network = (called) => {
    if (called !== operation) return "fine";
    sent += 1;
    return left.shift() ?? "fine";
  };
  const clock = { now: () => 0, sleep: async (ms: number) => void pauses.push(ms) };
  return { store: dynamoStore({ client: clientThrough(network), table, clock }), pauses, sent: () => sent };
}

/** Takes connections and says nothing. */
async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

beforeEach(async () => {
  table = `medic-${(tables += 1)}`;
  await dynamoStore({ client: clientThrough(), table }).setUp();
});

describe("a call to the table", () => {
  it("is made again when it was never sent or was throttled, with growing pauses", async () => {
    const { store, pauses, sent } = storeMeeting("PutItem", ["refused", "throttled"]);
    expect(await store.cases.write(sampleCase("shop"), 0)).toBe("written");
    expect(sent()).toBe(3);
    expect(pauses).toEqual([50, 100]);
  });

  it("is given up after three tries, and says what helps", async () => {
    const { store, sent } = storeMeeting("PutItem", Array<Fate>(9).fill("throttled"));
    await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toMatchObject({
      code: "store-unavailable",
      retry: "later",
      next: expect.stringContaining("too many requests") as string,
    });
    expect(sent()).toBe(3);
  });

  it.each<Fate>(["answer lost", "server error"])(
    "is not repeated when it wrote and came back as '%s'",
    async (fate) => {
      const { store, sent } = storeMeeting("PutItem", [fate]);
      await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUncertain);
      expect(sent()).toBe(1);
      expect((await store.cases.load(named("shop")))?.rev).toBe(1);
    },
  );

  it.each<Fate>(["answer lost", "server error"])(
    "is repeated when it only read and came back as '%s'",
    async (fate) => {
      const { store, sent } = storeMeeting("GetItem", [fate, fate]);
      expect(await store.cases.load(named("shop"))).toBeUndefined();
      expect(sent()).toBe(3);
    },
  );

  it("that a client sent twice by itself is uncertain, and never a conflict with itself", async () => {
    const fates: Fate[] = ["answer lost"];
    const retrying = new DynamoDB({
      region,
      endpoint: peer.endpoint,
      credentials: testCredentials,
      maxAttempts: 3,
      requestHandler: lossyHandler(peer.handler, (operation) =>
        operation === "PutItem" ? (fates.shift() ?? "fine") : "fine",
      ),
    });
    const store = dynamoStore({ client: retrying, table });
    await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUncertain);
  });

  it("that is not permitted names the permission as the thing to look at", async () => {
    const { store, sent } = storeMeeting("PutItem", ["denied"]);
    await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toMatchObject({
      code: "store-unavailable",
      next: expect.stringContaining("AccessDeniedException") as string,
    });
    expect(sent()).toBe(1);
  });

  it("to a table that does not exist says which command creates it", async () => {
    const store = dynamoStore({ client: clientThrough(), table: "nowhere" });
    const says = { code: "store-unavailable", next: expect.stringContaining("medic setup") as string };
    await expect(store.ping()).rejects.toMatchObject(says);
    await expect(store.cases.load(named("shop"))).rejects.toMatchObject(says);
    await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toMatchObject(says);
    await expect(store.cases.due(1, 1)).rejects.toMatchObject(says);
    await expect(store.records.list("inbox", { limit: 1 })).rejects.toMatchObject(says);
    await expect(store.leases.read("slack")).rejects.toMatchObject(says);
  });

  it("to a server that never answers ends: a write as uncertain, a read as unavailable", async () => {
    const { server, port } = await listening();
    const client = dynamoClient({
      region,
      endpoint: `http://127.0.0.1:${port}`,
      credentials: testCredentials,
      requestTimeoutMs: 100,
    });
    const store = dynamoStore({ client, table });
    await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUncertain);
    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    await store.close();
    server.close();
  });

  it("to a server that is not there, set-up included, is unavailable and ends no process", async () => {
    const { server, port } = await listening();
    await new Promise((resolve) => server.close(resolve));
    const client = dynamoClient({ region, endpoint: `http://127.0.0.1:${port}`, credentials: testCredentials });
    const store = dynamoStore({ client, table });
    await expect(store.setUp()).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.cases.write(sampleCase("shop"), 0)).rejects.toBeInstanceOf(StoreUnavailable);
  });

  it("is counted with its units when asked for", async () => {
    const meter = consumedMeter();
    const store = dynamoStore({ client: clientThrough(), table, onConsumed: meter.onConsumed });
    await store.cases.write(caseOfBytes("shop", 2_500), 0);
    expect(meter.total()).toEqual({ readUnits: 0, writeUnits: 3, calls: 1 });
    await store.cases.load(named("shop"));
    expect(meter.total()).toEqual({ readUnits: 1, writeUnits: 3, calls: 2 });
  });
});

describe("an item that something else wrote", () => {
  const key = { pk: { S: "case#shop" }, sk: { S: "case" } };
  const put = (attributes: Record<string, { S: string } | { N: string } | { M: Record<string, never> }>) =>
    clientThrough().putItem({ TableName: table, Item: { ...key, ...attributes } });
  const one = { N: "1" };

  it.each([
    ["whose body is not JSON", { rev: one, schema: one, body: { S: "{" } }, /"shop".*not JSON/],
    ["whose body is no object", { rev: one, schema: one, body: { S: "[]" } }, /not an object/],
    ["that has no body", { rev: one, schema: one }, /no body/],
    ["whose body is a map", { rev: one, schema: one, body: { M: {} } }, /another type/],
    [
      "whose body lacks parts",
      { rev: one, schema: one, body: { S: '{"schema":1,"rev":1,"service":"shop"}' } },
      /lacks placement/,
    ],
    [
      "whose revision differs",
      { rev: { N: "7" }, schema: one, body: { S: JSON.stringify(sampleCase("shop")) } },
      /revision 1.*7/,
    ],
  ])("is named and never overwritten: one %s", async (_, attributes, message) => {
    await put(attributes);
    const store = dynamoStore({ client: clientThrough(), table });
    const loaded = store.cases.load(named("shop"));
    await expect(loaded).rejects.toMatchObject({ code: "corrupt-item", retry: "never" });
    await expect(loaded).rejects.toThrow(message);
    expect(await store.cases.write(sampleCase("shop"), 0)).toBe("conflict");
  });

  it("does not keep the other cases from being read or repaired, and is told", async () => {
    await put({ rev: one, schema: one, body: { S: "{" } });
    const told: string[] = [];
    const tell = (code: string) => void told.push(code);
    const store = dynamoStore({ client: clientThrough(), table, log: { info: tell, warn: tell, error: tell } });
    await store.cases.write(sampleCase("web"), 0);
    const read: string[] = [];
    for await (const { service } of store.cases.all()) read.push(service);
    expect(read).toEqual(["web"]);
    expect(await store.cases.repair()).toBe(0);
    expect(told).toEqual(["corrupt-item", "corrupt-item"]);
  });

  it("is no case and goes away at the next repair when it is what a killed repair left", async () => {
    await put({ rev: { N: "0" }, dueShard: { S: dueShardOf("shop") }, due: { N: "5" } });
    const store = dynamoStore({ client: clientThrough(), table });
    expect(await store.cases.load(named("shop"))).toBeUndefined();
    expect(await store.cases.repair()).toBe(1);
    expect((await clientThrough().getItem({ TableName: table, Key: key })).Item).toBeUndefined();
    await put({ rev: { N: "0" } });
    expect(await store.cases.write(sampleCase("shop"), 0)).toBe("written");
  });
});

describe("set-up", () => {
  it("refuses a table of another shape and says what is needed", async () => {
    await clientThrough().createTable({
      TableName: "foreign",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    });
    const refused = dynamoStore({ client: clientThrough(), table: "foreign" }).setUp();
    await expect(refused).rejects.toMatchObject({
      code: "table-shape",
      next: expect.stringContaining("MEDIC_TABLE") as string,
    });
    await expect(refused).rejects.toThrow(/"foreign" has the keys id .*needed are pk, sk/);
  });

  it("of five stores at once on a new table succeeds for all", async () => {
    const stores = Array.from({ length: 5 }, () => dynamoStore({ client: clientThrough(), table: "five-at-once" }));
    await Promise.all(stores.map((store) => store.setUp()));
    const answers = await Promise.all(stores.map((store) => store.cases.write(sampleCase("shop"), 0)));
    expect(answers.filter((answer) => answer === "written")).toHaveLength(1);
  });

  it("with a table named is left to `medic setup`: openStore makes no call", async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const store = await openStore({ table: "prod", region, endpoint: "http://127.0.0.1:9", dataDir: "/nowhere", log });
    expect(store.description).toBe('DynamoDB table "prod" in eu-west-1 at http://127.0.0.1:9');
    await store.close();
  });
});

it("spreads services over all shards of the due index", () => {
  const counts = new Map<string, number>();
  for (let at = 0; at < 8_000; at += 1) {
    const shard = dueShardOf(`service-${at}`);
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  for (const count of counts.values()) expect(count).toBeGreaterThan(700);
});
