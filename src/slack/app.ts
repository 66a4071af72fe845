/** The Bolt app: every way in from Slack. It holds no state of its own; what people see is posted by the sender, not from here. */
import { App, type Receiver } from "@slack/bolt";
import type { ExtendedErrorHandlerArgs } from "@slack/bolt/dist/App.js";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CardModel } from "../domain/cardModel.ts";
import { codeOf, MedicError } from "../domain/errors.ts";
import type { Person } from "../domain/serviceCase.ts";
import type { Text } from "../domain/text.ts";
import { authAnswer } from "./answerShapes.ts";
import { boltLog } from "./boltLog.ts";
import { notDone, type Desk } from "./listeners.ts";
import { onPress } from "./pressListeners.ts";
import { readPressed, readSubmitted } from "./press.ts";
import { createDoor, type Connection, type ConnectionHealth, type Door } from "./receivers.ts";
import { mistakesIn, onSubmit } from "./viewListeners.ts";
import { slackApiUrl, type Fetch } from "./webApi.ts";

export interface SlackAppOptions extends Desk {
  readonly connection: Connection;
  readonly botToken: string;
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
  /** `/medic …`: the words after the command. The answer is private unless it is meant for the channel. */
  readonly runLine: (line: {
    readonly text: string;
    readonly person: Person;
    readonly channel: string;
  }) => Promise<{ readonly answer: CardModel | Text; readonly audience: "person" | "channel" }>;
}

export interface SlackApp {
  /** HTTP mode: mount it on the bot's own server at /slack/events. */
  readonly listener: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Resolves when Slack can reach us; rejects when the tokens are wrong. An outage is waited out. */
  start(): Promise<void>;
  /** Takes nothing new and waits for what is being answered, at most this long. */
  stop(deadlineMs: number): Promise<void>;
  health(): ConnectionHealth & { readonly answering: number };
  readonly receiver: Receiver | undefined;
}

export async function createSlackApp(options: SlackAppOptions): Promise<SlackApp> {
  const logger = boltLog(options.log);
  const door = createDoor({ ...options, logger });
  const [first, ...others] = door.receivers;
  if (first === undefined) throw new Error("no receiver");
  const app = new App({
    receiver: first,
    authorize: authorizeOnce(options),
    // With a token in the constructor a failing auth.test would end the process or stay cached for ever.
    deferInitialization: true,
    convoStore: false,
    extendedErrorHandler: true,
    logger,
    clientOptions: {
      slackApiUrl: (options.apiUrl ?? slackApiUrl).replace(/\/?$/, "/"),
      // Without its own policy Bolt's client would retry for half an hour, and may post twice.
      retryConfig: { retries: 2 },
      rejectRateLimitedCalls: true,
      timeout: 10_000,
      ...fetchOption(options.fetch),
    },
  });
  const inFlight = countInFlight(app);
  app.error(async ({ error }: ExtendedErrorHandlerArgs) => {
    options.log.error("slack-listener-failed", { code: codeOf(error), text: error.message });
  });
  listen(app, options);
  await app.init();
  for (const other of others) other.init(app);
  return slackApp({ options, door, inFlight, first });
}

function slackApp(parts: {
  readonly options: SlackAppOptions;
  readonly door: Door;
  readonly inFlight: InFlight;
  readonly first: Receiver;
}): SlackApp {
  const { options, door, inFlight, first } = parts;
  return {
    listener: door.listener,
    receiver: first,
    async start() {
      try {
        await door.start();
      } catch (error) {
        throw new MedicError("slack-not-started", `Slack could not be reached: ${codeOf(error)}`, {
          retry: "later",
          next: "Check SLACK_APP_TOKEN and SLACK_BOT_TOKEN; `medic doctor` tells which one is wrong.",
          cause: error,
        });
      }
    },
    async stop(deadlineMs) {
      await door.stop();
      const waiting = new AbortController();
      await Promise.race([
        inFlight.drained().then(() => waiting.abort()),
        options.clock.sleep(deadlineMs, waiting.signal),
      ]);
    },
    health: () => ({ ...door.health(), answering: inFlight.count() }),
  };
}

function fetchOption(fetch: Fetch | undefined) {
  return fetch === undefined
    ? {}
    : {
        fetch: (url: string | URL | Request, init?: RequestInit) =>
          fetch(url instanceof Request ? url.url : String(url), init ?? {}),
      };
}

/** Who we are, asked once it is needed and kept once it is known; unknown is no reason to leave a click unanswered. */
function authorizeOnce({ api, botToken, log }: SlackAppOptions) {
  let known: { botToken: string; botId?: string; botUserId?: string } | undefined;
  return async () => {
    if (known !== undefined) return known;
    try {
      const { bot_id: botId, user_id: botUserId } = authAnswer.parse(await api.call("auth.test"));
      known = { botToken, ...(botId ? { botId } : {}), ...(botUserId ? { botUserId } : {}) };
      return known;
    } catch (error) {
      log.warn("slack-auth-unknown", { code: codeOf(error) });
      return { botToken };
    }
  };
}

interface InFlight {
  count(): number;
  drained(): Promise<void>;
}

/** Bolt's stop does not wait for listeners; a middleware round all of them can. */
function countInFlight(app: App): InFlight {
  let running = 0;
  let waiting: (() => void)[] = [];
  app.use(async ({ next }) => {
    running += 1;
    try {
      await next();
    } finally {
      running -= 1;
      if (running === 0) {
        for (const resolve of waiting) resolve();
        waiting = [];
      }
    }
  });
  return {
    count: () => running,
    drained: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

/** One listener for everything: a press that no pattern knows would otherwise end in Slack's own error after three seconds. */
const anything = /[\s\S]*/;

function listen(app: App, desk: SlackAppOptions): void {
  app.action(anything, async ({ ack, body }) => {
    await ack();
    const pressed = readPressed(body);
    if (pressed === undefined) return desk.log.warn("slack-press-unreadable");
    await onPress(desk, pressed);
  });
  app.view(anything, async ({ ack, body }) => {
    const submitted = body.type === "view_submission" ? readSubmitted(body) : undefined;
    if (submitted === undefined) return ack();
    const mistakes = mistakesIn(submitted);
    if (Object.keys(mistakes).length > 0) return ack({ response_action: "errors", errors: mistakes });
    await ack();
    await onSubmit(desk, submitted);
  });
  app.command(anything, async ({ ack, command }) => {
    await ack();
    const where = { user: command.user_id, channel: command.channel_id, responseUrl: command.response_url };
    const person = { id: command.user_id, name: await desk.people.nameOf(command.user_id) };
    try {
      const said = await desk.runLine({ text: command.text, person, channel: command.channel_id });
      const answer = "title" in said.answer ? said.answer : { text: said.answer };
      await desk.whisper.tell({ ...where, aloud: said.audience === "channel" }, answer);
    } catch (error) {
      desk.log.error("slack-command-failed", { code: codeOf(error), error });
      await desk.whisper.tell(where, { text: notDone(error) });
    }
  });
  listenForChanges(app, desk);
}

function listenForChanges(app: App, desk: SlackAppOptions): void {
  app.event("subteam_members_changed", async ({ event }) => desk.people.forgetGroup(event.subteam_id));
  app.event("subteam_updated", async ({ event }) => desk.people.forgetGroup(event.subteam.id));
  app.event("app_mention", async ({ event }) => {
    if (event.user === undefined) return;
    const text: Text = ["I listen to ", { code: "/medic" }, "; try ", { code: "/medic help" }, "."];
    await desk.whisper.tell({ user: event.user, channel: event.channel, threadTs: event.thread_ts }, { text });
  });
  for (const name of ["channel_archive", "group_archive", "tokens_revoked", "app_uninstalled"] as const) {
    app.event(name, async () =>
      desk.log.warn("slack-workspace-changed", { event: name, next: "`medic doctor` checks it." }),
    );
  }
}
