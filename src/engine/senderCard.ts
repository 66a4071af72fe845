/**
 * Makes Slack show a case. Idempotent: it can be repeated after any failure and after any crash.
 *
 * A second card can only come from posting without knowing of the first. So it posts blindly only when nobody else can have
 * posted: this sender has held its lease since before the incident opened and has not tried yet. In every other case the
 * channel's history is read first.
 */
import { cardOf, type CardInput } from "../domain/card.ts";
import { codeOf } from "../domain/errors.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { IncidentId, ServiceName } from "../domain/words.ts";
import {
  ChannelRefused,
  ChatDown,
  ChatLimited,
  ChatUncertain,
  MessageGone,
  type Chat,
  type MessageRef,
} from "../ports/chat.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { CardSources } from "./cardSources.ts";
import type { CardModel } from "../domain/cardModel.ts";

/** What this process knows that Slack shows; the store may lag behind it. */
export interface Known {
  readonly incident: IncidentId;
  readonly ref: MessageRef;
  readonly version: number;
  readonly phase: ServiceCase["phase"]["kind"];
  readonly resolved?: CardInput["resolved"];
  /** What people see there, but for its version; unknown when another worker sent it. */
  readonly looks?: string | undefined;
}

export interface CardSenderParts {
  readonly chat: Chat;
  readonly handle: Handle;
  readonly sources: CardSources;
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** History is read from a little before the opening: clocks of workers and of Slack differ. */
const lookBackMs = 60_000;
/** A channel that refused is tried again after this: somebody may have invited the bot. */
const refusedForMs = 10 * 60_000;

export type Aim =
  | { readonly kind: "post"; readonly channel: string }
  | { readonly kind: "update"; readonly ref: MessageRef }
  /** Slack shows it already; only the case must hear of it. */
  | { readonly kind: "nothing" };

export interface CardSender {
  /** Where the next call for this case goes: what the pace is asked about. */
  aim(current: ServiceCase, now: number): Aim;
  known(current: ServiceCase): Known | undefined;
  /** Throws the port's errors. Answers where the card stands. */
  show(current: ServiceCase, how: { readonly mustFind: boolean; readonly enrich: boolean }): Promise<MessageRef>;
  /** Tells the case what Slack shows; repeated until the store took it. */
  report(current: ServiceCase): Promise<void>;
  channelFor(wanted: string, now: number): string;
  refuse(channel: string, error: ChannelRefused): void;
  forget(): void;
}

interface State {
  readonly parts: CardSenderParts;
  readonly all: Map<ServiceName, Known>;
  /** Channels that refused, and until when they are left alone. */
  readonly refused: Map<string, number>;
}

export function createCardSender(parts: CardSenderParts): CardSender {
  const state: State = { parts, all: new Map(), refused: new Map() };
  return {
    known: (current) => knownOf(state, current),
    channelFor: (wanted, now) => channelFor(state, wanted, now),
    refuse: (channel, error) => refuse(state, channel, error),
    aim(current, now) {
      const at = knownOf(state, current);
      if (at !== undefined && at.version >= current.cardVersion) return { kind: "nothing" };
      if (at !== undefined) return { kind: "update", ref: at.ref };
      return { kind: "post", channel: channelFor(state, wantedChannel(parts, current), now) };
    },
    async show(current, { mustFind, enrich }) {
      const card = await render(state, current, enrich);
      const at = knownOf(state, current);
      if (at?.looks !== undefined && at.looks === looksOf(card)) {
        // A newer case that looks the same, because only a poll went on: nobody is bothered with an update.
        remember(state, current, { ref: at.ref, card });
        return at.ref;
      }
      const standing = at?.ref ?? (mustFind ? await find(state, current, card.key) : undefined);
      const ref = standing
        ? await updateOrPost(state, current, { ref: standing, card })
        : await postAnew(state, current, card);
      remember(state, current, { ref, card });
      return ref;
    },
    async report(current) {
      const at = state.all.get(current.service);
      if (at === undefined) return;
      const { incident, version, ref } = at;
      await parts.handle(current.service, { kind: "shown", incident, version, channel: ref.channel, ts: ref.ts });
    },
    forget: () => state.all.clear(),
  };
}

function knownOf({ all }: State, current: ServiceCase): Known | undefined {
  const incident = current.incident?.id;
  if (incident === undefined) return undefined;
  const own = all.get(current.service);
  const mine = own?.incident === incident ? own : undefined;
  const stored = current.shown?.incident === incident ? current.shown : undefined;
  if (stored === undefined || (mine !== undefined && mine.version >= stored.version)) return mine;
  const ref = { channel: stored.channel, ts: stored.ts };
  return { incident, ref, version: stored.version, phase: current.phase.kind, resolved: mine?.resolved };
}

function looksOf({ version: _version, ...card }: CardModel): string {
  return JSON.stringify(card);
}

function remember(
  { all }: State,
  current: ServiceCase,
  { ref, card }: { readonly ref: MessageRef; readonly card: CardModel },
): void {
  const { incident, phase, service, cardVersion } = current;
  if (incident === undefined) return;
  const before = all.get(service);
  const kept = before?.incident === incident.id ? before.resolved : undefined;
  const resolved = phase.kind === "resolved" ? { at: phase.at, how: phase.how } : kept;
  const looks = looksOf(card);
  all.set(service, { incident: incident.id, ref, version: cardVersion, phase: phase.kind, resolved, looks });
}

function wantedChannel({ settings }: CardSenderParts, { service }: ServiceCase): string {
  return settings().services.get(service)?.channel ?? settings().defaultChannel;
}

function channelFor({ parts, refused }: State, wanted: string, now: number): string {
  return (refused.get(wanted) ?? 0) > now ? parts.settings().defaultChannel : wanted;
}

function refuse({ parts, refused }: State, channel: string, error: ChannelRefused): void {
  const { metrics, log, clock } = parts;
  metrics.count("medic_channel_refused_total", { channel, error: error.slackError });
  if (!refused.has(channel)) log.error("channel-refused", { channel, error: error.slackError, next: error.next });
  refused.set(channel, clock.now() + refusedForMs);
}

async function render({ parts, all }: State, current: ServiceCase, enrich: boolean): Promise<CardModel> {
  const { sources, settings, clock } = parts;
  const service: ServiceDefinition | undefined = settings().services.get(current.service);
  const own = all.get(current.service);
  const resolved = own?.incident === current.incident?.id ? own?.resolved : undefined;
  const [run, dossier] = enrich
    ? await Promise.all([soft(parts, () => sources.run(current)), soft(parts, () => sources.dossier(current))])
    : [undefined, undefined];
  return cardOf({ current, service, run, dossier, now: clock.now(), resolved });
}

/** A card without its steps is better than no card. */
async function soft<T>({ log }: CardSenderParts, read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    log.warn("card-part-unread", { code: codeOf(error) });
    return undefined;
  }
}

async function postAnew(state: State, current: ServiceCase, card: CardModel): Promise<MessageRef> {
  const { chat, clock, settings } = state.parts;
  const channel = channelFor(state, wantedChannel(state.parts, current), clock.now());
  try {
    return await chat.post(channel, card);
  } catch (error) {
    if (!(error instanceof ChannelRefused) || channel === settings().defaultChannel) throw error;
    refuse(state, channel, error);
    return await chat.post(settings().defaultChannel, card);
  }
}

async function updateOrPost(
  state: State,
  current: ServiceCase,
  { ref, card }: { readonly ref: MessageRef; readonly card: CardModel },
): Promise<MessageRef> {
  try {
    await state.parts.chat.update(ref, card);
    return ref;
  } catch (error) {
    if (error instanceof ChannelRefused) refuse(state, ref.channel, error);
    else if (!(error instanceof MessageGone)) throw error;
    return await postAnew(state, current, card);
  }
}

async function find(state: State, current: ServiceCase, key: string): Promise<MessageRef | undefined> {
  const { chat, clock, settings, log } = state.parts;
  const since = (current.incident?.openedAt ?? clock.now()) - lookBackMs;
  const wanted = channelFor(state, wantedChannel(state.parts, current), clock.now());
  for (const channel of new Set([wanted, settings().defaultChannel])) {
    try {
      const found = await chat.find(channel, key, since);
      if (found) return found;
    } catch (error) {
      // What only waiting mends is waited for; where history may not be read at all, one duplicate is the lesser evil.
      if (error instanceof ChatDown || error instanceof ChatLimited || error instanceof ChatUncertain) throw error;
      const next = "Give the bot channels:history, else a card may stand twice after a crash.";
      log.warn("history-unread", { channel, code: codeOf(error), next });
    }
  }
  return undefined;
}
