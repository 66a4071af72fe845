/** Slack, live: tokens, scopes, channels, people. Reads only. */
import { z } from "zod";
import { botScopes } from "../../config/slackManifest.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Clock } from "../../ports/clock.ts";
import { ChannelRefused } from "../../ports/chat.ts";
import { authAnswer, groupUsersAnswer } from "../../slack/answerShapes.ts";
import { createChannels, type Channels } from "../../slack/channels.ts";
import { createPeople } from "../../slack/people.ts";
import { createSlackWebApi, SlackRefusal, type Fetch, type SlackWebApi } from "../../slack/webApi.ts";
import { amber, green, red, type Check, type Verdict } from "./row.ts";

export interface SlackToCheck {
  readonly botToken: string | undefined;
  readonly appToken: string | undefined;
  readonly signingSecret: string | undefined;
  readonly apiUrl: string | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** undefined: medic.yaml could not be read, so no channel and nobody is known. */
  readonly settings: Settings | undefined;
}

const area = "slack";

export function slackChecks(slack: SlackToCheck): Check[] {
  const { botToken, settings } = slack;
  const connection = connectionCheck(slack);
  // Missing tokens stand among the rows of the environment already.
  if (botToken === undefined) return connection;
  const scopes: { said: string | null } = { said: null };
  const fetch: Fetch = async (url, init) => {
    const response = await slack.fetch(url, init);
    scopes.said = response.headers.get("x-oauth-scopes") ?? scopes.said;
    return response;
  };
  const api = createSlackWebApi({ token: botToken, apiUrl: slack.apiUrl, fetch });
  const channels = createChannels(api);
  const people = createPeople({ api, clock: slack.clock });
  return [
    { area, what: "bot token and scopes", run: async () => [await token(api), scopesVerdict(scopes.said)] },
    ...connection,
    ...channelsOf(settings).map(([channel, uses]): Check => ({
      area,
      what: `channel ${channel}`,
      run: () => channelVerdict(api, { channels, channel, uses }),
    })),
    ...usersOf(settings).map((user): Check => ({
      area,
      what: `approver ${user}`,
      run: async () => {
        const { ordinary, name, detail } = await people.standing(user);
        if (ordinary) return green(`${name} may approve`);
        return red(`${name}: ${detail}`, "an ordinary member", "Name somebody else in approvers.users.");
      },
    })),
    ...groupsOf(settings).map(([group, uses]): Check => ({
      area,
      what: `group ${group}`,
      run: () => groupVerdict(api, group, uses),
    })),
  ];
}

async function token(api: SlackWebApi): Promise<Verdict> {
  try {
    const { team, url, user_id: user } = authAnswer.parse(await api.call("auth.test"));
    return green(`${user ?? "the bot"} in ${team ?? url ?? "a workspace"}`);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const next =
      "Copy the Bot User OAuth Token from OAuth & Permissions into SLACK_BOT_TOKEN; reinstall if it was revoked.";
    return red(`Slack says ${error.slackError}`, "a valid bot token", next);
  }
}

function scopesVerdict(said: string | null): Verdict {
  if (said === null)
    return amber(
      "Slack did not say which scopes",
      "the scopes of the manifest",
      "Compare with `medic manifest` by hand.",
    );
  const has = new Set(said.split(",").map((scope) => scope.trim()));
  const missing = botScopes.filter(({ scope }) => !has.has(scope));
  if (missing.length === 0) return green(`all ${botScopes.length} scopes`);
  const words = missing.map(({ scope, use }) => `${scope} (${use})`).join(", ");
  return red(
    `missing ${words}`,
    "every scope of the manifest",
    "Update the app from `medic manifest`, then reinstall it.",
  );
}

function connectionCheck({ appToken, signingSecret, botToken, apiUrl, fetch }: SlackToCheck): Check[] {
  if (appToken !== undefined) {
    const api = createSlackWebApi({ token: appToken, apiUrl, fetch });
    return [{ area, what: "app token", run: () => appTokenVerdict(api) }];
  }
  if (signingSecret === undefined || botToken === undefined) return [];
  const verdict = green("set; whether it is the right one shows at the first click, which is refused otherwise");
  return [{ area, what: "signing secret", run: () => Promise.resolve(verdict) }];
}

/** Asks for a socket's address and leaves it unused: that costs nothing and disconnects nobody. */
async function appTokenVerdict(api: SlackWebApi): Promise<Verdict> {
  try {
    await api.call("apps.connections.open");
    return green("Socket Mode opens");
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const next =
      "Basic Information → App-Level Tokens: one with connections:write into SLACK_APP_TOKEN, and Socket Mode switched on.";
    return red(`Slack says ${error.slackError}`, "an app-level token with connections:write", next);
  }
}

const channelAnswer = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_archived: z.boolean().optional(),
    is_member: z.boolean().optional(),
  }),
});

async function channelVerdict(
  api: SlackWebApi,
  { channels, channel, uses }: { channels: Channels; channel: string; uses: string },
): Promise<Verdict> {
  try {
    const id = await channels.idOf(channel);
    const { channel: found } = channelAnswer.parse(await api.call("conversations.info", { channel: id }));
    const name = `#${found.name ?? id}`;
    if (found.is_archived)
      return red(`${name} is archived`, `a channel for ${uses}`, "Unarchive it or name another one.");
    if (found.is_member) return green(`${name}, joined (${uses})`);
    return red(`the bot is not in ${name}`, `a member for ${uses}`, `In ${name}: /invite the bot.`);
  } catch (error) {
    const said = error instanceof ChannelRefused || error instanceof SlackRefusal ? error.slackError : undefined;
    if (said === undefined) throw error;
    const next = "Check its id in medic.yaml (channel → Copy ID); a private channel is seen only after /invite.";
    return red(`Slack says ${said}`, `a channel for ${uses}`, next);
  }
}

async function groupVerdict(api: SlackWebApi, group: string, uses: string): Promise<Verdict> {
  try {
    const { users } = groupUsersAnswer.parse(await api.call("usergroups.users.list", { usergroup: group }));
    if (users.length > 0) return green(`${users.length} member${users.length === 1 ? "" : "s"} (${uses})`);
    return red(
      "nobody is in it, or it is switched off",
      `members (${uses})`,
      "Add people to the group, or name another one.",
    );
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return red(
      `Slack says ${error.slackError}`,
      `a user group (${uses})`,
      "Check its id in medic.yaml (group → Copy ID).",
    );
  }
}

function collect(entries: readonly (readonly [string | undefined, string])[]): [string, string][] {
  const uses = new Map<string, Set<string>>();
  for (const [key, use] of entries) if (key) uses.set(key, (uses.get(key) ?? new Set()).add(use));
  return [...uses].map(([key, all]) => [key, short([...all])]);
}

const namedMax = 3;

function short(names: readonly string[]): string {
  return names.length <= namedMax
    ? names.join(", ")
    : `${names.slice(0, namedMax).join(", ")} and ${names.length - namedMax} more`;
}

function channelsOf(settings: Settings | undefined): [string, string][] {
  if (settings === undefined) return [];
  const services = [...settings.services.values()];
  return collect([
    [settings.defaultChannel, "default"],
    ...services.map(({ name, channel }) => [channel, name] as const),
    ...services.map(({ name, secondChannel }) => [secondChannel, `second of ${name}`] as const),
  ]);
}

function usersOf(settings: Settings | undefined): string[] {
  return [...new Set([...(settings?.services.values() ?? [])].flatMap(({ approvers }) => approvers.users))];
}

function groupsOf(settings: Settings | undefined): [string, string][] {
  const services = [...(settings?.services.values() ?? [])];
  return collect([
    ...services.flatMap(({ name, approvers }) => approvers.groups.map((group) => [group, `approves ${name}`] as const)),
    ...services.map(({ name, mentionGroup }) => [mentionGroup, `mentioned for ${name}`] as const),
  ]);
}
