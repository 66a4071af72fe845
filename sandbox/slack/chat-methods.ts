import { SlackApiError } from "./api-error.ts";
import { directMessage } from "./conversation-methods.ts";
import { messageContent, messageMetadata } from "./message-content.ts";
import { edit, post, postPrivately, remove } from "./messages.ts";
import type { Json, SlackChannel, SlackMessage } from "./model.ts";
import { messageToWire, permalinkOf } from "./to-wire.ts";
import type { WebApiCall, WebApiMethod } from "./web-api.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

const write = { token: "bot", scopes: ["chat:write"] } as const;

/** What the bot says, changes and takes back. */
export const chatMethods: Readonly<Record<string, WebApiMethod>> = {
  "chat.postMessage": { ...write, run: postMessage },
  "chat.update": { ...write, run: update },
  "chat.delete": { ...write, run: deleteMessage },
  "chat.postEphemeral": { ...write, run: postEphemeral },
  "chat.getPermalink": { token: "bot", scopes: [], run: getPermalink },
};

/** A channel id, a name with or without `#`, or a person's id. */
function addressed(core: WorkspaceCore, channel: string | undefined): SlackChannel {
  if (channel === undefined) throw new SlackApiError("channel_not_found");
  if (core.state.users.has(channel)) return directMessage(core, channel);
  const name = channel.replace(/^#/, "");
  const named = [...core.state.channels.values()].find((each) => each.name === name && each.imWith === null);
  return named ?? core.channel(channel);
}

function writable(core: WorkspaceCore, channel: SlackChannel): SlackChannel {
  const isMember = channel.members.includes(core.state.app.botUser);
  if (channel.isPrivate && !isMember) throw new SlackApiError("channel_not_found");
  if (channel.isArchived) throw new SlackApiError("is_archived");
  if (!isMember && !core.state.app.scopes.includes("chat:write.public")) throw new SlackApiError("not_in_channel");
  return channel;
}

function postMessage({ core, faults, args }: WebApiCall): Json {
  const channel = writable(core, addressed(core, args.text("channel")));
  const content = messageContent(core, faults, {
    text: args.text("text"),
    blocks: args.json("blocks", "invalid_blocks_format"),
    attachments: args.json("attachments", "invalid_attachments"),
  });
  const message = post(core, {
    ...content,
    channel: channel.id,
    user: core.state.app.botUser,
    threadTs: args.text("thread_ts") ?? null,
    broadcast: args.flag("reply_broadcast"),
    metadata: messageMetadata(args.json("metadata", "invalid_metadata_format")),
  });
  return { channel: channel.id, ts: message.ts, message: messageToWire(core.state, message) };
}

function ownMessage({ core, args }: WebApiCall, refusal: string): SlackMessage {
  const channel = writable(core, core.channel(args.text("channel") ?? ""));
  const message = core.message(channel.id, args.text("ts") ?? "");
  if (message === undefined || message.subtype === "tombstone") throw new SlackApiError("message_not_found");
  if (message.user !== core.state.app.botUser) throw new SlackApiError(refusal);
  return message;
}

function update(call: WebApiCall): Json {
  const { core, faults, args } = call;
  const message = ownMessage(call, "cant_update_message");
  const blocks = args.json("blocks", "invalid_blocks_format");
  const attachments = args.json("attachments", "invalid_attachments");
  // Text without blocks removes the blocks; blocks without text keep the old text for notifications.
  const text = args.text("text") ?? (blocks === undefined && attachments === undefined ? undefined : message.text);
  const metadata = args.has("metadata") ? messageMetadata(args.json("metadata", "invalid_metadata_format")) : undefined;
  const edited = edit(core, message, { ...messageContent(core, faults, { text, blocks, attachments }), metadata });
  return { channel: edited.channel, ts: edited.ts, text: edited.text, message: messageToWire(core.state, edited) };
}

function deleteMessage(call: WebApiCall): Json {
  const message = ownMessage(call, "cant_delete_message");
  remove(call.core, message);
  return { channel: message.channel, ts: message.ts };
}

function postEphemeral({ core, faults, args }: WebApiCall): Json {
  const channel = writable(core, addressed(core, args.text("channel")));
  const user = args.text("user") ?? "";
  if (!core.state.users.has(user)) throw new SlackApiError("user_not_found");
  if (!channel.members.includes(user)) throw new SlackApiError("user_not_in_channel");
  const content = messageContent(core, faults, {
    text: args.text("text"),
    blocks: args.json("blocks", "invalid_blocks_format"),
    attachments: args.json("attachments", "invalid_attachments"),
  });
  const sent = postPrivately(core, {
    ...content,
    channel: channel.id,
    threadTs: args.text("thread_ts") ?? null,
    to: user,
    from: core.state.app.botUser,
  });
  return { message_ts: sent.ts };
}

function getPermalink({ core, args }: WebApiCall): Json {
  const channel = core.channel(args.text("channel") ?? "");
  const message = core.message(channel.id, args.text("message_ts") ?? "");
  if (message === undefined) throw new SlackApiError("message_not_found");
  return { channel: channel.id, permalink: permalinkOf(core.state, channel.id, message.ts, message.threadTs) };
}
