/**
 * The due index where it differs from the bodies. On AWS that is an item whose attributes were edited, or an index that lags behind its
 * items for a moment; the lag is planted between the store and its table.
 */
import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/ports/store.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { dueShardOf } from "../../src/store/dueShard.ts";
import { startDynalite } from "./dynalitePeer.ts";
import type { DynalitePeer } from "./dynalitePeer.ts";
import { testCredentials } from "./dynamoBed.ts";
import { lossyHandler } from "./lossyHandler.ts";
import { named, sampleCase } from "./sampleCase.ts";

const ever = Number.MAX_SAFE_INTEGER;
type Row = Record<string, AttributeValue>;

let peer: DynalitePeer;
let tables = 0;
let table: string;
let client: DynamoDB;
let store: Store;
let writes: string[];

beforeAll(async () => {
  peer = await startDynalite();
});
afterAll(() => peer.stop());
beforeEach(async () => {
  table = `medic-${(tables += 1)}`;
  writes = [];
  client = clientOf();
  store = dynamoStore({ client, table });
  await store.setUp();
  writes.length = 0;
});

function clientOf(): DynamoDB {
  return dynamoClient({
    region: "eu-west-1",
    endpoint: peer.endpoint,
    credentials: testCredentials,
    requestHandler: lossyHandler(peer.handler, (operation) => {
      if (/^(Put|Update|Delete)Item$/.test(operation)) writes.push(operation);
      return "fine";
    }),
  });
}

/** A store whose index shows these rows in place of what it has: asked again, what `plant` says then. */
function storeSeeing(plant: (rows: Row[], shard: string) => Row[]): Store {
  const lagging = clientOf();
  lagging.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const input = args.input as { IndexName?: string; ExpressionAttributeValues?: Row };
      const output = answer.output as { Items?: Row[] };
      if (input.IndexName === "due")
        output.Items = plant(output.Items ?? [], input.ExpressionAttributeValues?.[":qhv"]?.S ?? "");
      return answer;
    },
    { step: "initialize", priority: "high" },
  );
  return dynamoStore({ client: lagging, table });
}

const key = (service: string): Row => ({ pk: { S: `case#${service}` }, sk: { S: "case" } });
const edit = (service: string, expression: string, values?: Row) =>
  client.updateItem({
    TableName: table,
    Key: key(service),
    UpdateExpression: expression,
    ...(values ? { ExpressionAttributeValues: values } : {}),
  });

describe("repair of a case whose index attributes were edited", () => {
  it("puts back an entry that is missing, without touching the case", async () => {
    const current = sampleCase("shop", { due: 100 });
    await store.cases.write(current, 0);
    await edit("shop", "REMOVE dueShard");
    expect(await store.cases.due(ever, 10)).toEqual([]);
    expect(await store.cases.repair()).toBe(1);
    expect(await store.cases.due(100, 10)).toEqual(["shop"]);
    expect(await store.cases.load(named("shop"))).toEqual(current);
    expect(await store.cases.repair()).toBe(0);
  });

  it("moves an entry that stands at another time than its case, with the time that people read", async () => {
    await store.cases.write(sampleCase("shop", { due: 100_000 }), 0);
    await edit("shop", "SET due = :late", { ":late": { N: "900000" } });
    expect(await store.cases.due(100_000, 10)).toEqual([]);
    expect(await store.cases.repair()).toBe(1);
    expect(await store.cases.due(100_000, 10)).toEqual(["shop"]);
    const { Item } = await client.getItem({ TableName: table, Key: key("shop") });
    expect(Item).toMatchObject({ due: { N: "100000" }, dueUtc: { S: "1970-01-01T00:01:40Z" } });
    expect(await store.cases.repair()).toBe(0);
  });

  it("takes away the entry of a case that is not due", async () => {
    await store.cases.write(sampleCase("web"), 0);
    await edit("web", "SET due = :due, dueShard = :shard", { ":due": { N: "5" }, ":shard": { S: dueShardOf("web") } });
    expect(await store.cases.due(ever, 10)).toEqual(["web"]);
    expect(await store.cases.repair()).toBe(1);
    expect(await store.cases.due(ever, 10)).toEqual([]);
    expect(await store.cases.load(named("web"))).toEqual(sampleCase("web"));
    expect(await store.cases.repair()).toBe(0);
  });

  it("leaves the index entries of a newer program's case alone", async () => {
    await store.cases.write(sampleCase("newer", { schema: 2, due: 100 }), 0);
    await edit("newer", "REMOVE dueShard");
    expect(await store.cases.repair()).toBe(0);
    expect(await store.cases.due(ever, 10)).toEqual([]);
  });

  it("gives way to whoever writes the case meanwhile", async () => {
    await store.cases.write(sampleCase("shop", { due: 100 }), 0);
    await edit("shop", "REMOVE dueShard");
    let asked = 0;
    const racing = storeSeeing((rows) => {
      asked += 1;
      return rows;
    });
    // Between the read of the index and that of the item somebody else writes the next revision.
    const before = racing.cases.repair();
    await store.cases.write(sampleCase("shop", { rev: 2, due: 700 }), 1);
    await before;
    expect(asked).toBeGreaterThan(0);
    expect(await store.cases.due(700, 10)).toEqual(["shop"]);
    expect((await store.cases.load(named("shop")))?.rev).toBe(2);
  });
});

describe("repair while the index lags", () => {
  it("writes nothing for an entry that had only not arrived yet", async () => {
    await store.cases.write(sampleCase("shop", { due: 100 }), 0);
    writes.length = 0;
    let looks = 0;
    const lagging = storeSeeing((rows, shard) => (shard === dueShardOf("shop") && (looks += 1) === 1 ? [] : rows));
    expect(await lagging.cases.repair()).toBe(0);
    expect(looks).toBeGreaterThan(1);
    expect(writes).toEqual([]);
  });

  it("takes an entry that has no item away by making the item for an instant, and leaves nothing", async () => {
    const ghost: Row = { ...key("gone"), dueShard: { S: dueShardOf("gone") }, due: { N: "5" } };
    const haunted = storeSeeing((rows, shard) => (shard === dueShardOf("gone") ? [...rows, ghost] : rows));
    expect(await haunted.cases.due(5, 10)).toEqual(["gone"]);
    expect(await haunted.cases.load(named("gone"))).toBeUndefined();
    writes.length = 0;
    expect(await haunted.cases.repair()).toBe(1);
    expect(writes).toEqual(["PutItem", "DeleteItem"]);
    expect((await client.getItem({ TableName: table, Key: key("gone") })).Item).toBeUndefined();
    expect(await store.cases.write(sampleCase("gone"), 0)).toBe("written");
  });
});
