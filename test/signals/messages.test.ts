/** Real shapes beyond the corpus: other envelopes, regions, alarm kinds and events, and the rules that hold for all of them. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explainForPeople, explainText, explainTextWith } from "../../src/signals/explain.ts";
import type { Explained } from "../../src/signals/explain.ts";

const one = (message: unknown): Explained => {
  const [first, ...more] = explainText(typeof message === "string" ? message : JSON.stringify(message));
  expect(more).toEqual([]);
  if (first === undefined) throw new Error("nothing was explained");
  return first;
};
const corpus = (file: string): string => readFileSync(new URL(`../corpus/${file}`, import.meta.url), "utf8");

const alarm = {
  AlarmName: "web-1: status (a) ü",
  AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:web-1: status (a) ü",
  AWSAccountId: "123456789012",
  NewStateValue: "ALARM",
  OldStateValue: "OK",
  NewStateReason: "Threshold Crossed",
  StateChangeTime: "2026-11-20T10:00:00.123+0000",
  Region: "EU (Ireland)",
  Trigger: {
    MetricName: "StatusCheckFailed",
    Namespace: "AWS/EC2",
    Statistic: "SAMPLE_COUNT",
    Period: 60,
    EvaluationPeriods: 3,
    Threshold: 1,
    Dimensions: [{ name: "InstanceId", value: "i-0123456789abcdef0" }],
  },
};
const topic = "arn:aws:sns:eu-west-1:123456789012:alarms";
const sns = (message: unknown, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: "Notification",
  MessageId: "m-1",
  TopicArn: topic,
  Message: typeof message === "string" ? message : JSON.stringify(message),
  Timestamp: "2026-11-20T10:00:01.000Z",
  ...more,
});
const event = (detailType: string, detail: unknown, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  version: "0",
  id: "e-1",
  "detail-type": detailType,
  source: "aws.ec2",
  account: "123456789012",
  time: "2026-11-20T10:00:00Z",
  region: "ap-southeast-7",
  resources: [],
  detail,
  ...more,
});

describe("every envelope, alone and inside another, leads to the same alarm", () => {
  const { Type: _, ...withoutType } = sns(alarm);
  const sqsRecord = (body: unknown): unknown => ({
    messageId: "q-1",
    receiptHandle: "r",
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: { SentTimestamp: "1763632801000" },
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:q",
    awsRegion: "eu-west-1",
  });
  const forms: readonly (readonly [string, unknown])[] = [
    ["bare", alarm],
    ["SNS over HTTP", sns(alarm)],
    ["SNS without Type", withoutType],
    [
      "SNS without Type and topic",
      { MessageId: "m-1", Timestamp: "2026-11-20T10:00:01Z", Message: JSON.stringify(alarm) },
    ],
    ["SNS whose message is parsed already", { ...sns(alarm), Message: alarm }],
    ["Lambda SNS", { Records: [{ EventSource: "aws:sns", Sns: sns(alarm) }] }],
    ["Lambda SNS without Type", { Records: [{ Sns: { Message: JSON.stringify(alarm) } }] }],
    ["one Lambda record", { EventSource: "aws:sns", Sns: sns(alarm) }],
    ["Lambda SQS, raw", { Records: [sqsRecord(alarm)] }],
    ["Lambda SQS with SNS", { Records: [sqsRecord(sns(alarm))] }],
    [
      "ReceiveMessage with SNS",
      { Messages: [{ MessageId: "q-1", ReceiptHandle: "r", Body: JSON.stringify(sns(alarm)) }] },
    ],
    ["one message of ReceiveMessage", { MessageId: "q-1", ReceiptHandle: "r", Body: JSON.stringify(alarm) }],
    ["SNS inside SNS", sns(sns(alarm))],
    ["JSON in a JSON string", JSON.stringify(JSON.stringify(alarm))],
    ["with a byte order mark", `\uFEFF${JSON.stringify(alarm)}`],
    ["an HTTP event", { requestContext: {}, headers: {}, body: JSON.stringify(sns(alarm)), isBase64Encoded: false }],
    [
      "an HTTP event in base64",
      { requestContext: {}, body: Buffer.from(JSON.stringify(sns(alarm))).toString("base64"), isBase64Encoded: true },
    ],
  ];
  test.each(forms)("%s", (_name, form) => {
    expect(one(form)).toMatchObject({
      cls: "alarm",
      alarmName: "web-1: status (a) ü",
      newState: "ALARM",
      region: "eu-west-1",
      time: "2026-11-20T10:00:00.123Z",
      metric: "AWS/EC2/StatusCheckFailed",
      resources: { instanceId: "i-0123456789abcdef0" },
      incident: true,
      alarmSpanMs: 180_000,
    });
  });

  test("several messages in one envelope, a list, or one a line, are several in their order", () => {
    const names = (text: string): unknown[] => explainText(text).map((each) => each["alarmName"]);
    const two = [alarm, { ...alarm, AlarmName: "second" }];
    const wanted = ["web-1: status (a) ü", "second"];
    expect(names(JSON.stringify({ Records: two.map((each) => ({ Sns: sns(each) })) }))).toEqual(wanted);
    expect(
      names(JSON.stringify({ Messages: two.map((each) => ({ MessageId: "q", Body: JSON.stringify(each) })) })),
    ).toEqual(wanted);
    expect(names(JSON.stringify(two))).toEqual(wanted);
    expect(names(two.map((each) => JSON.stringify(each)).join("\n"))).toEqual(wanted);
  });

  test("the queue's id and SNS's id are kept apart", () => {
    expect(one({ Records: [sqsRecord(sns(alarm))] })).toMatchObject({
      messageId: "m-1",
      sqsMessageId: "q-1",
      topicArn: topic,
    });
    expect(one({ Records: [sqsRecord(alarm)] })).toMatchObject({
      messageId: null,
      sqsMessageId: "q-1",
      topicArn: null,
    });
  });

  test("an application's own JSON with a Message stays whole", () => {
    expect(one({ Message: JSON.stringify(alarm), Level: "error" }).cls).toBe("unrecognised_json");
    expect(one({ Records: [{ eventSource: "aws:s3", s3: {} }] }).cls).toBe("unrecognised_json");
  });
});

describe("region", () => {
  const unnamed = { ...alarm, AlarmArn: undefined };
  test.each([
    ["EU (Ireland)", "eu-west-1"],
    ["EU - Ireland", "eu-west-1"],
    ["Europe (Ireland)", "eu-west-1"],
    ["EU-West-1", "eu-west-1"],
    ["US-East-2", "us-east-2"],
    ["US East 2", "us-east-2"],
    ["US - N. Virginia", "us-east-1"],
    ["US East (N. Virginia)", "us-east-1"],
    ["US East - Northern Virginia", "us-east-1"],
    ["US (Virginia)", "us-east-1"],
    ["US West (N. California)", "us-west-1"],
    ["US West - Oregon", "us-west-2"],
    ["Asia Pacific - Seoul", "ap-northeast-2"],
    ["Asia Pacific (Osaka-Local)", "ap-northeast-3"],
    ["Asia Pacific (Hong Kong)", "ap-east-1"],
    ["Asia Pacific (Taipei)", "ap-east-2"],
    ["Asia Pacific (New Zealand)", "ap-southeast-6"],
    ["Asia Pacific (Thailand)", "ap-southeast-7"],
    ["South America (São Paulo)", "sa-east-1"],
    ["South America - Sao Paulo", "sa-east-1"],
    ["Canada (Central)", "ca-central-1"],
    ["Canada West (Calgary)", "ca-west-1"],
    ["Mexico (Central)", "mx-central-1"],
    ["Israel (Tel Aviv)", "il-central-1"],
    ["Middle East (UAE)", "me-central-1"],
    ["Africa (Cape Town)", "af-south-1"],
    ["AWS GovCloud (US)", "us-gov-west-1"],
    ["AWS GovCloud (US-East)", "us-gov-east-1"],
    ["China (Beijing)", "cn-north-1"],
    ["China (Ningxia)", "cn-northwest-1"],
    ["AWS European Sovereign Cloud (Germany)", "eusc-de-east-1"],
    ["US ISOB East (Ohio)", "us-isob-east-1"],
    ["Frankfurt", "eu-central-1"],
    ["Central", null],
    ["Middle Earth (Mordor)", null],
    ["", null],
    [7, null],
  ])("%s is %s", (Region, code) => {
    expect(one({ ...unnamed, Region })["region"]).toBe(code);
  });

  test("is the alarm's ARN's, else the topic's, else the text's, else the queue's", () => {
    expect(
      one(sns({ ...alarm, Region: "US East (Ohio)" }, { TopicArn: "arn:aws:sns:us-west-2:123456789012:t" }))["region"],
    ).toBe("eu-west-1");
    expect(one(sns(unnamed, { TopicArn: "arn:aws:sns:us-west-2:123456789012:t" }))["region"]).toBe("us-west-2");
    const queue = { messageId: "q", body: JSON.stringify({ ...unnamed, Region: "Nowhere" }), awsRegion: "sa-east-1" };
    expect(one({ Records: [queue] })["region"]).toBe("sa-east-1");
  });

  test("partitions of China and the government are read from ARNs", () => {
    const arn = "arn:aws-us-gov:cloudwatch:us-gov-west-1:123456789012:alarm:x";
    expect(one({ ...alarm, AlarmArn: arn, Region: "AWS GovCloud (US)" })["region"]).toBe("us-gov-west-1");
    expect(one({ ...alarm, AlarmArn: "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:x" })["region"]).toBe(
      "cn-north-1",
    );
  });
});

describe("alarms", () => {
  test.each([
    ["2026-11-20T10:00:00.123+0000", "2026-11-20T10:00:00.123Z"],
    ["2026-11-20T10:00:00.123+00:00", "2026-11-20T10:00:00.123Z"],
    ["2026-11-20T12:30:00+0230", "2026-11-20T10:00:00.000Z"],
    ["2026-11-20T05:00:00-0500", "2026-11-20T10:00:00.000Z"],
    ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000Z"],
    ["2026-11-20T10:00:00", "2026-11-20T10:00:00.000Z"],
    ["2026-11-20 10:00:00.5 UTC", "2026-11-20T10:00:00.500Z"],
    ["2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:00.123Z"],
    [1_795_255_200, "2026-11-21T10:00:00.000Z"],
    [1_795_255_200_000, "2026-11-21T10:00:00.000Z"],
    ["2026-02-31T10:00:00Z", null],
    ["soon", null],
    [{}, null],
  ])("the time %s is %s", (StateChangeTime, time) => {
    expect(one({ ...alarm, StateChangeTime })["time"]).toBe(time);
  });

  test("without a time of its own an alarm has its envelope's", () => {
    expect(one(sns({ ...alarm, StateChangeTime: null }))["time"]).toBe("2026-11-20T10:00:01.000Z");
  });

  test.each([
    [[{ value: "i-0123456789abcdef0", name: "InstanceId" }], { instanceId: "i-0123456789abcdef0" }],
    [[{ Name: "InstanceId", Value: "i-0123456789abcdef0" }], { instanceId: "i-0123456789abcdef0" }],
    [{ InstanceId: "i-0123456789abcdef0" }, { instanceId: "i-0123456789abcdef0" }],
    [[{ name: "InstanceId", value: "mi-0123456789abcdef0" }], { instanceId: null }],
    [[{ name: "InstanceId", value: "" }], {}],
    [[{ name: "LoadBalancerName", value: "classic" }], { loadBalancer: "classic" }],
    [
      [
        { name: "ClusterName", value: "c" },
        { name: "ServiceName", value: "s" },
      ],
      { cluster: "c" },
    ],
    [
      [
        { name: "constructor", value: "x" },
        { name: "__proto__", value: "y" },
      ],
      {},
    ],
    ["i-0123456789abcdef0", {}],
    [null, {}],
  ])("dimensions %j name %j", (Dimensions, resources) => {
    expect(one({ ...alarm, Trigger: { ...alarm.Trigger, Dimensions } })["resources"]).toEqual(resources);
  });

  test("metric math over two machines names both and neither as the one", () => {
    const stat = (id: string, instance: string): unknown => ({
      Id: id,
      MetricStat: {
        Metric: {
          Namespace: "AWS/EC2",
          MetricName: "CPUUtilization",
          Dimensions: [{ name: "InstanceId", value: instance }],
        },
        Period: 60,
        Stat: "p99",
      },
    });
    const Metrics = [{ Id: "e1", Expression: "MAX(METRICS())" }, stat("m1", "i-00000001"), stat("m2", "i-00000002")];
    const explained = one({ ...alarm, Trigger: { Metrics, Period: 60, EvaluationPeriods: 1 } });
    expect(explained["resources"]).toEqual({ affected: ["i-00000001", "i-00000002"] });
    expect(explained).toMatchObject({ metric: "AWS/EC2/CPUUtilization", expression: "MAX(METRICS())" });
    expect((explained["metrics"] as { statistic: string }[])[0]?.statistic).toBe("p99");
  });

  test("statistics come back in the API's spelling", () => {
    expect((one(alarm)["metrics"] as { statistic: string }[])[0]?.statistic).toBe("SampleCount");
    const extended = {
      ...alarm.Trigger,
      Statistic: undefined,
      StatisticType: "ExtendedStatistic",
      ExtendedStatistic: "p99.9",
    };
    expect((one({ ...alarm, Trigger: extended })["metrics"] as { statistic: string }[])[0]?.statistic).toBe("p99.9");
  });

  test("Metrics Insights, PromQL and logs have no metric of their own", () => {
    const sql = 'SELECT MAX(StatusCheckFailed_System) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId';
    const insights = one({ ...alarm, Trigger: { Metrics: [{ Id: "q", Expression: sql, ReturnData: true }] } });
    expect(insights).toMatchObject({ metric: null, expression: sql, symptom: "host" });
    const EvaluationCriteria = { PromQLCriteria: { Query: "up == 0", PendingPeriod: 60 } };
    expect(one({ ...alarm, NewStateReason: undefined, Trigger: { EvaluationCriteria } })).toMatchObject({
      metric: null,
      expression: "up == 0",
      reason: null,
    });
    const logs = { ...alarm, Trigger: undefined, NewStateReasonData: { version: "1.0", threshold: 100 } };
    expect(one(logs)).toMatchObject({ cls: "alarm", metric: null, threshold: 100, symptom: "warning" });
  });

  test("a contributor is told apart through SNS, EventBridge and Lambda, and names its machine", () => {
    const attributes = { InstanceId: "i-0123456789abcdef0" };
    const bySns = one(
      sns({ ...alarm, Trigger: {}, AlarmContributorId: "c-1", AlarmContributorAttributes: attributes }),
    );
    const detail = {
      alarmName: "x",
      alarmContributor: { id: "c-1", attributes },
      state: { value: "OK", timestamp: "2026-11-20T10:00:00.123+0000" },
    };
    const byEvent = one(event("CloudWatch Alarm Contributor State Change", detail, { source: "aws.cloudwatch" }));
    const byLambda = one({
      source: "aws.cloudwatch",
      alarmArn: alarm.AlarmArn,
      accountId: "1",
      time: 0,
      region: "eu-west-1",
      alarmData: detail,
    });
    for (const explained of [bySns, byEvent, byLambda]) {
      expect(explained).toMatchObject({
        cls: "alarm_contributor",
        contributorId: "c-1",
        contributorAttributes: attributes,
        resources: { instanceId: "i-0123456789abcdef0" },
        time: "2026-11-20T10:00:00.123Z",
      });
    }
    expect([bySns["incident"], byEvent["incident"], byLambda["incident"]]).toEqual([true, "resolve", "resolve"]);
  });

  test("a composite without named children has those of its rule to look up", () => {
    const AlarmRule = `(ALARM(${alarm.AlarmArn.replace("web-1: status (a) ü", "plain")}) OR ALARM("with (brackets), and comma")) AND NOT OK(c) AND AT_LEAST("50%", NOT ALARM, (az a, az-b))`;
    const explained = one({ ...alarm, Trigger: undefined, AlarmRule, TriggeringChildren: [] });
    expect(explained).toMatchObject({ cls: "composite_alarm", children: [], metric: null, resources: {} });
    expect(explained["ruleChildren"]).toEqual(["plain", "with (brackets), and comma", "c", "az a", "az-b"]);
  });

  const change = (state: unknown, more: Record<string, unknown> = {}): Record<string, unknown> =>
    event("CloudWatch Alarm State Change", { alarmName: "x", state, ...more }, { source: "aws.cloudwatch" });
  test("what CloudWatch suppresses or mutes now is said so in every state, mute before suppression", () => {
    const muteDetail = { mutedByArn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm-mute-rule:night" };
    expect(one(change({ value: "ALARM", actionsSuppressedBy: "WaitPeriod" }))["incident"]).toBe("suppressed");
    expect(one(change({ value: "OK", actionsSuppressedBy: "Alarm" }))).toMatchObject({
      incident: "suppressed",
      newState: "OK",
    });
    expect(one(change({ value: "ALARM" }, { muteDetail }))).toMatchObject({
      incident: "muted",
      mutedBy: muteDetail.mutedByArn,
    });
    expect(one(change({ value: "ALARM", actionsSuppressedBy: "WaitPeriod" }, { muteDetail }))["incident"]).toBe(
      "muted",
    );
    const before = { previousState: { value: "ALARM", actionsSuppressedBy: "ExtensionPeriod" } };
    expect(one(change({ value: "ALARM" }, before))).toMatchObject({
      incident: true,
      suppressedBefore: "ExtensionPeriod",
    });
  });

  test("EC2's own actions are seen, in both spellings and all partitions", () => {
    const AlarmActions = [
      "arn:aws-us-gov:automate:us-gov-west-1:ec2:recover",
      "arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Reboot/1.0",
      topic,
      7,
    ];
    expect(one({ ...alarm, AlarmActions })).toMatchObject({
      ec2Actions: ["recover", "reboot"],
      alarmActionRecover: true,
    });
    expect(one({ ...alarm, AlarmActions: [topic] })).toMatchObject({ ec2Actions: [] });
  });

  test("tags come along as an object or as pairs", () => {
    expect(one({ ...alarm, AlarmTags: { team: "shop" } })["alarmTags"]).toEqual({ team: "shop" });
    expect(one({ ...alarm, AlarmTags: [{ Key: "team", Value: "shop" }] })["alarmTags"]).toEqual({ team: "shop" });
  });

  test("an account id that lost its leading zeros is whole again", () => {
    expect(one({ ...alarm, AlarmArn: null, AWSAccountId: 12_345_678_901 })["accountId"]).toBe("012345678901");
  });

  test.each(["create", "update", "delete"])("configuration change %s is no change of state", (operation) => {
    const detail = {
      alarmName: "x",
      operation,
      state: { value: "ALARM", timestamp: "2020-01-01T00:00:00.000+0000" },
      configuration: { alarmRule: "ALARM(a)" },
    };
    expect(one(event("CloudWatch Alarm Configuration Change", detail, { source: "aws.cloudwatch" }))).toMatchObject({
      cls: "alarm_config_change",
      operation,
      newState: "ALARM",
      incident: false,
      time: "2026-11-20T10:00:00.000Z",
    });
  });
});

describe("other events", () => {
  test.each([
    ["EC2 Instance Launch Successful", false],
    ["EC2 Instance Launch Unsuccessful", true],
    ["EC2 Instance Terminate Successful", false],
    ["EC2 Instance Terminate Unsuccessful", true],
  ])("%s", (name, failed) => {
    const detail = {
      AutoScalingGroupName: "web",
      EC2InstanceId: "i-0123456789abcdef0",
      Cause: "because",
      StatusMessage: "",
      Details: {},
    };
    const explained = one(sns(event(name, detail, { source: "aws.autoscaling" })));
    expect(explained).toMatchObject({
      cls: "asg_activity",
      event: name,
      failed,
      incident: failed,
      reason: "because",
      region: "ap-southeast-7",
    });
    expect(explained["resources"]).toEqual({ asgName: "web", instanceId: "i-0123456789abcdef0" });
  });

  test.each([
    ["Started", false],
    ["Checkpoint Reached", false],
    ["Succeeded", false],
    ["Cancelled", false],
    ["Failed", true],
    ["Rollback Started", false],
    ["Rollback Failed", true],
  ])("instance refresh %s", (end, failed) => {
    const name = `EC2 Auto Scaling Instance Refresh ${end}`;
    const detail = { InstanceRefreshId: "r-1", AutoScalingGroupName: "web" };
    expect(one(event(name, detail, { source: "aws.autoscaling" }))).toMatchObject({
      cls: "instance_refresh",
      event: name,
      failed,
      incident: failed,
      instanceRefreshId: "r-1",
      resources: { asgName: "web" },
    });
  });

  test("a hook's message straight from a queue has the queue's region", () => {
    const hook = {
      LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      LifecycleHookName: "h",
      LifecycleActionToken: "t",
      AutoScalingGroupName: "web",
      EC2InstanceId: "i-0123456789abcdef0",
      Time: "2026-11-20T10:00:00.1Z",
      AccountId: "123456789012",
    };
    const record = {
      messageId: "q",
      receiptHandle: "r",
      body: JSON.stringify(hook),
      eventSourceARN: "arn:aws:sqs:eu-west-3:123456789012:hooks",
    };
    expect(one({ Records: [record] })).toMatchObject({
      cls: "lifecycle_hook",
      region: "eu-west-3",
      token: "t",
      incident: true,
    });
  });

  test.each(["running", "stopping", "stopped", "shutting-down", "terminated"])(
    "an instance that is %s says so and opens nothing by itself",
    (state) => {
      expect(
        one(event("EC2 Instance State-change Notification", { "instance-id": "i-0123456789abcdef0", state })),
      ).toMatchObject({
        cls: "ec2_state",
        instanceState: state,
        incident: false,
      });
    },
  );

  test("Spot interrupts or advises", () => {
    const detail = { "instance-id": "i-0123456789abcdef0", "instance-action": "hibernate" };
    const resources = { instanceId: "i-0123456789abcdef0" };
    expect(one(event("EC2 Spot Instance Interruption Warning", detail))).toMatchObject({
      cls: "spot_interruption",
      instanceAction: "hibernate",
      incident: true,
      resources,
    });
    expect(one(event("EC2 Instance Rebalance Recommendation", detail))).toMatchObject({
      cls: "rebalance",
      incident: false,
      resources,
    });
  });

  test("Health names one machine, several, a volume, or nothing", () => {
    const health = (...entities: string[]): Explained =>
      one(
        event(
          "AWS Health Event",
          {
            eventTypeCode: "AWS_EC2_X",
            eventTypeCategory: "issue",
            startTime: "Thu, 1 Nov 2018 22:00:00 GMT",
            affectedEntities: entities.map((entityValue) => ({ entityValue })),
          },
          { source: "aws.health" },
        ),
      );
    expect(health("i-00000001")["resources"]).toEqual({ instanceId: "i-00000001" });
    expect(health("arn:aws:ec2:eu-west-1:123456789012:instance/i-00000001")["resources"]).toEqual({
      instanceId: "i-00000001",
    });
    expect(health("i-00000001", "i-00000002")["resources"]).toEqual({ affected: ["i-00000001", "i-00000002"] });
    expect(health("vol-00000001")["resources"]).toEqual({ volumeId: "vol-00000001" });
    expect(health("AWS_ACCOUNT")).toMatchObject({
      resources: {},
      entities: ["AWS_ACCOUNT"],
      incident: true,
      startTime: "2018-11-01T22:00:00.000Z",
    });
  });

  test.each([
    [
      "EBS Volume Notification",
      { event: "createVolume", result: "available", cause: "" },
      ["volume/vol-00000001"],
      { volumeId: "vol-00000001" },
      false,
    ],
    [
      "EBS Volume Notification",
      { event: "attachVolume", result: "failed", cause: "key" },
      ["volume/vol-00000001", "key/abc"],
      { volumeId: "vol-00000001" },
      true,
    ],
    [
      "EBS Snapshot Notification",
      {
        event: "copySnapshot",
        result: "failed",
        snapshot_id: "arn:aws:ec2::eu-west-1:snapshot/snap-00000001",
        source: "arn:aws:ec2::eu-west-2:snapshot/snap-00000002",
      },
      [],
      { snapshotId: "snap-00000001" },
      true,
    ],
    [
      "EBS Fast Snapshot Restore State-change Notification",
      { "snapshot-id": "arn:aws:ec2:us-east-1::snapshot/snap-00000001", state: "enabling", zone: "us-east-1a" },
      [],
      { snapshotId: "snap-00000001", availabilityZone: "us-east-1a" },
      false,
    ],
  ])("%s %j", (name, detail, paths, resources, incident) => {
    const explained = one(
      event(name, detail, { resources: paths.map((path) => `arn:aws:ec2:us-east-1:123456789012:${path}`) }),
    );
    expect(explained).toMatchObject({ cls: "ebs", incident });
    expect(explained["resources"]).toEqual(resources);
  });

  test("a canary that passed is good news without a reason", () => {
    const detail = { "canary-name": "shop", "test-run-status": "PASSED", "state-reason": "null" };
    expect(one(event("Synthetics Canary TestRun Successful", detail, { source: "aws.synthetics" }))).toMatchObject({
      cls: "canary",
      failed: false,
      incident: "resolve",
      reason: null,
      resources: { canary: "shop" },
    });
  });

  test("an event under a source that is not AWS's is not believed", () => {
    const detail = { alarmName: "x", state: { value: "ALARM" } };
    expect(one(event("CloudWatch Alarm State Change", detail, { source: "my.app" })).cls).toBe("unrecognised_event");
  });
});

describe("explain for people and with a configuration", () => {
  test("what the configuration says stands beside the message", () => {
    const match = () => ({ service: "shop", symptom: "host", proposal: "stop and start" });
    expect(explainTextWith(JSON.stringify(alarm), match)[0]).toMatchObject({
      cls: "alarm",
      service: "shop",
      proposal: "stop and start",
    });
    expect(explainForPeople(JSON.stringify(alarm), () => ({ service: null, why: "no service names it" }))).toContain(
      "none: no service names it",
    );
  });

  test("a system check with EC2's own recovery reads as a person on call needs it", () => {
    expect(explainForPeople(corpus("cw-alarm-ec2-statuscheck-system-with-recover-action.json"))).toBe(
      [
        'Alarm "StatusCheckFailed_System-i-1234567890abcdef0" went ALARM from OK',
        "  when     2024-12-06T14:25:39.681Z",
        "  where    eu-west-2, account 123456789012",
        "  about    instance i-1234567890abcdef0",
        "  why      Threshold Crossed: 2 out of the last 2 datapoints [1.0 (06/12/24 14:24:00), 1.0 (06/12/24 14:23:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
        "  means    opens or updates an incident, symptom host",
        "  also     metric AWS/EC2/StatusCheckFailed_System · EC2 itself will recover the instance",
      ].join("\n"),
    );
  });

  test("no control character of a name reaches the terminal", () => {
    expect(explainForPeople(JSON.stringify({ ...alarm, AlarmName: "a\u001b[2Jb\u0007" }))).not.toMatch(
      /[\u001b\u0007]/,
    );
  });
});
