/**
 * The door behind every door: what came in becomes durable before it is answered. Matched, it is an event of its service;
 * unmatched, it waits in the inbox, is tried again, and then stands in the list of unmatched ones. Nothing here asks AWS.
 */
import { clip } from "../domain/limits.ts";
import type { Signal } from "../domain/signal.ts";
import type { Settings } from "../domain/settings.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Glance } from "../ports/glance.ts";
import type { Handle } from "../ports/handle.ts";
import type { Records, StoredRecord } from "../ports/store.ts";
import { changeKey } from "../signals/changeKey.ts";
import { isAlarm, type HealthEvent, type Parsed } from "../signals/parsed.ts";
import type { LookUpAlarm } from "../signals/symptom.ts";
import type { TakeHook } from "./choreBook.ts";
import type { Inventory } from "./inventory.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";
import { matchService, type Matched } from "./matchService.ts";
import { indexServices } from "./serviceIndex.ts";
import { signalOfMessage } from "./signalOfMessage.ts";
import { listUnmatched, settleUnmatched, type UnmatchedItem } from "./unmatched.ts";

export type Taken =
  | { readonly kind: "matched"; readonly service: ServiceName; readonly others: readonly ServiceName[] }
  | { readonly kind: "inbox"; readonly why: string };

export interface Intake {
  /** Resolves when the message is durable; rejects with the store's errors when it is not. */
  takeMessage(parsed: Parsed, via: "sns" | "sqs"): Promise<Taken>;
  /** A signal that is matched already (probe, reconcile). */
  takeSignal(service: ServiceName, signal: Signal): Promise<void>;
  /** What a reconcile read found and no service claims. */
  takeUnmatched(item: UnmatchedItem, key: string): Promise<void>;
  match(parsed: Parsed): Matched;
  readonly inboxLoop: LoopDefinition;
}

export interface IntakeParts extends LoopParts {
  readonly settings: Settings;
  readonly records: Records;
  readonly glance: Glance | undefined;
  readonly handle: Handle;
  readonly inventory: Pick<Inventory, "place" | "movedTo">;
  readonly lookUpAlarm: LookUpAlarm;
  /** A lifecycle hook becomes a chore, durable when this resolves; false: the bot does not answer it. Absent: none is answered. */
  readonly takeHook?: TakeHook;
  /** AWS says itself that it is sick here (a Health event about an issue). */
  readonly onAwsSick: (about: { readonly region: string | null; readonly why: string }) => Promise<void>;
}

interface InboxItem {
  readonly parsed: Parsed;
  readonly via: "sns" | "sqs";
  readonly receivedAt: number;
  readonly why: string;
  /** It stands in the list already, and is still tried until its time is over. */
  readonly listed?: boolean;
}

const inbox = "inbox";
export const inboxMs = 30_000;
const inboxPage = 200;
const width = 8;

export function makeIntake(parts: IntakeParts): Intake {
  const candidates = indexServices(parts.settings.services.values(), (id) => parts.inventory.movedTo(id));
  const match = (parsed: Parsed): Matched =>
    matchService(parsed, {
      services: candidates(parsed),
      place: (service) => parts.inventory.place(service),
      lookUpAlarm: parts.lookUpAlarm,
    });
  const hand = async (
    parsed: Parsed,
    matched: Matched & { service: ServiceName },
    via: "sns" | "sqs",
  ): Promise<void> => {
    if (parsed.cls === "lifecycle_hook" && (await parts.takeHook?.(matched.service, parsed))) return;
    const arrival = { source: via, now: parts.clock.now(), oldMessageMs: parts.settings.timing.oldMessageMs };
    await parts.handle(matched.service, { kind: "signal", signal: signalOfMessage(parsed, matched.guess, arrival) });
  };
  return {
    match,
    takeMessage: async (parsed, via) => {
      if (isAwsSick(parsed))
        await parts.onAwsSick({ region: parsed.eventRegion ?? parsed.region, why: sickWords(parsed) });
      const matched = match(parsed);
      if (isMatched(matched)) {
        await hand(parsed, matched, via);
        for (const other of matched.others) {
          parts.log.warn("claimed-twice", { service: matched.service, other, by: matched.why });
        }
        return { kind: "matched", service: matched.service, others: matched.others };
      }
      const item: InboxItem = { parsed, via, receivedAt: parts.clock.now(), why: matched.why };
      await parts.records.putIfAbsent({ collection: inbox, id: changeKey(parsed) }, item);
      parts.metrics.count("medic_unmatched_total", { cls: parsed.cls });
      parts.log.warn("unmatched", { cls: parsed.cls, why: matched.why });
      return { kind: "inbox", why: matched.why };
    },
    takeSignal: async (service, signal) => {
      await parts.handle(service, { kind: "signal", signal });
    },
    takeUnmatched: (item, key) => listUnmatched(parts.records, item, key),
    inboxLoop: {
      name: "inbox",
      periodMs: inboxMs,
      idle: () => parts.glance?.isEmpty(inbox) === true && parts.glance.passes(1),
      round: async () => {
        const items = await parts.records.list<InboxItem>(inbox, { limit: inboxPage });
        await eachGuarded(parts, { name: "inbox", items, width }, (stored) => retry(parts, { match, hand }, stored));
      },
    },
  };
}

/** An open issue of AWS's own that is not about one account's resources. Scheduled changes and notices are no illness. */
function isAwsSick(parsed: Parsed): parsed is HealthEvent {
  if (parsed.cls !== "health" || parsed.category !== "issue") return false;
  return parsed.statusCode !== "closed" && parsed.scope !== "ACCOUNT_SPECIFIC";
}

function sickWords({ eventTypeCode, service }: HealthEvent): string {
  return `AWS Health reports ${eventTypeCode}${service ? ` for ${service}` : ""}`;
}

function isMatched(matched: Matched): matched is Matched & { service: ServiceName } {
  return matched.service !== null;
}

interface Hands {
  match(parsed: Parsed): Matched;
  hand(parsed: Parsed, matched: Matched & { service: ServiceName }, via: "sns" | "sqs"): Promise<void>;
}

/** The event is committed before the item goes: a crash in between hands it in twice, and its key makes that once. */
async function retry(parts: IntakeParts, hands: Hands, stored: StoredRecord<InboxItem>): Promise<void> {
  const { parsed, via, receivedAt } = stored.body;
  const key = { collection: inbox, id: stored.id };
  const matched = hands.match(parsed);
  if (isMatched(matched)) {
    await hands.hand(parsed, matched, via);
    if (stored.body.listed) await settleUnmatched(parts.records, unmatchedKey(parsed), matched.service);
    await parts.records.remove(key);
    return;
  }
  if (!stored.body.listed) {
    await listUnmatched(parts.records, itemOf(parsed, matched.why, receivedAt), stored.id);
    await parts.records.replace(key, { ...stored.body, listed: true }, stored.rev);
  }
  if (parts.clock.now() - receivedAt >= parts.settings.timing.inboxRetryMs) await parts.records.remove(key);
}

/** Alarms are coalesced by name; everything else by what it is and whom it names. */
export function unmatchedKey(parsed: Parsed): string {
  const where = `${parsed.accountId ?? "?"}/${parsed.region ?? "?"}`;
  if (isAlarm(parsed)) return `alarm ${where} ${parsed.alarmName}`;
  const { instanceId, asgName, targetGroup } = parsed.resources;
  return `${parsed.cls} ${where} ${instanceId ?? asgName ?? targetGroup ?? ""}`.trim();
}

function itemOf(parsed: Parsed, why: string, at: number): UnmatchedItem {
  const alarm = isAlarm(parsed) ? parsed : undefined;
  return {
    key: unmatchedKey(parsed),
    cls: parsed.cls,
    what: alarm ? alarm.alarmName : parsed.cls.replaceAll("_", " "),
    isAlarming: alarm?.newState === "ALARM",
    reason: clip(parsed.reason ?? ""),
    where: [parsed.accountId, parsed.region].filter(Boolean).join(" "),
    why,
    count: 1,
    firstAt: at,
    lastAt: at,
  };
}
