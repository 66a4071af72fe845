/** Makes the table fit, whoever made it: created when missing, given its index when it lacks it, waited for, refused when of another shape. */
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { MedicError } from "../domain/errors.ts";
import { tableShape } from "../domain/tableShape.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { StoreUnavailable } from "../ports/store.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { isTableBusy, isTableMissing } from "./dynamoErrors.ts";
import { enableExpiry } from "./tableExpiry.ts";
import { createTable } from "./tableModel.ts";

/** An index added to a full table is built from its items: minutes on AWS. */
const activeWaitMsMax = 10 * 60_000;
const activeCheckMs = 200;

/** Safe to repeat and to run in several processes at once. Throws StoreUnavailable, or MedicError `table-shape`. */
export async function setUpTable(
  calls: DynamoCalls,
  { table, clock, log }: { readonly table: string; readonly clock: Clock; readonly log: Log },
): Promise<void> {
  if ((await describe(calls, table)) === undefined) await createUnlessAnotherDid(calls, table);
  const found = await untilActive(calls, table, clock);
  assertShape(table, found);
  if (!dueIndexOf(found)) {
    await addIndexUnlessAnotherDid(calls, table);
    await untilActive(calls, table, clock);
  }
  await enableExpiry(calls, table, log);
}

async function createUnlessAnotherDid(calls: DynamoCalls, table: string): Promise<void> {
  try {
    await createTable(calls, table);
  } catch (error) {
    if (!isTableBusy(error)) throw error;
  }
}

async function addIndexUnlessAnotherDid(calls: DynamoCalls, table: string): Promise<void> {
  const { dueIndex } = tableShape;
  try {
    await calls.updateTable({
      TableName: table,
      AttributeDefinitions: [
        { AttributeName: tableShape.partitionKey, AttributeType: "S" },
        { AttributeName: tableShape.sortKey, AttributeType: "S" },
        { AttributeName: dueIndex.partitionKey, AttributeType: "S" },
        { AttributeName: dueIndex.sortKey, AttributeType: "N" },
      ],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: dueIndex.name,
            KeySchema: [
              { AttributeName: dueIndex.partitionKey, KeyType: "HASH" },
              { AttributeName: dueIndex.sortKey, KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: dueIndex.projection },
          },
        },
      ],
    });
  } catch (error) {
    if (!isTableBusy(error)) throw error;
  }
}

/** undefined = no such table. */
export async function describe(calls: DynamoCalls, table: string): Promise<TableDescription | undefined> {
  try {
    return (await calls.describeTable({ TableName: table })).Table;
  } catch (error) {
    if (isTableMissing(error)) return undefined;
    throw error;
  }
}

async function untilActive(calls: DynamoCalls, table: string, clock: Clock): Promise<TableDescription> {
  const until = clock.now() + activeWaitMsMax;
  for (;;) {
    const found = await describe(calls, table);
    if (found?.TableStatus === "ACTIVE" && (dueIndexOf(found)?.IndexStatus ?? "ACTIVE") === "ACTIVE") return found;
    if (clock.now() >= until)
      throw new StoreUnavailable(
        `the set-up of table "${table}"`,
        undefined,
        `the table is ${found?.TableStatus ?? "missing"} and does not become ACTIVE: look at it in the console`,
      );
    await clock.sleep(activeCheckMs);
  }
}

function dueIndexOf(found: TableDescription) {
  return found.GlobalSecondaryIndexes?.find((index) => index.IndexName === tableShape.dueIndex.name);
}

function assertShape(table: string, found: TableDescription): void {
  const { partitionKey, sortKey, dueIndex } = tableShape;
  const index = dueIndexOf(found);
  const foundKeys = keysOf(found.KeySchema);
  const foundIndexKeys = index && keysOf(index.KeySchema);
  const neededKeys = `${partitionKey}, ${sortKey}`;
  const neededIndexKeys = `${dueIndex.partitionKey}, ${dueIndex.sortKey}`;
  if (foundKeys === neededKeys && (foundIndexKeys ?? neededIndexKeys) === neededIndexKeys) return;
  throw new MedicError(
    "table-shape",
    `table "${table}" has the keys ${foundKeys} and its index "${dueIndex.name}" ${foundIndexKeys ?? "is missing"}; ` +
      `needed are ${neededKeys} and ${neededIndexKeys}`,
    { retry: "never", next: "Give the bot a table of its own: another name in MEDIC_TABLE, then `medic setup`." },
  );
}

function keysOf(schema: TableDescription["KeySchema"]): string {
  return [...(schema ?? [])]
    .sort((left, right) => (left.KeyType ?? "").localeCompare(right.KeyType ?? ""))
    .map((key) => key.AttributeName ?? "?")
    .join(", ");
}
