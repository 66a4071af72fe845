/** The Slack app as Slack wants it described: only the scopes and events that this version uses. */

export interface ManifestOptions {
  readonly mode: "socket" | "http";
  /** What people type; default /medic. */
  readonly command?: string;
  /** HTTP mode: where Slack reaches the bot's server from outside. */
  readonly url?: string;
  /** Default ec2-medic. */
  readonly name?: string;
}

export type MadeManifest =
  { readonly manifest: object; readonly notes: readonly string[] } | { readonly problems: readonly string[] };

/** Each with what it is for; `doctor` compares the installed app with these. */
export const botScopes: readonly { readonly scope: string; readonly use: string }[] = [
  { scope: "chat:write", use: "cards, threads, digests" },
  { scope: "commands", use: "the slash command" },
  { scope: "users:read", use: "guests and strangers may not approve" },
  { scope: "usergroups:read", use: "who is in the approvers' groups" },
  { scope: "channels:read", use: "channel names to ids, and whether the bot is in them" },
  { scope: "groups:read", use: "the same for private channels" },
  { scope: "channels:history", use: "after a lost answer: does the card stand already?" },
  { scope: "groups:history", use: "the same for private channels" },
  { scope: "app_mentions:read", use: "who speaks to the bot by name is told about the command" },
];

/** What Slack tells the bot by itself; a test compares the list with the listeners. */
export const botEvents = [
  "subteam_members_changed",
  "subteam_updated",
  "app_mention",
  "channel_archive",
  "group_archive",
  "tokens_revoked",
  "app_uninstalled",
] as const;

/** Where Bolt listens on the bot's own server. */
export const slackPath = "/slack/events";

/** Slack's limits. */
const nameLengthMax = 35;
const commandPattern = /^\/[a-z0-9_-]{1,31}$/;

/** A name that must be replaced: reserved, so that it can never be somebody's server. */
const placeholderUrl = "https://medic.example.com";

export function slackManifest(options: ManifestOptions): MadeManifest {
  const { mode, command = "/medic", url = placeholderUrl, name = "ec2-medic" } = options;
  const problems: string[] = [];
  if (!commandPattern.test(command))
    problems.push(`--command is "${command}"; needed: / and at most 31 of a-z, 0-9, - and _, for example /medic`);
  if (name.length < 1 || name.length > nameLengthMax)
    problems.push(`--name has ${name.length} characters; needed: 1 to ${nameLengthMax}`);
  if (mode === "http" && !(URL.canParse(url) && url.startsWith("https://")))
    problems.push(`--url is "${url}"; needed: the https:// address at which Slack reaches the bot`);
  if (mode === "socket" && options.url !== undefined)
    problems.push("--url belongs to --http: in Socket Mode Slack needs no address");
  if (problems.length > 0) return { problems };
  const requestUrl = mode === "http" ? { request_url: url.replace(/\/+$/, "") + slackPath } : {};
  return { manifest: manifestOf({ mode, command, name, requestUrl }), notes: notesOf(options) };
}

interface Parts {
  readonly mode: ManifestOptions["mode"];
  readonly command: string;
  readonly name: string;
  readonly requestUrl: { readonly request_url?: string };
}

function manifestOf({ mode, command, name, requestUrl }: Parts): object {
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name,
      description: "Brings EC2 services back: alarm in, people asked, service restored, proof kept.",
      background_color: "#1d3557",
    },
    features: {
      bot_user: { display_name: name.toLowerCase().replace(/[^a-z0-9._-]+/g, "-"), always_online: true },
      slash_commands: [
        {
          command,
          description: "What is broken, what is proposed, and orders",
          usage_hint: "status | restart SERVICE | approve SERVICE | hold SERVICE | help",
          should_escape: true,
          ...(requestUrl.request_url === undefined ? {} : { url: requestUrl.request_url }),
        },
      ],
    },
    oauth_config: { scopes: { bot: botScopes.map(({ scope }) => scope) } },
    settings: {
      event_subscriptions: { ...requestUrl, bot_events: botEvents },
      interactivity: { is_enabled: true, ...requestUrl },
      org_deploy_enabled: false,
      socket_mode_enabled: mode === "socket",
      token_rotation_enabled: false,
    },
  };
}

function notesOf({ mode, url }: ManifestOptions): string[] {
  if (mode === "socket")
    return ["Then: Basic Information → App-Level Tokens → a token with connections:write → SLACK_APP_TOKEN."];
  const notes = ["Then: Basic Information → Signing Secret → SLACK_SIGNING_SECRET."];
  return url === undefined
    ? [`${placeholderUrl} is a placeholder: run it again with --url https://…`, ...notes]
    : notes;
}
