/**
 * Mends the `due` index. DynamoDB keeps it by itself from the item's attributes; what can differ is an item whose attributes somebody
 * edited, or that a table was filled with from elsewhere: without an entry an incident is never seen by the due loop, with one at another
 * time it is seen late, and an entry without an item is loaded as "no case" each second. The item's body is the truth.
 *
 * Why this order is safe while workers run: every write is conditioned on the revision that was read, and the body is never
 * touched. A write that comes between wins and has made its own entry. A crash in the middle leaves attributes that differ
 * from the body's due time, which the next repair sees.
 */
import { timeText } from "../domain/recordKinds.ts";
import { caseSchema } from "../domain/serviceCase.ts";
import { tableShape } from "../domain/tableShape.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Log } from "../ports/log.ts";
import { caseKey, caseSortKey, serviceOf } from "./caseKey.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import { dueShardOf, dueShards } from "./dueShard.ts";
import { queried, scanned } from "./pages.ts";
import { toItem } from "./tableModel.ts";
import type { Attributes, TableModel } from "./tableModel.ts";

interface Repairing {
  readonly calls: DynamoCalls;
  readonly model: TableModel;
}

interface DueEntry {
  readonly shard: string;
  readonly at: number;
}

/** An item as repair sees it, whatever else is wrong with it. */
interface FoundCase {
  readonly service: ServiceName;
  readonly rev: number;
  /** "" where the item has none. */
  readonly body: string;
  /** What the item's own attributes say; absent when it has none. */
  readonly entry?: DueEntry;
}

/** Answers how many services had a torn entry that is whole now. */
export async function repairCases(
  calls: DynamoCalls,
  model: TableModel,
  { table, log }: { table: string; log: Log },
): Promise<number> {
  const repairing: Repairing = { calls, model };
  const indexed = await indexEntries(repairing);
  let mended = 0;
  for await (const item of scanned(calls, model.requests.cases())) {
    const found = foundCase(item);
    const entries = indexed.get(found.service) ?? [];
    indexed.delete(found.service);
    const torn = tornOf(found, entries, log);
    if (torn && (await mend(repairing, found.service, torn))) mended += 1;
  }
  for (const [service, entries] of indexed)
    if (await takeAway(repairing, { service, entries, placeholderLeft: false })) mended += 1;
  if (mended > 0) log.warn("due-index-mended", { table, services: mended });
  return mended;
}

interface Torn {
  readonly wanted?: DueEntry;
  /** Entries that should not be there. */
  readonly wrong: readonly DueEntry[];
}

/** undefined = whole, or not ours to judge. */
function tornOf(found: FoundCase, entries: readonly DueEntry[], log: Log): Torn | undefined {
  const body = bodyOf(found.body);
  if (found.rev !== 0 && !body) {
    log.error("corrupt-item", {
      service: found.service,
      message: "its body is not JSON; its index entry is not judged",
    });
    return undefined;
  }
  if (body && body.schema > caseSchema) return undefined;
  const wanted = body?.due === undefined ? undefined : { shard: dueShardOf(found.service), at: body.due };
  const wrong = entries.filter((entry) => !same(entry, wanted));
  const missing = wanted !== undefined && !entries.some((entry) => same(entry, wanted));
  if (wrong.length === 0 && !missing && same(found.entry, wanted) && found.rev !== 0) return undefined;
  return { wrong, ...(wanted ? { wanted } : {}) };
}

function bodyOf(body: string): { due?: number; schema: number } | undefined {
  try {
    const { due, schema } = JSON.parse(body) as { due?: unknown; schema?: unknown };
    return { schema: typeof schema === "number" ? schema : 0, ...(typeof due === "number" ? { due } : {}) };
  } catch {
    return undefined;
  }
}

async function mend(repairing: Repairing, service: ServiceName, torn: Torn): Promise<boolean> {
  const now = await strongly(repairing, service);
  if (!now) return false;
  if (now.rev === 0) return takeAway(repairing, { service, entries: torn.wrong, placeholderLeft: true });
  // What was written since the scan has made its own entry; and on AWS the index may only have lagged.
  const wanted = wantedBy(now);
  if (!same(wanted, torn.wanted)) return false;
  const wrong = await stillThere(repairing, service, torn.wrong);
  const missing = wanted !== undefined && (await stillThere(repairing, service, [wanted])).length === 0;
  if (wrong.length === 0 && !missing && same(now.entry, wanted)) return false;
  for (const entry of wrong) if (!(await setEntry(repairing, now, entry))) return false;
  return setEntry(repairing, now, wanted);
}

/** An entry goes away when an item that has it loses it: so the item is made for an instant. Revision 0 reads as "no case". */
async function takeAway(
  repairing: Repairing,
  {
    service,
    entries,
    placeholderLeft,
  }: { service: ServiceName; entries: readonly DueEntry[]; placeholderLeft: boolean },
): Promise<boolean> {
  const { calls, model } = repairing;
  const { models, requests } = model;
  const left = await stillThere(repairing, service, entries);
  if (left.length === 0 && !placeholderLeft) return false;
  return unlessRefused(async () => {
    for (const entry of left) {
      const Item = await toItem(models.placeholder, { ...keyOf(service), rev: 0, ...attributesOf(entry) });
      await calls.putItem({ ...requests.ifNoCase(), Item });
    }
    await calls.deleteItem({ ...requests.ifNoCase(), ...requests.remove(keyOf(service)) });
  });
}

/** false = the case was written meanwhile. */
async function setEntry({ calls, model }: Repairing, { service, rev }: FoundCase, entry?: DueEntry): Promise<boolean> {
  const key = keyOf(service);
  const update = entry
    ? model.requests.setDue(key, { rev, dueShard: entry.shard, due: entry.at, dueUtc: timeText(entry.at) })
    : model.requests.clearDue(key, rev);
  return unlessRefused(() => calls.updateItem(update));
}

async function strongly({ calls, model }: Repairing, service: ServiceName): Promise<FoundCase | undefined> {
  const { Item } = await calls.getItem(model.requests.get(keyOf(service)));
  return Item && foundCase(Item);
}

async function indexEntries({ calls, model }: Repairing): Promise<Map<ServiceName, DueEntry[]>> {
  const found = new Map<ServiceName, DueEntry[]>();
  for (const shard of dueShards) {
    for await (const row of queried(calls, model.requests.dueAll(shard))) {
      const service = serviceOf(row["pk"]?.S ?? "");
      const entry = entryOf(row);
      if (entry) found.set(service, [...(found.get(service) ?? []), entry]);
    }
  }
  return found;
}

async function stillThere(
  { calls, model }: Repairing,
  service: ServiceName,
  entries: readonly DueEntry[],
): Promise<DueEntry[]> {
  const left: DueEntry[] = [];
  for (const entry of entries) {
    for await (const row of queried(calls, model.requests.dueAt(entry.shard, entry.at))) {
      if (row["pk"]?.S === caseKey(service)) left.push(entry);
    }
  }
  return left;
}

function keyOf(service: ServiceName) {
  return { pk: caseKey(service), sk: caseSortKey };
}

function foundCase(item: Attributes): FoundCase {
  const entry = entryOf(item);
  return {
    service: serviceOf(item["pk"]?.S ?? ""),
    rev: Number(item["rev"]?.N ?? "0"),
    body: item["body"]?.S ?? "",
    ...(entry ? { entry } : {}),
  };
}

/** The index entry that an item or an index row names. */
function entryOf(item: Attributes): DueEntry | undefined {
  const shard = item[tableShape.dueIndex.partitionKey]?.S;
  const at = item[tableShape.dueIndex.sortKey]?.N;
  return shard === undefined || at === undefined ? undefined : { shard, at: Number(at) };
}

function wantedBy(found: FoundCase): DueEntry | undefined {
  const due = bodyOf(found.body)?.due;
  return due === undefined ? undefined : { shard: dueShardOf(found.service), at: due };
}

function attributesOf(entry: DueEntry): Readonly<Record<string, string | number>> {
  const { partitionKey, sortKey } = tableShape.dueIndex;
  return { [partitionKey]: entry.shard, [sortKey]: entry.at };
}

function same(left: DueEntry | undefined, right: DueEntry | undefined): boolean {
  return left?.shard === right?.shard && left?.at === right?.at;
}
