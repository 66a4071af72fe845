import type { SlackPatch, SlackSnapshot } from "../../page-protocol.ts";
import type { EphemeralMessage, SlackMessage } from "../../slack/model.ts";

/** Applies what the server says to what the page shows. Pure. */
export function applyPatches(snapshot: SlackSnapshot, patches: readonly SlackPatch[]): SlackSnapshot {
  return patches.reduce(applyPatch, snapshot);
}

function applyPatch(snapshot: SlackSnapshot, patch: SlackPatch): SlackSnapshot {
  switch (patch.kind) {
    case "message":
      return { ...snapshot, messages: upsert(snapshot.messages, patch.message) };
    case "message-gone":
      return {
        ...snapshot,
        messages: snapshot.messages.filter((each) => each.channel !== patch.channel || each.ts !== patch.ts),
      };
    case "ephemeral":
      return { ...snapshot, ephemeral: patch.ephemeral };
    case "views":
      return { ...snapshot, modals: patch.modals, home: patch.home };
    case "channels":
      return { ...snapshot, channels: patch.channels };
    case "status":
      return { ...snapshot, down: patch.down, listeners: patch.listeners };
  }
}

function upsert(messages: readonly SlackMessage[], message: SlackMessage): readonly SlackMessage[] {
  const at = messages.findIndex((each) => each.ts === message.ts && each.channel === message.channel);
  return at < 0 ? [...messages, message] : messages.with(at, message);
}

/** One line of a channel or thread: what everybody sees, or what only this person does. */
export type TimelineEntry =
  | { readonly kind: "message"; readonly ts: string; readonly message: SlackMessage }
  | { readonly kind: "ephemeral"; readonly ts: string; readonly ephemeral: EphemeralMessage };

/** A channel's own timeline (`threadTs` null) or one thread's, oldest first. */
export function timeline(snapshot: SlackSnapshot, channel: string, threadTs: string | null): readonly TimelineEntry[] {
  const messages = snapshot.messages
    .filter((each) => each.channel === channel && belongs(each, threadTs))
    .map((message): TimelineEntry => ({ kind: "message", ts: message.ts, message }));
  const answers = snapshot.ephemeral
    .filter((each) => each.channel === channel && each.threadTs === threadTs)
    .map((ephemeral): TimelineEntry => ({ kind: "ephemeral", ts: ephemeral.ts, ephemeral }));
  return [...messages, ...answers].sort((a, b) => Number(a.ts) - Number(b.ts));
}

function belongs(message: SlackMessage, threadTs: string | null): boolean {
  if (threadTs === null) return message.threadTs === null || message.broadcast;
  return message.ts === threadTs || message.threadTs === threadTs;
}
