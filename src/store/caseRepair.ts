/**
 * Mends the `due` index. DynamoDB keeps it by itself; dynalite writes index and item one after the other, so that a kill between
 * them leaves an item without entry (an incident that the due loop never sees), an entry at another time, or an entry without item
 * (loaded as "no case" each second). The item's body is the truth.
 *
 * Why this order is safe while workers run: every write is conditioned on the revision that was read, and the body is never
 * touched. A write that comes between wins and has made its own entry. A crash in the middle leaves attributes that differ
 * from the body's due time, which the next repair sees.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { tableShape } from "../domain/tableShape.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Log } from "../ports/log.ts";
import { caseSchema } from "../domain/serviceCase.ts";
import { caseKey, caseSortKey, serviceOf } from "./caseKey.ts";
import { entryOf, scanCases, scanned } from "./caseScan.ts";
import type { DueEntry, ScannedCase } from "./caseScan.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import { dueShardOf, dueShards } from "./dueShard.ts";

interface Repairing {
  readonly calls: DynamoCalls;
  readonly table: string;
}

/** Answers how many services had a torn entry that is whole now. */
export async function repairCases(calls: DynamoCalls, { table, log }: { table: string; log: Log }): Promise<number> {
  const repairing: Repairing = { calls, table };
  const indexed = await indexEntries(repairing);
  let mended = 0;
  for await (const found of scanCases(calls, table)) {
    const entries = indexed.get(found.service) ?? [];
    indexed.delete(found.service);
    const torn = tornOf(found, entries, log);
    if (torn && (await mend(repairing, found.service, torn))) mended += 1;
  }
  for (const [service, entries] of indexed)
    if (await takeAway(repairing, { service, entries, placeholderLeft: false })) mended += 1;
  if (mended > 0) log.warn("due-index-mended", { table, services: mended });
  return mended;
}

interface Torn {
  readonly wanted?: DueEntry;
  /** Entries that should not be there. */
  readonly wrong: readonly DueEntry[];
}

/** undefined = whole, or not ours to judge. */
function tornOf(found: ScannedCase, entries: readonly DueEntry[], log: Log): Torn | undefined {
  const body = bodyOf(found.body);
  if (found.rev !== 0 && !body) {
    log.error("corrupt-item", {
      service: found.service,
      message: "its body is not JSON; its index entry is not judged",
    });
    return undefined;
  }
  if (body && body.schema > caseSchema) return undefined;
  const wanted = body?.due === undefined ? undefined : { shard: dueShardOf(found.service), at: body.due };
  const wrong = entries.filter((entry) => !same(entry, wanted));
  const missing = wanted !== undefined && !entries.some((entry) => same(entry, wanted));
  if (wrong.length === 0 && !missing && same(found.entry, wanted) && found.rev !== 0) return undefined;
  return { wrong, ...(wanted ? { wanted } : {}) };
}

function bodyOf(body: string): { due?: number; schema: number } | undefined {
  try {
    const { due, schema } = JSON.parse(body) as { due?: unknown; schema?: unknown };
    return { schema: typeof schema === "number" ? schema : 0, ...(typeof due === "number" ? { due } : {}) };
  } catch {
    return undefined;
  }
}

async function mend(repairing: Repairing, service: ServiceName, torn: Torn): Promise<boolean> {
  const now = await strongly(repairing, service);
  if (!now) return false;
  if (now.rev === 0) return takeAway(repairing, { service, entries: torn.wrong, placeholderLeft: true });
  // What was written since the scan has made its own entry; and on AWS the index may only have lagged.
  const wanted = wantedBy(now);
  if (!same(wanted, torn.wanted)) return false;
  const wrong = await stillThere(repairing, service, torn.wrong);
  const missing = wanted !== undefined && (await stillThere(repairing, service, [wanted])).length === 0;
  if (wrong.length === 0 && !missing && same(now.entry, wanted)) return false;
  for (const entry of wrong) if (!(await setEntry(repairing, now, entry))) return false;
  return setEntry(repairing, now, wanted);
}

/** An entry goes away when an item that has it loses it: so the item is made for an instant. Revision 0 reads as "no case". */
async function takeAway(
  repairing: Repairing,
  {
    service,
    entries,
    placeholderLeft,
  }: { service: ServiceName; entries: readonly DueEntry[]; placeholderLeft: boolean },
): Promise<boolean> {
  const { calls, table } = repairing;
  const left = await stillThere(repairing, service, entries);
  if (left.length === 0 && !placeholderLeft) return false;
  const free = "attribute_not_exists(pk) OR rev = :none";
  const none = { ":none": { N: "0" } };
  const key = { pk: { S: caseKey(service) }, sk: { S: caseSortKey } };
  return unlessRefused(async () => {
    for (const entry of left) {
      const item = { ...key, rev: { N: "0" }, ...attributesOf(entry) };
      await calls.putItem({ TableName: table, Item: item, ConditionExpression: free, ExpressionAttributeValues: none });
    }
    await calls.deleteItem({ TableName: table, Key: key, ConditionExpression: free, ExpressionAttributeValues: none });
  });
}

/** false = the case was written meanwhile. */
async function setEntry({ calls, table }: Repairing, found: ScannedCase, entry?: DueEntry): Promise<boolean> {
  const { partitionKey, sortKey } = tableShape.dueIndex;
  const set = entry ? `SET ${partitionKey} = :shard, ${sortKey} = :at` : `REMOVE ${partitionKey}, ${sortKey}`;
  return unlessRefused(() =>
    calls.updateItem({
      TableName: table,
      Key: { pk: { S: caseKey(found.service) }, sk: { S: caseSortKey } },
      UpdateExpression: set,
      ConditionExpression: "rev = :rev",
      ExpressionAttributeValues: {
        ":rev": { N: String(found.rev) },
        ...(entry ? { ":shard": { S: entry.shard }, ":at": { N: String(entry.at) } } : {}),
      },
    }),
  );
}

async function strongly({ calls, table }: Repairing, service: ServiceName): Promise<ScannedCase | undefined> {
  const key = { pk: { S: caseKey(service) }, sk: { S: caseSortKey } };
  const { Item } = await calls.getItem({ TableName: table, Key: key, ConsistentRead: true });
  return Item && scanned(Item);
}

async function indexEntries({ calls, table }: Repairing): Promise<Map<ServiceName, DueEntry[]>> {
  const found = new Map<ServiceName, DueEntry[]>();
  for (const shard of dueShards) {
    for await (const row of indexRows({ calls, table }, shard)) {
      const service = serviceOf(row["pk"]?.S ?? "");
      const entry = entryOf(row);
      if (entry) found.set(service, [...(found.get(service) ?? []), entry]);
    }
  }
  return found;
}

async function stillThere(
  repairing: Repairing,
  service: ServiceName,
  entries: readonly DueEntry[],
): Promise<DueEntry[]> {
  const left: DueEntry[] = [];
  for (const entry of entries) {
    for await (const row of indexRows(repairing, entry.shard, entry.at)) {
      if (row["pk"]?.S === caseKey(service)) left.push(entry);
    }
  }
  return left;
}

async function* indexRows(
  { calls, table }: Repairing,
  shard: string,
  at?: number,
): AsyncGenerator<Record<string, AttributeValue>> {
  const { name, partitionKey, sortKey } = tableShape.dueIndex;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await calls.query({
      TableName: table,
      IndexName: name,
      KeyConditionExpression: `${partitionKey} = :shard${at === undefined ? "" : ` AND ${sortKey} = :at`}`,
      ExpressionAttributeValues: { ":shard": { S: shard }, ...(at === undefined ? {} : { ":at": { N: String(at) } }) },
      ...(from ? { ExclusiveStartKey: from } : {}),
    });
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from);
}

function wantedBy(found: ScannedCase): DueEntry | undefined {
  const due = bodyOf(found.body)?.due;
  return due === undefined ? undefined : { shard: dueShardOf(found.service), at: due };
}

function attributesOf(entry: DueEntry): Record<string, AttributeValue> {
  const { partitionKey, sortKey } = tableShape.dueIndex;
  return { [partitionKey]: { S: entry.shard }, [sortKey]: { N: String(entry.at) } };
}

function same(left: DueEntry | undefined, right: DueEntry | undefined): boolean {
  return left?.shard === right?.shard && left?.at === right?.at;
}
