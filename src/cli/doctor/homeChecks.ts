/** What the bot has of its own in AWS, live: identity, table, queue, topics, mail, switch. Reads only. */
import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { GetTopicAttributesCommand } from "@aws-sdk/client-sns";
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { HomeClients } from "../../aws/clients.ts";
import { readParameter, type Identity } from "../../aws/home.ts";
import { asked } from "../../aws/translate.ts";
import { NotFound, NotPermitted } from "../../domain/errors.ts";
import type { Settings } from "../../domain/settings.ts";
import { tableShape } from "../../domain/tableShape.ts";
import { fileSwitch } from "../../net/fileSwitch.ts";
import type { Prober } from "../../ports/prober.ts";
import { amber, green, red, type Check, type Verdict } from "./row.ts";

export interface HomeToCheck {
  readonly clients: HomeClients;
  readonly identity: () => Promise<Identity>;
  /** Throws the SDK's own errors. */
  readonly describeTable: (table: string) => Promise<TableDescription | undefined>;
  readonly prober: Prober;
  readonly table: string | undefined;
  readonly dataDir: string;
  readonly queueUrl: string | undefined;
  readonly topicArns: readonly string[];
  readonly httpHost: string;
  readonly settings: Settings | undefined;
}

const area = "aws";

export function homeChecks(home: HomeToCheck): Check[] {
  const { queueUrl, settings } = home;
  const mailTopic = settings?.mailTopic;
  const check = (what: string, run: Check["run"]): Check => ({ area, what, run });
  return [
    check("identity", async () => {
      const { account, arn } = await home.identity();
      return green(`${arn} in account ${account}`);
    }),
    check("table", () => tableVerdict(home)),
    ...(queueUrl ? [check("queue", () => queueVerdicts(home.clients.sqs, queueUrl))] : []),
    check("doors", async () => doorsVerdict(home)),
    ...(settings ? [check("kill switch", () => switchVerdict(home, settings))] : []),
    ...(mailTopic ? [check("mail topic", () => mailVerdict(home.clients.sns, mailTopic))] : []),
    ...controlCheck(home),
  ];
}

async function tableVerdict({ table, dataDir, describeTable }: HomeToCheck): Promise<Verdict> {
  if (table === undefined) return embeddedVerdict(dataDir);
  const found = await asked(`DescribeTable ${table}`, () => describeTable(table)).catch((error: unknown) => {
    if (error instanceof NotFound) return undefined;
    throw error;
  });
  if (found === undefined) return red(`no table ${table}`, "the table", "`medic setup` creates it.");
  const { partitionKey, sortKey, dueIndex } = tableShape;
  const index = found.GlobalSecondaryIndexes?.find((each) => each.IndexName === dueIndex.name);
  const keys = (found.KeySchema ?? []).map((key) => key.AttributeName).join(", ");
  if (keys !== `${partitionKey}, ${sortKey}`)
    return red(
      `keys ${keys}`,
      `keys ${partitionKey}, ${sortKey}`,
      "Name another table in MEDIC_TABLE and run `medic setup`.",
    );
  if (index === undefined) return red(`no index ${dueIndex.name}`, "the index", "`medic setup` adds it.");
  if (found.TableStatus !== "ACTIVE")
    return red(`${table} is ${found.TableStatus ?? "in no state"}`, "ACTIVE", "Wait, or look at it in the console.");
  return green(`${table} with index ${dueIndex.name}, about ${found.ItemCount ?? 0} items`);
}

async function embeddedVerdict(dataDir: string): Promise<Verdict> {
  const writable = async (path: string) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
  const exists = await access(dataDir).then(
    () => true,
    () => false,
  );
  if (await writable(exists ? dataDir : dirname(resolve(dataDir))))
    return green(`embedded in ${dataDir}${exists ? "" : " (made at the first start)"}: for one process on one machine`);
  return red(
    `${dataDir} cannot be written`,
    "a writable folder",
    "Set MEDIC_DATA_DIR, or MEDIC_TABLE for a DynamoDB table.",
  );
}

async function queueVerdicts(sqs: HomeClients["sqs"], queueUrl: string): Promise<Verdict[]> {
  const input = {
    QueueUrl: queueUrl,
    AttributeNames: ["ApproximateNumberOfMessages" as const, "RedrivePolicy" as const],
  };
  try {
    const { Attributes } = await asked("GetQueueAttributes", () => sqs.send(new GetQueueAttributesCommand(input)));
    const waiting = green(`reachable, ${Attributes?.["ApproximateNumberOfMessages"] ?? "?"} messages waiting`);
    if (Attributes?.["RedrivePolicy"]) return [waiting];
    const next = "Give it a redrive policy, so that what can never be taken is kept aside and seen.";
    return [waiting, amber("no dead-letter queue", "one", next)];
  } catch (error) {
    if (error instanceof NotFound)
      return [red("no such queue", "the queue that the alarm topic feeds", "Check MEDIC_QUEUE_URL and AWS_REGION.")];
    // The bot itself only receives and deletes; its role need not be able to look at the queue.
    if (!(error instanceof NotPermitted)) throw error;
    const next = "Allow sqs:GetQueueAttributes to whoever runs the doctor; the bot works without it.";
    return [amber("this identity may not look at the queue", "sqs:GetQueueAttributes", next)];
  }
}

function doorsVerdict({ queueUrl, topicArns, httpHost }: HomeToCheck): Verdict {
  if (topicArns.length > 0 && /^(127\.|localhost$|::1$)/.test(httpHost)) {
    const next = "Put a proxy before it, or set MEDIC_HTTP_HOST=0.0.0.0 behind a balancer.";
    return amber(`POST /sns listens on ${httpHost} alone`, "an address that SNS reaches", next);
  }
  const doors = [
    ...(queueUrl ? ["the queue"] : []),
    ...(topicArns.length > 0 ? [`POST /sns for ${topicArns.length} topic${topicArns.length === 1 ? "" : "s"}`] : []),
  ];
  if (doors.length > 0) return green(doors.join(" and "));
  const next = "Set MEDIC_QUEUE_URL (an SQS queue fed by the alarm topic) or MEDIC_TOPIC_ARNS.";
  return amber("neither queue nor topic: alarms are found by reading, once a minute", "a door for alarms", next);
}

async function switchVerdict({ clients }: HomeToCheck, { killSwitch }: Settings): Promise<Verdict> {
  if (killSwitch === undefined) return green("none outside the store; `/medic autopilot off` works");
  const off = "Until it says on, nothing runs by itself; approvals work.";
  if (killSwitch.kind === "file") {
    const state = await fileSwitch(killSwitch.path).read();
    if (state === "on") return green(`${killSwitch.path} says on`);
    return amber(`${killSwitch.path} ${state === "off" ? "does not say on" : "cannot be read"}`, "on", off);
  }
  const { parameter } = killSwitch;
  try {
    const value = (await readParameter(clients.ssm, parameter)).trim();
    return value.toLowerCase() === "on"
      ? green(`${parameter} says on`)
      : amber(`${parameter} says "${value}"`, "on", off);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    const next = `aws ssm put-parameter --name ${parameter} --type String --value on. ${off}`;
    return red(`no parameter ${parameter}`, "a parameter that says on or off", next);
  }
}

async function mailVerdict(sns: HomeClients["sns"], topic: string): Promise<Verdict> {
  try {
    const input = new GetTopicAttributesCommand({ TopicArn: topic });
    const { Attributes } = await asked(`GetTopicAttributes ${topic}`, () => sns.send(input));
    const confirmed = Number(Attributes?.["SubscriptionsConfirmed"] ?? 0);
    if (confirmed > 0) return green(`${confirmed} confirmed subscription${confirmed === 1 ? "" : "s"}`);
    return red("nobody has confirmed a subscription", "a reader", "Subscribe an address to the topic and confirm it.");
  } catch (error) {
    if (error instanceof NotFound) return red("no such topic", "the topic", "Check mailTopic in medic.yaml.");
    if (!(error instanceof NotPermitted)) throw error;
    const next = "Allow sns:GetTopicAttributes to whoever runs the doctor; the bot itself only publishes.";
    return amber("this identity may not look at the topic", "sns:GetTopicAttributes", next);
  }
}

/** The same patience as a service's probe has by default. */
const controlTimeoutMs = 5_000;

function controlCheck({ settings, prober }: HomeToCheck): Check[] {
  const url = settings?.controlUrl;
  if (url === undefined) return [];
  const run = async () => {
    const probe = { kind: "http" as const, url, statusMin: 200, statusMax: 399, timeoutMs: controlTimeoutMs };
    const { good, detail } = await prober.ask(probe);
    if (good) return green(`${url}: ${detail}`);
    return red(
      `${url}: ${detail}`,
      "an answer",
      "While it does not answer no probe counts. Fix it or name another URL.",
    );
  };
  return [{ area: "network", what: "control URL", run }];
}
