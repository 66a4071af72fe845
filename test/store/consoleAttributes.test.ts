/** What a person sees of an item in DynamoDB's console, and that nothing but the body is believed. */
import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { caseColumns } from "../../src/domain/caseColumns.ts";
import { recordKindNames, recordKinds } from "../../src/domain/recordKinds.ts";
import { keptMs } from "../../src/domain/recordLife.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Store } from "../../src/ports/store.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { attributesOf } from "../../src/store/itemModels.ts";
import { startDynalite } from "./dynalitePeer.ts";
import type { DynalitePeer } from "./dynalitePeer.ts";
import { testCredentials } from "./dynamoBed.ts";
import { lossyHandler } from "./lossyHandler.ts";
import { named, sampleCase } from "./sampleCase.ts";

const at = Date.UTC(2026, 11, 1, 3, 12, 9);
let peer: DynalitePeer;
let tables = 0;
let table: string;
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
  client = dynamoClient({
    region: "eu-west-1",
    endpoint: peer.endpoint,
    credentials: testCredentials,
    requestHandler: lossyHandler(peer.handler, () => "fine"),
  });
  store = dynamoStore({ client, table, log: { info: tell, warn: tell, error: tell } });
  await store.setUp();
  told.length = 0;
});

/** The item as the console shows it; `body` last, cut away. */
async function shown(pk: string, sk: string): Promise<Record<string, AttributeValue>> {
  const { Item = {} } = await client.getItem({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } });
  const { body, ...rest } = Item;
  expect(body?.S).toMatch(/^[[{"n\d]/);
  return rest;
}

function openCase(changes: Partial<ServiceCase> = {}): ServiceCase {
  const incident = { id: "shop-1", symptom: "down", openedAt: at } as unknown as NonNullable<ServiceCase["incident"]>;
  return sampleCase("shop", { pattern: "standby", incident, due: at + 60_000, ...changes });
}

describe("a case in the console", () => {
  it("shows its columns, readable times, its index entry and nothing else", async () => {
    await store.cases.write(openCase(), 0);
    expect(await shown("case#shop", "case")).toEqual({
      pk: { S: "case#shop" },
      sk: { S: "case" },
      service: { S: "shop" },
      rev: { N: "1" },
      schema: { N: "1" },
      pattern: { S: "standby" },
      phase: { S: "idle" },
      symptom: { S: "down" },
      incident: { S: "shop-1" },
      opened: { N: String(at) },
      openedUtc: { S: "2026-12-01T03:12:09Z" },
      due: { N: String(at + 60_000) },
      dueUtc: { S: "2026-12-01T03:13:09Z" },
      dueShard: { S: expect.stringMatching(/^[0-7]$/) as string },
    });
  });

  it("loses with its incident and its due time what was shown of them", async () => {
    await store.cases.write(openCase(), 0);
    await store.cases.write(sampleCase("shop", { rev: 2 }), 1);
    expect(Object.keys(await shown("case#shop", "case")).sort()).toEqual(
      ["phase", "pk", "rev", "schema", "service", "sk"].sort(),
    );
  });

  it("has every column in its model: dynamoose drops what a schema does not name", () => {
    expect(attributesOf("case")).toEqual(expect.arrayContaining(Object.keys(caseColumns(openCase()))));
  });

  it("never expires, open or not: its model has no attribute for it", async () => {
    await store.cases.write(openCase(), 0);
    expect(await shown("case#shop", "case")).not.toHaveProperty("expiresAt");
    await store.cases.write(sampleCase("shop", { rev: 2 }), 1);
    expect(await shown("case#shop", "case")).not.toHaveProperty("expiresAt");
    for (const kind of ["case", "placeholder", "lease"] as const)
      expect(attributesOf(kind), kind).not.toContain("expiresAt");
  });

  it("is its body where an attribute was edited by hand, which is told once and mended by the next write", async () => {
    await store.cases.write(openCase(), 0);
    await client.updateItem({
      TableName: table,
      Key: { pk: { S: "case#shop" }, sk: { S: "case" } },
      UpdateExpression: "SET phase = :phase, pattern = :pattern REMOVE symptom",
      ExpressionAttributeValues: { ":phase": { S: "resolved" }, ":pattern": { N: "5" } },
    });
    expect(await store.cases.load(named("shop"))).toEqual(openCase());
    await store.cases.load(named("shop"));
    const attributes = ["pattern", "phase", "symptom"];
    expect(told).toEqual([["columns-differ", expect.objectContaining({ service: "shop", attributes })]]);
    expect(await store.cases.write(openCase({ rev: 2 }), 1)).toBe("written");
    await store.cases.load(named("shop"));
    expect(told).toHaveLength(1);
    expect(await shown("case#shop", "case")).toMatchObject({ phase: { S: "idle" }, symptom: { S: "down" } });
  });
});

/** One record of each kind as the engine writes it, and what is to be read of it. */
const records: readonly (readonly [string, string, unknown, Record<string, string | number>])[] = [
  [
    "timeline/shop",
    "0000000001",
    { n: 1, at, incident: "shop-1", reason: { code: "incident-opened", args: {} } },
    { service: "shop", incident: "shop-1", what: "incident-opened", at: "2026-12-01T03:12:09Z" },
  ],
  [
    "run/shop",
    "r1",
    {
      recovery: "restart@1",
      order: { why: "it is down" },
      worker: "w1",
      startedAt: at,
      ended: { at: at + 1_000, outcome: { kind: "done" } },
    },
    {
      service: "shop",
      recovery: "restart@1",
      why: "it is down",
      worker: "w1",
      outcome: "done",
      at: "2026-12-01T03:12:09Z",
      ended: "2026-12-01T03:12:10Z",
      expiresAt: (at + 1_000 + keptMs) / 1000,
    },
  ],
  [
    "closed/shop",
    "shop-1",
    { id: "shop-1", symptom: "down", openedAt: at, closedAt: at },
    {
      service: "shop",
      incident: "shop-1",
      symptom: "down",
      opened: "2026-12-01T03:12:09Z",
      closed: "2026-12-01T03:12:09Z",
    },
  ],
  [
    "audit/2026-12",
    "a",
    {
      at,
      service: "shop",
      runId: "r1",
      incident: null,
      order: { recovery: "restart", why: "x", by: { rule: "auto" } },
    },
    { service: "shop", recovery: "restart", by: "auto", why: "x", run: "r1", at: "2026-12-01T03:12:09Z" },
  ],
  [
    "chore",
    "c1",
    { service: "shop", scope: "1/eu", definition: "hook@1", worker: "w", since: at },
    { service: "shop", scope: "1/eu", recovery: "hook@1", worker: "w", at: "2026-12-01T03:12:09Z" },
  ],
  [
    "unmatched",
    "u1",
    { what: "alarm a", why: "no service", count: 3, lastAt: at },
    {
      what: "alarm a",
      why: "no service",
      count: 3,
      at: "2026-12-01T03:12:09Z",
      expiresAt: (at + keptMs) / 1000,
    },
  ],
  ["inbox", "i1", { receivedAt: at, why: "w" }, { why: "w", at: "2026-12-01T03:12:09Z" }],
  [
    "mail",
    "m1",
    { worker: "w", at, sentAt: at },
    { worker: "w", at: "2026-12-01T03:12:09Z", sent: "2026-12-01T03:12:09Z", expiresAt: (at + keptMs) / 1000 },
  ],
  [
    "dossier",
    "shop-1",
    { at, instance: { type: "m7g.large" } },
    { incident: "shop-1", instance: "m7g.large", at: "2026-12-01T03:12:09Z", expiresAt: (at + keptMs) / 1000 },
  ],
  [
    "scope",
    "1/eu",
    { openings: [], permits: [], storm: { since: at, why: "many" } },
    { scope: "1/eu", storm: "many", at: "2026-12-01T03:12:09Z" },
  ],
  ["estimate/shop", "restart", { runs: [] }, { service: "shop" }],
  [
    "readiness",
    "shop",
    { readAt: at, light: "green" },
    { service: "shop", light: "green", at: "2026-12-01T03:12:09Z" },
  ],
  ["switch", "autopilot", { state: "off", by: "Ann", at }, { state: "off", by: "Ann", at: "2026-12-01T03:12:09Z" }],
  [
    "fleet",
    "heartbeat",
    { at, worker: "w", warmUntil: at },
    { worker: "w", at: "2026-12-01T03:12:09Z", warm: "2026-12-01T03:12:09Z" },
  ],
  ["of-a-newer-version", "x", { at, service: "shop" }, {}],
];

describe("a record in the console", () => {
  it.each(records)("shows of %s / %s what a person looks for", async (collection, id, body, wanted) => {
    await store.records.putIfAbsent({ collection, id }, body);
    const values = Object.entries(wanted).map(([name, value]) => [
      name,
      typeof value === "number" ? { N: String(value) } : { S: value },
    ]);
    expect(await shown(collection, id)).toEqual({
      pk: { S: collection },
      sk: { S: id },
      rev: { N: "1" },
      ...(Object.fromEntries(values) as object),
    });
    expect((await store.records.get({ collection, id }))?.body).toEqual(body);
  });

  it("of every kind has all its columns in its model", () => {
    for (const kind of recordKindNames)
      expect(attributesOf(kind), kind).toEqual(expect.arrayContaining(Object.keys(recordKinds[kind].columns)));
  });

  it("may be deleted only once its run has ended, and no more when it goes on", async () => {
    const key = { collection: "run/shop", id: "r1" };
    await store.records.putIfAbsent(key, { startedAt: at });
    expect(await shown("run/shop", "r1")).not.toHaveProperty("expiresAt");
    await store.records.replace(key, { startedAt: at, ended: { at: at + 1 } }, 1);
    // Whole seconds, rounded up: never before its time.
    expect((await shown("run/shop", "r1"))["expiresAt"]).toEqual({ N: String((at + keptMs) / 1000 + 1) });
    await store.records.replace(key, { startedAt: at }, 2);
    expect(await shown("run/shop", "r1")).not.toHaveProperty("expiresAt");
  });

  it("counts as it stands after its time, until it is deleted", async () => {
    const key = { collection: "mail", id: "old" };
    await store.records.putIfAbsent(key, { at: 1 });
    expect(await store.records.get(key)).toMatchObject({ rev: 1, body: { at: 1 } });
    expect(await store.records.putIfAbsent(key, { at: 2 })).toBe(false);
    expect(await store.records.replace(key, { at: 2 }, 1)).toBe(true);
    expect(await store.records.list("mail", { limit: 5 })).toHaveLength(1);
  });

  it("takes foreign text that was cut within a character, and sentences of any length", async () => {
    await store.records.putIfAbsent(
      { collection: "unmatched", id: "u" },
      { what: "🛒".slice(0, 1), why: "y".repeat(999) },
    );
    const { what, why } = await shown("unmatched", "u");
    expect(what).toEqual({ S: "\uFFFD" });
    expect(why?.S).toHaveLength(120);
  });
});
