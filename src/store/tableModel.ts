/**
 * dynamoose's view of the one table. Three of its habits are kept out here: its registry of tables is process-wide, so
 * each store has an instance and a model of its own; a table that sets itself up ends the process when that fails, so set-up is only ever
 * awaited; and its calls go through `dynamoCalls`, so that its errors are ours.
 */
import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import dynamoose from "dynamoose";
import type { Item } from "dynamoose/dist/Item.js";
import { tableShape } from "../domain/tableShape.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";

/** Every attribute that any item of the table has. */
export interface StoredItem {
  readonly pk: string;
  readonly sk: string;
  readonly rev?: number;
  readonly schema?: number;
  readonly body?: string;
  readonly dueShard?: string;
  readonly dueAt?: number;
  readonly owner?: string;
  readonly fence?: number;
  readonly until?: number;
}

export type TableModel = ReturnType<typeof dynamoose.model<Item & StoredItem>>;

const createdTableWaitMs = 60_000;
const createdTableCheckMs = 100;

/** A model that never touches the table by itself. */
export async function tableModel(calls: DynamoCalls, table: string): Promise<TableModel> {
  const { model, shaped } = assigned(calls, table, false);
  // Marks the table as ready; with nothing to create or wait for, no call is made.
  await shaped.initialize();
  return model;
}

/** Creates the table and its index and waits until they are active. Throws ResourceInUse when another process was first. */
export async function createTable(calls: DynamoCalls, table: string): Promise<void> {
  await assigned(calls, table, true).shaped.initialize();
}

function assigned(calls: DynamoCalls, table: string, create: boolean) {
  const instance = new dynamoose.Instance();
  // dynamoose calls only the methods that DynamoCalls has.
  instance.aws.ddb.set(calls as unknown as DynamoDB);
  const model = dynamoose.model<Item & StoredItem>(table, schema());
  const shaped = new instance.Table(table, [model], {
    create,
    throughput: "ON_DEMAND",
    waitForActive: create
      ? { enabled: true, check: { timeout: createdTableWaitMs, frequency: createdTableCheckMs } }
      : { enabled: false },
    initialize: false,
  });
  return { model, shaped };
}

function schema() {
  const { partitionKey, sortKey, dueIndex } = tableShape;
  return new dynamoose.Schema({
    [partitionKey]: { type: String, hashKey: true },
    [sortKey]: { type: String, rangeKey: true },
    rev: Number,
    schema: Number,
    body: String,
    // `project: false` is dynamoose's word for KEYS_ONLY.
    [dueIndex.partitionKey]: {
      type: String,
      index: { name: dueIndex.name, type: "global", rangeKey: dueIndex.sortKey, project: false },
    },
    [dueIndex.sortKey]: Number,
    owner: String,
    fence: Number,
    until: Number,
  });
}
