/**
 * Two real workers on one table and one queue, and what is left when one of them dies in the middle of a run. moto's EC2 stands
 * behind a door that counts what arrives and holds a call at the point where the worker is to be killed.
 */
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { pause, signalAll, until } from "./programs.ts";
import { killHard, processSuite, startStage, tidiesUp, type Ground, type Stage, type Worker } from "./processStage.ts";

let stage: Stage;

interface Pair {
  readonly ground: Ground;
  readonly service: string;
  readonly instanceId: string;
  readonly workers: readonly [Worker, Worker];
}

/** Both workers are up, and one alarm has come three times. */
async function pair(context: TestContext, service: string, recovery = "reboot"): Promise<Pair> {
  const ground = await stage.ground({ name: service, services: [service], recovery, store: "table" });
  tidiesUp(stage, ground, context);
  const workers = await Promise.all([stage.worker(ground, `${service}-a`), stage.worker(ground, `${service}-b`)]);
  stage.sitesDown.add(service);
  await stage.alarm(ground, service, "ALARM", 3);
  return { ground, service, instanceId: ground.instances.get(service) ?? "", workers };
}

async function becomesWell({ ground, service }: Pair): Promise<void> {
  stage.sitesDown.delete(service);
  await stage.alarm(ground, service, "OK");
}

function healsAfter(action: string, pair: Pair): void {
  stage.aws.onLanded((call) => {
    if (call.action === action && call.instanceId === pair.instanceId) void becomesWell(pair);
  });
}

/** Approves, kills the worker whose call is held, and answers with the other one. */
async function killedAt(action: string, when: "before" | "after", pair: Pair): Promise<Worker> {
  const hold = stage.aws.holdNext({ action, instanceId: pair.instanceId, when });
  await stage.approve(pair.ground, pair.service);
  const call = await hold.reached;
  const [dead, left] = split(pair, call.worker);
  await killHard(dead);
  hold.drop();
  return left;
}

function split({ workers: [a, b] }: Pair, name: string): readonly [Worker, Worker] {
  return a.name === name ? [a, b] : [b, a];
}

const landed = (pair: Pair, action: string) => stage.aws.landed(action, pair.instanceId);
const cards = ({ ground, service }: Pair) => stage.cards(ground, service);
const cardSays = ({ ground, service }: Pair, pattern: RegExp) => stage.cardSays(ground, service, pattern);
const readiness = async (worker: Worker) => (await fetch(`${worker.url}/readyz`)).status;
/** But for servers that miss their time on a machine that is busy with other things: the bot says so and asks again. */
const errors = (worker: Worker) =>
  (worker.printed().match(/^.*"level":50.*$/gm) ?? []).filter((line) => !/"about":"(store-|unreachable)/.test(line));
const carried = /"code":"run-carried"/g;

processSuite("two workers of the bot on one table", () => {
  beforeAll(async () => {
    stage = await startStage();
  }, 120_000);
  afterAll(() => stage.close(), 60_000);

  test.concurrent(
    "an alarm that comes three times is one card, one run and one reboot; both stay healthy",
    async (context) => {
      const both = await pair(context, "one-each");
      healsAfter("RebootInstances", both);
      await stage.approve(both.ground, both.service);
      await cardSays(both, /is back after/);
      expect(landed(both, "RebootInstances")).toHaveLength(1);
      expect(await cards(both)).toHaveLength(1);
      const [a, b] = both.workers;
      expect(`${a.printed()}${b.printed()}`.match(carried)).toHaveLength(1);
      expect([await readiness(a), await readiness(b)]).toEqual([200, 200]);
      expect([...errors(a), ...errors(b)]).toEqual([]);
    },
  );

  test.concurrent(
    "killed right before the reboot reaches EC2: the other one does not send it again, and asks a person",
    async (context) => {
      const both = await pair(context, "never-sent");
      const left = await killedAt("RebootInstances", "before", both);
      const card = await cardSays(both, /needs a person/i);
      expect(left.printed()).toMatch(carried);
      expect(JSON.stringify(card)).not.toContain("medic.approve");
      expect(landed(both, "RebootInstances")).toHaveLength(0);
      expect(await cards(both)).toHaveLength(1);
    },
  );

  test.concurrent(
    "killed right after the reboot landed: never a second one, and the other proves the service well",
    async (context) => {
      const both = await pair(context, "answer-lost");
      const left = await killedAt("RebootInstances", "after", both);
      await left.waitFor(carried, 60_000);
      // Three looks at a service that is still bad: time enough to send what must not be sent again.
      await pause(3_000);
      await becomesWell(both);
      await cardSays(both, /is back after/);
      expect(landed(both, "RebootInstances")).toHaveLength(1);
      expect(await cards(both)).toHaveLength(1);
    },
  );

  for (const { moment, service, ...at } of [
    { moment: "after the stop landed", service: "after-stop", action: "StopInstances", when: "after" },
    { moment: "before the start reached EC2", service: "before-start", action: "StartInstances", when: "before" },
  ] as const) {
    test.concurrent(`killed ${moment}: the start is never forgotten`, async (context) => {
      const both = await pair(context, service, "stop-start");
      healsAfter("StartInstances", both);
      await killedAt(at.action, at.when, both);
      const card = await cardSays(both, /is back after/);
      expect(landed(both, "StopInstances")).toHaveLength(1);
      expect(landed(both, "StartInstances")).toHaveLength(1);
      // The debt is paid, so that the card does not say it any more.
      expect(JSON.stringify(card)).not.toContain("must be started again");
      expect(await cards(both)).toHaveLength(1);
    });
  }

  test.concurrent(
    "told to stop in the middle of a run, it is gone with code 0 and the other one goes on at once",
    async (context) => {
      const both = await pair(context, "handed-over");
      await stage.approve(both.ground, both.service);
      const call = await until("the reboot", async () => landed(both, "RebootInstances")[0]);
      const [first, left] = split(both, call.worker);
      const toldAt = Date.now();
      signalAll(first, "SIGTERM");
      expect(await first.ended).toBe(0);
      expect(Date.now() - toldAt).toBeLessThan(20_000);
      expect(first.printed()).toMatch(/"inTime":true.*"code":"stopped"/);
      // A lease that was not given back would be free 7 s after it was last renewed.
      const goneAt = Date.now();
      await left.waitFor(carried, 15_000);
      expect(Date.now() - goneAt).toBeLessThan(6_000);
      await becomesWell(both);
      await cardSays(both, /is back after/);
      expect(landed(both, "RebootInstances")).toHaveLength(1);
      expect(await cards(both)).toHaveLength(1);
    },
  );
});
