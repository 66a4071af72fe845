/**
 * Every pattern comes back, the whole way: the bot as shipped takes the alarm from its queue, asks people in Slack, enters the
 * account by its role, recovers, and the card says so. What is asserted at the end is the state in moto.
 *
 * What moto lacks does no harm here: its machines and checks are always well, so that the alarm and the site say what is bad; it
 * knows no client tokens, so that at-most-once is counted at the door; it forgets what an image was registered over, so that the
 * call itself is looked at; and alarms neither fire nor end by themselves, which is the test's part.
 */
import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { PutMetricAlarmCommand, SetAlarmStateCommand, type StateValue } from "@aws-sdk/client-cloudwatch";
import { DescribeImagesCommand, type Instance } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AwsCall } from "./awsDoor.ts";
import { until } from "./programs.ts";
import { processSuite, startStage, type Ground, type Stage, type Worker } from "./processStage.ts";
import { alarmMessage, region } from "./processWires.ts";
import { healthyTargets, idOf, makeWays, recordsOf, setScene, yamlOf, type Scene } from "./recoveriesScene.ts";
import { account, drRegion, makeWorld, type World } from "./recoveriesWorld.ts";

const recoveredMsMax = 120_000;

let stage: Stage;
let world: World;
let scene: Scene;
let ground: Ground;
let bot: Worker;

interface Watched {
  readonly name: string;
  readonly metric: string;
  readonly dimension: readonly [string, string];
}

async function turnAlarm({ name, metric, dimension: [Name, Value] }: Watched, state: StateValue): Promise<void> {
  await world.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      ...{ Namespace: "AWS/EC2", MetricName: metric, Statistic: "Maximum", Dimensions: [{ Name, Value }] },
      ...{ Period: 60, EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: "GreaterThanThreshold" },
    }),
  );
  const set = { AlarmName: name, StateValue: state, StateReason: "set by the test" };
  await world.cloudwatch.send(new SetAlarmStateCommand(set));
  const plain = alarmMessage(name, Value, state) as { Trigger: object };
  await stage.publish(ground, {
    ...plain,
    AWSAccountId: account,
    AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
    Trigger: { ...plain.Trigger, MetricName: metric, Dimensions: [{ name: Name, value: Value }] },
  });
}

const click = (user: string, service: string) =>
  stage.cardSays(ground, service, /medic\.approve/).then((card) =>
    ground.slack.act("click", {
      ...{ user, channel: "C0OPSALERTS", ts: card.ts, actionId: "medic.approve", confirmed: true },
    }),
  );

const answers = async (service: string) => (await fetch(`${world.siteUrl}/${service}`)).status === 200;

/** The alarm, people's word, and the end: nothing but the recovery may have mended the service. */
async function recovers(service: string, watched: Watched, order: () => Promise<unknown>): Promise<void> {
  expect(await answers(service)).toBe(false);
  await turnAlarm(watched, "ALARM");
  await stage.cardSays(ground, service, /\S/);
  await order();
  await until(`${service} serves again`, async () => ((await answers(service)) ? true : undefined), recoveredMsMax);
  await turnAlarm(watched, "OK");
  await stage.cardSays(ground, service, /is back after/);
  tell(service);
}

const statusOf = (service: string, instance: Instance): Watched => ({
  name: `${service}-status`,
  metric: "StatusCheckFailed_Instance",
  dimension: ["InstanceId", idOf(instance)],
});

/** Calls of the run's own session: those of its plan, from the order to its end. */
const callsOf = (service: string): readonly AwsCall[] => stage.aws.heard(`${service}-1`);
const isRead = ({ action, asked }: AwsCall) => /^(Describe|Get|List)/.test(action) || asked.get("DryRun") === "true";
const actsOf = (service: string) => callsOf(service).flatMap((call) => (isRead(call) ? [] : [call.action]));
const askedIn = (service: string, action: string) => {
  const [call, ...more] = callsOf(service).filter((each) => each.action === action);
  expect([action, more.length]).toEqual([action, 0]);
  return call?.asked ?? new URLSearchParams();
};

/** For whoever measures: how many calls one recovery costs. */
function tell(service: string): void {
  const calls = callsOf(service);
  const counts = new Map<string, number>();
  for (const { action } of calls) counts.set(action, (counts.get(action) ?? 0) + 1);
  const each = [...counts].map(([action, count]) => `${action} ${count}`).join(", ");
  const reads = calls.filter(isRead).length;
  process.stdout.write(`${service}: ${calls.length} calls to AWS, ${reads} of them reads (${each})\n`);
}

const stateOf = async (instance: Instance) => (await world.instance(idOf(instance)))?.State?.Name;
const tagsOf = (instance: Instance | undefined) =>
  Object.fromEntries((instance?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

processSuite("every pattern comes back, with the bot as shipped", () => {
  beforeAll(async () => {
    stage = await startStage();
    world = await makeWorld(stage.moto.endpoint);
    scene = await setScene(world);
    makeWays(world, scene);
    ground = await stage.ground({ name: "recoveries", services: [], yaml: yamlOf(world, scene), store: "table" });
    // Everything but the table goes through the door, so that every call is seen there.
    bot = await stage.worker(ground, "bot", { env: { AWS_ENDPOINT_URL: stage.aws.endpointFor("bot") } });
    for (const sick of [scene.desk[0], scene.orders, scene.ledger, scene.portal[0]]) world.sick.add(idOf(sick));
  }, 180_000);

  afterAll(async () => {
    world?.close();
    await stage?.close();
  }, 60_000);

  const told = (hooks: { onTestFailed(tell: () => void): void }) =>
    hooks.onTestFailed(() => void process.stderr.write(`${stage.said(ground)}\n`));

  test.concurrent("failover: the standby starts and holds the Elastic IP, the primary is stopped", async (context) => {
    told(context);
    const [old, standby] = scene.desk;
    await recovers("front-desk", statusOf("front-desk", old), () => click("U0MIRA", "front-desk"));
    expect(await world.holderOf(scene.deskAddress)).toBe(idOf(standby));
    expect([await stateOf(old), await stateOf(standby)]).toEqual(["stopped", "running"]);
    expect(actsOf("front-desk")).toEqual([
      "StartInstances",
      "StopInstances",
      "DisassociateAddress",
      "AssociateAddress",
    ]);
    expect(askedIn("front-desk", "AssociateAddress").get("AllowReassociation")).toBe("false");
  });

  test.concurrent("scale-out: one more is in service and healthy, the maximum stays", async (context) => {
    told(context);
    const watched = { name: "shop-api-cpu", metric: "CPUUtilization" } as const;
    const before = await healthyTargets(world, scene.targetGroup);
    const dimension = ["AutoScalingGroupName", scene.group] as const;
    await recovers("shop-api", { ...watched, dimension }, () => click("U0NOOR", "shop-api"));
    const named = { AutoScalingGroupNames: [scene.group] };
    const [group] = (await world.autoScaling.send(new DescribeAutoScalingGroupsCommand(named))).AutoScalingGroups ?? [];
    expect(group).toMatchObject({ MinSize: 1, MaxSize: 4, DesiredCapacity: 3 });
    const inService = group?.Instances?.map(({ InstanceId, LifecycleState }) => [InstanceId, LifecycleState]);
    const after = await healthyTargets(world, scene.targetGroup);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(inService).toEqual(expect.arrayContaining(after.map((id) => [id, "InService"])));
    expect([inService?.length, after.length]).toEqual([3, 3]);
    expect(actsOf("shop-api")).toEqual(["SetDesiredCapacity"]);
  });

  test.concurrent(
    "re-provision here: its equal from the snapshot holds the address, the original is kept",
    async (context) => {
      told(context);
      const { orders: old, ordersAddress, ordersSnapshot } = scene;
      await recovers("orders-db", statusOf("orders-db", old), () => click("U0MIRA", "orders-db"));
      const all = await world.allNamed("orders-db");
      const made = all.find((each) => idOf(each) !== idOf(old));
      expect([all.length, made?.State?.Name, await stateOf(old)]).toEqual([2, "running", "stopped"]);
      expect(await world.holderOf(ordersAddress)).toBe(made?.InstanceId);
      expect(made).toMatchObject({ InstanceType: "t3.micro", SubnetId: world.home.subnets[0] });
      expect(made?.SecurityGroups?.map(({ GroupId }) => GroupId)).toEqual([world.home.securityGroup]);
      expect(tagsOf(made)).toMatchObject({ team: "shop", "ec2-medic:managed": "true", "ec2-medic:run": "orders-db/1" });
      expect(tagsOf(await world.instance(idOf(old)))).toMatchObject({ "ec2-medic:replaced-by": made?.InstanceId });
      const image = askedIn("orders-db", "RegisterImage");
      expect(image.get("BlockDeviceMapping.1.Ebs.SnapshotId")).toBe(ordersSnapshot);
      const Filters = [{ Name: "name", Values: [image.get("Name") ?? ""] }];
      const { Images = [] } = await world.ec2().send(new DescribeImagesCommand({ Filters }));
      expect(Images.map(({ ImageId }) => ImageId)).toEqual([made?.ImageId]);
      expect(actsOf("orders-db")).toEqual([
        "RegisterImage",
        "StopInstances",
        "RunInstances",
        "DisassociateAddress",
        "AssociateAddress",
        "CreateTags",
      ]);
    },
  );

  test.concurrent("re-provision in the DR region: two approve, the record leads there", async (context) => {
    told(context);
    const { ledger: old, ledgerAddress, ledgerCopy } = scene;
    await recovers("ledger-db", statusOf("ledger-db", old), async () => {
      await click("U0MIRA", "ledger-db");
      await stage.cardSays(ground, "ledger-db", /1 of 2/);
      expect(callsOf("ledger-db")).toEqual([]);
      await click("U0NOOR", "ledger-db");
    });
    const [made, ...more] = await world.allNamed("ledger-db", drRegion);
    expect(more).toEqual([]);
    expect(made).toMatchObject({
      State: { Name: "running" },
      SubnetId: world.away.subnets[0],
      InstanceType: "t3.small",
    });
    expect([await stateOf(old), await world.holderOf(ledgerAddress)]).toEqual(["stopped", idOf(old)]);
    const [record, ...others] = await recordsOf(world, scene.zone, "ledger.shop.example");
    expect(others).toEqual([]);
    expect(record).toMatchObject({ Type: "A", TTL: 1, ResourceRecords: [{ Value: made?.PublicIpAddress }] });
    expect(askedIn("ledger-db", "RegisterImage").get("BlockDeviceMapping.1.Ebs.SnapshotId")).toBe(ledgerCopy);
    const acts = callsOf("ledger-db").flatMap((call) => (isRead(call) ? [] : [`${call.action} ${call.region}`]));
    expect(acts).toEqual([
      `RegisterImage ${drRegion}`,
      `StopInstances ${region}`,
      `RunInstances ${drRegion}`,
      "ChangeResourceRecordSets us-east-1",
    ]);
  });

  test.concurrent("dns-pair: ordered by a verb, the weights change over in one batch", async (context) => {
    told(context);
    const { portal, portalAddresses } = scene;
    await recovers("web-portal", statusOf("web-portal", portal[0]), () =>
      ground.slack.act("command", {
        ...{ user: "U0MIRA", channel: "C0OPSALERTS" },
        text: "/medic failover web-portal go its zone is out",
      }),
    );
    const records = await recordsOf(world, scene.zone, "portal.shop.example");
    expect(
      records.map(({ SetIdentifier, Weight, TTL, ResourceRecords }) => [
        SetIdentifier,
        Weight,
        TTL,
        ResourceRecords?.[0]?.Value,
      ]),
    ).toEqual([
      ["one", 0, 1, portalAddresses[0].publicIp],
      ["two", 100, 1, portalAddresses[1].publicIp],
    ]);
    expect([await stateOf(portal[0]), await stateOf(portal[1])]).toEqual(["stopped", "running"]);
    expect(actsOf("web-portal")).toEqual(["StopInstances", "ChangeResourceRecordSets"]);
  });

  test("nothing was terminated, and the bot said no word of error but that so much at once is a storm", () => {
    for (const action of ["TerminateInstances", "TerminateInstanceInAutoScalingGroup"])
      expect(stage.aws.landed(action)).toEqual([]);
    const errors = bot.printed().match(/^.*"level":50.*$/gm) ?? [];
    // On a machine that is busy with other things the servers miss their time; the bot says so and asks again.
    expect(errors.filter((line) => !/"code":"storm"|"about":"(store-|unreachable)/.test(line))).toEqual([]);
  });
});
