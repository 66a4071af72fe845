import { SlackApiError } from "./api-error.ts";
import type { MessageContent } from "./message-content.ts";
import type { EphemeralMessage, Json, SlackMessage } from "./model.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

/** Puts messages into channels and keeps threads right. Whether somebody may do it was decided before. */

export interface Post extends MessageContent {
  readonly channel: string;
  readonly user: string;
  readonly threadTs: string | null;
  readonly broadcast: boolean;
  readonly metadata: Json | null;
}

export function post(core: WorkspaceCore, what: Post): SlackMessage {
  const root = what.threadTs === null ? undefined : core.message(what.channel, what.threadTs);
  if (what.threadTs !== null && root === undefined) throw new SlackApiError("thread_not_found");
  const { app } = core.state;
  const message: SlackMessage = {
    ts: core.nextTs(),
    channel: what.channel,
    user: what.user,
    botId: what.user === app.botUser ? app.botId : null,
    text: what.text,
    blocks: what.blocks,
    attachments: what.attachments,
    metadata: what.metadata,
    // A reply to a reply belongs to the thread's root.
    threadTs: root === undefined ? null : (root.threadTs ?? root.ts),
    broadcast: what.broadcast && root !== undefined,
    replyCount: 0,
    replyUsers: [],
    latestReply: null,
    editedTs: null,
    subtype: root !== undefined && what.broadcast ? "thread_broadcast" : null,
  };
  core.putMessage(message);
  if (message.threadTs !== null) countReply(core, message.channel, message.threadTs);
  return message;
}

/** `metadata: undefined` keeps what was there, null removes it. */
export function edit(
  core: WorkspaceCore,
  message: SlackMessage,
  what: MessageContent & { readonly metadata?: Json | null | undefined },
): SlackMessage {
  const edited: SlackMessage = {
    ...message,
    text: what.text,
    blocks: what.blocks,
    attachments: what.attachments,
    metadata: what.metadata === undefined ? message.metadata : what.metadata,
    editedTs: what.blocks.length > 0 ? null : core.nextTs(),
  };
  core.putMessage(edited);
  return edited;
}

/** A root with replies leaves a tombstone, so that the thread can still be read. */
export function remove(core: WorkspaceCore, message: SlackMessage): void {
  if (message.replyCount > 0) {
    core.putMessage({
      ...message,
      text: "This message was deleted.",
      blocks: [],
      attachments: [],
      metadata: null,
      subtype: "tombstone",
    });
    return;
  }
  core.dropMessage(message.channel, message.ts);
  if (message.threadTs !== null) countReply(core, message.channel, message.threadTs);
}

function countReply(core: WorkspaceCore, channel: string, rootTs: string): void {
  const root = core.message(channel, rootTs);
  if (root === undefined) return;
  const replies = [...(core.state.messages.get(channel)?.values() ?? [])].filter((each) => each.threadTs === rootTs);
  core.putMessage({
    ...root,
    replyCount: replies.length,
    replyUsers: [...new Set(replies.map((each) => each.user))],
    latestReply: replies.at(-1)?.ts ?? null,
  });
}

export function postPrivately(
  core: WorkspaceCore,
  what: MessageContent & Pick<EphemeralMessage, "channel" | "threadTs" | "to" | "from">,
): EphemeralMessage {
  const message: EphemeralMessage = {
    id: core.id("E"),
    ts: core.nextTs(),
    channel: what.channel,
    threadTs: what.threadTs,
    to: what.to,
    from: what.from,
    text: what.text,
    blocks: what.blocks,
  };
  core.putEphemeral(message);
  return message;
}
