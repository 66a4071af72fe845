/** Everything that the store in memory holds, out and in. */
import type { ServiceName } from "../domain/words.ts";
import { assertStorable } from "../ports/storableItem.ts";
import type { ExportItem, Transfer } from "../ports/store.ts";
import type { MemoryTable, StoredBody } from "./memoryTable.ts";

export function memoryTransfer(table: MemoryTable): Transfer {
  return {
    exportAll: async function* () {
      for (const [service, { rev, body }] of [...table.cases])
        yield { kind: "case" as const, service: service as ServiceName, rev, body };
      for (const [collection, records] of [...table.records])
        for (const [id, { rev, body }] of [...records]) yield { kind: "record" as const, collection, id, rev, body };
      for (const [name, { fence }] of [...table.leases]) yield { kind: "lease" as const, name, fence };
    },
    importItem: async (item) => importInto(table, item),
  };
}

function importInto(table: MemoryTable, item: ExportItem): boolean {
  assertStorable(item);
  switch (item.kind) {
    case "case": {
      if (table.cases.has(item.service)) return false;
      const { schema, due } = indexedParts(item.body);
      table.cases.set(item.service, { rev: item.rev, schema, body: item.body, ...(due === undefined ? {} : { due }) });
      return true;
    }
    case "record": {
      const records = table.records.get(item.collection) ?? new Map<string, StoredBody>();
      if (records.has(item.id)) return false;
      table.records.set(item.collection, records.set(item.id, { rev: item.rev, body: item.body }));
      return true;
    }
    case "lease":
      if ((table.leases.get(item.name)?.fence ?? -1) >= item.fence) return false;
      table.leases.set(item.name, { fence: item.fence, until: 0 });
      return true;
  }
}

/** Also of a body that a newer program wrote: what the index needs has had these names since schema 1. */
function indexedParts(body: string): { schema: number; due?: number } {
  const { schema, due } = JSON.parse(body) as { schema: number; due?: number };
  return { schema, ...(due === undefined ? {} : { due }) };
}
