import { AutoScalingClient, CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateLaunchTemplateCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudWatchAlarms } from "../../src/aws/alarms.ts";
import { homeClients, regionClients, type HomeClients, type RegionClients } from "../../src/aws/clients.ts";
import { ec2Compute } from "../../src/aws/compute.ts";
import { callerIdentity, confirmSubscription, parameterSwitch, readParameter } from "../../src/aws/home.ts";
import { queueDoor } from "../../src/aws/queue.ts";
import { awsScaling } from "../../src/aws/scaling.ts";
import { NotFound, Unreachable } from "../../src/domain/errors.ts";
import type { AllocationId, InstanceId } from "../../src/domain/words.ts";
import { topicMail } from "../../src/mail/topicMail.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import { parseText } from "../../src/signals/parseMessage.ts";
import { hasMoto, motoInstall, startMoto, type Moto } from "./moto.ts";
import { requirePeer } from "./peer.ts";
import { keepEnvironment } from "../setup/environment.ts";

const withMoto = requirePeer("moto_server", hasMoto(), motoInstall);
const region = "eu-west-1";
const callMs = 20_000;

withMoto("the AWS adapters over the wire (moto)", () => {
  let moto: Moto;
  let clients: RegionClients;
  let home: HomeClients;
  let ec2: EC2Client;
  keepEnvironment("all");

  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
    clients = regionClients(region, callMs);
    home = homeClients(region, callMs);
    ec2 = new EC2Client({ region });
  });

  afterAll(async () => {
    await moto?.stop();
  });

  const launch = async (name: string): Promise<InstanceId> => {
    const answer = await ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-12c6146b",
        MinCount: 1,
        MaxCount: 1,
        InstanceType: "t3.micro",
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: name }] }],
      }),
    );
    return (answer.Instances?.[0]?.InstanceId ?? "") as InstanceId;
  };

  describe("instances and addresses", () => {
    it("are found by id and by tag, and a terminated one is no longer found by tag", async () => {
      const compute = ec2Compute(clients.ec2);
      const id = await launch("found");
      const twin = await launch("found");
      const view = await compute.instance(id);
      expect(view).toMatchObject({ id, state: "running", type: "t3.micro", name: "found", rootDeviceType: "ebs" });
      expect(view?.launchTime).toBeGreaterThan(Date.now() - 120_000);
      expect((await compute.instancesByTag("Name", "found")).map((each) => each.id).sort()).toEqual([id, twin].sort());
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [twin] }));
      expect((await compute.instancesByTag("Name", "found")).map((each) => each.id)).toEqual([id]);
      expect(await compute.instancesByTag("Name", "nothing")).toEqual([]);
      expect(await compute.instance("i-0fffffffffffffff0" as InstanceId)).toBeUndefined();
      expect(await compute.instance("i-wrong" as InstanceId)).toBeUndefined();
    });

    it("stop, start and reboot (moto changes state at once, and leaves LaunchTime as it is)", async () => {
      const compute = ec2Compute(clients.ec2);
      const id = await launch("cycled");
      await compute.stop(id, { force: false });
      const stopped = await compute.instance(id);
      expect(stopped?.state).toBe("stopped");
      expect(stopped?.stateReason).toMatch(/user initiated/i);
      expect(await compute.checks(id)).toBeUndefined();
      await compute.start(id);
      expect((await compute.instance(id))?.state).toBe("running");
      await compute.stop(id, { force: true });
      await compute.start(id);
      await compute.reboot(id);
      expect((await compute.instance(id))?.state).toBe("running");
      await expect(compute.reboot("i-0fffffffffffffff0" as InstanceId)).rejects.toBeInstanceOf(NotFound);
    });

    it("have status checks (moto's always pass) and a console", async () => {
      const compute = ec2Compute(clients.ec2);
      const id = await launch("checked");
      expect(await compute.checks(id)).toMatchObject({ system: "ok", instance: "ok" });
      expect(await compute.checks("i-0fffffffffffffff0" as InstanceId)).toBeUndefined();
      expect(typeof (await compute.consoleTail(id))).toBe("string");
    });

    it("answer a DryRun without being touched (moto allows everybody everything)", async () => {
      const compute = ec2Compute(clients.ec2);
      const id = await launch("asked");
      for (const action of ["reboot", "stop", "start"] as const)
        expect(await compute.mayI({ action, instanceId: id })).toEqual({ allowed: true, detail: "allowed" });
      expect((await compute.instance(id))?.state).toBe("running");
    });

    it("hold Elastic IPs that are read by id and by holder", async () => {
      const compute = ec2Compute(clients.ec2);
      const id = await launch("held");
      expect(await compute.addressOf(id)).toBeUndefined();
      const made = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
      const allocationId = (made.AllocationId ?? "") as AllocationId;
      expect(await compute.address(allocationId)).toEqual({ allocationId, publicIp: made.PublicIp });
      await ec2.send(new AssociateAddressCommand({ AllocationId: allocationId, InstanceId: id }));
      expect(await compute.addressOf(id)).toMatchObject({ allocationId, publicIp: made.PublicIp, instanceId: id });
      expect(await compute.address(allocationId)).toMatchObject({ instanceId: id });
      expect(await compute.address("eipalloc-0fffffff" as AllocationId)).toBeUndefined();
    });
  });

  describe("alarms", () => {
    it("are put, set and described; all in ALARM are found over several pages (moto evaluates nothing by itself)", async () => {
      const cloudwatch = new CloudWatchClient({ region });
      const alarms = cloudWatchAlarms(clients.cloudwatch, wallClock);
      const names = Array.from({ length: 105 }, (_, index) => `shop-web-${index}`);
      for (const name of names)
        await cloudwatch.send(
          new PutMetricAlarmCommand({
            AlarmName: name,
            Namespace: "AWS/EC2",
            MetricName: "StatusCheckFailed",
            Dimensions: [{ Name: "InstanceId", Value: "i-0a1b2c3d4e5f60001" }],
            Statistic: "Maximum",
            Period: 60,
            EvaluationPeriods: 2,
            Threshold: 1,
            ComparisonOperator: "GreaterThanOrEqualToThreshold",
            AlarmActions: ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            OKActions: ["arn:aws:sns:eu-west-1:123456789012:alarms"],
          }),
        );
      const set = (AlarmName: string) =>
        cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "set by the test" }));
      for (const name of names) await set(name);
      expect((await alarms.inAlarm()).map((view) => view.name).sort()).toEqual([...names].sort());
      expect(await alarms.byPrefix("shop-web-10")).toHaveLength(6);
      const [view, ...more] = await alarms.byName(["shop-web-3", "is not there"]);
      expect(more).toEqual([]);
      expect(view).toMatchObject({
        name: "shop-web-3",
        state: "ALARM",
        reason: "set by the test",
        composite: false,
        spanMs: 120_000,
        dimensions: { InstanceId: "i-0a1b2c3d4e5f60001" },
        alarmActions: ["arn:aws:sns:eu-west-1:123456789012:alarms"],
        metric: {
          namespace: "AWS/EC2",
          name: "StatusCheckFailed",
          statistic: "Maximum",
          periodMs: 60_000,
          threshold: 1,
        },
      });
      // moto has no StateTransitionedTimestamp: the time of the last update stands in.
      expect(view?.changedAt).toBeGreaterThan(Date.now() - 120_000);
    });

    it("come with the newest points of their metric", async () => {
      const cloudwatch = new CloudWatchClient({ region });
      const alarms = cloudWatchAlarms(clients.cloudwatch, wallClock);
      const now = Math.floor(Date.now() / 60_000) * 60_000;
      const Dimensions = [{ Name: "InstanceId", Value: "i-0a1b2c3d4e5f60009" }];
      const MetricData = [5, 4, 3, 2].map((minutes) => ({
        MetricName: "Load",
        Dimensions,
        Timestamp: new Date(now - minutes * 60_000),
        Value: 10 - minutes,
      }));
      await cloudwatch.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
      const metric = {
        namespace: "Shop",
        name: "Load",
        dimensions: { InstanceId: "i-0a1b2c3d4e5f60009" },
        statistic: "AVERAGE",
        periodMs: 60_000,
      };
      const points = await alarms.points(metric, 10, now);
      expect(points.map((point) => point.value)).toEqual([5, 6, 7, 8]);
      expect(points.map((point) => point.at)).toEqual([...points.map((point) => point.at)].sort((a, b) => a - b));
      expect(await alarms.points({ ...metric, name: "Nothing" }, 10, now)).toEqual([]);
    });
  });

  it("groups and target health are read as they are (moto's targets are healthy at once)", async () => {
    const elbv2 = new ElasticLoadBalancingV2Client({ region });
    const scaling = awsScaling(clients);
    const vpcs = await ec2.send(new DescribeVpcsCommand({}));
    const VpcId = vpcs.Vpcs?.[0]?.VpcId ?? "";
    const subnets = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] }));
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: "shop",
        LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "t3.micro" },
      }),
    );
    await new AutoScalingClient({ region }).send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: "shop",
        MinSize: 1,
        MaxSize: 3,
        DesiredCapacity: 2,
        LaunchTemplate: { LaunchTemplateName: "shop", Version: "$Latest" },
        VPCZoneIdentifier: subnets.Subnets?.[0]?.SubnetId,
      }),
    );
    const group = await scaling.group("shop");
    expect(group).toMatchObject({ name: "shop", min: 1, max: 3, desired: 2, suspended: [] });
    expect(group?.instances).toHaveLength(2);
    expect((await scaling.groups()).map((each) => each.name)).toEqual(["shop"]);
    expect(await scaling.group("nothing")).toBeUndefined();
    const id = group?.instances[0]?.id ?? ("" as InstanceId);
    expect((await ec2Compute(clients.ec2).instance(id))?.asgName).toBe("shop");
    const made = await elbv2.send(new CreateTargetGroupCommand({ Name: "shop", Protocol: "HTTP", Port: 80, VpcId }));
    const targetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? "";
    expect(await scaling.targetHealth(id, [targetGroupArn])).toEqual([]);
    await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: id }] }));
    expect(await scaling.targetHealth(id, [targetGroupArn])).toMatchObject([
      { targetGroupArn, instanceId: id, state: "healthy" },
    ]);
    await expect(scaling.targetHealth(id, [`${targetGroupArn}0`])).rejects.toBeInstanceOf(NotFound);
  });

  describe("topics and queues", () => {
    const topicWithQueue = async (name: string) => {
      const sns = new SNSClient({ region });
      const sqs = new SQSClient({ region });
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
      const { QueueUrl = "" } = await sqs.send(
        new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: "1" } }),
      );
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.["QueueArn"] }));
      const left = async () => {
        const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
        const now = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
        return names.reduce((sum, each) => sum + Number(now.Attributes?.[each] ?? 0), 0);
      };
      return { sns, sqs, topicArn: TopicArn, queueUrl: QueueUrl, left };
    };

    it("mail goes out through a topic, with any subject made fit for it", async () => {
      const { sqs, topicArn, queueUrl } = await topicWithQueue("mail");
      const subject = `Störung · shop-web\n${"x".repeat(200)}`;
      await topicMail(home.sns, topicArn).send({ id: "1", subject, body: "shop-web is down — see Slack" });
      const got = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 }));
      const envelope = JSON.parse(got.Messages?.[0]?.Body ?? "{}") as { Subject?: string; Message?: string };
      expect(envelope.Message).toBe("shop-web is down — see Slack");
      expect(envelope.Subject).toMatch(/^Storung - shop-web x+\.\.\.$/);
      await expect(
        topicMail(home.sns, `${topicArn}-gone`).send({ id: "2", subject: "s", body: "b" }),
      ).rejects.toMatchObject({ code: "mail-refused" });
    });

    it("an alarm's message comes from a topic through the queue, is kept while the store is away, and then deleted", async () => {
      const { sns, topicArn, queueUrl, left } = await topicWithQueue("alarms");
      const alarm = {
        AlarmName: "shop-web-status",
        AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-web-status",
        AWSAccountId: "123456789012",
        NewStateValue: "ALARM",
        NewStateReason: "Threshold Crossed",
        StateChangeTime: "2026-11-21T03:00:00.000+0000",
        OldStateValue: "OK",
        Region: "EU (Ireland)",
        Trigger: {
          MetricName: "StatusCheckFailed",
          Namespace: "AWS/EC2",
          Dimensions: [{ name: "InstanceId", value: "i-0a1b2c3d4e5f60001" }],
        },
      };
      await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: "ALARM", Message: JSON.stringify(alarm) }));
      const control = new AbortController();
      const tries: unknown[] = [];
      let storeIsAway = true;
      const door = queueDoor({
        sqs: home.sqs,
        queueUrl,
        clock: wallClock,
        log: silentLog,
        metrics: silentMetrics,
        waitS: 1,
        take: async (body) => {
          tries.push(...parseText(body).map((each) => [each.cls, "alarmName" in each ? each.alarmName : ""]));
          if (storeIsAway) throw new Error("the store is away");
        },
      });
      const running = door.run(control.signal);
      await expect.poll(() => tries.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
      expect(await left()).toBe(1);
      storeIsAway = false;
      await expect.poll(left, { timeout: 20_000 }).toBe(0);
      const asked = tries.length;
      control.abort();
      await running;
      expect(new Set(tries.map((each) => JSON.stringify(each)))).toEqual(
        new Set([JSON.stringify(["alarm", "shop-web-status"])]),
      );
      expect(tries).toHaveLength(asked);
    });

    it("a queue that does not exist is asked again with pauses until the program ends", async () => {
      const warned: string[] = [];
      const control = new AbortController();
      const door = queueDoor({
        sqs: home.sqs,
        queueUrl: `${moto.endpoint}/123456789012/nothing`,
        clock: wallClock,
        log: { ...silentLog, warn: (code) => void warned.push(code) },
        metrics: silentMetrics,
        take: () => Promise.resolve(),
      });
      const running = door.run(control.signal);
      await expect.poll(() => warned, { timeout: 20_000 }).toEqual(["queue-unreachable", "queue-unreachable"]);
      control.abort();
      await running;
    });

    it("a subscription is confirmed by its token (moto takes any)", async () => {
      const { topicArn } = await topicWithQueue("confirmed");
      await expect(confirmSubscription(home.sns, topicArn, "a".repeat(64))).resolves.toBeUndefined();
    });
  });

  it("the kill switch is read from a parameter, and unknown while there is none", async () => {
    const ssm = new SSMClient({ region });
    const name = "/ec2-medic/autopilot";
    const state = parameterSwitch(home.ssm, name);
    expect(await state.read()).toBe("unknown");
    await expect(readParameter(home.ssm, name)).rejects.toBeInstanceOf(NotFound);
    for (const [value, read] of [
      ["on", "on"],
      ["off", "off"],
      ["maybe", "off"],
    ] as const) {
      await ssm.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: true }));
      expect(await state.read()).toBe(read);
    }
    await ssm.send(new PutParameterCommand({ Name: "/secret", Value: "on", Type: "SecureString" }));
    expect(await parameterSwitch(home.ssm, "/secret").read()).toBe("on");
  });

  it("who the bot is, is told", async () => {
    expect(await callerIdentity(home.sts)).toMatchObject({ account: "123456789012" });
  });

  it("an operation that the server lacks (moto's page with status 500) is silence, not a verdict", async () => {
    const { DescribeAlarmHistoryCommand } = await import("@aws-sdk/client-cloudwatch");
    const { asked } = await import("../../src/aws/translate.ts");
    const call = asked("history", () => clients.cloudwatch.send(new DescribeAlarmHistoryCommand({})));
    await expect(call).rejects.toBeInstanceOf(Unreachable);
  });
});
