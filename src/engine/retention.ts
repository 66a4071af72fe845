/**
 * Old records go, slowly and once a day in the whole fleet: what runs, mails, dossiers and unmatched messages leave behind would
 * grow for as long as the bot lives. What goes and when is `src/domain/recordLife.ts`'s to say. A DynamoDB table with its time to
 * live enabled does the same by itself; this finds little there, and is what mends a table without it.
 */
import { hasPassed } from "../ports/clock.ts";
import { dayMs } from "../domain/limits.ts";
import { expiryOf } from "../domain/recordLife.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Cases, RecordKey, Records } from "../ports/store.ts";
import type { LoopDefinition, LoopParts } from "./loop.ts";
import { runCollection } from "./runRecord.ts";

export interface RetentionParts extends LoopParts {
  readonly records: Records;
  readonly cases: Pick<Cases, "all">;
  readonly services: readonly ServiceName[];
}

/** How often a worker asks whether today's sweep was done. */
const askMs = 60 * 60_000;
/** A sweep goes on in small rounds: never in the way of an alarm, and a shutdown waits for one of them at most. */
export const retentionMs = 30_000;
const pagesARound = 20;
const pageLength = 100;

const key: RecordKey = { collection: "fleet", id: "retention" };

interface Swept {
  readonly at: number;
}

/** A collection that is kept for a while only. */
interface Shelf {
  readonly collection: string;
  /** How far it was looked through. */
  after?: string;
}

export function retentionLoop(parts: RetentionParts): LoopDefinition {
  const left: Shelf[] = [];
  let askedAt = -Infinity;
  const mustAsk = () => left.length === 0 && hasPassed(parts.clock, askedAt, askMs);
  return {
    name: "retention",
    periodMs: retentionMs,
    idle: () => left.length === 0 && !mustAsk(),
    round: async () => {
      if (mustAsk()) {
        askedAt = parts.clock.now();
        if (await claimDay(parts)) left.push(...(await shelves(parts)));
      }
      for (let pages = 0; pages < pagesARound; pages += 1) {
        const [shelf] = left;
        if (shelf === undefined) return;
        const after = await sweepPage(parts, shelf);
        if (after === undefined) left.shift();
        else shelf.after = after;
      }
    },
  };
}

/** Whoever writes the day first sweeps; a worker that dies in the middle leaves the rest for tomorrow. */
async function claimDay({ records, clock }: RetentionParts): Promise<boolean> {
  const at = clock.now();
  const stored = await records.get<Swept>(key);
  // A new table has nothing old in it.
  if (stored === undefined) return (await records.putIfAbsent<Swept>(key, { at }), false);
  return at - stored.body.at >= dayMs && records.replace<Swept>(key, { at }, stored.rev);
}

async function shelves({ cases, services }: RetentionParts): Promise<Shelf[]> {
  // Also of services that are not in medic.yaml any more.
  const names = new Set(services);
  for await (const current of cases.all()) names.add(current.service);
  const collections = ["mail", "dossier", "unmatched", ...[...names].map(runCollection)];
  return collections.map((collection) => ({ collection }));
}

/** Answers where the next page begins; undefined when this was the last one. */
async function sweepPage(
  { records, clock, log }: RetentionParts,
  { collection, after }: Shelf,
): Promise<string | undefined> {
  const page = await records.list<unknown>(collection, {
    limit: pageLength,
    ...(after === undefined ? {} : { after }),
  });
  const old = page.filter(({ body }) => clock.now() >= (expiryOf(collection, body) ?? Infinity));
  for (const { id } of old) await records.remove({ collection, id });
  if (old.length > 0) log.info("old-records-removed", { collection, removed: old.length });
  return page.length === pageLength ? page.at(-1)?.id : undefined;
}
