/**
 * The production program: real clock, real clients, real doors. The only place that constructs them; `src/bot.ts` puts them
 * together, `src/cli/start.ts` calls it.
 */
import { readFileSync } from "node:fs";
import { homeClients, type HomeClients } from "./aws/clients.ts";
import { awsClouds } from "./aws/clouds.ts";
import { callerIdentity, confirmSubscription, parameterSwitch } from "./aws/home.ts";
import { queueDoor } from "./aws/queue.ts";
import { startBot, type Bot, type BotParts } from "./bot.ts";
import type { Env } from "./config/env.ts";
import { withAccount } from "./config/toSettings.ts";
import { MedicError } from "./domain/errors.ts";
import type { Settings } from "./domain/settings.ts";
import { topicMail } from "./mail/topicMail.ts";
import { fileSwitch, noSwitch } from "./net/fileSwitch.ts";
import { networkProber } from "./net/prober.ts";
import { pinoLog } from "./observe/pinoLog.ts";
import { promMetrics } from "./observe/promMetrics.ts";
import { wallClock } from "./ports/clock.ts";
import type { Clouds } from "./ports/cloud.ts";
import { randomIds } from "./ports/ids.ts";
import type { Log } from "./ports/log.ts";
import type { Metrics } from "./ports/metrics.ts";
import type { FetchCertificate } from "./signals/certificate.ts";
import { createFetchCertificate } from "./signals/fetchCertificate.ts";
import type { OnConsumed } from "./store/consumed.ts";
import { openStore, type OpenedStore } from "./store/openStore.ts";
import { assertNoImport } from "./store/transfer/unfinished.ts";

/** Shutdown: what is in hand gets this long, and 2 s more until the process is ended whatever hangs (20 s in all, as promised). */
export const stopDeadlineMs = 18_000;

export interface Program {
  readonly bot: Bot;
  readonly store: OpenedStore;
  readonly log: Log;
  /** Ends everything in order; comes back within 20 s. */
  stop(): Promise<void>;
}

/** What a bench hands in by construction; there is no setting for it. */
export interface Given {
  /** In place of the fetch over verified TLS. */
  readonly fetchCertificate?: FetchCertificate;
  readonly onConsumed?: OnConsumed;
}

/** Starts one worker. Throws MedicError with a next step when a part of it cannot be had. */
export async function start(env: Env, configured: Settings, given: Given = {}): Promise<Program> {
  const log = pinoLog({ level: env.logLevel });
  const metrics = promMetrics();
  const home = homeClients(env.awsRegion ?? firstRegion(configured), configured.timing.awsCallMs);
  const [settings, store] = await Promise.all([
    withIdentity(configured, home),
    openStore({
      ...(env.table ? { table: env.table } : {}),
      region: env.awsRegion ?? firstRegion(configured),
      dataDir: env.dataDir,
      log,
      ...(given.onConsumed ? { onConsumed: given.onConsumed } : {}),
    }),
  ]);
  try {
    await store.ping();
    await assertNoImport(store.records);
    const bot = await startBot(botParts(env, settings, { home, store, log, metrics, given }));
    log.info("started", {
      store: store.description,
      url: bot.url,
      slack: env.slack.mode,
      services: settings.services.size,
    });
    return {
      bot,
      store,
      log,
      stop: async () => {
        await bot.stop(stopDeadlineMs);
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Made {
  readonly home: HomeClients;
  readonly store: OpenedStore;
  readonly log: Log;
  readonly metrics: Metrics & { text(): Promise<string> };
  readonly given: Given;
}

function botParts(env: Env, settings: Settings, { home, store, log, metrics, given }: Made): BotParts {
  const { killSwitch, mailTopic } = settings;
  const outside =
    killSwitch === undefined
      ? noSwitch
      : killSwitch.kind === "ssm"
        ? parameterSwitch(home.ssm, killSwitch.parameter)
        : fileSwitch(killSwitch.path);
  const { queueUrl } = env;
  return {
    settings,
    clock: wallClock,
    ids: randomIds,
    log,
    metrics,
    metricsText: () => metrics.text(),
    store,
    clouds: cloudsOf(settings, log),
    prober: networkProber(wallClock),
    ...(mailTopic ? { mail: topicMail(home.sns, mailTopic) } : {}),
    autopilotSwitch: outside,
    autopilotOffByEnvironment: env.autopilot === "off",
    slack: slackParts(env),
    topicArns: env.topicArns,
    fetchCertificate: given.fetchCertificate ?? createFetchCertificate(),
    confirmSubscription: (topicArn, token) => confirmSubscription(home.sns, topicArn, token),
    http: { host: env.http.host, port: env.http.port, ...tlsOf(env) },
    ...(queueUrl
      ? { queue: (take) => queueDoor({ sqs: home.sqs, queueUrl, take, clock: wallClock, log, metrics }) }
      : {}),
  };
}

function slackParts({ slack }: Env): BotParts["slack"] {
  const connection =
    slack.mode === "socket"
      ? ({ kind: "socket", appToken: slack.appToken } as const)
      : ({ kind: "http", signingSecret: slack.signingSecret } as const);
  return { connection, botToken: slack.botToken, ...(slack.apiUrl ? { apiUrl: slack.apiUrl } : {}) };
}

function tlsOf({ http }: Env): { tls?: { cert: string; key: string } } {
  if (http.tls === undefined) return {};
  const read = (path: string, what: string) => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      const next = `Check ${what}; the bot needs PEM files that it may read.`;
      throw new MedicError("tls-file", `${what} ${path} cannot be read`, { retry: "never", next, cause: error });
    }
  };
  return { tls: { cert: read(http.tls.cert, "MEDIC_TLS_CERT"), key: read(http.tls.key, "MEDIC_TLS_KEY") } };
}

const firstRegion = (settings: Settings) => [...settings.services.values()][0]?.region ?? "us-east-1";

/** Services that name no account live in the bot's own: their scope is part of what is stored, so it must be known first. */
async function withIdentity(settings: Settings, home: HomeClients): Promise<Settings> {
  if ([...settings.services.values()].every((service) => service.account !== "")) return settings;
  const { account } = await callerIdentity(home.sts).catch((error: unknown) => {
    throw new MedicError("no-identity", "AWS did not tell which account the bot runs in", {
      retry: "later",
      next: "Check the credentials and AWS_REGION (`medic doctor`), or set `account` in medic.yaml.",
      cause: error,
    });
  });
  return withAccount(settings, account);
}

/** Every service's account and region, and those of cases that outlived their service: the scope names both. */
export function cloudsOf(settings: Settings, log: Log): Clouds {
  const { accounts, timing } = settings;
  return awsClouds({ accounts, awsCallMs: timing.awsCallMs, clock: wallClock, log });
}
