/** `medic doctor`: asks Slack and AWS whether everything that medic.yaml and the environment promise is so. Changes nothing. */
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { assumedRole, readSession, runSession, type RoleSession } from "../aws/assumedRole.ts";
import {
  homeClients,
  regionClients,
  stsClient,
  type Credentials,
  type HomeClients,
  type RegionClients,
} from "../aws/clients.ts";
import { awsCloud } from "../aws/cloud.ts";
import { callerIdentity, type Identity } from "../aws/home.ts";
import { readEnv, type Variables } from "../config/env.ts";
import { loadSettings } from "../config/medicYaml.ts";
import type { Problem } from "../config/problem.ts";
import { defaultTiming } from "../domain/timing.ts";
import type { AccountDefinition, ServiceDefinition } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import type { RunId, Scope } from "../domain/words.ts";
import { networkProber } from "../net/prober.ts";
import { wallClock, type Clock } from "../ports/clock.ts";
import type { Cloud } from "../ports/cloud.ts";
import { dryRunActions } from "../ports/compute.ts";
import type { Prober } from "../ports/prober.ts";
import type { Fetch } from "../slack/webApi.ts";
import { dynamoClient } from "../store/dynamoClient.ts";
import { homeChecks } from "./doctor/homeChecks.ts";
import { countRows, renderRows, runChecks, type Check, type Row } from "./doctor/row.ts";
import { serviceChecks } from "./doctor/serviceChecks.ts";
import { slackChecks } from "./doctor/slackChecks.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface DoctorOptions {
  readonly json?: boolean;
  /** Default MEDIC_CONFIG or ./medic.yaml. */
  readonly config?: string;
}

/** The outside; tests hand in their own. */
export interface DoctorParts {
  readonly home: (region: string, awsCallMs: number) => HomeClients;
  /** With credentials: those of a session in another account. */
  readonly region: (region: string, awsCallMs: number, credentials?: Credentials) => RegionClients;
  /** Who these credentials are. */
  readonly whoIs: (region: string, awsCallMs: number, credentials: Credentials) => Promise<Identity>;
  readonly describeTable: (region: string, table: string) => Promise<TableDescription | undefined>;
  readonly fetch: Fetch;
  readonly prober: Prober;
  readonly clock: Clock;
}

const realParts: DoctorParts = {
  home: homeClients,
  region: (region, awsCallMs, credentials) => regionClients(region, awsCallMs, wallClock, credentials),
  whoIs: (region, awsCallMs, credentials) => callerIdentity(stsClient(region, awsCallMs, wallClock, credentials)),
  describeTable: async (region, table) => {
    const client = dynamoClient({ region });
    try {
      return (await client.describeTable({ TableName: table })).Table;
    } finally {
      client.destroy();
    }
  },
  fetch: (url, init) => globalThis.fetch(url, init),
  prober: networkProber(wallClock),
  clock: wallClock,
};

/** 0: nothing is red. 1: something is. 2: environment or medic.yaml must be corrected first; what can be asked is asked all the same. */
export async function doctor(
  options: DoctorOptions,
  terminal: Terminal,
  parts: DoctorParts = realParts,
): Promise<ExitCode> {
  const { variables } = terminal;
  const read = readEnv(variables);
  const file = options.config ?? set(variables, "MEDIC_CONFIG") ?? "./medic.yaml";
  const loaded = loadSettings(file, (path) => terminal.readFile(path));
  const settings = "settings" in loaded ? loaded.settings : undefined;
  const written = [
    ...rowsOfProblems("environment", "problems" in read ? read.problems : read.warnings),
    ...rowsOfProblems("medic.yaml", "problems" in loaded ? loaded.problems : loaded.warnings),
  ];
  const asked = await runChecks(liveChecks(variables, settings, parts), parts.clock);
  const rows = [...written, ...asked];
  if (options.json === true) terminal.out(JSON.stringify(rows, null, 2));
  else terminal.out(`${renderRows(rows)}\n\n${countRows(rows)}.`);
  if (written.some(({ result }) => result === "red")) return 2;
  return rows.some(({ result }) => result === "red") ? 1 : 0;
}

function set(variables: Variables, name: string): string | undefined {
  return variables[name]?.trim() || undefined;
}

function rowsOfProblems(area: string, problems: readonly Problem[]): Row[] {
  return problems.map(({ severity, field, line, message, fix }) => ({
    area,
    what: line === undefined ? field : `line ${line} ${field}`,
    result: severity === "error" ? "red" : "amber",
    found: message,
    next: fix,
  }));
}

/** With a file that does not load, Slack's tokens and the bot's own things are still worth asking about. */
function liveChecks(variables: Variables, settings: Settings | undefined, parts: DoctorParts): Check[] {
  const services = [...(settings?.services.values() ?? [])];
  const awsCallMs = settings?.timing.awsCallMs ?? defaultTiming.awsCallMs;
  const homeRegion = set(variables, "AWS_REGION") ?? services[0]?.region;
  const topicArns = (set(variables, "MEDIC_TOPIC_ARNS") ?? "").split(/[\s,]+/).filter((arn) => arn !== "");
  const slack = slackChecks({
    botToken: set(variables, "SLACK_BOT_TOKEN"),
    appToken: set(variables, "SLACK_APP_TOKEN"),
    signingSecret: set(variables, "SLACK_SIGNING_SECRET"),
    apiUrl: set(variables, "SLACK_API_URL"),
    fetch: parts.fetch,
    clock: parts.clock,
    settings,
  });
  if (homeRegion === undefined) return slack;
  const clients = parts.home(homeRegion, awsCallMs);
  let told: Promise<Identity> | undefined;
  const identity = () => (told ??= callerIdentity(clients.sts));
  const home = homeChecks({
    clients,
    identity,
    describeTable: (table) => parts.describeTable(homeRegion, table),
    prober: parts.prober,
    table: set(variables, "MEDIC_TABLE"),
    dataDir: set(variables, "MEDIC_DATA_DIR") ?? "./data",
    queueUrl: set(variables, "MEDIC_QUEUE_URL"),
    topicArns,
    httpHost: set(variables, "MEDIC_HTTP_HOST") ?? "127.0.0.1",
    settings,
  });
  const enterBy = (session: (role: AccountDefinition) => RoleSession) => {
    const entering = enteringOf(settings, parts, { awsCallMs, session });
    const clouds = new Map<Scope, Cloud>();
    const cloudOf = ({ scope, region, account }: Place): Cloud => {
      const clients = () => parts.region(region, awsCallMs, entering(account, region));
      const made = clouds.get(scope) ?? awsCloud(clients(), { clock: parts.clock });
      clouds.set(scope, made);
      return made;
    };
    return { entering, cloudOf };
  };
  const { entering, cloudOf } = enterBy(readSession);
  const { cloudOf: askingCloudOf } = enterBy(askingSession);
  const entered = ({ account, region }: Place) => {
    const credentials = entering(account, region);
    return credentials && parts.whoIs(region, awsCallMs, credentials);
  };
  // A queue may be fed by any topic; without one only those that POST /sns accepts reach the bot.
  const reaching = set(variables, "MEDIC_QUEUE_URL") === undefined ? topicArns : [];
  return [
    ...slack,
    ...home,
    ...serviceChecks({
      services,
      cloudOf,
      askingCloudOf,
      identity,
      entered,
      prober: parts.prober,
      topicArns: reaching,
    }),
  ];
}

type Place = Pick<ServiceDefinition, "account" | "region" | "scope">;

/** In another account a session that names nobody may only read, and would be told that it may do nothing. */
const askingSession = (role: AccountDefinition): RoleSession =>
  runSession(role, { runId: "doctor" as RunId, who: "doctor", actions: dryRunActions });

interface Entry {
  readonly awsCallMs: number;
  readonly session: (role: AccountDefinition) => RoleSession;
}

/** The keys of the session by which an account is entered, one session an account; undefined: the bot's own will do. */
function enteringOf(settings: Settings | undefined, { home, clock }: DoctorParts, { awsCallMs, session }: Entry) {
  const sessions = new Map<string, Credentials>();
  return (account: string, region: string): Credentials | undefined => {
    const role = settings?.accounts.get(account);
    if (role === undefined) return undefined;
    const known = sessions.get(account) ?? assumedRole(home(region, awsCallMs).sts, session(role), clock);
    sessions.set(account, known);
    return known;
  };
}
