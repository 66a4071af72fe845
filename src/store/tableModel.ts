/**
 * dynamoose's view of the one table, and the requests that are made with it. Three of its habits are kept out here: its registry of models
 * is process-wide (so are ours); a table that sets itself up ends the process when that fails (set-up is only ever awaited); its own
 * sending turns every request and answer into text for a logger that is not there and looks for that logger on the disk (requests are
 * taken from it and sent by `dynamoCalls`). What each costs: docs/decisions/0009-dynamoose-prepared.md.
 */
import type { AttributeValue, DynamoDB } from "@aws-sdk/client-dynamodb";
import dynamoose from "dynamoose";
import { CorruptItem } from "../domain/caseSchema.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { allModels, creationModel, itemModels } from "./itemModels.ts";
import type { AnyModel, ItemKey, ItemModels } from "./itemModels.ts";
import { prepareRequests } from "./preparedRequests.ts";
import type { PreparedRequests } from "./preparedRequests.ts";

export type Attributes = Record<string, AttributeValue>;
/** What DynamoDB stores of it as text or number; `undefined` is left out. */
export type PlainItem = ItemKey & Readonly<Record<string, string | number | undefined>>;

export interface TableModel {
  readonly models: ItemModels;
  /** `dynamoCalls` names the table in each of them. */
  readonly requests: PreparedRequests;
}

const createdTableWaitMs = 60_000;
const createdTableCheckMs = 100;

let shared: Promise<TableModel> | undefined;

/** The same for every store of the process; made when first asked for. Makes no call. */
export function tableModel(): Promise<TableModel> {
  return (shared ??= made());
}

async function made(): Promise<TableModel> {
  const models = itemModels();
  const instance = new dynamoose.Instance();
  // Whatever asks it to send instead of taking the request from it fails at once, and never reaches AWS's default client.
  instance.aws.ddb.set({} as DynamoDB);
  const table = new instance.Table("medic", allModels(models), {
    create: false,
    waitForActive: { enabled: false },
    initialize: false,
  });
  // Marks the table as ready; with nothing to create or wait for, no call is made.
  await table.initialize();
  return { models, requests: await prepareRequests(models) };
}

/** Creates the table and its index and waits until they are active. Throws ResourceInUse when another process was first. */
export async function createTable(calls: DynamoCalls, table: string): Promise<void> {
  const instance = new dynamoose.Instance();
  // dynamoose calls only the methods that DynamoCalls has.
  instance.aws.ddb.set(calls as unknown as DynamoDB);
  const created = new instance.Table(table, [creationModel(table)], {
    create: true,
    throughput: "ON_DEMAND",
    waitForActive: { enabled: true, check: { timeout: createdTableWaitMs, frequency: createdTableCheckMs } },
    initialize: false,
  });
  await created.initialize();
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
