import { optionsOf } from "./block-elements.ts";
import { textOf } from "./json.ts";
import type { ClickAct, CommandAct, InputState, Json, SlackChannel, SlackMessage, SlackView } from "./model.ts";
import { messageToWire, viewToWire } from "./to-wire.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

/** What Slack sends to the app when a person does something. */

const verificationToken = "sandbox-verification-token";

function whoAndWhere(core: WorkspaceCore, user: string): Json {
  const { team, app, users } = core.state;
  const name = users.get(user)?.name ?? user;
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: user, username: name, name, team_id: team.id },
    api_app_id: app.appId,
    token: verificationToken,
    enterprise: null,
    is_enterprise_install: false,
  };
}

export function commandPayload(core: WorkspaceCore, act: CommandAct, channel: SlackChannel): Json {
  const { team, app, users } = core.state;
  const [command = "", ...rest] = act.text.trim().split(/\s+/);
  return {
    token: verificationToken,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.imWith === null ? channel.name : "directmessage",
    user_id: act.user,
    user_name: users.get(act.user)?.name ?? act.user,
    command,
    text: escapeNames(core, rest.join(" ")),
    api_app_id: app.appId,
    is_enterprise_install: "false",
    response_url: core.newResponseUrl({ user: act.user, channel: channel.id, threadTs: null, original: null }),
    trigger_id: core.newTrigger(act.user),
  };
}

/**
 * What Slack makes of a line that a person typed: names become ids, and the three special characters are escaped. Commands (with
 * `should_escape`) carry the name beside the id, messages only the id. A mention that is already written as `<@U…>` stays.
 */
export function escapeNames(core: WorkspaceCore, text: string, withLabels = true): string {
  const { users, channels, userGroups } = core.state;
  return text
    .replace(/&/g, "&amp;")
    .replace(/<(?![@#!][^<>]*>)/g, "&lt;")
    .replace(/(?<!<[@#!][^<>]*)>/g, "&gt;")
    .replace(/(^|\s)@([\w-]+(?:\.[\w-]+)*)/g, (whole, space: string, name: string) => {
      const user = [...users.values()].find((each) => each.name === name);
      if (user !== undefined) return `${space}<@${user.id}${withLabels ? `|${user.name}` : ""}>`;
      const group = [...userGroups.values()].find((each) => each.handle === name);
      return group === undefined ? whole : `${space}<!subteam^${group.id}${withLabels ? `|@${group.handle}` : ""}>`;
    })
    .replace(/(^|\s)#([\w-]+)/g, (whole, space: string, name: string) => {
      const channel = [...channels.values()].find((each) => each.name === name);
      return channel === undefined ? whole : `${space}<#${channel.id}${withLabels ? `|${channel.name}` : ""}>`;
    });
}

export interface ClickedPlace {
  readonly channel: SlackChannel | null;
  readonly message: SlackMessage | null;
  readonly ephemeralId: string | null;
  readonly ephemeralTs: string | null;
  readonly view: SlackView | null;
}

export function blockActionsPayload(
  core: WorkspaceCore,
  act: ClickAct,
  what: { readonly place: ClickedPlace; readonly blockId: string; readonly element: Json; readonly state: InputState },
): Json {
  const action = {
    ...actionOf(what.element, act),
    block_id: what.blockId,
    action_id: act.actionId,
    action_ts: core.nextTs(),
  };
  return {
    type: "block_actions",
    ...whoAndWhere(core, act.user),
    ...containerOf(core, act.user, what.place),
    trigger_id: core.newTrigger(act.user),
    ...(what.place.view === null ? { state: { values: what.state } } : {}),
    ...(what.place.view === null ? {} : { view: viewToWire(core.state, what.place.view, what.state) }),
    actions: [action],
  };
}

function containerOf(core: WorkspaceCore, user: string, place: ClickedPlace): Json {
  if (place.view !== null) return { container: { type: "view", view_id: place.view.id } };
  const channel = place.channel;
  if (channel === null) return {};
  const ts = place.message?.ts ?? place.ephemeralTs ?? "";
  const threadTs = place.message?.threadTs ?? null;
  const original = place.ephemeralId === null ? { ts } : { ephemeralId: place.ephemeralId };
  return {
    container: {
      type: "message",
      message_ts: ts,
      channel_id: channel.id,
      is_ephemeral: place.ephemeralId !== null,
      ...(threadTs === null ? {} : { thread_ts: threadTs }),
    },
    channel: { id: channel.id, name: channel.imWith === null ? channel.name : "directmessage" },
    // An ephemeral message is not handed back: Slack keeps none.
    ...(place.message === null ? {} : { message: messageToWire(core.state, place.message) }),
    response_url: core.newResponseUrl({ user, channel: channel.id, threadTs, original }),
  };
}

/** What the element says it was set to, in the field that its type uses. */
export function actionOf(element: Json, act: Pick<ClickAct, "value" | "values">): Json {
  const type = textOf(element["type"]) ?? "";
  const option = (value: string | undefined): Json | null => {
    const found = optionsOf(element).find((each) => each["value"] === value);
    return found === undefined ? null : found;
  };
  switch (type) {
    case "button":
      return { type, text: element["text"], ...copied(element, ["value", "style", "confirm"]) };
    case "overflow":
    case "static_select":
    case "radio_buttons":
      return { type, selected_option: option(act.value), ...copied(element, ["placeholder"]) };
    case "checkboxes":
    case "multi_static_select":
      return { type, selected_options: (act.values ?? []).map(option).filter((each) => each !== null) };
    case "users_select":
      return { type, selected_user: act.value ?? null };
    case "multi_users_select":
      return { type, selected_users: act.values ?? [] };
    case "channels_select":
      return { type, selected_channel: act.value ?? null };
    case "conversations_select":
      return { type, selected_conversation: act.value ?? null };
    case "datepicker":
      return { type, selected_date: act.value ?? null };
    case "timepicker":
      return { type, selected_time: act.value ?? null };
    default:
      return { type, value: act.value ?? null };
  }
}

function copied(element: Json, names: readonly string[]): Json {
  return Object.fromEntries(names.filter((name) => element[name] !== undefined).map((name) => [name, element[name]]));
}

export function submissionPayload(core: WorkspaceCore, view: SlackView, state: InputState): Json {
  return {
    type: "view_submission",
    ...whoAndWhere(core, view.user),
    trigger_id: core.newTrigger(view.user),
    view: viewToWire(core.state, view, state),
    response_urls: [],
  };
}

export function closedPayload(core: WorkspaceCore, view: SlackView, isCleared: boolean): Json {
  return {
    type: "view_closed",
    ...whoAndWhere(core, view.user),
    view: viewToWire(core.state, view),
    is_cleared: isCleared,
  };
}

export function eventPayload(core: WorkspaceCore, event: Json): Json {
  const { team, app } = core.state;
  return {
    token: verificationToken,
    team_id: team.id,
    api_app_id: app.appId,
    event,
    type: "event_callback",
    event_id: core.id("Ev"),
    event_time: Math.floor(core.now() / 1_000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: app.botUser, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  };
}
