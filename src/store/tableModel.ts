/**
 * dynamoose's view of the one table, and the requests that are made with it. Three of its habits are kept out here: its registry is
 * process-wide (each store has an instance and models of its own); a table that sets itself up ends the process when that fails (set-up
 * is only ever awaited); its own sending turns every request and answer into text for a logger that is not there and looks for that
 * logger on the disk (requests are taken from it and sent by `dynamoCalls`). What that saves: docs/decisions/0009.
 */
import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb";
import dynamoose from "dynamoose";
import { CorruptItem } from "../domain/caseSchema.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { allModels, itemModels } from "./itemModels.ts";
import type { AnyModel, ItemKey, ItemModels } from "./itemModels.ts";
import { prepareRequests } from "./preparedRequests.ts";
import type { PreparedRequests } from "./preparedRequests.ts";

export type Attributes = Record<string, AttributeValue>;
/** What DynamoDB stores of it as text or number; `undefined` is left out. */
export type PlainItem = ItemKey & Readonly<Record<string, string | number | undefined>>;

export interface TableModel {
  readonly models: ItemModels;
  readonly requests: PreparedRequests;
}

const createdTableWaitMs = 60_000;
const createdTableCheckMs = 100;

/** Models that never touch the table by themselves. */
export async function tableModel(calls: DynamoCalls, table: string): Promise<TableModel> {
  const models = itemModels(table);
  const bound = boundTable(calls, table, { models: allModels(models), create: false });
  // Marks the table as ready; with nothing to create or wait for, no call is made.
  await bound.initialize();
  return { models, requests: await prepareRequests(models) };
}

/** Creates the table and its index and waits until they are active. Throws ResourceInUse when another process was first. */
export async function createTable(calls: DynamoCalls, table: string): Promise<void> {
  // The case's model alone names both keys and the index.
  await boundTable(calls, table, { models: [itemModels(table).case], create: true }).initialize();
}

function boundTable(calls: DynamoCalls, table: string, { models, create }: { models: AnyModel[]; create: boolean }) {
  const instance = new dynamoose.Instance();
  // dynamoose calls only the methods that DynamoCalls has.
  instance.aws.ddb.set(calls as unknown as DynamoDB);
  return new instance.Table(table, models, {
    create,
    throughput: "ON_DEMAND",
    waitForActive: create
      ? { enabled: true, check: { timeout: createdTableWaitMs, frequency: createdTableCheckMs } }
      : { enabled: false },
    initialize: false,
  });
}

/**
 * The item as DynamoDB takes it, held against the model's schema: another type throws, what the schema does not name is dropped.
 * dynamoose's `create` looks through the schema nine more times, for defaults, enums, setters and the like, which these have none of.
 */
export async function toItem(model: AnyModel, plain: PlainItem): Promise<Attributes> {
  const { Item } = model.Model;
  const checked = (await Item.objectFromSchema(plain, model.Model, { type: "toDynamo" })) as PlainItem;
  return Item.objectToDynamo(checked) as Attributes;
}

/** What is stored, as plain values; the reader says what is wrong with them. Throws CorruptItem for numbers that JavaScript has not. */
export function fromItem(model: AnyModel, stored: Attributes): Readonly<Record<string, unknown>> {
  try {
    return model.Model.Item.fromDynamo(stored) as Record<string, unknown>;
  } catch (cause) {
    const what = `item "${stored["pk"]?.S ?? "?"}" / "${stored["sk"]?.S ?? "?"}"`;
    throw new CorruptItem(what, "an attribute has a value that cannot be read", cause);
  }
}
