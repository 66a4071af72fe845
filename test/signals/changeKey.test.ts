/** One change has one key on every route; two changes never share one. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { changeKey } from "../../src/signals/changeKey.ts";
import { parseText } from "../../src/signals/parseMessage.ts";

const key = (message: unknown): string => {
  const [parsed] = parseText(typeof message === "string" ? message : JSON.stringify(message));
  if (parsed === undefined) throw new Error("nothing was parsed");
  return changeKey(parsed);
};
const topicArn = "arn:aws:sns:eu-west-1:123456789012:alarms";
const sns = (message: unknown, MessageId: string, TopicArn = topicArn): unknown => ({
  Type: "Notification",
  MessageId,
  TopicArn,
  Message: JSON.stringify(message),
  Timestamp: "2026-11-20T10:00:01Z",
});
const event = (detailType: string, detail: unknown, resources: string[] = []): unknown => ({
  id: "e",
  "detail-type": detailType,
  account: "123456789012",
  region: "eu-west-1",
  time: "2026-11-20T10:00:00Z",
  resources,
  detail,
});

const alarm = {
  AlarmName: "x",
  AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x",
  AWSAccountId: "123456789012",
  NewStateValue: "ALARM",
  StateChangeTime: "2026-11-20T10:00:00.123+0000",
};

describe("an alarm's change", () => {
  test("told by two subscriptions, raw, by EventBridge and by Lambda is one", () => {
    const detail = { alarmName: "x", state: { value: "ALARM", timestamp: "2026-11-20T10:00:00.123+0000" } };
    const keys = [
      sns(alarm, "m-1"),
      sns(alarm, "m-2", "arn:aws:sns:eu-west-1:123456789012:other"),
      alarm,
      { Messages: [{ MessageId: "q", Body: JSON.stringify(alarm) }] },
      event("CloudWatch Alarm State Change", detail, [alarm.AlarmArn]),
      {
        source: "aws.cloudwatch",
        alarmArn: alarm.AlarmArn,
        accountId: "123456789012",
        region: "eu-west-1",
        alarmData: detail,
      },
      sns({ ...alarm, AlarmArn: undefined }, "m-3"),
    ].map(key);
    expect(new Set(keys).size).toBe(1);
  });

  test("another state, time, alarm, account, region or contributor is another", () => {
    const others = [
      alarm,
      { ...alarm, NewStateValue: "OK" },
      { ...alarm, StateChangeTime: "2026-11-20T10:00:00.124+0000" },
      { ...alarm, AlarmArn: `${alarm.AlarmArn}2`, AlarmName: "x2" },
      { ...alarm, AlarmArn: alarm.AlarmArn.replace("123456789012", "210987654321") },
      { ...alarm, AlarmArn: alarm.AlarmArn.replace("eu-west-1", "eu-west-2") },
      { ...alarm, AlarmContributorId: "c-1" },
      { ...alarm, AlarmContributorId: "c-2" },
    ].map(key);
    expect(new Set(others).size).toBe(others.length);
  });
});

test("an Auto Scaling activity told by SNS and by EventBridge is one", () => {
  const arn = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web";
  const facts = { AutoScalingGroupName: "web", EC2InstanceId: "i-00000001", ActivityId: "a-1" };
  const bySns = {
    ...facts,
    Event: "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
    AutoScalingGroupARN: arn,
    AccountId: "123456789012",
    Time: "2026-11-20T10:00:03Z",
  };
  expect(key(sns(bySns, "m"))).toBe(key(event("EC2 Instance Launch Unsuccessful", facts, [arn])));
  expect(key(sns(bySns, "m"))).not.toBe(key(event("EC2 Instance Launch Successful", facts, [arn])));
});

test("a hook told by queue, topic and EventBridge is one, the next token another", () => {
  const hook = {
    LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
    LifecycleHookName: "h",
    LifecycleActionToken: "t-1",
    AutoScalingGroupName: "web",
    EC2InstanceId: "i-00000001",
  };
  const keys = [hook, sns(hook, "m"), event("EC2 Instance-launch Lifecycle Action", hook)].map(key);
  expect(new Set(keys).size).toBe(1);
  expect(key({ ...hook, LifecycleActionToken: "t-2" })).not.toBe(keys[0]);
});

test("all messages of the corpus have different keys", () => {
  const folder = new URL("../corpus/", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "expected.json");
  expect(new Set(files.map((name) => key(readFileSync(new URL(name, folder), "utf8")))).size).toBe(files.length);
});
