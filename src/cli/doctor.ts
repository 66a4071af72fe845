/** `medic doctor`: asks Slack and AWS whether everything that medic.yaml and the environment promise is so. Changes nothing. */
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { cloudWatchAlarms } from "../aws/alarms.ts";
import { homeClients, regionClients, type HomeClients, type RegionClients } from "../aws/clients.ts";
import { ec2Compute } from "../aws/compute.ts";
import { callerIdentity, type Identity } from "../aws/home.ts";
import { awsScaling } from "../aws/scaling.ts";
import { readEnv, type Variables } from "../config/env.ts";
import { loadSettings } from "../config/medicYaml.ts";
import type { Problem } from "../config/problem.ts";
import { defaultTiming } from "../domain/timing.ts";
import type { Settings } from "../domain/settings.ts";
import type { Scope } from "../domain/words.ts";
import { networkProber } from "../net/prober.ts";
import { wallClock, type Clock } from "../ports/clock.ts";
import type { Cloud } from "../ports/cloud.ts";
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
  readonly region: (region: string, awsCallMs: number) => RegionClients;
  readonly describeTable: (region: string, table: string) => Promise<TableDescription | undefined>;
  readonly fetch: Fetch;
  readonly prober: Prober;
  readonly clock: Clock;
}

const realParts: DoctorParts = {
  home: homeClients,
  region: regionClients,
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
  const clouds = new Map<Scope, Cloud>();
  const cloudOf = ({ scope, region }: { readonly scope: Scope; readonly region: string }) => {
    const made = clouds.get(scope) ?? cloudIn(parts, region, awsCallMs);
    clouds.set(scope, made);
    return made;
  };
  // A queue may be fed by any topic; without one only those that POST /sns accepts reach the bot.
  const reaching = set(variables, "MEDIC_QUEUE_URL") === undefined ? topicArns : [];
  return [
    ...slack,
    ...home,
    ...serviceChecks({ services, cloudOf, identity, prober: parts.prober, topicArns: reaching }),
  ];
}

function cloudIn({ region: clientsOf, clock }: DoctorParts, region: string, awsCallMs: number): Cloud {
  const clients = clientsOf(region, awsCallMs);
  return {
    compute: ec2Compute(clients.ec2),
    alarms: cloudWatchAlarms(clients.cloudwatch, clock),
    scaling: awsScaling(clients),
  };
}
