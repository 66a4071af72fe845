/** Everything that is not a case: collection, id, a revision and a JSON body. */
import { CorruptItem } from "../../domain/caseSchema.ts";
import { assertLimit, assertRecordFits, assertRecordKey } from "../../domain/storedSize.ts";
import type { RecordKey, Records, StoredRecord } from "../../ports/store.ts";
import { isWhole, rowAt } from "./changes.ts";
import { numberAt, textAt } from "./connection.ts";
import type { Connection, SqlRow } from "./connection.ts";
import type { SqliteDatabase } from "./database.ts";
import { readList } from "./rows.ts";

export function sqliteRecords(database: SqliteDatabase): Records {
  return {
    get: <T>(key: RecordKey) =>
      database.read(nameOf(key), (sql) => {
        const row = rowAt(sql, "records", keyOf(key));
        return row && asRecord<T>(row);
      }),
    putIfAbsent: async (key, body) => {
      const text = textOf(key, body);
      return database.write(nameOf(key), ({ sql, insert }) => {
        if (revisionOf(sql, key)) return false;
        insert("records", [...keyOf(key), 1, text]);
        return true;
      });
    },
    replace: async (key, body, rev) => {
      const text = textOf(key, body);
      return database.write(nameOf(key), ({ sql, update }) => {
        const found = revisionOf(sql, key);
        if (!found || numberAt(found, 0) !== rev) return false;
        update("records", [...keyOf(key), rev + 1, text], numberAt(found, 1));
        return true;
      });
    },
    list: async <T>(collection: string, options: Parameters<Records["list"]>[1]) => {
      assertLimit(options.limit);
      return database.read(`the records of "${collection}"`, (sql) =>
        listed(sql, collection, options).map((row) => asRecord<T>(row)),
      );
    },
    remove: (key) => database.write(nameOf(key), ({ remove }) => remove("records", keyOf(key))),
  };
}

/** Revision and checksum. */
function revisionOf(sql: Connection, key: RecordKey): SqlRow | undefined {
  return sql.get("SELECT rev, checksum FROM records WHERE collection = ? AND id = ?", ...keyOf(key));
}

function listed(
  sql: Connection,
  collection: string,
  { limit, after, newestFirst }: Parameters<Records["list"]>[1],
): SqlRow[] {
  const beyond = after ? `AND id ${newestFirst ? "<" : ">"} ?` : "";
  const text = `SELECT ${readList("records")} FROM records WHERE collection = ? ${beyond} ORDER BY id ${newestFirst ? "DESC" : "ASC"} LIMIT ?`;
  const key = [collection, ...(after ? [after] : [])];
  return sql.all(text, ...key, limit);
}

function keyOf({ collection, id }: RecordKey): [string, string] {
  return [collection, id];
}

function textOf({ collection, id }: RecordKey, body: unknown): string {
  assertRecordKey(collection, id);
  // A record without a body is one whose body is null: JSON has no undefined.
  const text = JSON.stringify(body ?? null);
  assertRecordFits(collection, id, text);
  return text;
}

function asRecord<T>(row: SqlRow): StoredRecord<T> {
  const [collection = "", id = ""] = [0, 1].map((at) => textAt(row, at));
  const what = nameOf({ collection, id });
  if (!isWhole(row)) throw new CorruptItem(what, "its checksum differs from what was written");
  try {
    return { id, rev: numberAt(row, 2), body: JSON.parse(textAt(row, 3)) as T };
  } catch (cause) {
    throw new CorruptItem(what, "its body is not JSON", cause);
  }
}

function nameOf({ collection, id }: RecordKey): string {
  return `record "${id}" of "${collection}"`;
}
