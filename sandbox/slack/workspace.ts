import { ConnectionLost } from "./api-error.ts";
import { createDispatcher, type AppListener, type Dispatcher } from "./dispatch.ts";
import { createFaults, type WorkspaceFaults } from "./faults.ts";
import { httpListener } from "./http-listener.ts";
import { inProcessListener, type InProcessHandler } from "./in-process-listener.ts";
import type { EphemeralMessage, SlackChannel, SlackMessage, SlackView, SlashCommand } from "./model.ts";
import { eventPayload } from "./payloads.ts";
import { createPeople, type People } from "./people.ts";
import { createRateLimits } from "./rate-limits.ts";
import { answerResponseUrl } from "./response-url.ts";
import { answerWebApi } from "./web-api.ts";
import { createCore, type DeadlineClock, type WorkspaceCore } from "./workspace-core.ts";
import { defaultApp, fillFirstDay, firstDay, type WorkspaceApp, type WorkspaceChange } from "./workspace-state.ts";

export interface WorkspaceOptions {
  /** Epoch ms; message times, rate limits and the life of response URLs follow it. */
  readonly now: () => number;
  /** A new id that starts with the prefix. Must never repeat. `countedIds` is a ready one. */
  readonly ids: (prefix: string) => string;
  /**
   * The clock of the three-second deadlines and of event retries. Left out, the workspace's own clock is compared and nothing times out by
   * itself: the headless form, where an app that never acknowledges is told from its handler's end.
   */
  readonly deadlines?: DeadlineClock;
  readonly app?: Partial<WorkspaceApp>;
  /** What the composer offers after the slash. */
  readonly commands?: readonly SlashCommand[];
  /** Where API, response URLs and sockets are; `startPretendSlack` sets it once it knows its port. */
  readonly baseUrl?: string;
}

export interface ApiCall {
  readonly method: string;
  readonly ok: boolean;
  readonly error: string | null;
}

export interface Workspace {
  readonly core: WorkspaceCore;
  readonly faults: WorkspaceFaults;
  readonly dispatcher: Dispatcher;
  readonly act: People;
  readonly commands: readonly SlashCommand[];
  /** For @slack/web-api's `clientOptions.fetch`: the same routes as the HTTP server, without a socket. */
  readonly fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Answers one HTTP request. Throws ConnectionLost where the caller must be left without an answer. */
  handle(request: Request): Promise<Response>;
  /** Payloads go to this function (a Bolt receiver's processEvent). The answer ends it. */
  deliver(handler: InProcessHandler): () => void;
  /** Payloads go as signed requests to this URL. The answer ends it. */
  deliverToUrl(requestUrl: string): () => void;
  onChange(listener: (change: WorkspaceChange) => void): () => void;
  onCall(listener: (call: ApiCall) => void): () => void;
  /** Top-level messages and replies of a channel (id or name), oldest first. */
  messages(channel: string): readonly SlackMessage[];
  thread(channel: string, rootTs: string): readonly SlackMessage[];
  ephemeral(user: string): readonly EphemeralMessage[];
  modals(user: string): readonly SlackView[];
  channelNamed(name: string): SlackChannel;
  archive(channel: string, archived?: boolean): void;
  inviteBot(channel: string): void;
  uninviteBot(channel: string): void;
  setGroup(id: string, users: readonly string[]): void;
  setBaseUrl(url: string): void;
  /** API calls being answered and handlers still running; zero = nothing will change by itself. */
  inFlight(): number;
  /** All messages, views and faults gone; people, channels and connections stay. */
  reset(): void;
}

/** The ids of a workspace where randomness would only make transcripts unrepeatable. */
export function countedIds(): (prefix: string) => string {
  const counts = new Map<string, number>();
  return (prefix) => {
    const next = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, next);
    return `${prefix}${String(next).padStart(6, "0")}`;
  };
}

/** A whole Slack workspace in memory. Nothing in it reads a clock, a random number or a network by itself, except `deliverToUrl`. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  const changeListeners = new Set<(change: WorkspaceChange) => void>();
  const callListeners = new Set<(call: ApiCall) => void>();
  const changed = (change: WorkspaceChange): void => changeListeners.forEach((listener) => listener(change));
  const deadlines = options.deadlines ?? { now: options.now, after: () => () => undefined };
  let baseUrl = options.baseUrl ?? "http://slack.test";
  let running = 0;
  const app = { ...defaultApp, ...options.app };
  const state = firstDay(app, options.now());
  const core = createCore({ state, now: options.now, ids: options.ids, deadlines, baseUrl: () => baseUrl, changed });
  const faults = createFaults(() => changed({ kind: "status" }));
  const rateLimits = createRateLimits(options.now);
  const onStatus = (): void => changed({ kind: "status" });
  const dispatcher = createDispatcher({ deadlines, isDown: () => faults.down !== false, onChange: onStatus });
  const onCall = (call: ApiCall): void => callListeners.forEach((listener) => listener(call));
  const add = (listener: AppListener): (() => void) => dispatcher.add(listener);

  const handle = async (request: Request): Promise<Response> => {
    if (faults.down === "refused") throw new ConnectionLost("Slack is down");
    if (faults.down === "unavailable") return new Response("Service Unavailable", { status: 503 });
    const { pathname } = new URL(request.url);
    const method = /^\/api\/([A-Za-z.]+)$/.exec(pathname)?.[1];
    if (method !== undefined) return answerWebApi({ core, faults, rateLimits, onCall }, method, request);
    const ticket = /^\/response\/([\w]+)$/.exec(pathname)?.[1];
    if (ticket !== undefined) return answerResponseUrl(core, faults, { id: ticket, request });
    return new Response("not found", { status: 404 });
  };

  return {
    core,
    faults,
    dispatcher,
    act: createPeople({ core, faults, dispatcher }),
    commands: options.commands ?? [],
    handle,
    async fetch(url, init) {
      running += 1;
      try {
        return await handle(new Request(url, init));
      } catch (error) {
        // The caller must see what a broken connection looks like in `fetch`.
        throw error instanceof ConnectionLost ? new TypeError("fetch failed", { cause: error }) : error;
      } finally {
        running -= 1;
      }
    },
    deliver: (handler) =>
      add(inProcessListener(options.ids("listener"), handler, { started: () => running++, ended: () => running-- })),
    deliverToUrl: (requestUrl) =>
      add(
        httpListener(options.ids("listener"), {
          requestUrl,
          signingSecret: app.signingSecret,
          now: () => deadlines.now(),
        }),
      ),
    onChange: (listener) => subscribe(changeListeners, listener),
    onCall: (listener) => subscribe(callListeners, listener),
    ...reading(core),
    ...arranging(core, dispatcher),
    setBaseUrl: (url) => {
      baseUrl = url;
    },
    inFlight: () => running,
    reset() {
      faults.clear();
      rateLimits.reset();
      fillFirstDay(state, options.now());
      changed({ kind: "reset" });
    },
  };
}

function subscribe<Value>(listeners: Set<(value: Value) => void>, listener: (value: Value) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function reading(
  core: WorkspaceCore,
): Pick<Workspace, "messages" | "thread" | "ephemeral" | "modals" | "channelNamed"> {
  const channelNamed = (name: string): SlackChannel => {
    const found = [...core.state.channels.values()].find(
      (each) => each.name === name.replace(/^#/, "") || each.id === name,
    );
    return found ?? core.channel(name);
  };
  const messages = (channel: string): readonly SlackMessage[] => [
    ...(core.state.messages.get(channelNamed(channel).id)?.values() ?? []),
  ];
  return {
    channelNamed,
    messages,
    thread: (channel, rootTs) => messages(channel).filter((each) => each.ts === rootTs || each.threadTs === rootTs),
    ephemeral: (user) => core.state.ephemeral.get(user) ?? [],
    modals: (user) => core.modalsOf(user),
  };
}

function arranging(
  core: WorkspaceCore,
  dispatcher: Dispatcher,
): Pick<Workspace, "archive" | "inviteBot" | "uninviteBot" | "setGroup"> {
  const { botUser } = core.state.app;
  const tell = (event: Record<string, unknown>): void => void dispatcher.sendEvent(eventPayload(core, event));
  return {
    archive(id, archived = true) {
      core.putChannel({ ...core.channel(id), isArchived: archived });
      tell({
        type: archived ? "channel_archive" : "channel_unarchive",
        channel: id,
        user: botUser,
        event_ts: core.nextTs(),
      });
    },
    inviteBot(id) {
      const channel = core.channel(id);
      if (channel.members.includes(botUser)) return;
      core.putChannel({ ...channel, members: [...channel.members, botUser] });
      tell({
        type: "member_joined_channel",
        user: botUser,
        channel: id,
        channel_type: "C",
        team: core.state.team.id,
        event_ts: core.nextTs(),
      });
    },
    uninviteBot(id) {
      const channel = core.channel(id);
      core.putChannel({ ...channel, members: channel.members.filter((member) => member !== botUser) });
    },
    setGroup(id, users) {
      const group = core.state.userGroups.get(id) ?? {
        id,
        handle: id.toLowerCase(),
        name: id,
        users: [],
        disabled: false,
      };
      core.state.userGroups.set(id, { ...group, users });
      tell({ type: "subteam_members_changed", subteam_id: id, team_id: core.state.team.id, event_ts: core.nextTs() });
    },
  };
}
