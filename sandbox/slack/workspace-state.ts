import type { EphemeralMessage, SlackChannel, SlackMessage, SlackUser, SlackUserGroup, SlackView } from "./model.ts";

/** Messages kept in each channel; the oldest thread goes first. A training session is long, memory is not. */
export const messagesKeptPerChannel = 500;
/** Private answers kept for each person; the real ones vanish at the next reload. */
export const ephemeralKeptPerPerson = 50;
/** Trigger ids and response URLs kept at once; each is useless after half an hour at most. */
export const ticketsKept = 2_000;

export interface WorkspaceTeam {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

export interface WorkspaceApp {
  readonly appId: string;
  readonly botId: string;
  readonly botUser: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly scopes: readonly string[];
}

/** Leave to open one modal: single use, three seconds. */
export interface Trigger {
  readonly user: string;
  readonly expiresAt: number;
  used: boolean;
}

/** Where a `response_url` leads: five uses within thirty minutes. */
export interface ResponseTicket {
  readonly user: string;
  readonly channel: string;
  readonly threadTs: string | null;
  /** What `replace_original` replaces: a message, a private answer, or nothing (slash command). */
  readonly original: { readonly ts: string } | { readonly ephemeralId: string } | null;
  readonly expiresAt: number;
  usesLeft: number;
}

export type WorkspaceChange =
  | { readonly kind: "message"; readonly message: SlackMessage }
  | { readonly kind: "message-gone"; readonly channel: string; readonly ts: string }
  | { readonly kind: "ephemeral"; readonly user: string }
  | { readonly kind: "views"; readonly user: string }
  | { readonly kind: "channels" }
  | { readonly kind: "status" }
  /** Everything is as on the first day: send whole snapshots. */
  | { readonly kind: "reset" };

export interface WorkspaceState {
  readonly team: WorkspaceTeam;
  readonly app: WorkspaceApp;
  readonly users: Map<string, SlackUser>;
  readonly userGroups: Map<string, SlackUserGroup>;
  readonly channels: Map<string, SlackChannel>;
  /** By channel, then by ts, oldest first. */
  readonly messages: Map<string, Map<string, SlackMessage>>;
  readonly ephemeral: Map<string, EphemeralMessage[]>;
  readonly modals: Map<string, SlackView[]>;
  readonly homes: Map<string, SlackView>;
  readonly triggers: Map<string, Trigger>;
  readonly responseTickets: Map<string, ResponseTicket>;
  /** The last ts handed out, in microseconds, so that every ts is greater than the one before. */
  lastTsMicros: number;
}

/** Fixed ids, so that transcripts and `medic.yaml` of the sandbox can name them. */
export const people = { mira: "U0MIRA", noor: "U0NOOR", sam: "U0SAM" } as const;
export const channelIds = { opsAlerts: "C0OPSALERTS", opsSecond: "C0OPSSECOND", general: "C0GENERAL" } as const;
export const userGroupIds = { onCall: "S0ONCALL", platform: "S0PLATFORM" } as const;

const defaultScopes = [
  "app_mentions:read",
  "channels:history",
  "channels:join",
  "channels:read",
  "chat:write",
  "commands",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "mpim:read",
  "team:read",
  "usergroups:read",
  "users:read",
] as const;

export const defaultApp: WorkspaceApp = {
  appId: "A0MEDIC",
  botId: "B0MEDIC",
  botUser: "U0MEDIC",
  botToken: "xoxb-sandbox",
  appToken: "xapp-sandbox",
  signingSecret: "sandbox-signing-secret",
  scopes: defaultScopes,
};

/** The workspace on its first day. `openedAt` is epoch ms. */
export function firstDay(app: WorkspaceApp, openedAt: number): WorkspaceState {
  const state: WorkspaceState = {
    team: { id: "T0SANDBOX", name: "Harbour Works", domain: "harbour-works" },
    app,
    users: new Map(),
    userGroups: new Map(),
    channels: new Map(),
    messages: new Map(),
    ephemeral: new Map(),
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    responseTickets: new Map(),
    lastTsMicros: 0,
  };
  fillFirstDay(state, openedAt);
  return state;
}

/** Empties the workspace and fills it again in place, so that everything holding the state sees the new day. */
export function fillFirstDay(state: WorkspaceState, openedAt: number): void {
  for (const part of [
    state.messages,
    state.ephemeral,
    state.modals,
    state.homes,
    state.triggers,
    state.responseTickets,
  ]) {
    part.clear();
  }
  for (const user of firstUsers(state.app)) state.users.set(user.id, user);
  for (const group of firstGroups()) state.userGroups.set(group.id, group);
  state.channels.clear();
  for (const channel of firstChannels(state.app.botUser, openedAt)) {
    state.channels.set(channel.id, channel);
    state.messages.set(channel.id, new Map());
  }
}

function firstUsers(app: WorkspaceApp): SlackUser[] {
  const person = { isBot: false, tz: "Europe/Amsterdam", tzOffsetS: 3600, isRestricted: false, deleted: false };
  return [
    { ...person, id: people.mira, name: "mira", realName: "Mira Okafor", role: "on call", color: "9f69e7" },
    { ...person, id: people.noor, name: "noor", realName: "Noor Haddad", role: "second approver", color: "2b8a76" },
    { ...person, id: people.sam, name: "sam", realName: "Sam Lindqvist", role: "stranger", color: "c46a2b" },
    { ...person, id: app.botUser, name: "ec2-medic", realName: "ec2-medic", role: "", color: "1d3557", isBot: true },
  ];
}

function firstGroups(): SlackUserGroup[] {
  return [
    { id: userGroupIds.onCall, handle: "oncall", name: "On call", users: [people.mira], disabled: false },
    {
      id: userGroupIds.platform,
      handle: "platform",
      name: "Platform",
      users: [people.mira, people.noor],
      disabled: false,
    },
  ];
}

function firstChannels(botUser: string, createdAt: number): SlackChannel[] {
  const everyone = [people.mira, people.noor, people.sam];
  const channel = { isPrivate: false, isArchived: false, imWith: null, createdAt };
  return [
    {
      ...channel,
      id: channelIds.opsAlerts,
      name: "ops-alerts",
      topic: "Alarms, and what is being done about them",
      members: [...everyone, botUser],
    },
    {
      ...channel,
      id: channelIds.opsSecond,
      name: "ops-second",
      topic: "When nobody answers in #ops-alerts",
      members: [...everyone, botUser],
    },
    { ...channel, id: channelIds.general, name: "general", topic: "Everything else", members: everyone },
  ];
}
