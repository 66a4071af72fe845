/**
 * What the tests with real processes share: moto behind a counting door, DynamoDB Local, the pretend Slack, a small site that
 * probes watch, and workers of the bot as shipped, each with a table, a queue and a medic.yaml of its test.
 */
import { CloudWatchClient, SetAlarmStateCommand, type StateValue } from "@aws-sdk/client-cloudwatch";
import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { dynamoDbLocalInstall, hasDynamoDbLocal, startDynamoDbLocal, type DynamoDbLocal } from "./dynamodbLocal.ts";
import { startAwsDoor, type AwsDoor } from "./awsDoor.ts";
import { hasMoto, motoInstall, startMoto, type Moto } from "./moto.ts";
import { requirePeer } from "./peer.ts";
import { alarmMessage, depth, putAlarm, region, wire } from "./processWires.ts";
import { run, signalAll, startSlackProgram, until, type Program, type SlackMessage } from "./programs.ts";
import type { SlackProgram } from "./programs.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const channel = "ops-alerts";
const shipped = ["bin/ec2-medic.js", "start"] as const;

export const processSuite =
  hasMoto() && hasDynamoDbLocal()
    ? requirePeer("moto and DynamoDB Local", true, "")
    : requirePeer("moto or DynamoDB Local", false, `${motoInstall}; ${dynamoDbLocalInstall}`);

/** One test's services, table, queue, topic and Slack: clicks go to any worker that is connected, so tests do not share one. */
export interface Ground {
  readonly name: string;
  readonly instances: ReadonlyMap<string, string>;
  readonly topicArn: string;
  readonly queueUrl: string;
  readonly slack: SlackProgram;
  readonly env: Readonly<Record<string, string>>;
}

export interface Worker extends Program {
  readonly name: string;
  readonly url: string;
}

export interface Stage {
  readonly moto: Moto;
  readonly table: DynamoDbLocal;
  readonly aws: AwsDoor;
  /** Services whose site answers 503. */
  readonly sitesDown: Set<string>;
  readonly sqs: SQSClient;
  /** `recovery` of the one rung; no table: the embedded store in a folder of its own. */
  ground(options: GroundOptions): Promise<Ground>;
  /** Ready when this resolves. */
  worker(ground: Ground, name: string, how?: How): Promise<Worker>;
  /** The same without waiting: for a start that is to fail. */
  launch(ground: Ground, name: string, how?: How): Program;
  /** Sets the alarm and says through SNS what CloudWatch would say, `copies` times. */
  alarm(ground: Ground, service: string, state: StateValue, copies?: number): Promise<void>;
  publish(ground: Ground, message: object): Promise<void>;
  /** Messages that wait in the queue or are in somebody's hands. */
  queueDepth(ground: Ground): Promise<number>;
  /** Every message in the channel that is a card of this service. */
  cards(ground: Ground, service: string): Promise<SlackMessage[]>;
  /** Waits for a card that says it. */
  cardSays(ground: Ground, service: string, pattern: RegExp): Promise<SlackMessage>;
  approve(ground: Ground, service: string): Promise<void>;
  /** Ends what was started for this ground, without ceremony. */
  clear(ground: Ground): Promise<void>;
  /** What every worker on this ground printed. */
  said(ground: Ground): string;
  close(): Promise<void>;
}

export interface How {
  /** On top of the ground's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of `node`, in place of the bot as shipped. */
  readonly program?: readonly string[];
}

export interface GroundOptions {
  readonly name: string;
  readonly services: readonly string[];
  readonly recovery?: string;
  /** Instead of services of one instance each, which the stage launches and writes down. */
  readonly yaml?: string;
  readonly store: "table" | "embedded";
  /** Seconds until a message that was received and not deleted comes again. */
  readonly visibilityS?: number;
}

/** A takeover, a reboot that is waited out, and proving; on a machine that is busy with other things. */
const cardMsMax = 90_000;

/** Short enough for a test, long enough for two workers and their servers on a machine that is busy with other things. */
const timing = `
timing:
  lease: 6s
  leaseRenew: 1s
  awsCall: 4s
  clockSkew: 1s
  takeover: 1s
  verifySpan: 2s
  verifyPoll: 1s
  probe: 2s
  reconcile: 2s
  # Longer than a takeover takes: whoever takes over must still find the reboot under way, and leave it alone.
  rebootSettle: 24s
  stopSettle: 15s
  forceStopSettle: 10s
  startSettle: 15s
  verifySettle: 8s
  restartLimit: 2m
  alarmLag: 3s
`;

function yamlOf(services: ReadonlyMap<string, string>, site: string, recovery: string): string {
  const each = [...services].map(
    ([name, instanceId]) => `
  ${name}:
    description: ${name}
    pattern: instance
    target: { instance: ${instanceId} }
    probe: { url: "${site}/${name}", timeout: 2s }
    alarms: ["${name}-status*"]
    ladders:
      os: [{ recovery: ${recovery}, mode: approve }]`,
  );
  return `
defaults:
  channel: "#${channel}"
  region: ${region}
  approvers: { users: [U0MIRA, U0NOOR] }
${timing}
services:${each.join("")}
`;
}

async function launchInstances(ec2: EC2Client, count: number): Promise<string[]> {
  const command = new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: count, MaxCount: count });
  return ((await ec2.send(command)).Instances ?? []).map(({ InstanceId = "" }) => InstanceId);
}

export async function startStage(): Promise<Stage> {
  const [moto, table] = await Promise.all([startMoto(), startDynamoDbLocal()]);
  const aws = await startAwsDoor(moto.endpoint);
  const sitesDown = new Set<string>();
  const site = createServer((request, response) => {
    response.writeHead(sitesDown.has((request.url ?? "").slice(1)) ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const directory = await mkdtemp(join(tmpdir(), "medic-processes-"));
  const shared = { region, endpoint: moto.endpoint, credentials };
  const clients = { ec2: new EC2Client(shared), cloudwatch: new CloudWatchClient(shared) };
  const sns = new SNSClient(shared);
  const sqs = new SQSClient({ ...shared, useQueueUrlAsEndpoint: false });
  const started: { ground: string; name: string; program: Program }[] = [];

  const launch: Stage["launch"] = (ground, name, how = {}) => {
    const own = aws.endpointFor(name);
    const endpoint = { AWS_ENDPOINT_URL_EC2: own, AWS_ENDPOINT_URL_SQS: own };
    const program = run("node", how.program ?? shipped, { ...ground.env, ...endpoint, ...how.env });
    started.push({ ground: ground.name, name, program });
    return program;
  };
  const cards: Stage["cards"] = async ({ slack }, service) => {
    const messages = await slack.messages(channel);
    // What readiness has to say names services too, and is no card of an incident.
    const isCard = (text: string) => text.includes(service) && !text.includes("/medic ready");
    return messages.filter((each) => each.threadTs === null && isCard(JSON.stringify(each)));
  };
  const cardSays: Stage["cardSays"] = (ground, service, pattern) =>
    until(
      `a card of ${service} says ${String(pattern)}`,
      async () => (await cards(ground, service)).find((card) => pattern.test(JSON.stringify(card))),
      cardMsMax,
    );

  return {
    ...{ moto, table, aws, sitesDown, sqs, launch, cards, cardSays },
    ground: async ({ name, services, recovery = "reboot", yaml, store, visibilityS = 30 }) => {
      const ids = services.length === 0 ? [] : await launchInstances(clients.ec2, services.length);
      const instances = new Map(services.map((service, at) => [service, ids[at] ?? ""]));
      const [wires, slack] = await Promise.all([wire({ sns, sqs }, name, visibilityS), startSlackProgram()]);
      const config = join(directory, `${name}.yaml`);
      await writeFile(config, yaml ?? yamlOf(instances, siteUrl, recovery));
      const env = {
        MEDIC_CONFIG: config,
        MEDIC_DATA_DIR: join(directory, `${name}-data`),
        ...(store === "table" ? { MEDIC_TABLE: name } : {}),
        MEDIC_QUEUE_URL: wires.queueUrl,
        MEDIC_HTTP_PORT: "0",
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_APP_TOKEN: slack.appToken,
        SLACK_API_URL: slack.apiUrl,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_ENDPOINT_URL: moto.endpoint,
        AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      };
      if (store === "table") {
        const setup = run("node", ["bin/ec2-medic.js", "setup"], env);
        if ((await setup.ended) !== 0) throw new Error(`no table: ${setup.printed()}`);
      }
      return { name, instances, ...wires, slack, env };
    },
    worker: async (ground, name, how) => {
      const program = launch(ground, name, how);
      const [, url = ""] = await program.waitFor(/Doors: (http:\S+)\/sns/, 60_000);
      return { ...program, name, url };
    },
    alarm: async (ground, service, state, copies = 1) => {
      const instanceId = ground.instances.get(service) ?? "";
      await putAlarm(clients.cloudwatch, service, instanceId);
      const set = { AlarmName: `${service}-status`, StateValue: state, StateReason: "set by the test" };
      await clients.cloudwatch.send(new SetAlarmStateCommand(set));
      const message = JSON.stringify(alarmMessage(`${service}-status`, instanceId, state));
      for (let copy = 0; copy < copies; copy += 1)
        await sns.send(new PublishCommand({ TopicArn: ground.topicArn, Subject: state, Message: message }));
    },
    publish: async (ground, message) => {
      await sns.send(new PublishCommand({ TopicArn: ground.topicArn, Message: JSON.stringify(message) }));
    },
    queueDepth: async (ground) => {
      const { waiting, inHand } = await depth(sqs, ground.queueUrl);
      return waiting + inHand;
    },
    approve: async (ground, service) => {
      const card = await cardSays(ground, service, /medic\.approve/);
      const where = { channel: "C0OPSALERTS", ts: card.ts, actionId: "medic.approve", confirmed: true };
      await ground.slack.act("click", { user: "U0MIRA", ...where });
    },
    said: (ground) =>
      started
        .filter((each) => each.ground === ground.name)
        .map(({ name, program }) => `--- ${name} said:\n${program.printed().slice(-9_000)}`)
        .join("\n"),
    clear: async (ground) => {
      const programs = started.filter((each) => each.ground === ground.name).map(({ program }) => program);
      await Promise.all([...programs, ground.slack].map(killHard));
    },
    close: async () => {
      await Promise.all(started.map(({ program }) => killHard(program)));
      await Promise.all([moto.stop(), table.stop(), aws.close()]);
      site.close();
      site.closeAllConnections();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function killHard(program: Program): Promise<void> {
  if (program.child.exitCode !== null || program.child.signalCode !== null) return;
  signalAll(program, "SIGKILL");
  await program.ended;
}

/** Prints what the bot said when the test fails, and ends it either way. */
export function tidiesUp(
  stage: Stage,
  ground: Ground,
  hooks: Pick<TestContext, "onTestFailed" | "onTestFinished">,
): void {
  hooks.onTestFailed(() => void process.stderr.write(`${stage.said(ground)}\n`));
  hooks.onTestFinished(() => stage.clear(ground));
}
