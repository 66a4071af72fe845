import { SlackApiError } from "./api-error.ts";
import type { CallArguments } from "./call-arguments.ts";
import { page } from "./cursor.ts";
import type { Json, SlackChannel, SlackMessage } from "./model.ts";
import { channelToWire, messageToWire } from "./to-wire.ts";
import type { WebApiCall, WebApiMethod } from "./web-api.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

const readScopes = ["channels:read", "groups:read", "im:read", "mpim:read"];
const historyScopes = ["channels:history", "groups:history", "im:history", "mpim:history"];

/** Channels and what was said in them. */
export const conversationMethods: Readonly<Record<string, WebApiMethod>> = {
  "conversations.list": { token: "bot", scopes: readScopes, run: list },
  "conversations.info": {
    token: "bot",
    scopes: readScopes,
    run: ({ core, args }) => ({ channel: channelToWire(core.state, visibleChannel(core, args)) }),
  },
  "conversations.members": {
    token: "bot",
    scopes: readScopes,
    run({ core, args }) {
      const { items, metadata } = page(visibleChannel(core, args).members, args, 100);
      return { members: items, ...metadata };
    },
  },
  "conversations.join": { token: "bot", scopes: ["channels:join"], run: join },
  "conversations.open": { token: "bot", scopes: ["im:write"], run: open },
  "conversations.history": { token: "bot", scopes: historyScopes, run: history },
  "conversations.replies": { token: "bot", scopes: historyScopes, run: replies },
};

function visibleChannel(core: WorkspaceCore, args: CallArguments): SlackChannel {
  const channel = core.channel(args.text("channel") ?? "");
  if (channel.isPrivate && !channel.members.includes(core.state.app.botUser))
    throw new SlackApiError("channel_not_found");
  return channel;
}

function readableChannel(core: WorkspaceCore, args: CallArguments): SlackChannel {
  const channel = visibleChannel(core, args);
  if (channel.imWith === null && !channel.members.includes(core.state.app.botUser))
    throw new SlackApiError("not_in_channel");
  return channel;
}

function list({ core, args }: WebApiCall): Json {
  const types = (args.text("types") ?? "public_channel").split(",");
  const wanted = [...core.state.channels.values()].filter((channel) => {
    if (args.flag("exclude_archived") && channel.isArchived) return false;
    if (channel.imWith !== null) return types.includes("im");
    if (channel.isPrivate) return types.includes("private_channel") && channel.members.includes(core.state.app.botUser);
    return types.includes("public_channel");
  });
  const { items, metadata } = page(wanted, args, 100);
  return { channels: items.map((channel) => channelToWire(core.state, channel)), ...metadata };
}

function join({ core, args }: WebApiCall): Json {
  const channel = visibleChannel(core, args);
  if (channel.isPrivate || channel.imWith !== null) throw new SlackApiError("method_not_supported_for_channel_type");
  if (channel.isArchived) throw new SlackApiError("is_archived");
  const { botUser } = core.state.app;
  if (channel.members.includes(botUser)) {
    return { channel: channelToWire(core.state, channel), warning: "already_in_channel" };
  }
  const joined = { ...channel, members: [...channel.members, botUser] };
  core.putChannel(joined);
  return { channel: channelToWire(core.state, joined) };
}

function open({ core, args }: WebApiCall): Json {
  const user = (args.text("users") ?? "").split(",")[0] ?? "";
  return { channel: { id: directMessage(core, user).id } };
}

/** The direct message between the bot and a person; made when it does not exist yet. */
export function directMessage(core: WorkspaceCore, user: string): SlackChannel {
  if (!core.state.users.has(user)) throw new SlackApiError("user_not_found");
  const existing = [...core.state.channels.values()].find((channel) => channel.imWith === user);
  if (existing !== undefined) return existing;
  const channel: SlackChannel = {
    id: `D0${user.slice(2)}`,
    name: "",
    topic: "",
    isPrivate: true,
    isArchived: false,
    imWith: user,
    createdAt: core.now(),
    members: [user, core.state.app.botUser],
  };
  core.putChannel(channel);
  return channel;
}

function history({ core, args }: WebApiCall): Json {
  const channel = readableChannel(core, args);
  const all = [...(core.state.messages.get(channel.id)?.values() ?? [])].filter(
    (message) => message.threadTs === null || message.broadcast,
  );
  return listed(core, args, between(all, args).toReversed());
}

function replies({ core, args }: WebApiCall): Json {
  const channel = readableChannel(core, args);
  const ts = args.text("ts") ?? "";
  const asked = core.message(channel.id, ts);
  if (asked === undefined) throw new SlackApiError("thread_not_found");
  const rootTs = asked.threadTs ?? asked.ts;
  const all = [...(core.state.messages.get(channel.id)?.values() ?? [])];
  const root = all.filter((message) => message.ts === rootTs);
  return listed(core, args, [
    ...root,
    ...between(
      all.filter((message) => message.threadTs === rootTs),
      args,
    ),
  ]);
}

function listed(core: WorkspaceCore, args: CallArguments, messages: readonly SlackMessage[]): Json {
  const { items, metadata, hasMore } = page(messages, args, 100);
  const withMetadata = args.flag("include_all_metadata");
  return {
    messages: items.map((message) => messageToWire(core.state, message, withMetadata)),
    has_more: hasMore,
    ...metadata,
  };
}

/** `oldest` and `latest` exclude themselves unless `inclusive`. */
function between(messages: readonly SlackMessage[], args: CallArguments): readonly SlackMessage[] {
  const oldest = Number(args.text("oldest") ?? 0);
  const latest = Number(args.text("latest") ?? Number.MAX_SAFE_INTEGER);
  const inclusive = args.flag("inclusive");
  return messages.filter(({ ts }) => {
    const at = Number(ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });
}
