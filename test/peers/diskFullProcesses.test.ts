/**
 * The disk of the bot as shipped is full, on its own store: it says so, takes nothing that it cannot keep, tells whoever pressed or typed,
 * goes on by itself when there is room, and never does twice what was done once.
 */
import { createHmac } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { createSnsSigner } from "../../sandbox/aws/sns-signer.ts";
import { programPath } from "../setup/programPath.ts";
import { compilerSuite, faultLayer, type FaultLayer } from "./faultLayer.ts";
import { killHard, processSuite, startStage, tidiesUp, type Ground, type Stage, type Worker } from "./processStage.ts";
import { alarmMessage } from "./processWires.ts";
import { until, type SlackMessage } from "./programs.ts";

let stage: Stage;

/** "Within a few seconds", on a machine that is busy with other things. */
const noticedMsMax = 15_000;
const channel = "C0OPSALERTS";

interface Scene {
  readonly ground: Ground;
  readonly layer: FaultLayer;
  readonly fill: () => void;
  readonly free: () => void;
  /** A worker whose files the layer watches. Slack calls it over HTTP, so that a test can press what is on no card any more. */
  readonly worker: (name: string) => Promise<Worker>;
  /** The status that SNS would see. */
  readonly post: (worker: Worker, service: string, state: "ALARM" | "OK") => Promise<number>;
}

async function scene(context: TestContext, name: string, services: readonly string[]): Promise<Scene> {
  const ground = await stage.ground({ name, services, store: "embedded" });
  tidiesUp(stage, ground, context);
  const layer = faultLayer();
  context.onTestFinished(() => layer.close());
  const dir = ground.env["MEDIC_DATA_DIR"] ?? "";
  mkdirSync(dir, { mode: 0o700 });
  const now = Date.now();
  const signer = createSnsSigner({ validFrom: now - 3_600_000, validTo: now + 3_600_000 });
  const { FAULT_LOG: _log, ...layerEnv } = layer.env(realpathSync(dir));
  const env = {
    ...layerEnv,
    MEDIC_TOPIC_ARNS: ground.topicArn,
    TEST_SNS_CERTIFICATE: signer.certificatePem,
    SLACK_APP_TOKEN: "",
    SLACK_SIGNING_SECRET: ground.slack.signingSecret,
  };
  let messages = 0;
  return {
    ...{ ground, layer },
    fill: () => layer.control.set({ spaceFrom: 1 }),
    free: () => layer.control.set({ spaceFrom: 0 }),
    worker: async (workerName) => {
      const program = [programPath("signedWorker")];
      const worker = await stage.worker(ground, workerName, { program, env });
      const deliver = JSON.stringify({ requestUrl: `${worker.url}/slack/events` });
      await fetch(new URL("/control/deliver", ground.slack.url), { method: "POST", body: deliver });
      return worker;
    },
    post: async (worker, service, state) => {
      const message = JSON.stringify(alarmMessage(`${service}-status`, ground.instances.get(service) ?? "", state));
      messages += 1;
      const at = Date.now();
      const body = signer.notification({ topicArn: ground.topicArn, messageId: `message-${messages}`, message, at });
      const answer = await fetch(`${worker.url}/sns`, { method: "POST", body: JSON.stringify(body) });
      return answer.status;
    },
  };
}

async function readiness(worker: Worker): Promise<string> {
  const answer = await fetch(`${worker.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
  return `${answer.status} ${await answer.text()}`;
}

const becomes = (worker: Worker, status: "200" | "503") =>
  until(
    `/readyz is ${status}`,
    async () => {
      const said = await readiness(worker);
      return said.startsWith(status) ? said : undefined;
    },
    noticedMsMax,
  );

async function nextAnswer(ground: Ground, before: readonly SlackMessage[]): Promise<string> {
  const found = await until("Mira has an answer", async () => (await ground.slack.ephemeral("U0MIRA"))[before.length]);
  return JSON.stringify(found);
}

/** What the button of a card carries; a press on an old card sends just that. */
function approveValue(card: SlackMessage): string {
  const [, value] = /"value":"(approve\|[^"]*)"/.exec(JSON.stringify(card.blocks)) ?? [];
  if (value === undefined) throw new Error(`no Approve on ${JSON.stringify(card)}`);
  return value;
}

/** As Slack would send it when somebody's screen still shows the card as it was. */
async function pressOld(
  { slack }: Ground,
  worker: Worker,
  { ts, value }: { ts: string; value: string },
): Promise<void> {
  const payload = JSON.stringify({
    type: "block_actions",
    user: { id: "U0MIRA" },
    channel: { id: channel },
    message: { ts },
    actions: [{ action_id: "medic.approve", value, type: "button", block_id: "buttons" }],
  });
  const body = new URLSearchParams({ payload }).toString();
  const at = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", slack.signingSecret).update(`v0:${at}:${body}`).digest("hex");
  const answer = await fetch(`${worker.url}/slack/events`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": at,
      "x-slack-signature": `v0=${signature}`,
    },
  });
  expect(answer.status).toBe(200);
}

compilerSuite("a full disk under the bot as shipped", () => {
  processSuite("on its own store", () => {
    beforeAll(async () => {
      stage = await startStage();
    }, 120_000);
    afterAll(() => stage.close(), 60_000);

    test.concurrent("says so everywhere, keeps what was answered, and goes on when there is room", async (context) => {
      const [one, two] = ["full-one", "full-two"] as const;
      const { ground, layer, fill, free, worker, post } = await scene(context, "full", [one, two]);
      const { slack } = ground;
      const bot = await worker("full-bot");
      stage.sitesDown.add(one).add(two);
      expect(await post(bot, one, "ALARM")).toBe(200);
      await stage.cardSays(ground, one, /medic\.approve/);
      await becomes(bot, "200");

      fill();
      expect(await becomes(bot, "503")).toMatch(
        /store: .*Nothing acts until the store answers; make room on the disk of /,
      );
      expect(await post(bot, two, "ALARM")).toBe(503);
      const atFirst = await slack.ephemeral("U0MIRA");
      await stage.approve(ground, one);
      const pressed = await nextAnswer(ground, atFirst);
      expect(pressed).toMatch(/nothing was kept.*make room on the disk of .*do it again/s);
      const afterPress = await slack.ephemeral("U0MIRA");
      await slack.act("command", { user: "U0MIRA", channel, text: `/medic hold ${one}` });
      const typed = await nextAnswer(ground, afterPress);
      expect(typed).toMatch(/nothing was kept.*make room on the disk of .*do it again/s);
      expect(bot.printed()).toMatch(/"errno":"ENOSPC".*"code":"store-write-failed"/);
      expect(layer.control.get("refused")).toBeGreaterThan(0);
      expect(stage.aws.landed("RebootInstances", ground.instances.get(one) ?? "")).toEqual([]);

      free();
      await becomes(bot, "200");
      expect(bot.printed()).toContain('"code":"store-writes-again"');
      expect(await post(bot, two, "ALARM")).toBe(200);
      await stage.cardSays(ground, two, /medic\.approve/);
      await stage.approve(ground, one);
      await until("the reboot", async () => stage.aws.landed("RebootInstances", ground.instances.get(one) ?? "")[0]);
    });

    test.concurrent(
      "full in the middle of a run and killed: the run goes on, and an old Approve runs nothing",
      async (context) => {
        const service = "full-run";
        const { ground, fill, free, worker, post } = await scene(context, service, [service]);
        const instanceId = ground.instances.get(service) ?? "";
        const reboots = () => stage.aws.landed("RebootInstances", instanceId).length;
        const first = await worker("full-run-first");
        stage.sitesDown.add(service);
        expect(await post(first, service, "ALARM")).toBe(200);
        const old = await stage.cardSays(ground, service, /medic\.approve/);
        const hold = stage.aws.holdNext({ action: "RebootInstances", instanceId, when: "after" });
        await stage.approve(ground, service);
        await hold.reached;
        fill();
        hold.drop();
        await becomes(first, "503");
        expect(await post(first, service, "OK")).toBe(503);
        await killHard(first);

        free();
        const again = await worker("full-run-again");
        await again.waitFor(/"code":"run-carried"/);
        stage.sitesDown.delete(service);
        expect(await post(again, service, "OK")).toBe(200);
        await stage.cardSays(ground, service, /is back after/);
        expect(reboots()).toBe(1);

        fill();
        await becomes(again, "503");
        await killHard(again);
        free();
        const last = await worker("full-run-last");
        const before = await ground.slack.ephemeral("U0MIRA");
        await pressOld(ground, last, { ts: old.ts, value: approveValue(old) });
        expect(await nextAnswer(ground, before)).not.toMatch(/Approved/);
        await stage.cardSays(ground, service, /is back after/);
        expect(reboots()).toBe(1);
        expect(await stage.cards(ground, service)).toHaveLength(1);
      },
    );
  });
});
