import { beforeAll, describe, expect, test } from "vitest";
import { flatten, makeStack, ofType, only, resourcesOf, statementsOf } from "./synthesized.ts";
import type { Json, Resource, Statement } from "./synthesized.ts";

let resources: Record<string, Resource>;

beforeAll(() => {
  resources = resourcesOf(makeStack());
});

const propertyOf = (resource: Resource | undefined, name: string): Json => resource?.Properties[name] ?? null;

describe("the way of a signal", () => {
  const policyOf = (type: string, key: string, id: string): Statement[] => {
    const found = ofType(resources, type).filter((each) => JSON.stringify(propertyOf(each, key)).includes(`"${id}`));
    expect(found).toHaveLength(1);
    return statementsOf(propertyOf(found[0], "PolicyDocument"));
  };

  test("only alarms of this account and region may speak on the alarm topic in CloudWatch's name", () => {
    const statements = policyOf("AWS::SNS::TopicPolicy", "Topics", "AlarmTopic");
    const [alarms, ...more] = statements.filter((each) => JSON.stringify(each.Principal).includes("cloudwatch"));
    expect(more).toEqual([]);
    expect(alarms?.Action).toEqual(["sns:Publish"]);
    expect(alarms?.Condition["StringEquals"]).toEqual({ "aws:SourceAccount": { Ref: "AWS::AccountId" } });
    expect(flatten(alarms?.Condition["ArnLike"]?.["aws:SourceArn"] ?? null)).toBe(
      "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*",
    );
  });

  test("Auto Scaling speaks there with its own role of this account", () => {
    const statements = policyOf("AWS::SNS::TopicPolicy", "Topics", "AlarmTopic");
    const scaling = statements.find((each) => each.Sid === "AutoScalingOfThisAccount");
    expect(scaling?.Action).toEqual(["sns:Publish"]);
    expect(flatten(scaling?.Condition["ArnLike"]?.["aws:PrincipalArn"] ?? null)).toBe(
      "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*",
    );
  });

  test("nobody enters a topic or a queue without a condition, and nobody enters unencrypted", () => {
    const documents = [...ofType(resources, "AWS::SNS::TopicPolicy"), ...ofType(resources, "AWS::SQS::QueuePolicy")];
    expect(documents).toHaveLength(5);
    for (const each of documents) {
      const statements = statementsOf(propertyOf(each, "PolicyDocument"));
      for (const allow of statements.filter(({ Effect }) => Effect === "Allow"))
        expect(Object.keys(allow.Condition), JSON.stringify(allow)).not.toEqual([]);
      const denied = statements.filter(({ Effect }) => Effect === "Deny");
      expect(denied.map(({ Condition }) => Condition)).toEqual([{ Bool: { "aws:SecureTransport": "false" } }]);
    }
  });

  test("the queue takes from this topic and from these rules alone", () => {
    const statements = policyOf("AWS::SQS::QueuePolicy", "Queues", "Signals54");
    const sources = statements
      .filter(({ Effect }) => Effect === "Allow")
      .map(({ Condition }) => flatten(Condition["ArnEquals"]?.["aws:SourceArn"] ?? null).replace(/[0-9A-F]{8}/, ""));
    expect(sources).toEqual([
      "${AlarmTopic}",
      "${EventRulesInstanceState.Arn}",
      "${EventRulesSpotNotice.Arn}",
      "${EventRulesAutoScaling.Arn}",
      "${EventRulesHealth.Arn}",
    ]);
  });

  test("queues are encrypted, and what ten tries could not store waits 14 days among the dead letters", () => {
    for (const queue of ofType(resources, "AWS::SQS::Queue"))
      expect(propertyOf(queue, "SqsManagedSseEnabled")).toBe(true);
    const queue = only(resources, "AWS::SQS::Queue", '"ec2-medic-signals"');
    expect(propertyOf(queue, "VisibilityTimeout")).toBe(60);
    expect(propertyOf(queue, "RedrivePolicy")).toMatchObject({ maxReceiveCount: 10 });
    const dead = only(resources, "AWS::SQS::Queue", "ec2-medic-signals-dead");
    expect(propertyOf(dead, "MessageRetentionPeriod")).toBe(14 * 24 * 3600);
  });

  test("what SNS or a rule cannot deliver is kept, and the envelope stays on", () => {
    const subscription = only(resources, "AWS::SNS::Subscription", '"sqs"');
    expect(propertyOf(subscription, "RawMessageDelivery")).toBe(false);
    expect(JSON.stringify(propertyOf(subscription, "RedrivePolicy"))).toContain("SignalsUndelivered");
    const rules = ofType(resources, "AWS::Events::Rule");
    expect(rules).toHaveLength(4);
    for (const rule of rules) {
      const [target, ...more] = propertyOf(rule, "Targets") as Record<string, Json>[];
      expect(more).toEqual([]);
      expect(JSON.stringify(target?.["DeadLetterConfig"])).toContain("SignalsUndelivered");
    }
  });

  test("rules listen to instances, Spot, Auto Scaling and Health", () => {
    const heard = ofType(resources, "AWS::Events::Rule").map(
      (rule) => (propertyOf(rule, "EventPattern") as Record<string, Json>)["detail-type"],
    );
    expect(heard.flat()).toEqual(
      expect.arrayContaining([
        "EC2 Instance State-change Notification",
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance-launch Lifecycle Action",
        "EC2 Instance-terminate Lifecycle Action",
        "EC2 Instance Launch Unsuccessful",
        "AWS Health Event",
      ]),
    );
  });
});
