/** A chat workspace in memory: what stands where, and what can go wrong. For simulation and tests; it never reads a clock. */
import type { CardModel } from "../domain/cardModel.ts";
import type { Text } from "../domain/text.ts";
import {
  ChannelRefused,
  ChatDown,
  ChatLimited,
  ChatUncertain,
  MessageGone,
  type Chat,
  type MessageRef,
} from "../ports/chat.ts";

export type ChatOperation = "post" | "update" | "reply" | "find" | "findReply";

/** "lost-before" and "lost-after": the answer was lost, before or after Slack took it. */
export type ChatFault = "limited" | "down" | "lost-before" | "lost-after" | "refused" | "gone";

export interface MemoryMessage {
  readonly channel: string;
  readonly ts: string;
  readonly key: string;
  readonly card: CardModel;
  readonly postedAt: number;
  readonly updates: number;
  readonly replies: readonly MemoryReply[];
}

export interface MemoryReply {
  readonly ts: string;
  readonly key: string;
  readonly text: Text;
  readonly broadcast: boolean;
}

export interface MemoryChatOptions {
  readonly now: () => number;
  /** What goes wrong with this call, if anything. Drawn from a seed by the simulation. */
  readonly fault?: (operation: ChatOperation, about: string) => ChatFault | undefined;
  /** How long an answer takes; waits on the caller's own clock. */
  readonly delay?: (operation: ChatOperation) => Promise<void>;
  readonly mayApprove?: Chat["mayApprove"];
  /** History may not be read: `find` sees nothing. */
  readonly blind?: boolean;
}

export interface MemoryChat extends Chat {
  readonly messages: () => readonly MemoryMessage[];
  /** Calls that reached the workspace, for the limits that a sender must keep. */
  readonly calls: () => readonly { readonly operation: ChatOperation; readonly channel: string; readonly at: number }[];
  remove(ref: MessageRef): void;
}

interface Room {
  readonly options: MemoryChatOptions;
  readonly messages: Map<string, MemoryMessage>;
  readonly calls: { operation: ChatOperation; channel: string; at: number }[];
  lastTs: number;
}

const place = (ref: MessageRef) => `${ref.channel}/${ref.ts}`;

export function memoryChat(options: MemoryChatOptions): MemoryChat {
  const { now } = options;
  const room: Room = { options, messages: new Map(), calls: [], lastTs: 0 };
  const { messages, calls } = room;
  return {
    messages: () => [...messages.values()],
    calls: () => calls,
    remove: (ref) => void messages.delete(place(ref)),
    post: (channel, card) =>
      call(room, { operation: "post", channel }, () => {
        const ref = { channel, ts: nextTs(room) };
        messages.set(place(ref), { ...ref, key: card.key, card, postedAt: now(), updates: 0, replies: [] });
        return ref;
      }),
    update: (ref, card) =>
      call(room, { operation: "update", channel: ref.channel, ref }, () => {
        const before = standing(room, ref);
        messages.set(place(ref), { ...before, card, key: card.key, updates: before.updates + 1 });
      }),
    reply: (ref, text, { key, broadcast }) =>
      call(room, { operation: "reply", channel: ref.channel, ref }, () => {
        const before = standing(room, ref);
        const ts = nextTs(room);
        messages.set(place(ref), { ...before, replies: [...before.replies, { ts, key, text, broadcast }] });
        return { channel: ref.channel, ts };
      }),
    find: (channel, key, since) =>
      call(room, { operation: "find", channel }, () => {
        const found = [...messages.values()].findLast(
          (message) => message.channel === channel && message.key === key && message.postedAt >= since,
        );
        return found && options.blind !== true ? { channel, ts: found.ts } : undefined;
      }),
    findReply: (ref, key) =>
      call(room, { operation: "findReply", channel: ref.channel }, () => {
        const found = messages.get(place(ref))?.replies.find((reply) => reply.key === key);
        return found && { channel: ref.channel, ts: found.ts };
      }),
    mayApprove: options.mayApprove ?? (async () => ({ allowed: true, detail: "everybody may, in this workspace" })),
  };
}

/** Slack's own: seconds with six digits, never twice the same. */
function nextTs(room: Room): string {
  room.lastTs = Math.max(room.lastTs + 1, room.options.now() * 1000);
  return `${Math.floor(room.lastTs / 1_000_000)}.${String(room.lastTs % 1_000_000).padStart(6, "0")}`;
}

function standing({ messages }: Room, ref: MessageRef): MemoryMessage {
  const found = messages.get(place(ref));
  if (found === undefined) throw new MessageGone(ref);
  return found;
}

async function call<T>(
  { options, messages, calls }: Room,
  what: { readonly operation: ChatOperation; readonly channel: string; readonly ref?: MessageRef },
  work: () => T,
): Promise<T> {
  const { operation, channel, ref } = what;
  const fault = options.fault?.(operation, channel);
  await options.delay?.(operation);
  if (fault === "limited") throw new ChatLimited(operation, 2_000);
  if (fault === "down") throw new ChatDown(operation);
  if (fault === "lost-before") throw new ChatUncertain(operation);
  if (fault === "refused") throw new ChannelRefused(channel, "is_archived");
  if (fault === "gone" && ref) {
    messages.delete(place(ref));
    throw new MessageGone(ref);
  }
  calls.push({ operation, channel, at: options.now() });
  const answer = work();
  if (fault === "lost-after") throw new ChatUncertain(operation);
  return answer;
}
