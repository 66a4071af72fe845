/** Everything that is not a case: `<collection>` / `<id>`, a revision and a JSON body. Through dynamoose. */
import dynamoose from "dynamoose";
import { CorruptItem } from "../domain/caseSchema.ts";
import { assertRecordFits, assertRecordKey } from "../domain/storedSize.ts";
import type { RecordKey, Records, StoredRecord } from "../ports/store.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import type { StoredItem, TableModel } from "./tableModel.ts";

export function dynamoRecords(model: () => Promise<TableModel>): Records {
  return {
    get: async <T>(key: RecordKey) => {
      const stored: StoredItem | undefined = await (await model()).get(keyOf(key), { consistent: true });
      return stored && asRecord<T>(stored);
    },
    putIfAbsent: async (key, body) => {
      const item = { ...keyOf(key), rev: 1, body: textOf(key, body) };
      return unlessRefused(async () => (await model()).create(item, { overwrite: false }));
    },
    replace: async (key, body, rev) => {
      const next = { rev: rev + 1, body: textOf(key, body) };
      // Without the condition dynamoose would create the record where it is gone.
      const condition = new dynamoose.Condition().where("rev").eq(rev);
      return unlessRefused(async () => (await model()).update(keyOf(key), { $SET: next }, { condition }));
    },
    list: async <T>(collection: string, options: Parameters<Records["list"]>[1]) =>
      (await listed(await model(), collection, options)).map((stored) => asRecord<T>(stored)),
    remove: async (key) => (await model()).delete(keyOf(key)),
  };
}

/** A page of DynamoDB ends at 1 MB: with bodies of 300 KB that is four records, whatever limit was asked for. */
async function listed(
  model: TableModel,
  collection: string,
  { limit, after, newestFirst }: Parameters<Records["list"]>[1],
): Promise<StoredItem[]> {
  if (limit <= 0) return [];
  const found: StoredItem[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const within = model.query("pk").eq(collection);
    const beyond = !after ? within : newestFirst ? within.where("sk").lt(after) : within.where("sk").gt(after);
    const query = beyond
      .sort(newestFirst ? "descending" : "ascending")
      .consistent()
      .limit(limit - found.length);
    const page = await (from ? query.startAt(from) : query).exec();
    found.push(...page);
    from = page.lastKey;
  } while (from && found.length < limit);
  return found;
}

function keyOf({ collection, id }: RecordKey): { pk: string; sk: string } {
  assertRecordKey(collection, id);
  return { pk: collection, sk: id };
}

function textOf({ collection, id }: RecordKey, body: unknown): string {
  // A record without a body is one whose body is null: JSON has no undefined.
  const text = JSON.stringify(body ?? null);
  assertRecordFits(collection, id, text);
  return text;
}

function asRecord<T>(stored: StoredItem): StoredRecord<T> {
  const what = `record "${stored.sk}" of "${stored.pk}"`;
  if (stored.rev === undefined || stored.body === undefined) throw new CorruptItem(what, "it has no revision or body");
  try {
    return { id: stored.sk, rev: stored.rev, body: JSON.parse(stored.body) as T };
  } catch (cause) {
    throw new CorruptItem(what, "its body is not JSON", cause);
  }
}
