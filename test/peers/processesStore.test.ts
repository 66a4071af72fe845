/** The store under real processes: killed while it writes, claimed by a second process, and not to be reached for a while. */
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Store } from "../../src/ports/store.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { createSnsSigner } from "../../sandbox/aws/sns-signer.ts";
import { programPath } from "../setup/programPath.ts";
import { signalAll, until } from "./programs.ts";
import { alarmMessage, depth } from "./processWires.ts";
import { killHard, processSuite, startStage, tidiesUp, type Ground, type Stage, type Worker } from "./processStage.ts";
import { startTcpDoor } from "./tcpDoor.ts";

let stage: Stage;

const serviceCount = 50;
const alarmsEach = 4;
const strangers = 20;

async function withStore<T>(ground: Ground, look: (store: Store) => Promise<T>): Promise<T> {
  const store = await embeddedStore({ dir: ground.env["MEDIC_DATA_DIR"] ?? "" });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

async function casesOf(store: Store): Promise<ServiceCase[]> {
  const cases: ServiceCase[] = [];
  for await (const current of store.cases.all()) cases.push(current);
  return cases;
}

/** Names of the alarms that are stored: in a case, or in the inbox of those that nobody claims. */
async function storedAlarms(store: Store): Promise<Set<string>> {
  const names = new Set<string>();
  for (const current of await casesOf(store)) for (const signal of current.bad) names.add(signal.subject);
  const inbox = await store.records.list<{ parsed: { alarmName: string } }>("inbox", { limit: 500 });
  for (const { body } of inbox) names.add(body.parsed.alarmName);
  return names;
}

/** Names of the alarms that are in the queue now; each is looked at and left there. */
async function queuedAlarms({ queueUrl }: Ground): Promise<Set<string>> {
  const names = new Set<string>();
  for (;;) {
    const ask = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await stage.sqs.send(ask);
    if (Messages.length === 0) return names;
    for (const { Body = "" } of Messages) {
      const { Message } = JSON.parse(Body) as { Message: string };
      names.add((JSON.parse(Message) as { AlarmName: string }).AlarmName);
    }
  }
}

async function untilTaken(worker: Worker, messages: number): Promise<void> {
  const taken = () => stage.aws.landed("DeleteMessage").filter((call) => call.worker === worker.name).length;
  await until(`${messages} messages are taken`, async () => (taken() >= messages ? true : undefined), 60_000);
}

/** Its door says "come again" from the moment on, and it is gone with code 0 in time. */
async function toldToStopAfterTaking(worker: Worker, messages: number): Promise<void> {
  await untilTaken(worker, messages);
  const toldAt = Date.now();
  signalAll(worker, "SIGTERM");
  const door = () => fetch(`${worker.url}/sns`, { method: "POST", body: "x" }).then((answer) => answer.status);
  await until("its door is closed", async () =>
    [503, "gone"].includes(await door().catch(() => "gone")) ? true : undefined,
  );
  expect(await worker.ended).toBe(0);
  expect(Date.now() - toldAt).toBeLessThan(20_000);
}

/** Killed when the queue has deleted a message and the worker has not heard of it yet. */
async function killedAfterTaking(worker: Worker, messages: number): Promise<void> {
  await untilTaken(worker, messages);
  const hold = stage.aws.holdNext({ action: "DeleteMessage", worker: worker.name, when: "after" });
  await hold.reached;
  await killHard(worker);
  hold.drop();
}

/** Of these, the ones that are neither stored nor in the queue any more. */
async function lost(ground: Ground, all: readonly { readonly name: string }[]): Promise<string[]> {
  const stored = await withStore(ground, storedAlarms);
  await until("what the dead worker held is free again", async () =>
    (await depth(stage.sqs, ground.queueUrl)).inHand === 0 ? true : undefined,
  );
  const queued = await queuedAlarms(ground);
  // Killed in the middle, so that both have some.
  expect(stored.size).toBeGreaterThan(0);
  expect(queued.size).toBeGreaterThan(0);
  return all.map(({ name }) => name).filter((name) => !stored.has(name) && !queued.has(name));
}

processSuite("the store of the bot as shipped", () => {
  beforeAll(async () => {
    stage = await startStage();
  }, 120_000);
  afterAll(() => stage.close(), 60_000);

  test.concurrent(
    "killed in the middle of a storm, its own store has lost nothing that was taken from the queue",
    async (context) => {
      const services = Array.from({ length: serviceCount }, (_, at) => `storm-${String(at).padStart(2, "0")}`);
      const ground = await stage.ground({ name: "storm", services, store: "embedded", visibilityS: 5 });
      tidiesUp(stage, ground, context);
      const first = await stage.worker(ground, "storm-first");

      const second = stage.launch(ground, "storm-second");
      expect(await second.ended).toBe(1);
      expect(second.printed()).toContain(`already in use by process ${first.child.pid}`);

      const known = services.flatMap((service) =>
        Array.from({ length: alarmsEach }, (_, at) => ({ service, name: `${service}-status-${at}` })),
      );
      const unknown = Array.from({ length: strangers }, (_, at) => ({ service: "", name: `nobody-knows-${at}` }));
      const all = [...known, ...unknown];
      const publishing = Promise.all(
        all.map(({ service, name }) =>
          stage.publish(ground, alarmMessage(name, ground.instances.get(service) ?? "i-0123456789abcdef0", "ALARM")),
        ),
      );
      await killedAfterTaking(first, 60);
      await publishing;
      expect(await lost(ground, all)).toEqual([]);
      await killedAfterTaking(await stage.worker(ground, "storm-next"), 60);
      expect(await lost(ground, all)).toEqual([]);

      await toldToStopAfterTaking(await stage.worker(ground, "storm-told"), 30);
      expect(await lost(ground, all)).toEqual([]);

      const again = await stage.worker(ground, "storm-again");
      await until(
        "the queue is empty",
        async () => ((await stage.queueDepth(ground)) === 0 ? true : undefined),
        90_000,
      );
      expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
      signalAll(again, "SIGTERM");
      expect(await again.ended).toBe(0);
      const after = await withStore(ground, async (store) => ({
        alarms: await storedAlarms(store),
        open: (await casesOf(store)).filter((current) => current.due !== undefined).map((current) => current.service),
        due: await store.cases.due(Date.now() + 24 * 3_600_000, 1_000),
      }));
      expect(all.filter(({ name }) => !after.alarms.has(name))).toEqual([]);
      expect(after.open).toHaveLength(serviceCount);
      // The index says the same as the items.
      expect([...after.due].sort()).toEqual([...after.open].sort());
    },
  );

  test.concurrent("out of reach, nothing acts and nothing is taken; back again, it goes on", async (context) => {
    const [one, two] = ["table-gone-one", "table-gone-two"] as const;
    const ground = await stage.ground({ name: "table-gone", services: [one, two], store: "table", visibilityS: 2 });
    tidiesUp(stage, ground, context);
    const door = await startTcpDoor(stage.table.endpoint);
    context.onTestFinished(() => door.close());
    const worker = await stage.worker(ground, "table-gone", { env: { AWS_ENDPOINT_URL_DYNAMODB: door.endpoint } });
    const readiness = async () => {
      const answer = await fetch(`${worker.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
      return `${answer.status} ${await answer.text()}`;
    };
    stage.sitesDown.add(one);
    await stage.alarm(ground, one, "ALARM");
    await stage.cardSays(ground, one, /medic\.approve/);

    await door.refuse();
    expect(await readiness()).toMatch(/^503 store: /);
    await stage.approve(ground, one);
    const answered = await until("Mira has an answer", async () => (await ground.slack.ephemeral("U0MIRA"))[0]);
    expect(answered.text).toMatch(/not|could/i);
    await stage.alarm(ground, two, "ALARM");
    await worker.waitFor(/"code":"queue-message-kept"/);
    expect(stage.aws.landed("RebootInstances", ground.instances.get(one) ?? "")).toEqual([]);
    expect(await stage.queueDepth(ground)).toBeGreaterThan(0);

    await door.open();
    await until("ready again", async () => ((await readiness()).startsWith("200") ? true : undefined));
    await stage.cardSays(ground, two, /medic\.approve/);
    await until("the queue is empty", async () => ((await stage.queueDepth(ground)) === 0 ? true : undefined));

    door.hang();
    expect(await readiness()).toMatch(/^503 store: /);
    await door.open();
    await until("ready again", async () => ((await readiness()).startsWith("200") ? true : undefined));
    await stage.approve(ground, one);
    await until("the reboot", async () => stage.aws.landed("RebootInstances", ground.instances.get(one) ?? "")[0]);
    stage.sitesDown.delete(one);
    await stage.alarm(ground, one, "OK");
    await stage.cardSays(ground, one, /is back after/);
    expect(stage.aws.landed("RebootInstances", ground.instances.get(one) ?? "")).toHaveLength(1);
    expect(await stage.cards(ground, one)).toHaveLength(1);

    door.hang();
    const toldAt = Date.now();
    signalAll(worker, "SIGTERM");
    expect(await worker.ended).toBe(0);
    expect(Date.now() - toldAt).toBeLessThan(20_000);
  });

  test.concurrent(
    "a signed message through POST /sns is answered 503 while the store is away, and becomes a card when it is sent again",
    async (context) => {
      const service = "signed";
      const ground = await stage.ground({ name: service, services: [service], store: "table" });
      tidiesUp(stage, ground, context);
      const door = await startTcpDoor(stage.table.endpoint);
      context.onTestFinished(() => door.close());
      const now = Date.now();
      const signer = createSnsSigner({ validFrom: now - 3_600_000, validTo: now + 3_600_000 });
      const worker = await stage.worker(ground, service, {
        program: [programPath("signedWorker")],
        env: {
          AWS_ENDPOINT_URL_DYNAMODB: door.endpoint,
          MEDIC_TOPIC_ARNS: ground.topicArn,
          TEST_SNS_CERTIFICATE: signer.certificatePem,
        },
      });
      const message = JSON.stringify(alarmMessage(`${service}-status`, ground.instances.get(service) ?? "", "ALARM"));
      const envelope = signer.notification({ topicArn: ground.topicArn, messageId: "one-message", message, at: now });
      const send = async (body: object) => {
        const signal = AbortSignal.timeout(15_000);
        const answer = await fetch(`${worker.url}/sns`, { method: "POST", body: JSON.stringify(body), signal });
        return answer.status;
      };
      expect(await send({ ...envelope, Message: message.replace("ALARM", "OK") })).toBe(403);
      await door.refuse();
      expect(await send(envelope)).toBe(503);
      await door.open();
      door.hang();
      expect(await send(envelope)).toBe(503);
      await door.open();
      await until("it is taken", async () => ((await send(envelope)) === 200 ? true : undefined));
      expect(await send(envelope)).toBe(200);
      await stage.cardSays(ground, service, /medic\.approve/);
      expect(await stage.cards(ground, service)).toHaveLength(1);
    },
  );

  test.concurrent(
    "alone with its own store, killed right after a reboot landed and started again: it goes on and sends no second one",
    async (context) => {
      const service = "alone";
      const ground = await stage.ground({ name: service, services: [service], store: "embedded" });
      tidiesUp(stage, ground, context);
      const instanceId = ground.instances.get(service) ?? "";
      const first = await stage.worker(ground, "alone-first");
      stage.sitesDown.add(service);
      await stage.alarm(ground, service, "ALARM");
      const hold = stage.aws.holdNext({ action: "RebootInstances", instanceId, when: "after" });
      await stage.approve(ground, service);
      await hold.reached;
      await killHard(first);
      hold.drop();
      const again = await stage.worker(ground, "alone-again");
      await again.waitFor(/"code":"run-carried"/);
      stage.sitesDown.delete(service);
      await stage.alarm(ground, service, "OK");
      await stage.cardSays(ground, service, /is back after/);
      expect(stage.aws.landed("RebootInstances", instanceId)).toHaveLength(1);
      expect(await stage.cards(ground, service)).toHaveLength(1);
    },
  );
});
