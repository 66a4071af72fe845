/**
 * Requests that dynamoose builds from the models once, with marks where the values go; each call fills in its own. To build them anew
 * each time costs more CPU than to sign and send them: a condition on two attributes runs five times through the schema.
 */
import type {
  AttributeValue,
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import dynamoose from "dynamoose";
import { caseSchema } from "../domain/serviceCase.ts";
import { tableShape } from "../domain/tableShape.ts";
import { casePrefix } from "./caseKey.ts";
import type { AnyModel, ItemKey, ItemModels } from "./itemModels.ts";

type Values = Readonly<Record<string, AttributeValue>>;
type Condition = Pick<
  PutItemCommandInput,
  "TableName" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;
type Page<Input> = Omit<Input, "Limit" | "ExclusiveStartKey">;

export interface PreparedRequests {
  readonly get: (key: ItemKey) => GetItemCommandInput;
  readonly remove: (key: ItemKey) => DeleteItemCommandInput;
  /** Conditions of a put. */
  readonly ifAbsent: () => Condition;
  /** Also where repair has left its placeholder of revision 0. */
  readonly ifNoCase: () => Condition;
  /** A newer program's case is never overwritten, whatever its revision. */
  readonly ifCaseAt: (rev: number) => Condition;
  readonly ifRecordAt: (rev: number) => Condition;
  readonly ifHeldBy: (owner: string, fence: number) => Condition;
  readonly ifFree: (fence: number, until: number) => Condition;
  readonly ifLeaseAt: (fence: number, until: number, owner: string) => Condition;
  /** Puts a case's index entry right, on the revision that was read; its body is not touched. */
  readonly setDue: (key: ItemKey, wanted: { readonly rev: number } & Required<DueAttributes>) => UpdateItemCommandInput;
  readonly clearDue: (key: ItemKey, rev: number) => UpdateItemCommandInput;
  readonly due: (shard: string, until: number) => Page<QueryCommandInput>;
  readonly dueAt: (shard: string, at: number) => Page<QueryCommandInput>;
  readonly dueAll: (shard: string) => Page<QueryCommandInput>;
  readonly list: (collection: string, newestFirst: boolean, after?: string) => Page<QueryCommandInput>;
  readonly cases: () => Page<ScanCommandInput>;
  readonly everything: () => Page<ScanCommandInput>;
}

export interface DueAttributes {
  readonly dueShard?: string;
  readonly due?: number;
  readonly dueUtc?: string;
}

/** Marks: texts and numbers that no request has otherwise. */
const textMark = "\u0000text";
const otherTextMark = "\u0000other";
const numberMark = 8_080_808;
const otherNumberMark = 9_090_909;
const keyMark = { pk: textMark, sk: otherTextMark };

export async function prepareRequests(models: ItemModels): Promise<PreparedRequests> {
  // Every kind has the same keys and, but for a case, the same condition: one model stands for all of them.
  const anyRecord = models.record.other;
  const got = await anyRecord.get(keyMark, { consistent: true, return: "request" });
  const removed = await anyRecord.delete(keyMark, { return: "request" });
  return {
    get: (key) => ({ ...got, Key: keyOf(key) }),
    remove: (key) => ({ ...removed, Key: keyOf(key) }),
    ...(await itemConditions(models)),
    ...(await leaseConditions(models)),
    ...(await dueUpdates(models)),
    ...(await dueQueries(models)),
    list: await listQueries(models),
    ...(await scans(models)),
  };
}

const where = () => new dynamoose.Condition();

async function itemConditions({ case: model, record }: ItemModels) {
  const ifAbsent = await conditionOf(record.other, where().where("pk").not().exists());
  const ifNoCase = await conditionOf(model, where().where("pk").not().exists().or().where("rev").eq(0));
  const caseAt = where().where("rev").eq(numberMark).and().where("schema").le(caseSchema);
  const recordAt = where().where("rev").eq(numberMark);
  return {
    ifAbsent: () => ifAbsent,
    ifNoCase: () => ifNoCase,
    ifCaseAt: filled(await conditionOf(model, caseAt), numberMark),
    ifRecordAt: filled(await conditionOf(record.other, recordAt), numberMark),
  };
}

async function leaseConditions({ lease }: ItemModels) {
  const held = where().where("owner").eq(textMark).and().where("fence").eq(numberMark);
  const asRead = () =>
    where().where("fence").eq(numberMark).and().where("until").eq(otherNumberMark).and().where("owner");
  const free = await conditionOf(lease, asRead().not().exists());
  const owned = await conditionOf(lease, asRead().eq(textMark));
  return {
    ifHeldBy: filled(await conditionOf(lease, held), textMark, numberMark),
    ifFree: filled(free, numberMark, otherNumberMark),
    ifLeaseAt: filled(owned, numberMark, otherNumberMark, textMark),
  };
}

async function dueUpdates({ case: model }: ItemModels): Promise<Pick<PreparedRequests, "setDue" | "clearDue">> {
  const settings = { condition: where().where("rev").eq(numberMark), returnValues: "NONE", return: "request" } as const;
  const marks = { dueShard: textMark, due: otherNumberMark, dueUtc: otherTextMark };
  const set = filled(
    await model.update(keyMark, { $SET: marks }, settings),
    numberMark,
    textMark,
    otherNumberMark,
    otherTextMark,
  );
  const cleared = filled(await model.update(keyMark, { $REMOVE: Object.keys(marks) } as never, settings), numberMark);
  return {
    setDue: (key, { rev, dueShard, due, dueUtc }) => ({ ...set(rev, dueShard, due, dueUtc), Key: keyOf(key) }),
    clearDue: (key, rev) => ({ ...cleared(rev), Key: keyOf(key) }),
  };
}

async function conditionOf(model: AnyModel, condition: InstanceType<typeof dynamoose.Condition>): Promise<Condition> {
  const { Item: _, ...rest } = await model.create(keyMark, { overwrite: true, condition, return: "request" });
  return rest;
}

async function dueQueries({ case: model }: ItemModels): Promise<Pick<PreparedRequests, "due" | "dueAt" | "dueAll">> {
  const { name, partitionKey, sortKey } = tableShape.dueIndex;
  const shard = () => model.query(partitionKey).eq(textMark).using(name);
  const until = (await shard()
    .where(sortKey)
    .le(numberMark)
    .attributes([tableShape.partitionKey, sortKey])
    .getRequest()) as QueryCommandInput;
  const at = (await shard().where(sortKey).eq(numberMark).getRequest()) as QueryCommandInput;
  const all = (await shard().getRequest()) as QueryCommandInput;
  const fillUntil = filled(until, textMark, numberMark);
  return { due: fillUntil, dueAt: filled(at, textMark, numberMark), dueAll: filled(all, textMark) };
}

async function listQueries({ record }: ItemModels): Promise<PreparedRequests["list"]> {
  const within = () => record.other.query("pk").eq(textMark).consistent();
  const request = async (query: ReturnType<typeof within>, sort: "ascending" | "descending") =>
    (await query.sort(sort).getRequest()) as QueryCommandInput;
  const oldest = filled(await request(within(), "ascending"), textMark);
  const newest = filled(await request(within(), "descending"), textMark);
  const above = filled(await request(within().where("sk").gt(otherTextMark), "ascending"), textMark, otherTextMark);
  const below = filled(await request(within().where("sk").lt(otherTextMark), "descending"), textMark, otherTextMark);
  return (collection, newestFirst, after) => {
    if (!after) return newestFirst ? newest(collection) : oldest(collection);
    return newestFirst ? below(collection, after) : above(collection, after);
  };
}

async function scans({ case: model }: ItemModels): Promise<Pick<PreparedRequests, "cases" | "everything">> {
  const cases = (await model.scan("pk").beginsWith(casePrefix).consistent().getRequest()) as ScanCommandInput;
  const everything = (await model.scan().consistent().getRequest()) as ScanCommandInput;
  return { cases: () => cases, everything: () => everything };
}

/** The request with its marks replaced, in the order of the marks. Throws at start where dynamoose has put one elsewhere. */
function filled<
  Input extends { ExpressionAttributeValues?: Values | undefined },
  Marks extends readonly (string | number)[],
>(
  request: Input,
  ...marks: Marks
): (...values: { [At in keyof Marks]: Marks[At] extends string ? string : number }) => Input {
  const places = Object.entries(request.ExpressionAttributeValues ?? {});
  const names = marks.map((mark) => {
    const found = places.filter(([, value]) => value.S === mark || value.N === String(mark));
    const [place] = found;
    if (place === undefined || found.length > 1)
      throw new Error(`dynamoose has built a request with ${found.length} places for "${mark}" where one was expected`);
    return place[0];
  });
  return (...values) => ({
    ...request,
    ExpressionAttributeValues: {
      ...request.ExpressionAttributeValues,
      ...Object.fromEntries(names.map((name, at) => [name, valueOf((values as (string | number)[])[at] ?? "")])),
    },
  });
}

function valueOf(value: string | number): AttributeValue {
  return typeof value === "string" ? { S: value } : { N: String(value) };
}

function keyOf({ pk, sk }: ItemKey): Values {
  return { [tableShape.partitionKey]: { S: pk }, [tableShape.sortKey]: { S: sk } };
}
