import type { Json, SlackChannel, SlackMessage, SlackUser, SlackView } from "./model.ts";
import type { WorkspaceState } from "./workspace-state.ts";

/** Our nouns in the shape that Slack's Web API and payloads have them. */

export function messageToWire(state: WorkspaceState, message: SlackMessage, withMetadata = true): Json {
  return {
    type: "message",
    ...(message.subtype === null ? {} : { subtype: message.subtype }),
    user: message.user,
    ...(message.botId === null
      ? {}
      : { bot_id: message.botId, app_id: state.app.appId, bot_profile: botToWire(state) }),
    ts: message.ts,
    team: state.team.id,
    text: message.text,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
    ...(message.editedTs === null ? {} : { edited: { user: message.user, ts: message.editedTs } }),
    ...threadToWire(message),
  };
}

function threadToWire(message: SlackMessage): Json {
  if (message.threadTs !== null) return { thread_ts: message.threadTs };
  if (message.replyCount === 0) return {};
  return {
    thread_ts: message.ts,
    reply_count: message.replyCount,
    reply_users_count: message.replyUsers.length,
    reply_users: message.replyUsers,
    latest_reply: message.latestReply,
  };
}

export function botToWire(state: WorkspaceState): Json {
  const { app, team } = state;
  const name = state.users.get(app.botUser)?.name ?? "bot";
  return { id: app.botId, app_id: app.appId, user_id: app.botUser, name, deleted: false, team_id: team.id, icons: {} };
}

export function userToWire(state: WorkspaceState, user: SlackUser): Json {
  return {
    id: user.id,
    team_id: state.team.id,
    name: user.name,
    real_name: user.realName,
    color: user.color,
    tz: user.tz,
    tz_offset: user.tzOffsetS,
    deleted: user.deleted,
    profile: {
      real_name: user.realName,
      real_name_normalized: user.realName,
      display_name: user.name,
      display_name_normalized: user.name,
      title: user.role,
      email: `${user.name}@example.com`,
      team: state.team.id,
    },
    is_bot: user.isBot,
    is_admin: false,
    is_owner: false,
    is_restricted: user.isRestricted,
    is_ultra_restricted: false,
    is_app_user: false,
    updated: 0,
  };
}

export function channelToWire(state: WorkspaceState, channel: SlackChannel): Json {
  if (channel.imWith !== null) {
    return {
      id: channel.id,
      created: seconds(channel.createdAt),
      is_im: true,
      is_channel: false,
      user: channel.imWith,
      is_archived: false,
    };
  }
  const about = (value: string): Json => ({ value, creator: "", last_set: 0 });
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_general: channel.name === "general",
    is_shared: false,
    is_ext_shared: false,
    is_member: channel.members.includes(state.app.botUser),
    created: seconds(channel.createdAt),
    creator: channel.members[0] ?? "",
    context_team_id: state.team.id,
    topic: about(channel.topic),
    purpose: about(channel.topic),
    num_members: channel.members.length,
  };
}

export function viewToWire(state: WorkspaceState, view: SlackView, values: Json = {}): Json {
  const plain = (text: string): Json => ({ type: "plain_text", text, emoji: true });
  return {
    id: view.id,
    team_id: state.team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.privateMetadata,
    callback_id: view.callbackId,
    state: { values },
    hash: view.hash,
    title: plain(view.title),
    clear_on_close: view.clearOnClose,
    notify_on_close: view.notifyOnClose,
    close: view.type === "modal" ? plain(view.close) : null,
    submit: view.submit === null ? null : plain(view.submit),
    previous_view_id: view.previousViewId,
    root_view_id: view.rootViewId,
    app_id: state.app.appId,
    external_id: view.externalId ?? "",
    app_installed_team_id: state.team.id,
    bot_id: state.app.botId,
  };
}

export function permalinkOf(
  state: WorkspaceState,
  channel: string,
  ts: string,
  threadTs: string | null = null,
): string {
  const link = `https://${state.team.domain}.slack.com/archives/${channel}/p${ts.replace(".", "")}`;
  return threadTs === null ? link : `${link}?thread_ts=${threadTs}&cid=${channel}`;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
