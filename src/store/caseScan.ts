/** Every case, strongly read, page by page. Past dynamoose: it takes ten times as long for many items. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { tableShape } from "../domain/tableShape.ts";
import type { ServiceName } from "../domain/words.ts";
import { casePrefix, serviceOf } from "./caseKey.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";

export interface DueEntry {
  readonly shard: string;
  readonly at: number;
}

export interface ScannedCase {
  readonly service: ServiceName;
  readonly rev: number;
  /** "" where the item has none. */
  readonly body: string;
  /** What the item's own attributes say; absent when it has none. */
  readonly entry?: DueEntry;
}

export async function* scanCases(calls: DynamoCalls, table: string): AsyncGenerator<ScannedCase> {
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await calls.scan({
      TableName: table,
      ConsistentRead: true,
      FilterExpression: "begins_with(pk, :cases)",
      ExpressionAttributeValues: { ":cases": { S: casePrefix } },
      ...(from ? { ExclusiveStartKey: from } : {}),
    });
    for (const item of page.Items ?? []) yield scanned(item);
    from = page.LastEvaluatedKey;
  } while (from);
}

export function scanned(item: Record<string, AttributeValue>): ScannedCase {
  const entry = entryOf(item);
  return {
    service: serviceOf(item["pk"]?.S ?? ""),
    rev: Number(item["rev"]?.N ?? "0"),
    body: item["body"]?.S ?? "",
    ...(entry ? { entry } : {}),
  };
}

/** The index entry that an item or an index row names. */
export function entryOf(item: Record<string, AttributeValue>): DueEntry | undefined {
  const shard = item[tableShape.dueIndex.partitionKey]?.S;
  const at = item[tableShape.dueIndex.sortKey]?.N;
  return shard === undefined || at === undefined ? undefined : { shard, at: Number(at) };
}
