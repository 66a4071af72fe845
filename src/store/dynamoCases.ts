/**
 * One item per service: `case#<service>` / `case`, its body as JSON text beside what conditions and the index need.
 * Past dynamoose, which serves records, leases and set-up: it takes three times the CPU for each read item and half as much
 * again for a write, and cases are what a storm consists of.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { assertNextRevision, CorruptItem, readCase } from "../domain/caseSchema.ts";
import type { CaseReading, Upgrade } from "../domain/caseSchema.ts";
import { codeOf, sentenceOf } from "../domain/errors.ts";
import { caseSchema } from "../domain/serviceCase.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { assertCaseFits, assertKeyFits, partitionKeyBytesMax } from "../domain/storedSize.ts";
import { tableShape } from "../domain/tableShape.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Log } from "../ports/log.ts";
import { NewerSchema } from "../ports/store.ts";
import type { Cases } from "../ports/store.ts";
import { repairCases } from "./caseRepair.ts";
import { caseKey, caseSortKey, serviceOf } from "./caseKey.ts";
import { scanCases } from "./caseScan.ts";
import type { ScannedCase } from "./caseScan.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import { dueShardOf, dueShards } from "./dueShard.ts";

export interface DynamoCasesOptions {
  readonly calls: DynamoCalls;
  readonly table: string;
  readonly log: Log;
  readonly upgrades?: Readonly<Record<number, Upgrade>>;
}

export function dynamoCases(options: DynamoCasesOptions): Cases {
  const { calls, table, log, upgrades } = options;
  return {
    load: (service) => load(service, options),
    write: async (next, expectedRev) => {
      assertNextRevision(next, expectedRev);
      const item = itemOf(next);
      const put = { TableName: table, Item: item, ...conditionOn(expectedRev) };
      return (await unlessRefused(() => calls.putItem(put))) ? "written" : "conflict";
    },
    due: (now, limit) => due(calls, { table, now, limit }),
    all: () => readable(scanCases(calls, table), log, upgrades),
    repair: () => repairCases(calls, { table, log }),
    remove: async (service) => {
      const key = { pk: { S: caseKey(service) }, sk: { S: caseSortKey } };
      await calls.deleteItem({ TableName: table, Key: key });
    },
  };
}

async function load(service: ServiceName, options: DynamoCasesOptions): Promise<ServiceCase | undefined> {
  const what = `case "${service}"`;
  const { calls, table, upgrades } = options;
  const key = { pk: { S: caseKey(service) }, sk: { S: caseSortKey } };
  const { Item: stored } = await calls.getItem({ TableName: table, Key: key, ConsistentRead: true });
  const rev = stored?.["rev"]?.N;
  // A revision of 0 is what repair leaves for an instant while it takes away an index entry that has no item.
  if (!stored || rev === "0") return undefined;
  if (!stored["body"]) throw new CorruptItem(what, "it has no body");
  if (stored["body"].S === undefined || rev === undefined)
    throw new CorruptItem(what, "its body or revision is missing or of another type than expected");
  const reading = readCase(what, stored["body"].S, upgrades);
  if (reading.kind === "newer") throw new NewerSchema(what, reading.schema, caseSchema);
  if (reading.current.rev !== Number(rev))
    throw new CorruptItem(what, `its body has revision ${reading.current.rev}, the item ${rev}`);
  return reading.current;
}

function itemOf(next: ServiceCase): Record<string, AttributeValue> {
  const body = JSON.stringify(next);
  assertCaseFits(next.service, body);
  assertKeyFits(caseKey(next.service), partitionKeyBytesMax);
  const { partitionKey, sortKey, dueIndex } = tableShape;
  const item: Record<string, AttributeValue> = {
    [partitionKey]: { S: caseKey(next.service) },
    [sortKey]: { S: caseSortKey },
    rev: { N: String(next.rev) },
    schema: { N: String(next.schema) },
    body: { S: body },
  };
  // Sparse: only what has a due time stands in the index.
  if (next.due === undefined) return item;
  return {
    ...item,
    [dueIndex.partitionKey]: { S: dueShardOf(next.service) },
    [dueIndex.sortKey]: { N: String(next.due) },
  };
}

function conditionOn(expectedRev: number) {
  if (expectedRev === 0)
    return {
      ConditionExpression: "attribute_not_exists(pk) OR rev = :none",
      ExpressionAttributeValues: { ":none": { N: "0" } },
    };
  return {
    // A newer program's item is never overwritten, whatever its revision.
    ConditionExpression: "rev = :expected AND #schema <= :known",
    ExpressionAttributeNames: { "#schema": "schema" },
    ExpressionAttributeValues: { ":expected": { N: String(expectedRev) }, ":known": { N: String(caseSchema) } },
  };
}

async function due(
  calls: DynamoCalls,
  { table, now, limit }: { table: string; now: number; limit: number },
): Promise<ServiceName[]> {
  const { name, partitionKey, sortKey } = tableShape.dueIndex;
  const pages = await Promise.all(
    dueShards.map((shard) =>
      calls.query({
        TableName: table,
        IndexName: name,
        KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} <= :now`,
        ExpressionAttributeValues: { ":shard": { S: shard }, ":now": { N: String(now) } },
        ProjectionExpression: `pk, ${sortKey}`,
        Limit: limit,
      }),
    ),
  );
  return pages
    .flatMap((page) => page.Items ?? [])
    .map((item) => ({ service: serviceOf(item["pk"]?.S ?? ""), dueAt: Number(item[sortKey]?.N) }))
    .sort(
      (left, right) =>
        left.dueAt - right.dueAt || Buffer.compare(Buffer.from(left.service), Buffer.from(right.service)),
    )
    .slice(0, limit)
    .map(({ service }) => service);
}

/** One bad item must not hide the others at start: it is told and left out. */
async function* readable(
  scanned: AsyncIterable<ScannedCase>,
  log: Log,
  upgrades?: Readonly<Record<number, Upgrade>>,
): AsyncGenerator<ServiceCase> {
  for await (const { service, rev, body } of scanned) {
    if (rev === 0) continue;
    const reading = readOrTell({ service, body, log, ...(upgrades ? { upgrades } : {}) });
    if (reading?.kind === "newer") log.warn("newer-schema", { service, schema: reading.schema, next: "left alone" });
    if (reading?.kind === "case") yield reading.current;
  }
}

function readOrTell(item: {
  service: ServiceName;
  body: string;
  log: Log;
  upgrades?: Readonly<Record<number, Upgrade>>;
}): CaseReading | undefined {
  try {
    return readCase(`case "${item.service}"`, item.body, item.upgrades);
  } catch (error) {
    item.log.error(codeOf(error), { service: item.service, message: sentenceOf(error) });
    return undefined;
  }
}
