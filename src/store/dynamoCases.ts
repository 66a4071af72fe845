/** Cases: one item a service, written whole on the revision that was read. */
import { assertNextRevision } from "../domain/caseSchema.ts";
import type { Upgrade } from "../domain/caseSchema.ts";
import { codeOf, sentenceOf } from "../domain/errors.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { assertLimit } from "../domain/storedSize.ts";
import { tableShape } from "../domain/tableShape.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Log } from "../ports/log.ts";
import { NewerSchema } from "../ports/store.ts";
import type { Cases } from "../ports/store.ts";
import { repairCases } from "./caseRepair.ts";
import { caseItem, readCaseItem } from "./caseItem.ts";
import type { ReadCase } from "./caseItem.ts";
import { caseKey, caseSortKey, serviceOf } from "./caseKey.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import { dueShards } from "./dueShard.ts";
import { scanned } from "./pages.ts";
import { fromItem, toItem } from "./tableModel.ts";
import type { Attributes, TableModel } from "./tableModel.ts";

export interface DynamoCasesOptions {
  readonly calls: DynamoCalls;
  readonly model: () => Promise<TableModel>;
  readonly table: string;
  readonly log: Log;
  readonly upgrades?: Readonly<Record<number, Upgrade>>;
}

export function dynamoCases(options: DynamoCasesOptions): Cases {
  const { calls, model, table, log } = options;
  const read = reader(options);
  const keyOf = (service: ServiceName) => ({ pk: caseKey(service), sk: caseSortKey });
  return {
    load: async (service) => {
      const { models, requests } = await model();
      const { Item: stored } = await calls.getItem(requests.get(keyOf(service)));
      return stored && read(service, fromItem(models.case, stored))?.current;
    },
    write: async (next, expectedRev) => {
      assertNextRevision(next, expectedRev);
      const { models, requests } = await model();
      const Item = await toItem(models.case, caseItem(next));
      const condition = expectedRev === 0 ? requests.ifNoCase() : requests.ifCaseAt(expectedRev);
      return (await unlessRefused(() => calls.putItem({ ...condition, Item }))) ? "written" : "conflict";
    },
    due: async (now, limit) => {
      assertLimit(limit);
      return due(calls, await model(), { now, limit });
    },
    all: () => readable(options, read),
    repair: async () => repairCases(calls, await model(), { table, log }),
    remove: async (service) => {
      await calls.deleteItem((await model()).requests.remove(keyOf(service)));
    },
  };
}

type Read = (service: ServiceName, stored: Readonly<Record<string, unknown>>) => ReadCase | undefined;

/** Tells of columns that differ from their body: once for each revision, since a case that waits is read each second. */
function reader({ log, upgrades }: DynamoCasesOptions): Read {
  const told = new Map<ServiceName, number>();
  return (service, stored) => {
    const found = readCaseItem(`case "${service}"`, stored, upgrades);
    if (found === undefined || found.differing.length === 0) return found;
    const { rev } = found.current;
    if (told.get(service) !== rev)
      log.warn("columns-differ", {
        service,
        attributes: found.differing,
        next: "the body counts; the next write of the case puts them right",
      });
    told.set(service, rev);
    return found;
  };
}

async function due(
  calls: DynamoCalls,
  { requests }: TableModel,
  { now, limit }: { now: number; limit: number },
): Promise<ServiceName[]> {
  const pages = await Promise.all(dueShards.map((shard) => calls.query({ ...requests.due(shard, now), Limit: limit })));
  return pages
    .flatMap((page) => page.Items ?? [])
    .map(dueRow)
    .sort((left, right) => left.at - right.at || Buffer.compare(Buffer.from(left.service), Buffer.from(right.service)))
    .slice(0, limit)
    .map(({ service }) => service);
}

function dueRow(row: Attributes): { readonly service: ServiceName; readonly at: number } {
  return { service: serviceOf(row["pk"]?.S ?? ""), at: Number(row[tableShape.dueIndex.sortKey]?.N) };
}

/** One bad item must not hide the others at start: it is told and left out. */
async function* readable({ calls, model, log }: DynamoCasesOptions, read: Read): AsyncGenerator<ServiceCase> {
  const { models, requests } = await model();
  for await (const item of scanned(calls, requests.cases())) {
    const service = serviceOf(item["pk"]?.S ?? "");
    try {
      const found = read(service, fromItem(models.case, item));
      if (found) yield found.current;
    } catch (error) {
      if (error instanceof NewerSchema)
        log.warn("newer-schema", { service, message: sentenceOf(error), next: "left alone" });
      else log.error(codeOf(error), { service, message: sentenceOf(error) });
    }
  }
}
