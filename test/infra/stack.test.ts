import { beforeAll, describe, expect, test } from "vitest";
import { MedicStack } from "../../infra/lib/medicStack.ts";
import { readSettings } from "../../infra/lib/settings.ts";
import { globalsSchema } from "../../src/config/schema.ts";
import { envVariables } from "../../src/config/envVariables.ts";
import type { EnvName } from "../../src/config/envVariables.ts";
import { pinoLog } from "../../src/observe/pinoLog.ts";
import { dueShardCount, dueShardName, tableShape } from "../../src/domain/tableShape.ts";
import { makeApp, makeStack, flatten, ofType, only, resourcesOf } from "./synthesized.ts";
import type { Json, Resource } from "./synthesized.ts";

let resources: Record<string, Resource>;

beforeAll(() => {
  resources = resourcesOf(makeStack({ mailTo: "oncall@example.com" }));
});

const propertyOf = (resource: Resource | undefined, name: string): Json => resource?.Properties[name] ?? null;

describe("the table", () => {
  const table = (): Resource => only(resources, "AWS::DynamoDB::GlobalTable");

  test("cannot be removed by accident and can be restored to any second of 35 days", () => {
    const [replica, ...more] = propertyOf(table(), "Replicas") as Record<string, Json>[];
    expect(more).toEqual([]);
    expect(replica?.["DeletionProtectionEnabled"]).toBe(true);
    expect(replica?.["PointInTimeRecoverySpecification"]).toEqual({
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: 35,
    });
    expect(table()).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  test("has exactly the keys and the index that the store asks", () => {
    expect(propertyOf(table(), "BillingMode")).toBe(tableShape.billingMode);
    expect(propertyOf(table(), "KeySchema")).toEqual([
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ]);
    expect(propertyOf(table(), "GlobalSecondaryIndexes")).toEqual([
      {
        IndexName: "due",
        KeySchema: [
          { AttributeName: "dueShard", KeyType: "HASH" },
          { AttributeName: "due", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ]);
    expect(propertyOf(table(), "AttributeDefinitions")).toEqual(
      expect.arrayContaining([
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        { AttributeName: "dueShard", AttributeType: "S" },
        { AttributeName: "due", AttributeType: "N" },
      ]),
    );
  });

  test("is spread over shards that all have names of their own", () => {
    const names = Array.from({ length: dueShardCount }, (_, shard) => dueShardName(shard));
    expect(names).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  });
});

describe("the running bot", () => {
  const container = (): Record<string, Json> => {
    const task = only(resources, "AWS::ECS::TaskDefinition");
    const [first, ...more] = propertyOf(task, "ContainerDefinitions") as Record<string, Json>[];
    expect(more).toEqual([]);
    return first ?? {};
  };
  const environment = (): Record<string, Json> =>
    Object.fromEntries((container()["Environment"] as { Name: string; Value: Json }[]).map((e) => [e.Name, e.Value]));

  test("is an ARM task that stands on the stack's own table, queue and topic", () => {
    expect(propertyOf(only(resources, "AWS::ECS::TaskDefinition"), "RuntimePlatform")).toEqual({
      CpuArchitecture: "ARM64",
      OperatingSystemFamily: "LINUX",
    });
    const values = Object.entries(environment()).map(([name, value]) => [
      name,
      flatten(value).replace(/[0-9A-F]{8}/, ""),
    ]);
    expect(Object.fromEntries(values)).toEqual({
      AWS_REGION: "${AWS::Region}",
      MEDIC_CONFIG: "/app/medic.yaml",
      MEDIC_HTTP_HOST: "127.0.0.1",
      MEDIC_HTTP_PORT: "8080",
      MEDIC_QUEUE_URL: "${Signals}",
      MEDIC_TABLE: "${CaseTable}",
      MEDIC_TOPIC_ARNS: "${AlarmTopic}",
      NODE_ENV: "production",
    });
  });

  test("is told nothing that it does not read, and in words that it accepts", () => {
    const secrets = container()["Secrets"] as { Name: string }[];
    const told = [...Object.keys(environment()), ...secrets.map(({ Name }) => Name)].filter(
      (name) => name !== "NODE_ENV",
    );
    expect(told.filter((name) => !(name in envVariables))).toEqual([]);
    for (const [name, value] of Object.entries(environment())) {
      const { pattern } = envVariables[name as EnvName] ?? {};
      if (typeof value === "string" && pattern !== undefined) expect(value).toMatch(pattern);
    }
  });

  test("gets both Slack tokens by reference and no secret in plain sight", () => {
    const secrets = container()["Secrets"] as { Name: string; ValueFrom: Json }[];
    expect(secrets.map(({ Name }) => Name).sort()).toEqual(["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]);
    for (const { Name, ValueFrom } of secrets)
      expect(flatten(ValueFrom)).toBe(
        `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:ec2-medic/slack:${Name}::`,
      );
    for (const name of Object.keys(environment())) expect(name).not.toMatch(/TOKEN|SECRET|PASSWORD|KEY/);
    expect(JSON.stringify(resources)).not.toMatch(/xox[abp]-|xapp-|AKIA/);
  });

  test("cannot be reached from anywhere", () => {
    const group = only(resources, "AWS::EC2::SecurityGroup");
    expect(propertyOf(group, "SecurityGroupIngress")).toBeNull();
    expect(ofType(resources, "AWS::EC2::SecurityGroupIngress")).toEqual([]);
    expect(ofType(resources, "AWS::ElasticLoadBalancingV2::LoadBalancer")).toEqual([]);
    expect(container()["PortMappings"] ?? []).toEqual([]);
  });

  test("is checked on its own health page, given time to stop, and rolled back when it does not come up", () => {
    expect(JSON.stringify(container()["HealthCheck"])).toContain("http://127.0.0.1:8080/healthz");
    expect(container()["StopTimeout"]).toBe(30);
    const service = only(resources, "AWS::ECS::Service");
    expect(propertyOf(service, "DeploymentConfiguration")).toMatchObject({
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      MinimumHealthyPercent: 100,
    });
  });

  test("starts only after its permissions and its way out exist", () => {
    const before = only(resources, "AWS::ECS::Service").DependsOn?.join(" ") ?? "";
    for (const needed of ["BotRoleOwnThings", "BotRoleAreasWatch", "BotRoleAreasFailover", "DefaultRoute"])
      expect(before).toContain(needed);
  });

  test("writes nothing but its log, is not root, and its log has an end", () => {
    expect(container()).toMatchObject({ ReadonlyRootFilesystem: true, User: "1000" });
    expect(propertyOf(only(resources, "AWS::Logs::LogGroup"), "RetentionInDays")).toBe(90);
  });

  test("goes into a network that exists, when one is given", () => {
    const given = resourcesOf(makeStack({ vpcId: "vpc-0a1b2c3d", subnetIds: "subnet-0a1b2c3d,subnet-1a2b3c4d" }));
    expect(ofType(given, "AWS::EC2::VPC")).toEqual([]);
    expect(propertyOf(only(given, "AWS::ECS::Service"), "NetworkConfiguration")).toMatchObject({
      AwsvpcConfiguration: { AssignPublicIp: "DISABLED", Subnets: ["subnet-0a1b2c3d", "subnet-1a2b3c4d"] },
    });
  });

  test("asks nobody which zones exist, even when account and region are given", () => {
    const app = makeApp();
    const env = { account: "123456789012", region: "eu-west-1" };
    new MedicStack(app, "Concrete", { settings: readSettings(app.node), env });
    expect(app.synth().manifest.missing ?? []).toEqual([]);
  });

  test("medic.yaml takes the names of the mail topic and the switch as the stack makes them", () => {
    const mail = only(resources, "AWS::SNS::Topic", "ec2-medic-mail");
    const written = globalsSchema.safeParse({
      defaults: { channel: "C0123456789" },
      mailTopic: `arn:aws:sns:eu-west-1:123456789012:${flatten(propertyOf(mail, "TopicName"))}`,
      killSwitch: { parameter: propertyOf(only(resources, "AWS::SSM::Parameter"), "Name") },
    });
    expect(written.error?.issues ?? []).toEqual([]);
  });

  test("the switch that stops everything automatic stands on `on` and takes on or off alone", () => {
    const parameter = only(resources, "AWS::SSM::Parameter");
    expect(parameter.Properties).toMatchObject({
      Name: "/ec2-medic/autopilot",
      Value: "on",
      AllowedPattern: "^(on|off)$",
    });
  });
});

describe("alarms about the bot itself", () => {
  const alarm = (name: string): Resource => only(resources, "AWS::CloudWatch::Alarm", `"ec2-medic-${name}"`);

  test("all of them reach the mail topic, when they begin and when they end, and never the bot", () => {
    const alarms = ofType(resources, "AWS::CloudWatch::Alarm");
    expect(alarms.map((each) => propertyOf(each, "AlarmName"))).toEqual([
      "ec2-medic-DeadLetters",
      "ec2-medic-Undelivered",
      "ec2-medic-SignalsWait",
      "ec2-medic-NoWorker",
      "ec2-medic-NeedsPerson",
      "ec2-medic-TableThrottled",
    ]);
    for (const each of alarms) {
      expect(JSON.stringify(propertyOf(each, "AlarmActions"))).toMatch(/^\[\{"Ref":"MailTopic\w+"\}\]$/);
      expect(propertyOf(each, "OKActions")).toEqual(propertyOf(each, "AlarmActions"));
    }
    const mail = only(resources, "AWS::SNS::Subscription", '"email"');
    expect(propertyOf(mail, "Endpoint")).toBe("oncall@example.com");
  });

  test("silence of the workers is an alarm, silence elsewhere is none", () => {
    expect(alarm("NoWorker").Properties).toMatchObject({
      MetricName: "MemoryUtilization",
      Statistic: "SampleCount",
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "breaching",
    });
    for (const name of ["DeadLetters", "Undelivered", "SignalsWait", "NeedsPerson", "TableThrottled"])
      expect(propertyOf(alarm(name), "TreatMissingData")).toBe("notBreaching");
  });

  test("dead letters, old signals and throttles are counted where they happen", () => {
    expect(JSON.stringify(alarm("DeadLetters").Properties)).toContain("SignalsDeadLetters");
    expect(alarm("SignalsWait").Properties).toMatchObject({
      MetricName: "ApproximateAgeOfOldestMessage",
      Threshold: 300,
    });
    const throttled = JSON.stringify(alarm("TableThrottled").Properties);
    for (const metric of ["ReadThrottleEvents", "WriteThrottleEvents", '"Value":"due"'])
      expect(throttled).toContain(metric);
  });

  test("a line of level error in the bot's log becomes a mail, a warning does not", () => {
    const lines: string[] = [];
    const log = pinoLog({ level: "info", write: (line) => lines.push(line) });
    log.warn("slow");
    log.error("needs-person");
    const levels = lines.map((line) => (JSON.parse(line) as { level: unknown }).level);
    const filter = only(resources, "AWS::Logs::MetricFilter");
    const pattern = flatten(propertyOf(filter, "FilterPattern"));
    const least = Number(/^\{ \$\.level >= (\d+) \}$/.exec(pattern)?.[1]);
    expect(levels.map((level) => typeof level === "number" && level >= least)).toEqual([false, true]);
    expect(JSON.stringify(propertyOf(filter, "LogGroupName"))).toContain("BotLog");
    const [transformation] = propertyOf(filter, "MetricTransformations") as Record<string, Json>[];
    expect(alarm("NeedsPerson").Properties).toMatchObject({
      Namespace: transformation?.["MetricNamespace"],
      MetricName: transformation?.["MetricName"],
    });
  });
});
