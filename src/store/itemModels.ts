/**
 * A dynamoose model for each kind of item on the one table. A schema names what a person reads in the console; everything else is
 * the `body`, JSON text that counts alone. What a schema does not name is not written, and what it names with another type is refused.
 */
import dynamoose from "dynamoose";
import type { Item } from "dynamoose/dist/Item.js";
import { canExpire } from "../domain/recordLife.ts";
import { recordKindNames, recordKinds } from "../domain/recordKinds.ts";
import type { RecordKind, RecordKindName } from "../domain/recordKinds.ts";
import { tableShape } from "../domain/tableShape.ts";

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** What repair puts right of a case. */
export interface IndexedItem extends ItemKey {
  readonly dueShard?: string;
  readonly due?: number;
  readonly dueUtc?: string;
}

type Model<T> = ReturnType<typeof dynamoose.model<Item & T>>;
export type AnyModel = Model<ItemKey>;

export interface ItemModels {
  readonly case: Model<IndexedItem>;
  /** What repair makes for an instant to take an index entry away: revision 0, no body. */
  readonly placeholder: AnyModel;
  readonly lease: AnyModel;
  readonly record: Readonly<Record<RecordKindName, AnyModel>>;
}

const { partitionKey, sortKey, dueIndex, expiry } = tableShape;

const keys = {
  [partitionKey]: { type: String, hashKey: true },
  [sortKey]: { type: String, rangeKey: true },
};
// `project: false` is dynamoose's word for KEYS_ONLY.
const index = { name: dueIndex.name, type: "global", rangeKey: dueIndex.sortKey, project: false } as const;
const indexed = { [dueIndex.partitionKey]: { type: String, index }, [dueIndex.sortKey]: Number };

/** Schemas know no table, so that all stores of a process share them. */
const schemas = {
  case: new dynamoose.Schema({
    ...keys,
    service: String,
    rev: Number,
    schema: Number,
    pattern: String,
    phase: String,
    symptom: String,
    incident: String,
    opened: Number,
    openedUtc: String,
    ...indexed,
    dueUtc: String,
    body: String,
  }),
  placeholder: new dynamoose.Schema({ ...keys, rev: Number, ...indexed }),
  lease: new dynamoose.Schema({ ...keys, owner: String, fence: Number, until: Number }),
  record: Object.fromEntries(recordKindNames.map((name) => [name, recordSchema(recordKinds[name])])) as Record<
    RecordKindName,
    InstanceType<typeof dynamoose.Schema>
  >,
};

function recordSchema({ collections, columns }: RecordKind) {
  const readable = Object.entries(columns).map(([name, { type }]) => [name, type === "number" ? Number : String]);
  return new dynamoose.Schema({
    ...keys,
    rev: Number,
    ...(Object.fromEntries(readable) as Record<string, StringConstructor | NumberConstructor>),
    ...(collections.some(canExpire) ? { [expiry]: Number } : {}),
    body: String,
  });
}

/**
 * The models, for every store of the process: dynamoose's registry is process-wide too, and by name, so that models of one table each
 * would grow it with every table. They are bound to a table that is never called; `dynamoCalls` names the real one.
 */
export function itemModels(): ItemModels {
  return {
    case: named<IndexedItem>("case", schemas.case),
    placeholder: named("placeholder", schemas.placeholder),
    lease: named("lease", schemas.lease),
    record: Object.fromEntries(
      recordKindNames.map((name) => [name, named(`record-${name}`, schemas.record[name])]),
    ) as unknown as ItemModels["record"],
  };
}

/** What the table is created by: the case's schema alone names both keys and the index. */
export function creationModel(table: string): AnyModel {
  return named(`new ${table}`, schemas.case);
}

/** A name that no table can have: dynamoose hands a model the table of another one that has the same table name. */
function named<T>(kind: string, schema: InstanceType<typeof dynamoose.Schema>): Model<T> {
  return dynamoose.model<Item & T>(`medic ${kind}`, schema);
}

export function allModels({ record, ...others }: ItemModels): AnyModel[] {
  return [...(Object.values(others) as AnyModel[]), ...Object.values(record)];
}

/** The attributes that this kind of item may have, for the test that compares them with what is written. */
export function attributesOf(kind: "case" | "placeholder" | "lease" | RecordKindName): string[] {
  const schema = kind in schemas.record ? schemas.record[kind as RecordKindName] : schemas[kind as "case"];
  return schema.attributes();
}
