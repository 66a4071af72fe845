/** The only reader of the environment. Everything else gets what it needs as an argument. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { envVariables } from "./envVariables.ts";
import type { EnvName } from "./envVariables.ts";
import { nearest } from "../domain/nearest.ts";
import type { Problem } from "./problem.ts";

export interface Env {
  readonly config: string;
  /** DynamoDB table; absent: a store of its own under `dataDir`. */
  readonly table?: string;
  readonly dataDir: string;
  readonly queueUrl?: string;
  /** Topics whose messages are accepted at POST /sns; empty: the door is closed. */
  readonly topicArns: readonly string[];
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly cert: string; readonly key: string };
  };
  /** This worker alone; the fleet's switches are the parameter and the store. */
  readonly autopilot: "on" | "off";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly slack: SlackEnv;
  readonly awsRegion?: string;
}

export type SlackEnv =
  | { readonly mode: "socket"; readonly botToken: string; readonly appToken: string; readonly apiUrl?: string }
  | { readonly mode: "http"; readonly botToken: string; readonly signingSecret: string; readonly apiUrl?: string };

export type Variables = Readonly<Record<string, string | undefined>>;

export type ReadEnv =
  { readonly env: Env; readonly warnings: readonly Problem[] } | { readonly problems: readonly Problem[] };

/**
 * The process's variables, with those of `.env` in `directory` under them: what is set outright wins.
 * Answers names and values as they are; nothing is written to the process.
 */
export function variablesOf(directory = process.cwd(), outright: Variables = process.env): Variables {
  const path = resolve(directory, ".env");
  const file = existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
  return { ...file, ...outright };
}

/**
 * Puts `.env` where the AWS SDK looks, which reads the process itself. Called once, by commands that talk to AWS. Also silences
 * the SDK's notice about future Node versions: the SDK is pinned, and the notice would stand above every answer.
 */
export function adoptEnvironment(directory = process.cwd()): void {
  quietSdk();
  for (const [name, value] of Object.entries(variablesOf(directory)))
    if (value !== undefined) process.env[name] ??= value;
}

/** The SDK is pinned; its notice about future Node versions would stand above every answer. */
export function quietSdk(): void {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
}

export function readEnv(variables: Variables = variablesOf()): ReadEnv {
  const problems: Problem[] = [];
  const say = (severity: Problem["severity"], field: string, [message, fix]: readonly [string, string]) =>
    problems.push({ severity, file: "environment", field, message, fix });
  const get = (name: EnvName): string | undefined => {
    const value = variables[name]?.trim();
    if (value === undefined || value === "") return undefined;
    const { pattern, needed, example, secret } = envVariables[name];
    if (pattern === undefined || pattern.test(value)) return value;
    const found = secret === true ? "a value of another form" : `"${value}"`;
    say("error", name, [`found ${found}; needed: ${needed ?? "something else"}`, `For example ${name}=${example}`]);
    return undefined;
  };
  const env = {
    config: get("MEDIC_CONFIG") ?? "./medic.yaml",
    ...optional("table", get("MEDIC_TABLE")),
    dataDir: get("MEDIC_DATA_DIR") ?? "./data",
    ...optional("queueUrl", get("MEDIC_QUEUE_URL")),
    topicArns: (get("MEDIC_TOPIC_ARNS") ?? "")
      .split(",")
      .map((arn) => arn.trim())
      .filter((arn) => arn !== ""),
    http: {
      host: get("MEDIC_HTTP_HOST") ?? "127.0.0.1",
      port: portOf(get("MEDIC_HTTP_PORT"), say),
      ...tlsOf(get, say),
    },
    autopilot: get("MEDIC_AUTOPILOT") === "off" ? "off" : "on",
    logLevel: (get("MEDIC_LOG_LEVEL") ?? "info") as Env["logLevel"],
    ...optional("awsRegion", get("AWS_REGION")),
  } as const;
  get("AWS_ENDPOINT_URL");
  regionOf(env, say);
  const slack = slackOf(get, variables, say);
  unknownNames(variables, say);
  if (slack === undefined || problems.some(({ severity }) => severity === "error")) return { problems };
  return { env: { ...env, slack }, warnings: problems };
}

type Get = (name: EnvName) => string | undefined;
type Say = (severity: Problem["severity"], field: string, sentences: readonly [string, string]) => void;

/** exactOptionalPropertyTypes: absent, never undefined. */
function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function portOf(text: string | undefined, say: Say): number {
  // 0 lets the system choose a free one, which is how tests listen.
  const port = Number(text ?? "8080");
  if (port > 65535)
    say("error", "MEDIC_HTTP_PORT", [`found "${text}"; needed: 0 to 65535`, "For example MEDIC_HTTP_PORT=8080"]);
  return port;
}

function tlsOf(get: Get, say: Say): { readonly tls?: { readonly cert: string; readonly key: string } } {
  const cert = get("MEDIC_TLS_CERT");
  const key = get("MEDIC_TLS_KEY");
  if (cert !== undefined && key !== undefined) return { tls: { cert, key } };
  if (cert === undefined && key === undefined) return {};
  const [missing, there] =
    cert === undefined ? ["MEDIC_TLS_CERT", "MEDIC_TLS_KEY"] : ["MEDIC_TLS_KEY", "MEDIC_TLS_CERT"];
  say("error", missing, [
    `is missing while ${there} is set; needed: both files, or neither for plain HTTP`,
    "Set both, or remove both and let a proxy or balancer speak TLS.",
  ]);
  return {};
}

/** The SDK would only say "Region is missing" at the first call. */
function regionOf(env: Pick<Env, "awsRegion" | "table" | "queueUrl">, say: Say): void {
  const [name] = [env.table && "MEDIC_TABLE", env.queueUrl && "MEDIC_QUEUE_URL"].filter(Boolean);
  if (env.awsRegion !== undefined || name === undefined) return;
  say("error", "AWS_REGION", [
    `is missing while ${name} is set; needed: the region it lives in`,
    "For example AWS_REGION=eu-west-1",
  ]);
}

/** Socket Mode needs no inbound port, so that it wins when both are set. */
function slackOf(get: Get, variables: Variables, say: Say): SlackEnv | undefined {
  const botToken = get("SLACK_BOT_TOKEN");
  const appToken = get("SLACK_APP_TOKEN");
  const signingSecret = get("SLACK_SIGNING_SECRET");
  const apiUrl = get("SLACK_API_URL");
  const isSet = (name: EnvName) => (variables[name]?.trim() ?? "") !== "";
  if (!isSet("SLACK_BOT_TOKEN"))
    say("error", "SLACK_BOT_TOKEN", [
      "is missing; needed: the bot token (xoxb-…)",
      "Create the app from `medic manifest --socket`, install it, copy the token from OAuth & Permissions.",
    ]);
  if (!isSet("SLACK_APP_TOKEN") && !isSet("SLACK_SIGNING_SECRET"))
    say("error", "SLACK_APP_TOKEN", [
      "is missing, and so is SLACK_SIGNING_SECRET; needed: one of them, it decides how Slack reaches the bot",
      "Socket Mode (no inbound port): SLACK_APP_TOKEN=xapp-… with connections:write. HTTP: SLACK_SIGNING_SECRET from Basic Information.",
    ]);
  if (botToken === undefined) return undefined;
  const common = { botToken, ...optional("apiUrl", apiUrl) };
  if (appToken !== undefined) return { mode: "socket", ...common, appToken };
  return signingSecret === undefined ? undefined : { mode: "http", ...common, signingSecret };
}

/** A misspelt name would otherwise be a default in silence. */
function unknownNames(variables: Variables, say: Say): void {
  for (const name of Object.keys(variables)) {
    if (!/^MEDIC_/.test(name) || Object.hasOwn(envVariables, name)) continue;
    const meant = nearest(name, Object.keys(envVariables));
    const fix = meant === undefined ? "Remove it; .env.example lists every variable." : `Did you mean ${meant}?`;
    say("warning", name, ["no such variable is read", fix]);
  }
}
