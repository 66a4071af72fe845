/**
 * Makes Slack show a case. Idempotent: it can be repeated after any failure and after any crash.
 *
 * A second card can only come from posting without knowing of the first. So it posts blindly only when nobody else can have
 * posted: this sender has held its lease since before the incident opened and has not tried yet. In every other case the
 * channel's history is read first.
 */
import { cardOf } from "../domain/card.ts";
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
  readonly resolved?: { readonly at: number; readonly how: "recovered" | "cleared" | "closed" } | undefined;
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

export function createCardSender(parts: CardSenderParts): CardSender {
  const { chat, handle, sources, settings, clock, log, metrics } = parts;
  const all = new Map<ServiceName, Known>();
  const refused = new Map<string, number>();

  const definition = (service: ServiceName): ServiceDefinition | undefined => settings().services.get(service);

  const known = (current: ServiceCase): Known | undefined => {
    const incident = current.incident?.id;
    if (incident === undefined) return undefined;
    const own = all.get(current.service);
    const stored = current.shown?.incident === incident ? current.shown : undefined;
    const mine = own?.incident === incident ? own : undefined;
    if (stored === undefined || (mine !== undefined && mine.version >= stored.version)) return mine;
    const ref = { channel: stored.channel, ts: stored.ts };
    return { incident, ref, version: stored.version, phase: current.phase.kind, resolved: mine?.resolved };
  };

  const channelFor = (wanted: string, now: number): string =>
    (refused.get(wanted) ?? 0) > now ? settings().defaultChannel : wanted;

  const refuse = (channel: string, error: ChannelRefused): void => {
    metrics.count("medic_channel_refused_total", { channel, error: error.slackError });
    if (!refused.has(channel)) log.error("channel-refused", { channel, error: error.slackError, next: error.next });
    refused.set(channel, clock.now() + refusedForMs);
  };

  const wantedChannel = (current: ServiceCase) => definition(current.service)?.channel ?? settings().defaultChannel;

  const render = async (current: ServiceCase, enrich: boolean): Promise<CardModel> => {
    const now = clock.now();
    const service = definition(current.service);
    const resolved = all.get(current.service)?.resolved;
    if (!enrich) return cardOf({ current, service, now, resolved });
    const [run, dossier] = await Promise.all([soft(() => sources.run(current)), soft(() => sources.dossier(current))]);
    return cardOf({ current, service, run, dossier, now, resolved });
  };

  /** A card without its steps is better than no card. */
  const soft = async <T>(read: () => Promise<T | undefined>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      log.warn("card-part-unread", { code: codeOf(error) });
      return undefined;
    }
  };

  const remember = (current: ServiceCase, ref: MessageRef): MessageRef => {
    const { incident, phase } = current;
    if (incident === undefined) return ref;
    const before = all.get(current.service);
    const resolved =
      phase.kind === "resolved"
        ? { at: phase.at, how: phase.how }
        : before?.incident === incident.id
          ? before.resolved
          : undefined;
    all.set(current.service, { incident: incident.id, ref, version: current.cardVersion, phase: phase.kind, resolved });
    return ref;
  };

  const postAnew = async (current: ServiceCase, card: CardModel): Promise<MessageRef> => {
    const channel = channelFor(wantedChannel(current), clock.now());
    try {
      return await chat.post(channel, card);
    } catch (error) {
      if (!(error instanceof ChannelRefused) || channel === settings().defaultChannel) throw error;
      refuse(channel, error);
      return await chat.post(settings().defaultChannel, card);
    }
  };

  const find = async (current: ServiceCase, key: string): Promise<MessageRef | undefined> => {
    const since = (current.incident?.openedAt ?? clock.now()) - lookBackMs;
    const channels = new Set([channelFor(wantedChannel(current), clock.now()), settings().defaultChannel]);
    for (const channel of channels) {
      try {
        const found = await chat.find(channel, key, since);
        if (found) return found;
      } catch (error) {
        // What only waiting mends is waited for; where history may not be read at all, one duplicate is the lesser evil.
        if (error instanceof ChatDown || error instanceof ChatLimited || error instanceof ChatUncertain) throw error;
        log.warn("history-unread", {
          channel,
          code: codeOf(error),
          next: "Give the bot channels:history, else a card may stand twice.",
        });
      }
    }
    return undefined;
  };

  const updateOrPost = async (current: ServiceCase, ref: MessageRef, card: CardModel): Promise<MessageRef> => {
    try {
      await chat.update(ref, card);
      return ref;
    } catch (error) {
      if (error instanceof ChannelRefused) refuse(ref.channel, error);
      else if (!(error instanceof MessageGone)) throw error;
      return await postAnew(current, card);
    }
  };

  return {
    known,
    channelFor,
    refuse,
    aim(current, now) {
      const at = known(current);
      if (at !== undefined && at.version >= current.cardVersion) return { kind: "nothing" };
      if (at !== undefined) return { kind: "update", ref: at.ref };
      return { kind: "post", channel: channelFor(wantedChannel(current), now) };
    },
    async show(current, { mustFind, enrich }) {
      const card = await render(current, enrich);
      const at = known(current);
      if (at !== undefined) return remember(current, await updateOrPost(current, at.ref, card));
      const found = mustFind ? await find(current, card.key) : undefined;
      if (found !== undefined) return remember(current, await updateOrPost(current, found, card));
      return remember(current, await postAnew(current, card));
    },
    async report(current) {
      const at = all.get(current.service);
      if (at === undefined) return;
      const { incident, version, ref } = at;
      await handle(current.service, { kind: "shown", incident, version, channel: ref.channel, ts: ref.ts });
    },
    forget: () => all.clear(),
  };
}
