/** What leaves for the table: one request an operation, strong where it must be, conditioned where it writes. */
import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ExportItem, Store } from "../../src/ports/store.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { dueShards } from "../../src/store/dueShard.ts";
import { startDynalite } from "./dynalitePeer.ts";
import type { DynalitePeer } from "./dynalitePeer.ts";
import { testCredentials } from "./dynamoBed.ts";
import { lossyHandler } from "./lossyHandler.ts";
import type { Fate } from "./lossyHandler.ts";
import { named, sampleCase } from "./sampleCase.ts";

type Sent = Readonly<Record<string, unknown>> & { readonly operation: string };
const times = { now: 0, leaseMs: 30, takeoverMs: 5 };

let peer: DynalitePeer;
let tables = 0;
let table: string;
let fate: Fate;
let sent: Sent[];
let client: DynamoDB;
let store: Store;
const told: (readonly [string, unknown])[] = [];
const tell = (code: string, fields?: unknown) => void told.push([code, fields]);

beforeAll(async () => {
  peer = await startDynalite();
});
afterAll(() => peer.stop());
beforeEach(async () => {
  table = `medic-${(tables += 1)}`;
  fate = "fine";
  client = dynamoClient({
    region: "eu-west-1",
    endpoint: peer.endpoint,
    credentials: testCredentials,
    requestHandler: lossyHandler(peer.handler, (operation) => (/TimeToLive/.test(operation) ? fate : "fine")),
  });
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        sent.push({ operation: commandName?.replace("Command", "") ?? "?", ...args.input });
        return next(args);
      },
    { step: "initialize" },
  );
  sent = [];
  store = dynamoStore({ client, table, log: { info: tell, warn: tell, error: tell } });
  await store.setUp();
  sent = [];
  told.length = 0;
});

/** What this work sent, without items and values. */
async function shapeOf(work: () => Promise<unknown>) {
  sent = [];
  await work();
  return sent.map(({ operation, ConditionExpression, ConsistentRead, TableName, ExpressionAttributeNames }) => {
    expect(TableName).toBe(table);
    const names = Object.entries((ExpressionAttributeNames ?? {}) as Record<string, string>);
    const named = names.reduce(
      (text, [mark, name]) => text.replaceAll(mark, name),
      typeof ConditionExpression === "string" ? ConditionExpression : "",
    );
    return [operation, ...(named ? [named] : []), ...(ConsistentRead ? ["strong"] : [])].join(" | ");
  });
}

describe("a call of the store", () => {
  const record = { collection: "run/shop", id: "1" };

  it("writes a case with one conditional put", async () => {
    expect(await shapeOf(() => store.cases.write(sampleCase("shop"), 0))).toEqual([
      "PutItem | attribute_not_exists (pk) OR rev = :v1",
    ]);
    expect(await shapeOf(() => store.cases.write(sampleCase("shop", { rev: 2 }), 1))).toEqual([
      "PutItem | rev = :v0 AND schema <= :v1",
    ]);
    expect(sent[0]).toMatchObject({ ExpressionAttributeValues: { ":v0": { N: "1" }, ":v1": { N: "1" } } });
  });

  it("reads strongly, once", async () => {
    expect(await shapeOf(() => store.cases.load(named("shop")))).toEqual(["GetItem | strong"]);
    expect(await shapeOf(() => store.records.get(record))).toEqual(["GetItem | strong"]);
    expect(await shapeOf(() => store.records.list("run/shop", { limit: 5, after: "0" }))).toEqual(["Query | strong"]);
    expect(await shapeOf(() => store.leases.read("slack"))).toEqual(["GetItem | strong"]);
    expect(await shapeOf(() => store.ping())).toEqual(["GetItem | strong"]);
    expect(await shapeOf(async () => store.cases.all()[Symbol.asyncIterator]().next())).toEqual(["Scan | strong"]);
    expect(await shapeOf(() => store.cases.due(1, 5))).toEqual(dueShards.map(() => "Query"));
  });

  it("writes records and leases with one conditional put each", async () => {
    expect(await shapeOf(() => store.records.putIfAbsent(record, 1))).toEqual(["PutItem | attribute_not_exists (pk)"]);
    expect(await shapeOf(() => store.records.replace(record, 2, 1))).toEqual(["PutItem | rev = :v0"]);
    // A new owner's fence is above the one that stands there and above the floor of all fences.
    expect(await shapeOf(() => store.leases.acquire("slack", "a", times))).toEqual([
      ...["GetItem | strong", "GetItem | strong"],
      "PutItem | attribute_not_exists (pk)",
    ]);
    expect(await shapeOf(() => store.leases.acquire("slack", "b", { ...times, now: 99 }))).toEqual([
      ...["GetItem | strong", "GetItem | strong"],
      "PutItem | fence = :v0 AND until = :v1 AND owner = :v2",
    ]);
    const held = { name: "slack", owner: "b", fence: 2, until: 0 };
    expect(await shapeOf(() => store.leases.renew(held, times))).toEqual(["PutItem | owner = :v0 AND fence = :v1"]);
    expect(await shapeOf(() => store.leases.release(held))).toEqual(["PutItem | owner = :v0 AND fence = :v1"]);
    expect(await shapeOf(() => store.leases.acquire("slack", "c", times))).toEqual([
      ...["GetItem | strong", "GetItem | strong"],
      "PutItem | fence = :v0 AND until = :v1 AND attribute_not_exists (owner)",
    ]);
  });

  it("names a lease that something else wrote, and does not take it", async () => {
    await client.putItem({
      TableName: table,
      Item: { pk: { S: "lease#slack" }, sk: { S: "lease" }, fence: { S: "1" } },
    });
    await expect(store.leases.acquire("slack", "a", times)).rejects.toMatchObject({ code: "corrupt-item" });
  });
});

describe("export", () => {
  it("reads all strongly, tells of what is not the bot's and leaves it out", async () => {
    await store.cases.write(sampleCase("shop"), 0);
    await store.records.putIfAbsent({ collection: "mail", id: "1" }, { at: 1 });
    const foreign = [{ pk: { S: "something" }, sk: { S: "else" } }];
    for (const Item of foreign) await client.putItem({ TableName: table, Item });
    // What a killed repair left is nothing at all.
    await client.putItem({ TableName: table, Item: { pk: { S: "case#left" }, sk: { S: "case" }, rev: { N: "0" } } });
    const items: ExportItem[] = [];
    const shape = await shapeOf(async () => {
      for await (const item of store.transfer.exportAll()) items.push(item);
    });
    expect(shape).toEqual(["Scan | strong"]);
    expect(items.map(({ kind }) => kind).sort()).toEqual(["case", "record"]);
    expect(told.map(([code, fields]) => [code, (fields as { item: string }).item]).sort()).toEqual([
      ["unknown-item", "something / else"],
    ]);
  });

  it.each([
    { pk: { S: "case#torn" }, sk: { S: "case" }, rev: { N: "4" } },
    { pk: { S: "lease#odd" }, sk: { S: "lease" }, fence: { S: "4" } },
    { pk: { S: "mail" }, sk: { S: "1" }, rev: { N: "4" } },
  ])("fails at an item of the bot that is not whole, and names it: $pk.S", async (Item) => {
    await client.putItem({ TableName: table, Item });
    const all = async () => {
      for await (const item of store.transfer.exportAll()) expect(item).toBeDefined();
    };
    await expect(all()).rejects.toThrow(Item.pk.S);
  });

  it("comes back with columns, index entry and expiry as if it had been written here", async () => {
    const item = (collection: string, id: string) => ({
      TableName: table,
      Key: { pk: { S: collection }, sk: { S: id } },
    });
    await store.cases.write(sampleCase("shop", { due: 5, pattern: "standby" }), 0);
    await store.records.putIfAbsent({ collection: "mail", id: "1" }, { at: 1_000, worker: "w" });
    const keys = [item("case#shop", "case"), item("mail", "1")];
    const before = await Promise.all(keys.map(async (key) => (await client.getItem(key)).Item));
    const items: ExportItem[] = [];
    for await (const found of store.transfer.exportAll()) items.push(found);
    for (const key of keys) await client.deleteItem(key);
    const shape = await shapeOf(async () => {
      for (const found of items) expect(await store.transfer.importItem(found)).toBe(true);
    });
    expect(shape.sort()).toEqual([
      "PutItem | attribute_not_exists (pk)",
      "PutItem | attribute_not_exists (pk) OR rev = :v1",
    ]);
    expect(await Promise.all(keys.map(async (key) => (await client.getItem(key)).Item))).toEqual(before);
  });

  it("holds a damaged body that somebody else put there: whoever reads it says so", async () => {
    const damaged = { rev: { N: "2" }, body: { S: "{" } };
    await client.putItem({ TableName: table, Item: { pk: { S: "case#shop" }, sk: { S: "case" }, ...damaged } });
    await client.putItem({ TableName: table, Item: { pk: { S: "mail" }, sk: { S: "1" }, ...damaged } });
    await expect(store.cases.load(named("shop"))).rejects.toMatchObject({ code: "corrupt-item" });
    await expect(store.records.get({ collection: "mail", id: "1" })).rejects.toMatchObject({ code: "corrupt-item" });
  });
});

describe("set-up where time to live cannot be enabled", () => {
  it.each<[Fate, string]>([
    ["denied", "AccessDeniedException"],
    ["fine", "describeTimeToLive"],
  ])("says so and what helps, and does not fail: %s", async (chosen, _) => {
    // dynalite itself does not know the operation.
    fate = chosen;
    await expect(store.setUp()).resolves.toBeUndefined();
    expect(told).toEqual([
      [
        "expiry-not-enabled",
        expect.objectContaining({ table, next: expect.stringContaining("dynamodb:UpdateTimeToLive") as string }),
      ],
    ]);
  });
});
