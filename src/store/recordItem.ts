/** A record as an item: `<collection>` / `<id>`, a revision, its columns for people, when it may be deleted, and its JSON body. */
import { CorruptItem } from "../domain/caseSchema.ts";
import { expiryOf } from "../domain/recordLife.ts";
import { recordColumns } from "../domain/recordKinds.ts";
import { assertRecordFits, assertRecordKey } from "../domain/storedSize.ts";
import { tableShape } from "../domain/tableShape.ts";
import type { RecordKey, StoredRecord } from "../ports/store.ts";
import type { PlainItem } from "./tableModel.ts";

/** Throws MedicError `item-too-large`, `bad-key`. */
export function recordItem(key: RecordKey, rev: number, body: unknown): PlainItem {
  // A record without a body is one whose body is null: JSON has no undefined.
  const text = JSON.stringify(body ?? null);
  return storedRecordItem(key, rev, { text, body });
}

/** `text` as it is to be stored, `body` what it says. */
export function storedRecordItem(
  key: RecordKey,
  rev: number,
  { text, body }: { readonly text: string; readonly body: unknown },
): PlainItem {
  const { collection, id } = key;
  assertRecordKey(collection, id);
  assertRecordFits(collection, id, text);
  const expiry = expiryOf(collection, body);
  return {
    ...recordColumns(collection, id, body),
    pk: collection,
    sk: id,
    rev,
    // Whole seconds, never before its time.
    ...(expiry === undefined ? {} : { [tableShape.expiry]: Math.ceil(expiry / 1000) }),
    body: text,
  };
}

/** An item past its `expiresAt` counts until it is deleted: see `recordLife.ts`. Throws CorruptItem. */
export function asRecord<T>({ pk, sk, rev, body }: Readonly<Record<string, unknown>>): StoredRecord<T> {
  const what = `record "${String(sk)}" of "${String(pk)}"`;
  if (typeof rev !== "number" || typeof body !== "string") throw new CorruptItem(what, "it has no revision or body");
  try {
    return { id: String(sk), rev, body: JSON.parse(body) as T };
  } catch (cause) {
    throw new CorruptItem(what, "its body is not JSON", cause);
  }
}
