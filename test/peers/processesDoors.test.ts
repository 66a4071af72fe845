/** The doors of the bot as shipped, over real HTTP: POST /sns with what it must refuse, Slack in HTTP mode, Slack that is away. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signalAll, until } from "./programs.ts";
import { processSuite, startStage, tidiesUp, type Stage, type Worker } from "./processStage.ts";
import { alarmMessage } from "./processWires.ts";

let stage: Stage;

const readiness = async (worker: Worker) => {
  const answer = await fetch(`${worker.url}/readyz`);
  return `${answer.status} ${await answer.text()}`;
};
const refusals = async (worker: Worker) => {
  const text = await (await fetch(`${worker.url}/metrics`)).text();
  return text.match(/^medic_sns_refused_total\{.*$/gm)?.join("\n") ?? "";
};

/** Whole and well-formed; only nobody has signed it. */
function unsigned(topicArn: string, changed: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    Type: "Notification",
    MessageId: "d0a4c2d6-0b5c-5f6e-9f0a-9c3b6f1b8a11",
    TopicArn: topicArn,
    Subject: "ALARM",
    Message: JSON.stringify(alarmMessage("doors-status", "i-0123456789abcdef0", "ALARM")),
    Timestamp: new Date().toISOString(),
    SignatureVersion: "1",
    Signature: Buffer.alloc(256, 7).toString("base64"),
    SigningCertURL:
      "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem",
    UnsubscribeURL: "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    ...changed,
  });
}

processSuite("the doors of the bot as shipped", () => {
  beforeAll(async () => {
    stage = await startStage();
  }, 120_000);
  afterAll(() => stage.close(), 60_000);

  test.concurrent("POST /sns refuses what is wrong, at once, with a log line and a count each", async (context) => {
    const ground = await stage.ground({ name: "doors", services: ["doors"], store: "embedded" });
    tidiesUp(stage, ground, context);
    const worker = await stage.worker(ground, "doors", { env: { MEDIC_TOPIC_ARNS: ground.topicArn } });
    const post = async (body: string) => {
      const from = Date.now();
      const answer = await fetch(`${worker.url}/sns`, { method: "POST", body });
      return { status: answer.status, tookMs: Date.now() - from };
    };
    const wrong: readonly [string, string, readonly number[]][] = [
      ["malformed", "{ not json", [400]],
      ["topic", unsigned(`${ground.topicArn}-other`), [403]],
      ["too-large", "x".repeat(2 * 1024 * 1024), [413]],
      ["too-old", unsigned(ground.topicArn, { Timestamp: "2026-01-01T00:00:00.000Z" }), [403]],
      [
        "certificate-url",
        unsigned(ground.topicArn, { SigningCertURL: "https://sns.eu-west-1.evil.example/a.pem" }),
        [403],
      ],
    ];
    for (const [reason, body, statuses] of wrong) {
      const { status, tookMs } = await post(body);
      expect([reason, statuses.includes(status)]).toEqual([reason, true]);
      expect(tookMs).toBeLessThan(2_000);
    }
    // Where the certificate's host can be reached the signature is found wrong; where not, SNS is to come again.
    const forged = await post(unsigned(ground.topicArn));
    expect([403, 503]).toContain(forged.status);
    expect(forged.tookMs).toBeLessThan(6_000);
    const told = await refusals(worker);
    const reasons = [
      ...wrong.map(([reason]) => reason),
      forged.status === 503 ? "certificate-unreachable" : "certificate",
    ];
    for (const reason of reasons) {
      expect(told).toMatch(new RegExp(`medic_sns_refused_total\\{[^}]*reason="${reason}[^"]*"[^}]*\\} 1\\b`));
      const lines = worker.printed().match(new RegExp(`^.*"reason":"${reason}.*"code":"sns-refused".*$`, "gm"));
      expect([reason, lines?.length]).toEqual([reason, 1]);
    }
    expect((await fetch(`${worker.url}/sns`)).status).toBe(405);
    expect(await readiness(worker)).toMatch(/^200/);
    expect(await stage.cards(ground, "doors")).toEqual([]);
  });

  test.concurrent("Slack in HTTP mode: a signed click acts, an unsigned one does not", async (context) => {
    const ground = await stage.ground({ name: "by-http", services: ["by-http"], store: "embedded" });
    tidiesUp(stage, ground, context);
    const { slack } = ground;
    const http = { SLACK_APP_TOKEN: "", SLACK_SIGNING_SECRET: slack.signingSecret };
    const worker = await stage.worker(ground, "by-http", { env: http });
    const requestUrl = `${worker.url}/slack/events`;
    await fetch(new URL("/control/deliver", slack.url), { method: "POST", body: JSON.stringify({ requestUrl }) });
    stage.sitesDown.add("by-http");
    await stage.alarm(ground, "by-http", "ALARM");
    const card = await stage.cardSays(ground, "by-http", /medic\.approve/);

    const pressed = { type: "block_actions", user: { id: "U0MIRA" }, actions: [{ action_id: "medic.approve" }] };
    const body = new URLSearchParams({ payload: JSON.stringify({ ...pressed, message: { ts: card.ts } }) }).toString();
    const at = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${createHmac("sha256", "another secret").update(`v0:${at}:${body}`).digest("hex")}`;
    const forged = await fetch(requestUrl, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": signature,
      },
    });
    expect(forged.status).toBe(401);

    await stage.approve(ground, "by-http");
    const instanceId = ground.instances.get("by-http") ?? "";
    await until("the reboot", async () => stage.aws.landed("RebootInstances", instanceId)[0]);
    stage.sitesDown.delete("by-http");
    await stage.alarm(ground, "by-http", "OK");
    await stage.cardSays(ground, "by-http", /is back after/);
    expect(stage.aws.landed("RebootInstances", instanceId)).toHaveLength(1);
    expect(await readiness(worker)).toMatch(/^200/);
  });

  test.concurrent(
    "Slack is away at the start and once more later: intake goes on, the cards are right when it is back",
    async (context) => {
      const services = ["away-first", "away-again"] as const;
      const ground = await stage.ground({ name: "away", services, store: "embedded", visibilityS: 60 });
      tidiesUp(stage, ground, context);
      const [first, again] = services;
      const { slack } = ground;
      await slack.fault({ do: "setDown", down: "refused" });
      const from = Date.now();
      const worker = await stage.worker(ground, "away");
      expect(Date.now() - from).toBeLessThan(30_000);
      stage.sitesDown.add(first);
      await stage.alarm(ground, first, "ALARM");
      await until(
        "the alarm is taken",
        async () => ((await stage.queueDepth(ground)) === 0 ? true : undefined),
        10_000,
      );
      expect(await readiness(worker)).toMatch(/^503 slack: /);
      expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);

      await slack.fault({ do: "setDown", down: false });
      await stage.cardSays(ground, first, /medic\.approve/);
      await until("ready", async () => ((await readiness(worker)).startsWith("200") ? true : undefined));

      await slack.fault({ do: "setDown", down: "unavailable" });
      stage.sitesDown.add(again);
      await stage.alarm(ground, again, "ALARM");
      stage.sitesDown.delete(first);
      await stage.alarm(ground, first, "OK");
      await until("both are taken", async () => ((await stage.queueDepth(ground)) === 0 ? true : undefined), 10_000);
      await slack.fault({ do: "setDown", down: false });
      await stage.cardSays(ground, again, /medic\.approve/);
      await stage.cardSays(ground, first, /cleared by itself/);
      expect([await stage.cards(ground, first), await stage.cards(ground, again)].map((cards) => cards.length)).toEqual(
        [1, 1],
      );
      // Away once more, and nobody reconnects in between: an orderly end does not need Slack.
      await slack.fault({ do: "setDown", down: "refused" });
      await until("cut off", async () => ((await readiness(worker)).startsWith("503") ? true : undefined));
      const toldAt = Date.now();
      signalAll(worker, "SIGTERM");
      expect(await worker.ended).toBe(0);
      expect(Date.now() - toldAt).toBeLessThan(20_000);
    },
  );
});
