/**
 * One worker of the bot from its parts: engine, doors, Slack. It constructs no client and reads no environment, so that the
 * program and the sandbox run exactly the same thing; `src/main.ts` makes the real parts.
 */
import { commandLine } from "../commands/index.ts";
import { codeOf, MedicError, sentenceOf } from "./domain/errors.ts";
import type { Settings } from "./domain/settings.ts";
import { makeEngine, type Engine } from "./engine/engine.ts";
import { assignUnmatched } from "./engine/assignUnmatched.ts";
import { commandContext } from "./commandContext.ts";
import { snsDoor } from "./snsDoor.ts";
import { startHttpServer, type Answer, type Door, type HttpServer } from "./net/httpServer.ts";
import type { AutopilotSwitch } from "./ports/autopilot.ts";
import type { Clock } from "./ports/clock.ts";
import type { Clouds } from "./ports/cloud.ts";
import type { Ids } from "./ports/ids.ts";
import type { Log } from "./ports/log.ts";
import type { Mail } from "./ports/mail.ts";
import type { Metrics } from "./ports/metrics.ts";
import type { Prober } from "./ports/prober.ts";
import type { Store } from "./ports/store.ts";
import { createCertificates, type FetchCertificate } from "./signals/certificate.ts";
import { parseText } from "./signals/parseMessage.ts";
import { createVerifier } from "./signals/verify.ts";
import { createSlackApp, type SlackApp } from "./slack/app.ts";
import { createSlackChat } from "./slack/chat.ts";
import { createPeople } from "./slack/people.ts";
import type { Connection } from "./slack/receivers.ts";
import { createSlackWebApi, type Fetch } from "./slack/webApi.ts";
import { createWhisper } from "./slack/whisper.ts";
import { cardSources } from "./engine/cardSources.ts";

export interface BotParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly clouds: Clouds;
  readonly prober: Prober;
  readonly mail?: Mail;
  readonly autopilotSwitch: AutopilotSwitch;
  readonly autopilotOffByEnvironment: boolean;
  readonly slack: {
    readonly connection: Connection;
    readonly botToken: string;
    readonly apiUrl?: string | undefined;
    readonly fetch?: Fetch | undefined;
  };
  /** Topics whose messages are taken at POST /sns; none: the door refuses everything. */
  readonly topicArns: readonly string[];
  readonly fetchCertificate: FetchCertificate;
  readonly confirmSubscription: (topicArn: string, token: string) => Promise<void>;
  /** Absent: no server (headless scenarios hand messages to `takeSns`). */
  readonly http?: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly cert: string; readonly key: string };
  };
  /** Text for GET /metrics, when there is a registry behind `metrics`. */
  readonly metricsText?: () => Promise<string>;
  /** The queue's door, run beside the loops; made by main because it needs a client. */
  readonly queue?: (take: (body: string) => Promise<void>) => QueueRun;
}

export interface QueueRun {
  run(signal: AbortSignal): Promise<void>;
  lagMs(): number;
}

export interface Bot {
  readonly engine: Engine;
  readonly slack: SlackApp;
  /** Where the bot's own server listens; undefined without one. */
  readonly url: string | undefined;
  /** The same door as POST /sns. */
  takeSns(body: string): Promise<Answer>;
  /** 503, leases back, what is in hand finished; comes back within `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

export async function startBot(parts: BotParts): Promise<Bot> {
  const { log, clock, settings, store } = parts;
  const api = createSlackWebApi({ token: parts.slack.botToken, apiUrl: parts.slack.apiUrl, fetch: parts.slack.fetch });
  const people = createPeople({ api, clock });
  const chat = createSlackChat({ api, people, log });
  const engine = makeEngine({ ...parts, worker: parts.ids.next("worker"), chat, alarmTopics: parts.topicArns });
  const sources = cardSources(store.records);
  const whisper = createWhisper({ api, log, fetch: parts.slack.fetch, refused: chat.refused });
  const slack = await createSlackApp({
    ...parts.slack,
    settings: () => settings,
    cases: store.cases,
    handle: engine.handle,
    chat,
    people,
    whisper,
    api,
    clock,
    log,
    metrics: parts.metrics,
    dossier: async (service) => {
      const known = engine.known(service) ?? (await engine.load(service));
      return known && sources.dossier(known);
    },
    choices: (service) => engine.previews.choices(service),
    preview: (service, recovery, options) => engine.previews.preview(service, recovery, { options }),
    assign: (choice) => assignUnmatched(store.records, choice),
    runLine: commandLine(commandContext({ engine, settings, store, sources, clock, chat })),
  });
  const state = { closing: false };
  const verify = createVerifier({
    certificates: createCertificates({ fetchCertificate: parts.fetchCertificate }),
    allowedTopics: parts.topicArns,
    now: () => clock.now(),
    oldAfterMs: settings.timing.oldMessageMs,
  });
  const door = snsDoor({
    verify,
    intake: engine.intake,
    confirm: parts.confirmSubscription,
    log,
    metrics: parts.metrics,
    closing: () => state.closing,
  });
  const server = await serve(parts, { door, slack, closing: () => state.closing });
  await engine.start();
  const stopping = new AbortController();
  const queueDone = runQueue(parts, engine, stopping.signal);
  const stop = async (deadlineMs: number) => {
    state.closing = true;
    const until = clock.now() + deadlineMs;
    const left = () => Math.max(0, until - clock.now());
    stopping.abort();
    // Neither a socket that will not close nor a message in hand may keep the leases from being given back.
    const over = new AbortController();
    const doors = Promise.all([slack.stop(left() / 4), queueDone]).finally(() => over.abort());
    await Promise.race([doors, clock.sleep(left() / 2, over.signal)]);
    await engine.stop({ deadlineMs: left() });
    await server?.close();
  };
  try {
    await reachSlack(parts, slack);
  } catch (error) {
    await stop(refusedStopMs);
    throw error;
  }
  return { engine, slack, url: server?.url, takeSns: (body) => door.take(Buffer.from(body, "utf8")), stop };
}

/** A worker that Slack refuses gives back what it took, so that the next one need not wait for its leases. */
const refusedStopMs = 5_000;

/** Wrong tokens end the start. An outage does not: alarms, decisions and mail go on, and the sockets come by themselves. */
const slackWaitMs = 5_000;

async function reachSlack({ clock, log }: BotParts, slack: SlackApp): Promise<void> {
  const waiting = new AbortController();
  const started = slack.start().then(() => true);
  const reached = await Promise.race([started, clock.sleep(slackWaitMs, waiting.signal).then(() => false)]);
  waiting.abort();
  if (reached) return;
  log.error("slack-not-reached", { next: "it is tried on; alarms, mail and what is approved go on" });
  started.catch((error: unknown) => {
    log.error("slack-refused", {
      reason: codeOf(error),
      detail: sentenceOf(error),
      next: "check the tokens and restart",
    });
  });
}

/** An old queue means that the bot knows too little to act by itself; the heartbeat is told its age. */
function runQueue(parts: BotParts, engine: Engine, signal: AbortSignal): Promise<void> {
  if (parts.queue === undefined) return Promise.resolve();
  const take = async (body: string) => {
    for (const parsed of parseText(body)) await engine.intake.takeMessage(parsed, "sqs");
    engine.heartbeat.reportQueueAge(queue.lagMs());
  };
  const queue = parts.queue(take);
  return queue.run(signal).catch((error: unknown) => {
    parts.log.error("queue-door-ended", {
      reason: codeOf(error),
      detail: sentenceOf(error),
      next: "restart the worker",
    });
  });
}

interface Served {
  readonly door: Door;
  readonly slack: SlackApp;
  readonly closing: () => boolean;
}

async function serve(parts: BotParts, { door, slack, closing }: Served): Promise<HttpServer | undefined> {
  if (parts.http === undefined) return undefined;
  const { store, metricsText } = parts;
  const text = (body: string, status = 200): Answer => ({ status, body: `${body}\n` });
  const get = (take: () => Promise<Answer>): Door => ({ method: "GET", bytesMax: 1024, take });
  const doors = new Map<string, Door>([
    ["/sns", door],
    ["/healthz", get(async () => text("ok"))],
    ["/readyz", get(() => readiness({ store, slack, closing }))],
    ["/metrics", get(async () => text(metricsText ? await metricsText() : ""))],
  ]);
  const raw = new Map(slack.listener ? [["/slack/events", slack.listener]] : []);
  return startHttpServer({ ...parts.http, doors, raw, log: parts.log });
}

const nextOf = (error: unknown) => (error instanceof MedicError ? `. ${error.next}` : "");

/** Ready = it would take a message now and Slack can reach it. Red parts are named. */
async function readiness({ store, slack, closing }: Pick<BotParts, "store"> & Omit<Served, "door">): Promise<Answer> {
  const red: string[] = [];
  if (closing()) red.push("shutting down");
  await store.ping().catch((error: unknown) => red.push(`store: ${sentenceOf(error)}${nextOf(error)}`));
  const { connected } = slack.health();
  if (connected === 0) red.push("slack: no connection is open");
  const status = red.length === 0 ? 200 : 503;
  return { status, body: `${status === 200 ? "ready" : red.join("\n")}\n` };
}
