/** The list of what came in and belongs to no service: coalesced, told once and quietly, never dropped. */
import { hasPassed } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Records } from "../ports/store.ts";
import { casAttemptsMax, dayMs } from "../domain/limits.ts";
import { MedicError } from "../domain/errors.ts";

export interface UnmatchedItem {
  readonly key: string;
  readonly cls: string;
  /** The alarm's name, or what kind of message it is. */
  readonly what: string;
  readonly isAlarming: boolean;
  readonly reason: string;
  readonly where: string;
  readonly why: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** When people were last told of it. */
  readonly toldAt?: number;
  /** It found its service after all. */
  readonly service?: ServiceName;
  /** Keys of the last changes that were counted, so that a repeated retry does not count twice. */
  readonly counted?: readonly string[];
}

export const unmatchedCollection = "unmatched";
const collection = unmatchedCollection;
const countedMax = 8;
/** A bot that is sent everything in an account has to be told what is its own; more than this is not read by people. */
const pageMax = 500;

export async function listUnmatched(records: Records, item: UnmatchedItem, changeKey: string): Promise<void> {
  await change(records, item.key, (before) => {
    if (before === undefined) return { ...item, counted: [changeKey] };
    if (before.counted?.includes(changeKey)) return before;
    const counted = [...(before.counted ?? []), changeKey].slice(-countedMax);
    const { count, firstAt, toldAt } = before;
    return { ...item, count: count + 1, firstAt, counted, ...(toldAt === undefined ? {} : { toldAt }) };
  });
}

/** It belongs to this service: by itself after a while, or because a person said so. */
export async function settleUnmatched(records: Records, key: string, service: ServiceName): Promise<void> {
  await change(records, key, (before) => (before ? { ...before, service } : before));
}

/** Alarms that people were not told of within a day, and when the next one of those that they know is told again (epoch ms). */
export async function untold(
  records: Records,
  clock: Pick<Clock, "now">,
): Promise<{ readonly items: readonly UnmatchedItem[]; readonly nextAt: number }> {
  const alarming = (await unmatchedList(records, pageMax)).filter(({ isAlarming }) => isAlarming);
  const items = alarming.filter(({ toldAt }) => hasPassed(clock, toldAt ?? -Infinity, dayMs));
  const nextAt = Math.min(...alarming.map(({ toldAt }) => (toldAt ?? -Infinity) + dayMs));
  return { items, nextAt };
}

export async function markTold(records: Records, key: string, now: number): Promise<void> {
  await change(records, key, (before) => (before ? { ...before, toldAt: now } : before));
}

/** Newest first, without those that found their service. */
export async function unmatchedList(records: Records, limit: number): Promise<UnmatchedItem[]> {
  const all = await records.list<UnmatchedItem>(collection, { limit: pageMax });
  const open = all.map((stored) => stored.body).filter((item) => item.service === undefined);
  return open.sort((a, b) => b.lastAt - a.lastAt).slice(0, limit);
}

async function change<After extends UnmatchedItem | undefined>(
  records: Records,
  id: string,
  edit: (before: UnmatchedItem | undefined) => After,
): Promise<After> {
  for (let attempt = 0; attempt < casAttemptsMax; attempt += 1) {
    const stored = await records.get<UnmatchedItem>({ collection, id });
    const after = edit(stored?.body);
    if (after === undefined || after === stored?.body) return after;
    const key = { collection, id };
    if (stored ? await records.replace(key, after, stored.rev) : await records.putIfAbsent(key, after)) return after;
  }
  throw new MedicError("too-much-contention", `the list of unmatched messages could not be written (${id})`, {
    retry: "later",
    next: "It is tried again by itself.",
  });
}
