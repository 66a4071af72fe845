/**
 * The bot as shipped, with its environment alone: `npm start` against moto (EC2, CloudWatch, SNS, SQS, STS), DynamoDB Local and
 * the pretend Slack, each a process of its own. moto's instances are always healthy, so what is bad comes from an alarm that the
 * test sets and from a small site that the probe watches.
 */
import { CloudWatchClient, SetAlarmStateCommand, type StateValue } from "@aws-sdk/client-cloudwatch";
import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dynamoDbLocalInstall, hasDynamoDbLocal, startDynamoDbLocal, type DynamoDbLocal } from "./dynamodbLocal.ts";
import { hasMoto, motoInstall, startMoto, type Moto } from "./moto.ts";
import { requirePeer } from "./peer.ts";
import { alarmMessage, putAlarm, region, wire } from "./processWires.ts";
import {
  end,
  run,
  signalAll,
  startSlackProgram,
  until,
  type Program,
  type SlackMessage,
  type SlackProgram,
} from "./programs.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

interface Stage {
  moto: Moto;
  table: DynamoDbLocal;
  slack: SlackProgram;
  site: Server;
  siteIsUp: boolean;
  directory: string;
  instanceId: string;
  topicArn: string;
  env: Record<string, string>;
  bot?: Program;
}

let stage: Stage;

const yaml = (site: string, instanceId: string) => `
defaults:
  channel: "#ops-alerts"
  region: ${region}
  approvers: { users: [U0MIRA, U0NOOR] }
timing:
  verifySpan: 3s
  verifyPoll: 1s
  probe: 1s
  reconcile: 2s
services:
  shop-web:
    description: The web shop
    pattern: instance
    target: { instance: ${instanceId} }
    probe: { url: "${site}", timeout: 2s }
    alarms: [shop-web-status]
    ladders:
      os: [{ recovery: restart, mode: approve }]
`;

async function setUp(): Promise<Stage> {
  const [moto, table, slack] = await Promise.all([startMoto(), startDynamoDbLocal(), startSlackProgram()]);
  const made = { siteIsUp: true };
  const site = createServer((_req, res) => res.writeHead(made.siteIsUp ? 200 : 503).end());
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const shared = { region, endpoint: moto.endpoint, credentials };
  const launched = await new EC2Client(shared).send(
    new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1, InstanceType: "t3.micro" }),
  );
  const instanceId = launched.Instances?.[0]?.InstanceId ?? "";
  const { topicArn, queueUrl } = await wire({ sns: new SNSClient(shared), sqs: new SQSClient(shared) }, "medic", 30);
  const directory = await mkdtemp(join(tmpdir(), "medic-acceptance-"));
  const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/health`;
  await writeFile(join(directory, "medic.yaml"), yaml(siteUrl, instanceId));
  const env = {
    MEDIC_CONFIG: join(directory, "medic.yaml"),
    MEDIC_DATA_DIR: join(directory, "data"),
    MEDIC_TABLE: "ec2-medic",
    MEDIC_QUEUE_URL: queueUrl,
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
  return Object.assign(made, { moto, table, slack, site, directory, instanceId, topicArn, env });
}

/** moto neither evaluates alarms nor publishes them: the test sets the state and says what CloudWatch would have said. */
async function turnAlarm(state: StateValue): Promise<void> {
  const { moto, instanceId, topicArn } = stage;
  const shared = { region, endpoint: moto.endpoint, credentials };
  const cloudwatch = new CloudWatchClient(shared);
  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: "shop-web-status", StateValue: state, StateReason: "set by the test" }),
  );
  const message = alarmMessage("shop-web-status", instanceId, state);
  await new SNSClient(shared).send(
    new PublishCommand({ TopicArn: topicArn, Subject: "ALARM", Message: JSON.stringify(message) }),
  );
}

const cardOf = async (pattern: RegExp): Promise<SlackMessage | undefined> => {
  const messages = await stage.slack.messages("ops-alerts");
  return messages.find((message) => message.threadTs === null && pattern.test(JSON.stringify(message)));
};

const suite =
  hasMoto() && hasDynamoDbLocal()
    ? requirePeer("moto and DynamoDB Local", true, "")
    : requirePeer("moto or DynamoDB Local", false, `${motoInstall}; ${dynamoDbLocalInstall}`);

suite("the bot as shipped, against real servers", () => {
  beforeAll(async () => {
    stage = await setUp();
    const { moto, instanceId } = stage;
    const cloudwatch = new CloudWatchClient({ region, endpoint: moto.endpoint, credentials });
    await putAlarm(cloudwatch, "shop-web", instanceId);
  }, 120_000);

  beforeEach(({ onTestFailed }) => {
    // What the bot said is the first thing that one wants to read.
    onTestFailed(
      () => void process.stderr.write(`the bot said:\n${stage.bot?.printed().slice(-12_000) ?? "nothing"}\n`),
    );
  });

  afterAll(async () => {
    await end(stage.bot);
    await end(stage.slack);
    await Promise.all([stage.moto.stop(), stage.table.stop()]);
    stage.site.close();
    await rm(stage.directory, { recursive: true, force: true });
  }, 60_000);

  test("setup creates the table, start is ready, and says where its doors are", async () => {
    const setup = run("npm", ["run", "--silent", "medic", "--", "setup"], stage.env);
    expect([await setup.ended, setup.printed()]).toEqual([
      0,
      expect.stringContaining("ready: DynamoDB table") as string,
    ]);
    stage.bot = run("npm", ["start"], stage.env);
    const [, url] = await stage.bot.waitFor(/Doors: (http:\S+)\/sns/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await until("ready", async () => ((await fetch(`${url}/readyz`)).status === 200 ? true : undefined));
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("process_resident_memory_bytes");
  });

  test("an alarm through the queue becomes a card with buttons", async () => {
    stage.siteIsUp = false;
    await turnAlarm("ALARM");
    const card = await until("a card", () => cardOf(/shop-web.*medic\.approve/));
    expect(JSON.stringify(card.blocks)).toContain("Approve now");
  });

  test("a stranger's click is answered and nothing runs; an approver's click restarts, and the service is proven well", async () => {
    const card = await until("a card", () => cardOf(/medic\.approve/));
    const where = { channel: "C0OPSALERTS", ts: card.ts, actionId: "medic.approve", confirmed: true };
    await stage.slack.act("click", { user: "U0SAM", ...where });
    await until("Sam's answer", async () =>
      (await stage.slack.ephemeral("U0SAM")).find((m) => /not allowed/i.test(m.text)),
    );
    await stage.slack.act("click", { user: "U0MIRA", ...where });
    await stage.bot?.waitFor(/"code":"step-begun"/, 60_000);
    stage.siteIsUp = true;
    await turnAlarm("OK");
    await until("the end", () => cardOf(/is back after/), 120_000);
    expect(stage.bot?.printed()).not.toContain('"level":50');
  }, 240_000);

  test("told to stop, it gives its leases back and is gone in time", async () => {
    const { bot } = stage;
    if (bot === undefined) throw new Error("the bot was never started");
    signalAll(bot, "SIGTERM");
    await bot.waitFor(/"inTime":true.*"code":"stopped"/, 20_000);
    const [, url] = await bot.waitFor(/Doors: (http:\S+)\/sns/);
    await until("the door is closed", () =>
      fetch(`${url}/healthz`).then(
        () => undefined,
        () => true as const,
      ),
    );
  }, 30_000);
});
