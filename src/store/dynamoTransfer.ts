/** Everything on the table, out and in: `medic store export` and `import`. Bodies travel as the text that they are. */
import { CorruptItem } from "../domain/caseSchema.ts";
import { caseSchema } from "../domain/serviceCase.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { kindOf } from "../domain/recordKinds.ts";
import type { Log } from "../ports/log.ts";
import { assertStorable } from "../ports/storableItem.ts";
import type { ExportItem, Transfer } from "../ports/store.ts";
import { caseAttributes, dueAttributes } from "./caseItem.ts";
import { caseKey, casePrefix, caseSortKey, serviceOf } from "./caseKey.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import { scanned } from "./pages.ts";
import { storedRecordItem } from "./recordItem.ts";
import { leasePrefix, leaseSortKey, raiseFence } from "./dynamoLeases.ts";
import { toItem } from "./tableModel.ts";
import type { Attributes, PlainItem, TableModel } from "./tableModel.ts";

export interface DynamoTransferOptions {
  readonly calls: DynamoCalls;
  readonly model: () => Promise<TableModel>;
  readonly log: Log;
}

export function dynamoTransfer({ calls, model, log }: DynamoTransferOptions): Transfer {
  return {
    exportAll: async function* () {
      for await (const item of scanned(calls, (await model()).requests.everything())) {
        const found = exportItem(item);
        if (found === "no item") continue;
        if (found) yield found;
        else {
          const name = `${item["pk"]?.S ?? "?"} / ${item["sk"]?.S ?? "?"}`;
          if (isOurs(item)) throw new CorruptItem(name, "its body, revision or fence is missing or of another type");
          log.warn("unknown-item", { item: name, next: "it is not of this program and is left out: look at it" });
        }
      }
    },
    importItem: async (item) => {
      assertStorable(item);
      const { models, requests } = await model();
      switch (item.kind) {
        case "case":
          return put(requests.ifNoCase(), await toItem(models.case, importedCase(item)));
        case "record": {
          const plain = storedRecordItem(item, item.rev, { text: item.body, body: JSON.parse(item.body) as unknown });
          return put(requests.ifAbsent(), await toItem(models.record[kindOf(item.collection)], plain));
        }
        case "lease": {
          return raiseFence(item, { calls, model });
        }
      }
    },
  };

  function put(condition: ReturnType<TableModel["requests"]["ifAbsent"]>, Item: Attributes): Promise<boolean> {
    return unlessRefused(() => calls.putItem({ ...condition, Item }));
  }
}

/** undefined: not ours, or not whole. "no item": what repair left behind for an instant. */
function exportItem(item: Attributes): ExportItem | "no item" | undefined {
  const pk = item["pk"]?.S ?? "";
  const sk = item["sk"]?.S ?? "";
  const body = item["body"]?.S;
  if (pk.startsWith(leasePrefix)) {
    const fence = numberOf(item["fence"]?.N);
    return sk === leaseSortKey && fence !== undefined
      ? { kind: "lease", name: pk.slice(leasePrefix.length), fence }
      : undefined;
  }
  const rev = numberOf(item["rev"]?.N);
  if (pk.startsWith(casePrefix) && rev === 0) return "no item";
  if (rev === undefined || body === undefined) return undefined;
  if (!pk.startsWith(casePrefix)) return { kind: "record", collection: pk, id: sk, rev, body };
  return sk === caseSortKey ? { kind: "case", service: serviceOf(pk), rev, body } : undefined;
}

/** A case or a lease by its keys, or anything with a revision or a body: a move without it would lose it. */
function isOurs(item: Attributes): boolean {
  const pk = item["pk"]?.S ?? "";
  const sk = item["sk"]?.S ?? "";
  if (pk.startsWith(leasePrefix)) return sk === leaseSortKey;
  if (pk.startsWith(casePrefix)) return sk === caseSortKey;
  return item["rev"] !== undefined || item["body"] !== undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

function importedCase({ service, rev, body }: Extract<ExportItem, { kind: "case" }>): PlainItem {
  return { ...attributesOfBody(body), pk: caseKey(service), sk: caseSortKey, service, rev, body };
}

/** Also of a body that a newer program wrote: what the index and the guard need has had these names since schema 1. */
function attributesOfBody(text: string): Readonly<Record<string, string | number>> {
  const read = JSON.parse(text) as ServiceCase & { readonly phase?: { readonly kind?: unknown } };
  if (read.schema <= caseSchema && typeof read.phase?.kind === "string") return caseAttributes(read);
  return { schema: read.schema, ...(typeof read.due === "number" ? dueAttributes(read.service, read.due) : {}) };
}
