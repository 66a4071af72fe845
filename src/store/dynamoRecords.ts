/** Everything that is not a case: put if absent, or written whole on the revision that was read. */
import { kindOf } from "../domain/recordKinds.ts";
import { assertLimit, assertRecordKey } from "../domain/storedSize.ts";
import type { RecordKey, Records, StoredRecord } from "../ports/store.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import type { ItemKey } from "./itemModels.ts";
import { queried } from "./pages.ts";
import { asRecord, recordItem } from "./recordItem.ts";
import { fromItem, toItem } from "./tableModel.ts";
import type { TableModel } from "./tableModel.ts";

export function dynamoRecords(calls: DynamoCalls, model: () => Promise<TableModel>): Records {
  return {
    get: async <T>(key: RecordKey) => {
      const { models, requests } = await model();
      const { Item: stored } = await calls.getItem(requests.get(keyOf(key)));
      return stored && asRecord<T>(fromItem(models.record.other, stored));
    },
    putIfAbsent: async (key, body) => {
      const { models, requests } = await model();
      const Item = await toItem(models.record[kindOf(key.collection)], recordItem(key, 1, body));
      return unlessRefused(() => calls.putItem({ ...requests.ifAbsent(), Item }));
    },
    replace: async (key, body, rev) => {
      const { models, requests } = await model();
      const Item = await toItem(models.record[kindOf(key.collection)], recordItem(key, rev + 1, body));
      // The condition also fails where the record is gone.
      return unlessRefused(() => calls.putItem({ ...requests.ifRecordAt(rev), Item }));
    },
    list: async <T>(collection: string, { limit, after, newestFirst = false }: Parameters<Records["list"]>[1]) => {
      assertLimit(limit);
      const { models, requests } = await model();
      const found: StoredRecord<T>[] = [];
      for await (const item of queried(calls, requests.list(collection, newestFirst, after), limit))
        found.push(asRecord<T>(fromItem(models.record.other, item)));
      return found;
    },
    remove: async (key) => {
      await calls.deleteItem((await model()).requests.remove(keyOf(key)));
    },
  };
}

function keyOf({ collection, id }: RecordKey): ItemKey {
  assertRecordKey(collection, id);
  return { pk: collection, sk: id };
}
