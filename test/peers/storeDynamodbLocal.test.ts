import { afterAll, beforeAll, expect, it } from "vitest";
import { tableShape } from "../../src/domain/tableShape.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { consumedMeter } from "../../src/store/consumed.ts";
import { dynamoCalls } from "../../src/store/dynamoCalls.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { createTable } from "../../src/store/tableModel.ts";
import { dynamoBed, testCredentials } from "../store/dynamoBed.ts";
import { caseOfBytes, named, sampleCase } from "../store/sampleCase.ts";
import { storeContract } from "../store/storeContract.ts";
import { dynamoDbLocalInstall, hasDynamoDbLocal, startDynamoDbLocal } from "./dynamodbLocal.ts";
import type { DynamoDbLocal } from "./dynamodbLocal.ts";
import { requirePeer } from "./peer.ts";

const withDynamoDbLocal = requirePeer("DynamoDB Local", hasDynamoDbLocal(), dynamoDbLocalInstall);

withDynamoDbLocal("with DynamoDB Local running", () => {
  let local: DynamoDbLocal;
  let tables = 0;
  const newTable = () => `medic-${(tables += 1)}`;
  // A cold JVM on a busy machine takes longer for its first table than the bot would wait for AWS.
  const patience = { requestTimeoutMs: 20_000 };
  const client = () =>
    dynamoClient({ region: "eu-west-1", endpoint: local.endpoint, credentials: testCredentials, ...patience });

  beforeAll(async () => {
    local = await startDynamoDbLocal();
  });
  afterAll(() => local.stop());

  // Before the contract: beside its many tables this engine takes a minute to add an index, and a second while it is new.
  it("gives an existing table the due index that it lacks, also when two set up at once", async () => {
    const table = newTable();
    const raw = client();
    await raw.createTable({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    });
    const stores = [dynamoStore({ client: client(), table }), dynamoStore({ client: client(), table })];
    await Promise.all(stores.map((store) => store.setUp()));
    await stores[0]?.cases.write(sampleCase("shop", { due: 5 }), 0);
    // The index follows the item a moment later, as on AWS.
    await expect.poll(() => stores[1]?.cases.due(5, 10), { timeout: 5_000 }).toEqual(["shop"]);
    const index = (await raw.describeTable({ TableName: table })).Table?.GlobalSecondaryIndexes;
    expect(index?.map(({ IndexName, Projection }) => [IndexName, Projection?.ProjectionType])).toEqual([
      [tableShape.dueIndex.name, tableShape.dueIndex.projection],
    ]);
  });

  storeContract("DynamoDB Local", async () => dynamoBed(client().config.requestHandler, newTable(), local.endpoint));

  it("enables time to live on its attribute, also when two set up at once, and again without a word", async () => {
    const table = newTable();
    const raw = client();
    const told: string[] = [];
    const tell = (code: string) => void told.push(code);
    const log = { info: tell, warn: tell, error: tell };
    const setUp = () => dynamoStore({ client: client(), table, log }).setUp();
    await Promise.all([setUp(), setUp()]);
    expect(new Set(told)).toEqual(new Set(["expiry-enabled"]));
    const { TimeToLiveDescription: found } = await raw.describeTimeToLive({ TableName: table });
    expect(found).toMatchObject({ AttributeName: tableShape.expiry, TimeToLiveStatus: "ENABLED" });
    told.length = 0;
    await setUp();
    expect(told).toEqual([]);
  });

  it("says when a table's time to live is on another attribute, and leaves it", async () => {
    const table = newTable();
    const raw = client();
    const told: unknown[] = [];
    const tell = (code: string, fields?: object) => void told.push({ code, ...fields });
    await createTable(dynamoCalls({ client: raw, table, clock: wallClock }), table);
    const other = { AttributeName: "ttl", Enabled: true };
    await raw.updateTimeToLive({ TableName: table, TimeToLiveSpecification: other });
    await dynamoStore({ client: client(), table, log: { info: tell, warn: tell, error: tell } }).setUp();
    expect(told).toMatchObject([
      { code: "expiry-not-enabled", message: expect.stringMatching(/"ttl".*"expiresAt"/) as string },
    ]);
  });

  it("tells the units that the table counted", async () => {
    const meter = consumedMeter();
    const table = newTable();
    const store = dynamoStore({ client: client(), table, onConsumed: meter.onConsumed });
    await store.setUp();
    await store.cases.write(caseOfBytes("shop", 3_000), 0);
    expect(meter.total().writeUnits).toBeGreaterThanOrEqual(3);
    meter.reset();
    await store.cases.load(named("shop"));
    expect(meter.total()).toEqual({ readUnits: 1, writeUnits: 0, calls: 1 });
  });

  it("never lets two stores hold one lease, over 50 takeovers of eight workers", async () => {
    const table = newTable();
    const left = dynamoStore({ client: client(), table });
    const right = dynamoStore({ client: client(), table });
    await left.setUp();
    for (let round = 0; round < 50; round += 1) {
      const times = { now: round * 100, leaseMs: 90, takeoverMs: 10 };
      const taken = await Promise.all(
        Array.from({ length: 8 }, (_, worker) =>
          (worker % 2 ? left : right).leases.acquire("slack", `w${round}-${worker}`, times),
        ),
      );
      expect(taken.filter(Boolean)).toMatchObject([{ fence: round + 1 }]);
    }
  });
});
