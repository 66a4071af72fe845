/** Cards of no service: unmatched alarms and storms. The sender tells them, so that two workers never do. */
import { shortReason } from "../domain/cardFacts.ts";
import type { CardModel } from "../domain/cardModel.ts";
import type { Settings } from "../domain/settings.ts";
import type { Scope } from "../domain/words.ts";
import type { MessageRef } from "../ports/chat.ts";
import type { Glance } from "../ports/glance.ts";
import type { Records } from "../ports/store.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";
import type { ScopeBook, StormState } from "./scopeBook.ts";
import type { Sender } from "./sender.ts";
import { markTold, unmatchedCollection, untold, type UnmatchedItem } from "./unmatched.ts";

export interface AnnounceParts extends LoopParts {
  readonly settings: Settings;
  readonly records: Records;
  readonly glance: Glance | undefined;
  readonly book: ScopeBook;
  readonly scopes: readonly Scope[];
  readonly sender: Pick<Sender, "send" | "holds">;
}

const announceMs = 5_000;
const announcedStorms = "announced-storm";

interface Announced {
  readonly since: number;
  readonly why: string;
  readonly ended: boolean;
  readonly ref: MessageRef;
}

export function announceLoop(parts: AnnounceParts): LoopDefinition {
  const { sender, records, scopes, clock, glance } = parts;
  /** What was looked at when there was nothing to tell, and until when that holds if nothing of it changes. */
  let nothing: { readonly of: string; readonly until: number } | undefined;
  return {
    name: "announce",
    periodMs: announceMs,
    idle: () => {
      if (!sender.holds()) return true;
      const stands = nothing !== undefined && clock.now() < nothing.until && nothing.of === lookedAt(parts);
      return stands && glance?.passes(scopes.length + 1) === true;
    },
    round: async () => {
      nothing = undefined;
      if (!sender.holds()) return;
      const of = lookedAt(parts);
      let quiet = 0;
      await eachGuarded(parts, { name: "storm card", items: scopes, width: 1 }, async (scope) => {
        if (!(await storm(parts, scope))) quiet += 1;
      });
      const { items, nextAt } = await untold(records, clock);
      if (quiet === scopes.length && items.length === 0) nothing = { of, until: nextAt };
      await eachGuarded(parts, { name: "unmatched card", items, width: 1 }, (item) => unmatched(parts, item));
    },
  };
}

/** Everything that decides whether there is something to tell, but the time. */
function lookedAt({ glance, scopes, book }: AnnounceParts): string {
  if (glance === undefined) return "";
  const storms = scopes.map((scope) => book.page(scope)?.storm).map((storm) => storm && [storm.since, storm.why]);
  return JSON.stringify([glance.versionOf(unmatchedCollection), glance.versionOf(announcedStorms), storms]);
}

/** Shown before it is marked: after a crash in between it is found by its key and not posted again. */
async function unmatched({ records, sender, settings, clock }: AnnounceParts, item: UnmatchedItem): Promise<void> {
  const mayStand = item.toldAt === undefined;
  await sender.send({
    channel: settings.defaultChannel,
    card: unmatchedCard(item),
    priority: "digest",
    mayStand,
  });
  await markTold(records, item.key, clock.now());
}

/** True: there was something to tell. */
async function storm(parts: AnnounceParts, scope: Scope): Promise<boolean> {
  const { records, sender, settings, book } = parts;
  const now = book.page(scope)?.storm;
  const key = { collection: announcedStorms, id: scope };
  const stored = await records.get<Announced>(key);
  const told = stored?.body;
  if (now === undefined && (told === undefined || told.ended)) return false;
  const isSame = told !== undefined && (now === undefined || told.since === now.since);
  if (isSame && now !== undefined && told.why === now.why) return false;
  const since = now?.since ?? told?.since ?? 0;
  const why = now?.why ?? told?.why ?? "";
  const ref = await sender.send({
    channel: settings.defaultChannel,
    card: stormCard({ scope, since, why, storm: now }),
    priority: "result",
    mayStand: true,
    ...(isSame ? { ref: told.ref } : {}),
  });
  const body: Announced = { since, why, ended: now === undefined, ref };
  if (stored) await records.replace(key, body, stored.rev);
  else await records.putIfAbsent(key, body);
  return true;
}

export function unmatchedCard(item: UnmatchedItem): CardModel {
  return {
    key: `unmatched/${item.key}`,
    version: item.count,
    tone: "quiet",
    title: `${item.what} belongs to no service yet`,
    summary: [item.reason === "" ? item.why : shortReason(item.reason)],
    facts: [
      { label: "Where", value: [item.where] },
      { label: "Why unmatched", value: [item.why] },
      { label: "Seen", value: [`${item.count} ×, last `, { time: item.lastAt, style: "date-time" }] },
    ],
    notes: [["Name it under ", { code: "alarms:" }, " of its service in medic.yaml."]],
    buttons: [
      { action: "assign", label: "Which service is this?", spoken: `Say which service ${item.what} belongs to` },
    ],
    menu: [],
  };
}

export function stormCard(about: {
  readonly scope: Scope;
  readonly since: number;
  readonly why: string;
  readonly storm: StormState | undefined;
}): CardModel {
  const { scope, since, why, storm } = about;
  const on = { code: "/medic autopilot on" };
  return {
    key: `storm/${scope}/${since}`,
    version: storm ? 1 : 2,
    tone: storm ? "bad" : "good",
    title: storm ? `Storm in ${scope}: automatic runs stopped` : `Storm in ${scope} is over`,
    summary: [storm ? `${why}. Proposals stay, approvals work.` : "Automatic runs go on, one at a time for a while."],
    facts: [{ label: "Since", value: [{ time: since, style: "date-time" }] }],
    notes: storm ? [["It ends when it has been quiet for a while and a person says ", on]] : [],
    buttons: [],
    menu: [],
  };
}
