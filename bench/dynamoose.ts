/**
 * What a write and a strong read of a 4 KB case cost the client: raw SDK calls, dynamoose's own `create` and `get`, and the store, whose
 * requests dynamoose prepares. Side by side in one process: first against a handler that answers at once, so that nothing but the client's
 * own work is measured, then against DynamoDB Local.
 */
import dynamoose from "dynamoose";
import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb";
import { readCase } from "../src/domain/caseSchema.ts";
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import { assertCaseFits } from "../src/domain/storedSize.ts";
import { caseItem } from "../src/store/caseItem.ts";
import { caseKey, caseSortKey } from "../src/store/caseKey.ts";
import { dueShardOf } from "../src/store/dueShard.ts";
import { dynamoClient } from "../src/store/dynamoClient.ts";
import type { DynamoClientOptions } from "../src/store/dynamoClient.ts";
import { dynamoStore } from "../src/store/dynamoStore.ts";
import { creationModel } from "../src/store/itemModels.ts";
import { hasDynamoDbLocal, startDynamoDbLocal } from "../test/peers/dynamodbLocal.ts";
import { testCredentials } from "../test/store/dynamoBed.ts";
import { caseOfBytes } from "../test/store/sampleCase.ts";
import { median, nowMs, say } from "./numbers.ts";

const table = "medic-bench";
const due = 1_790_000_000_123;
/** An open incident, as cases are while they are written most. */
const open = {
  ...caseOfBytes("shop-web-17", 3_950),
  pattern: "standby",
  phase: { kind: "proposing", since: due },
  incident: { id: "shop-web-17-20261201", symptom: "down", openedAt: due },
  due,
} as unknown as ServiceCase;

interface Way {
  readonly name: string;
  /** On top of `rev`. */
  write(rev: number): Promise<unknown>;
  read(): Promise<unknown>;
}

export async function measureDynamoose(quick: boolean): Promise<void> {
  const at = { region: "eu-west-1", credentials: testCredentials };
  const idle = dynamoClient({ ...at, endpoint: "http://nobody.invalid", requestHandler: handlerThatAnswersAtOnce() });
  await sideBySide("idle", await ways(idle), quick ? { rounds: 5, each: 200 } : { rounds: 9, each: 500 });
  if (!hasDynamoDbLocal()) return say("dynamoose.local", null, "ms", { note: "no java: not measured" });
  const local = await startDynamoDbLocal();
  try {
    const client = dynamoClient({ ...at, endpoint: local.endpoint, requestTimeoutMs: 20_000 });
    await dynamoStore({ client, table }).setUp();
    await sideBySide("local", await ways(client), quick ? { rounds: 3, each: 50 } : { rounds: 7, each: 150 });
    client.destroy();
  } finally {
    await local.stop();
  }
}

async function ways(client: DynamoDB): Promise<Way[]> {
  return [rawWay(client), await ownWay(client), storeWay(client)];
}

/** As cases were stored before: the SDK alone, seven attributes. */
function rawWay(client: DynamoDB): Way {
  const Key = { pk: { S: caseKey(open.service) }, sk: { S: caseSortKey } };
  return {
    name: "raw",
    write: (rev) => {
      const body = JSON.stringify({ ...open, rev: rev + 1 });
      assertCaseFits(open.service, body);
      const Item = {
        ...Key,
        rev: { N: String(rev + 1) },
        schema: { N: String(open.schema) },
        body: { S: body },
        dueShard: { S: dueShardOf(open.service) },
        due: { N: String(due) },
      };
      return client.putItem({
        TableName: table,
        Item,
        ConditionExpression: "rev = :expected AND #schema <= :known",
        ExpressionAttributeNames: { "#schema": "schema" },
        ExpressionAttributeValues: { ":expected": { N: String(rev) }, ":known": { N: "1" } },
      });
    },
    read: async () => {
      const { Item } = await client.getItem({ TableName: table, Key, ConsistentRead: true });
      return readCase("case", Item?.["body"]?.S ?? "");
    },
  };
}

/** dynamoose as its guide shows it: the model sends. */
async function ownWay(client: DynamoDB): Promise<Way> {
  const instance = new dynamoose.Instance();
  instance.aws.ddb.set(client);
  const model = creationModel(`bench ${Math.random()}`);
  const bound = new instance.Table(table, [model], {
    create: false,
    waitForActive: { enabled: false },
    initialize: false,
  });
  await bound.initialize();
  const key = { pk: caseKey(open.service), sk: caseSortKey };
  return {
    name: "model",
    write: (rev) =>
      model.create(caseItem({ ...open, rev: rev + 1 }), {
        overwrite: true,
        condition: new dynamoose.Condition().where("rev").eq(rev).and().where("schema").le(1),
      }),
    read: async () => {
      const found = (await model.get(key, { consistent: true })) as unknown as { readonly body: string };
      return readCase("case", found.body);
    },
  };
}

function storeWay(client: DynamoDB): Way {
  const { cases } = dynamoStore({ client, table });
  return {
    name: "store",
    write: (rev) => cases.write({ ...open, rev: rev + 1 }, rev),
    read: () => cases.load(open.service),
  };
}

interface Plan {
  readonly rounds: number;
  readonly each: number;
}

interface Measured {
  readonly cpuMs: number;
  readonly wallMs: readonly number[];
  readonly bytes: number;
}

/** The ways in turn, round after round, so that what the machine does meanwhile meets all of them. The first round warms up. */
async function sideBySide(where: string, contenders: readonly Way[], { rounds, each }: Plan): Promise<void> {
  const found = new Map<string, Measured[]>();
  let rev = 0;
  await contenders.at(-1)?.write(0);
  for (let round = 0; round <= rounds; round += 1)
    for (const way of contenders) {
      const writes = await measured(each, async () => way.write((rev += 1)));
      const reads = await measured(each, () => way.read());
      if (round === 0) continue;
      for (const [what, value] of [
        ["write", writes],
        ["read", reads],
      ] as const)
        found.set(`${way.name}.${what}`, [...(found.get(`${way.name}.${what}`) ?? []), value]);
    }
  for (const what of ["write", "read"])
    for (const { name } of contenders) report(`dynamoose.${where}.${what}.${name}`, found.get(`${name}.${what}`) ?? []);
}

/** Operations whose growth of the heap is looked at: looking costs, so not those whose CPU is counted. */
const weighed = 40;

async function measured(times: number, work: () => Promise<unknown>): Promise<Measured> {
  const wallMs: number[] = [];
  const before = process.cpuUsage();
  for (let at = 0; at < times; at += 1) {
    const from = nowMs();
    await work();
    wallMs.push(nowMs() - from);
  }
  const { user, system } = process.cpuUsage(before);
  const grown: number[] = [];
  for (let at = 0; at < weighed; at += 1) {
    const heap = process.memoryUsage().heapUsed;
    await work();
    grown.push(process.memoryUsage().heapUsed - heap);
  }
  // What grew while nothing was collected: a collection shows as a fall.
  return { cpuMs: (user + system) / 1e3 / times, wallMs, bytes: median(grown.filter((bytes) => bytes > 0)) };
}

function report(name: string, rounds: readonly Measured[]): void {
  say(name, median(rounds.map(({ cpuMs }) => cpuMs)), "ms CPU", {
    p50: Number(median(rounds.flatMap(({ wallMs }) => wallMs)).toFixed(3)),
    allocatedKb: Math.round(median(rounds.map(({ bytes }) => bytes)) / 1024),
    least: Number(Math.min(...rounds.map(({ cpuMs }) => cpuMs)).toFixed(3)),
  });
}

/** Answers what DynamoDB would, without a socket. A read finds the case as the store writes it. */
function handlerThatAnswersAtOnce(): NonNullable<DynamoClientOptions["requestHandler"]> {
  const Item = Object.fromEntries(
    Object.entries(caseItem(open)).map(([name, value]): [string, AttributeValue] => [
      name,
      typeof value === "number" ? { N: String(value) } : { S: value ?? "" },
    ]),
  );
  const found = Buffer.from(JSON.stringify({ Item }));
  const nothing = Buffer.from("{}");
  const handler = {
    metadata: { handlerProtocol: "http/1.1" },
    handle: async ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => {
      const body = headers["x-amz-target"]?.endsWith(".GetItem") ? found : nothing;
      return { response: { statusCode: 200, headers: {}, body } };
    },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
  return handler;
}
