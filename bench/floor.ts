/**
 * The least that an alarm-to-card path can do: verify the signature, one conditional write, one post. It knows one alarm class, one
 * table and one card, keeps no state and repairs nothing. Answers once the write stands, as the bot does.
 */
import { verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { bodyOf } from "./fakeSlack.ts";

const [certificatePath = "", table = "", slackUrl = ""] = process.argv.slice(2);
const { publicKey } = new X509Certificate(readFileSync(certificatePath));
// The same lever as the bot's own client: without it the floor would be a third slower.
const dynamo = new DynamoDB({ maxAttempts: 1, cacheMiddleware: true });
const agent = new Agent({ keepAlive: true });
const signedKeys = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmArn: string;
  readonly StateChangeTime: string;
  readonly NewStateReason: string;
  readonly NewStateValue: string;
}

function post(body: object): Promise<void> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const sent = request(`${slackUrl}/api/chat.postMessage`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve());
    });
    sent.once("error", reject);
    sent.end(text);
  });
}

async function take(text: string): Promise<number> {
  const envelope = JSON.parse(text) as Record<string, string>;
  const signed = signedKeys.map((key) => `${key}\n${envelope[key]}\n`).join("");
  if (!verify("RSA-SHA256", Buffer.from(signed), publicKey, Buffer.from(envelope["Signature"] ?? "", "base64")))
    return 403;
  const alarm = JSON.parse(envelope["Message"] ?? "") as Alarm;
  await dynamo.putItem({
    TableName: table,
    Item: {
      pk: { S: `floor#${alarm.AlarmArn}#${alarm.StateChangeTime}` },
      sk: { S: "floor" },
      body: { S: envelope["Message"] ?? "" },
    },
    ConditionExpression: "attribute_not_exists(pk)",
  });
  const channel = `C0BENCH${/service-(\d+)/.exec(alarm.AlarmName)?.[1]}`;
  const button = (name: string) => ({ type: "button", text: { type: "plain_text", text: name }, action_id: name });
  const blocks = [
    { type: "header", text: { type: "plain_text", text: alarm.AlarmName } },
    { type: "section", text: { type: "mrkdwn", text: alarm.NewStateReason } },
    { type: "actions", elements: ["approve", "hold", "other"].map(button) },
  ];
  void post({ channel, text: `${alarm.AlarmName} is ${alarm.NewStateValue}`, blocks }).catch((error: unknown) =>
    process.stderr.write(`${String(error)}\n`),
  );
  return 200;
}

const server = createServer((incoming, answer) => {
  void bodyOf(incoming)
    .then(take)
    .catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      return 500;
    })
    .then((status) => answer.writeHead(status).end());
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
