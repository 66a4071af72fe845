/** The thread under a card: few replies, each for what people care about; the only place where a group is mentioned. */
import { recoveryWords, symptomWords } from "../domain/cardWords.ts";
import type { CardModel } from "../domain/cardModel.ts";
import { isToldOnly } from "../domain/proposalKinds.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { Entry, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { IncidentId, Recovery, ServiceName } from "../domain/words.ts";
import type { Piece, Text } from "../domain/text.ts";
import { ChannelRefused, type Chat, type MessageRef } from "../ports/chat.ts";
import type { Log } from "../ports/log.ts";
import type { Records, StoredRecord } from "../ports/store.ts";
import type { CardSources } from "./cardSources.ts";
import { replyOf, type Reply } from "./threadLines.ts";

/** How far the thread has told the story; one record a service. */
interface ThreadState {
  readonly incident: IncidentId;
  /** Entries up to this number are told, or not worth it. */
  readonly upTo: number;
  /** The `mentionedAt` that was mentioned. */
  readonly mentionedAt?: number;
}

export interface ThreadParts {
  readonly chat: Chat;
  readonly records: Records;
  readonly sources: CardSources;
  readonly settings: () => Settings;
  readonly log: Log;
}

export interface ThreadSender {
  /** Is there anything to say? Cheap, from what is in memory. */
  owes(current: ServiceCase): boolean;
  /** Says at most one thing. Answers true when there may be more. `mustFind`: it may have been said by somebody before us. */
  say(current: ServiceCase, ref: MessageRef, mustFind: boolean): Promise<boolean>;
  forget(): void;
}

const entriesAtOnce = 60;

export function createThreadSender(parts: ThreadParts): ThreadSender {
  const { records } = parts;
  const states = new Map<ServiceName, StoredRecord<ThreadState> | undefined>();

  const key = (service: ServiceName) => ({ collection: "thread", id: service });

  const stateOf = async (service: ServiceName): Promise<StoredRecord<ThreadState> | undefined> => {
    if (!states.has(service)) states.set(service, await records.get<ThreadState>(key(service)));
    return states.get(service);
  };

  const keep = async (service: ServiceName, body: ThreadState): Promise<void> => {
    const before = await stateOf(service);
    const stored = before
      ? await records.replace(key(service), body, before.rev)
      : await records.putIfAbsent(key(service), body);
    if (stored) states.set(service, { id: service, body, rev: (before?.rev ?? 0) + 1 });
    // Somebody else wrote it: read again next time rather than say it twice.
    else states.delete(service);
  };

  return {
    owes(current) {
      const { incident } = current;
      if (incident === undefined) return false;
      const body = states.get(current.service)?.body;
      const same = body?.incident === incident.id;
      if (incident.mentionedAt !== undefined && (!same || body.mentionedAt !== incident.mentionedAt)) return true;
      return current.entryCount > (same ? body.upTo : 0);
    },
    async say(current, ref, mustFind) {
      const { incident, service } = current;
      if (incident === undefined) return false;
      const before = (await stateOf(service))?.body;
      const state: ThreadState = before?.incident === incident.id ? before : { incident: incident.id, upTo: 0 };
      if (incident.mentionedAt !== undefined && state.mentionedAt !== incident.mentionedAt) {
        if (!seemsOver(current) && incident.ack === undefined) await mention(parts, { current, ref, mustFind });
        await keep(service, { ...state, mentionedAt: incident.mentionedAt });
        return true;
      }
      const entries = await pending(parts, current, state.upTo);
      const last = entries.at(-1)?.n;
      if (last === undefined) return false;
      const reply = replyOf(entries, { needs: needs(current), seemsOver: seemsOver(current) });
      const told = reply === undefined ? last : await sayReply(parts, { current, ref, mustFind, reply });
      await keep(service, { ...state, upTo: reply === undefined ? last : Math.max(told, state.upTo) });
      return told < last;
    },
    forget: () => states.clear(),
  };
}

/** Filed entries and those that still wait in the case, each once, of this incident only. */
async function pending({ sources }: ThreadParts, current: ServiceCase, after: number): Promise<Entry[]> {
  const oldest = current.entries[0]?.n ?? current.entryCount + 1;
  const filed = oldest > after + 1 ? await sources.entriesAfter(current.service, after, entriesAtOnce) : [];
  const all = new Map<number, Entry>();
  for (const entry of [...filed, ...current.entries]) if (entry.n > after) all.set(entry.n, entry);
  return [...all.values()].filter((entry) => entry.incident === current.incident?.id).sort((a, b) => a.n - b.n);
}

/** Why a person is needed; somebody who said no knows it already. */
function needs({ phase }: ServiceCase): ReasonCode | undefined {
  return phase.kind === "needs-person" && phase.reason.code !== "refused" ? phase.reason.code : undefined;
}

/** Slack may have been away: a call about what has ended since would get people out of bed for nothing. */
function seemsOver({ phase }: ServiceCase): boolean {
  return phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "verifying";
}

interface Place {
  readonly current: ServiceCase;
  readonly ref: MessageRef;
  readonly mustFind: boolean;
}

async function mention({ chat, settings }: ThreadParts, { current, ref, mustFind }: Place): Promise<void> {
  const group = settings().services.get(current.service)?.mentionGroup;
  const { incident, phase } = current;
  if (group === undefined || incident === undefined) return;
  const key = `${incident.id}/mention/${incident.mentionedAt ?? 0}`;
  if (mustFind && (await chat.findReply(ref, key))) return;
  const text: Text = [{ group }, ` ${current.service} ${symptomWords[incident.symptom]}`, ...stateText(phase), "."];
  await chat.reply(ref, text, { key, broadcast: false });
}

function stateText(phase: ServiceCase["phase"]): Piece[] {
  switch (phase.kind) {
    case "proposing":
      return isToldOnly(phase.proposal) ? [] : whenText(phase.proposal);
    case "confirming":
    case "recovering":
      return [`; ${recoveryWords(phase.order.recovery).name} is under way`];
    case "needs-person":
      return ["; the bot does nothing further by itself"];
    case "idle":
    case "verifying":
    case "resolved":
      return [];
  }
}

function whenText(proposal: {
  readonly recovery: Recovery;
  readonly mode: string;
  readonly vetoUntil?: number;
}): Piece[] {
  const { name } = recoveryWords(proposal.recovery);
  if (proposal.mode === "observe") return ["; the bot only observes here, Other… on the card orders something"];
  if (proposal.mode !== "auto") return [`; ${name} waits for an approval`];
  if (proposal.vetoUntil === undefined) return [`; ${name} runs by itself unless somebody holds it`];
  return [`; ${name} runs by itself at `, { time: proposal.vetoUntil, style: "time" }, " unless somebody holds it"];
}

/** Answers the number of the last entry that is told now. */
async function sayReply(parts: ThreadParts, place: Place & { readonly reply: Reply }): Promise<number> {
  const { current, ref, mustFind, reply } = place;
  const { chat, settings } = parts;
  const key = `${current.incident?.id ?? ""}/${reply.first}`;
  if (mustFind) {
    const found = await chat.findReply(ref, key);
    // Whatever was known when that reply was sent is in it; later entries get a reply of their own.
    if (found) return lastBefore(current, found) ?? reply.first;
  }
  const definition = settings().services.get(current.service);
  const mentions: Piece[] = [];
  if (reply.escalated && !current.incident?.ack && definition?.mentionGroup)
    mentions.push({ group: definition.mentionGroup }, " ");
  const ack = current.incident?.ack;
  if (reply.reminded && ack) mentions.push({ user: ack.by.id, name: ack.by.name }, " ");
  await chat.reply(ref, [...mentions, ...reply.text], { key, broadcast: reply.broadcast });
  if (reply.escalated && definition?.secondChannel) await tellSecond(parts, current, definition.secondChannel);
  return reply.last;
}

function lastBefore(current: ServiceCase, found: MessageRef): number | undefined {
  const sentAt = Number(found.ts) * 1000;
  return current.entries.filter((entry) => entry.at <= sentAt).at(-1)?.n;
}

/** The second channel gets one line without buttons: decisions are made on the card. */
async function tellSecond({ chat, log }: ThreadParts, current: ServiceCase, channel: string): Promise<void> {
  const { incident } = current;
  if (incident === undefined) return;
  const card: CardModel = {
    key: `${incident.id}/second`,
    version: 1,
    tone: "person",
    title: `${current.service} ${symptomWords[incident.symptom]} and nobody has reacted`,
    summary: [
      "Open since ",
      { time: incident.openedAt, style: "time" },
      ". The card with the buttons stands in the service's channel.",
    ],
    facts: [],
    notes: [[incident.id]],
    buttons: [],
    menu: [],
  };
  try {
    await chat.post(channel, card);
  } catch (error) {
    if (!(error instanceof ChannelRefused)) throw error;
    log.error("channel-refused", { channel, error: error.slackError, next: error.next });
  }
}
