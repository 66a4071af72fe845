/** Entries of a case become records of their own, with keys that do not depend on who files them or how often. */
import type { Entry, ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Records, StoredRecord } from "../ports/store.ts";

/** Ten digits: ids sort as text up to ten thousand million entries of one service. */
const digits = 10;

export function timelineCollection(service: ServiceName): string {
  return `timeline/${service}`;
}

export function makeFileEntries(records: Records) {
  return async (current: ServiceCase): Promise<number> => {
    const collection = timelineCollection(current.service);
    await Promise.all(
      current.entries.map((entry) =>
        records.putIfAbsent({ collection, id: String(entry.n).padStart(digits, "0") }, entry),
      ),
    );
    return Math.max(0, ...current.entries.map((entry) => entry.n));
  };
}

/** Newest first. */
export function recentEntries(records: Records, service: ServiceName, limit: number): Promise<StoredRecord<Entry>[]> {
  return records.list<Entry>(timelineCollection(service), { limit, newestFirst: true });
}
