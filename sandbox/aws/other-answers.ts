import { DescribeAutoScalingGroupsCommand, DescribeScalingActivitiesCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ConfirmSubscriptionCommand, PublishCommand } from "@aws-sdk/client-sns";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { Group } from "../../src/memory/accountModel.ts";
import { targetState } from "../../src/memory/memoryScaling.ts";
import type { Mailbox } from "./mailbox.ts";
import { answer, page, type Answer } from "./sdk-answers.ts";

const pageSizeDefault = 50;
const subjectCharsMax = 100;

export function autoScalingAnswers(account: Account): Answer[] {
  return [
    answer(DescribeAutoScalingGroupsCommand, async (input) => {
      const names = input.AutoScalingGroupNames ?? [];
      const groups = (await account.calls.groups()).filter((each) => names.length === 0 || names.includes(each.name));
      const { items, next } = page(groups, { token: input.NextToken, size: input.MaxRecords ?? pageSizeDefault });
      return { AutoScalingGroups: items.map((group) => groupOf(account, group)), ...next };
    }),
    answer(DescribeScalingActivitiesCommand, async (input) => {
      const group = (await account.calls.groups()).find((each) => each.name === input.AutoScalingGroupName);
      const activities = (group?.activities ?? []).toReversed().map((each, i) => ({
        ActivityId: `${input.AutoScalingGroupName ?? ""}-${i}`,
        AutoScalingGroupName: input.AutoScalingGroupName,
        Description: each.what,
        Cause: each.what,
        StartTime: new Date(each.at),
        StatusCode: each.status as "Successful",
      }));
      const { items, next } = page(activities, { token: input.NextToken, size: input.MaxRecords ?? pageSizeDefault });
      return { Activities: items, ...next };
    }),
  ];
}

function groupOf(account: Account, group: Group) {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: `arn:aws:autoscaling:${account.region}:${account.accountId}:autoScalingGroup:sandbox:autoScalingGroupName/${group.name}`,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [`${account.region}a`, `${account.region}b`],
    HealthCheckType: "EC2",
    CreatedTime: new Date(0),
    TargetGroupARNs: [...group.targetGroupArns],
    SuspendedProcesses: group.suspended.map((ProcessName) => ({ ProcessName })),
    Instances: group.instanceIds.map((InstanceId) => {
      const machine = account.peek.machine(InstanceId);
      return {
        InstanceId,
        AvailabilityZone: machine.availabilityZone,
        LifecycleState: "InService" as const,
        HealthStatus: machine.state === "running" ? "Healthy" : "Unhealthy",
        ProtectedFromScaleIn: false,
      };
    }),
  };
}

export function loadBalancerAnswers(account: Account): Answer[] {
  return [
    answer(DescribeTargetHealthCommand, async (input) => {
      const groups = await account.calls.groups();
      const members = groups
        .filter((group) => group.targetGroupArns.includes(input.TargetGroupArn ?? ""))
        .flatMap((group) => group.instanceIds);
      const wanted = input.Targets?.map((target) => target.Id ?? "") ?? members;
      return {
        TargetHealthDescriptions: wanted.map((Id): TargetHealthDescription => {
          if (!members.includes(Id)) {
            return { Target: { Id }, TargetHealth: { State: "unused", Reason: "Target.NotRegistered" } };
          }
          const { state, reason } = targetState(account, Id);
          return {
            Target: { Id },
            TargetHealth: {
              State: state as "healthy",
              ...(reason === undefined ? {} : { Reason: reason as "Target.Timeout" }),
            },
          };
        }),
      };
    }),
  ];
}

export function snsAnswers(account: Account, mailbox: Mailbox): Answer[] {
  return [
    answer(PublishCommand, async (input) => {
      const { TopicArn = "", Subject, Message = "" } = input;
      if (Subject !== undefined && (Subject.length >= subjectCharsMax || /\p{Cc}/u.test(Subject))) {
        throw new AwsRefusal("InvalidParameter", "Invalid parameter: Subject");
      }
      if (Message === "") throw new AwsRefusal("InvalidParameter", "Invalid parameter: Empty message");
      const content = { message: Message, ...(Subject === undefined ? {} : { subject: Subject }) };
      const MessageId = await account.calls.publish(TopicArn, content);
      if (mailbox.topicArn === TopicArn)
        mailbox.take({ subject: Subject ?? "AWS Notification Message", body: Message });
      return { MessageId };
    }),
    answer(ConfirmSubscriptionCommand, async (input) => ({
      SubscriptionArn: `${input.TopicArn ?? ""}:00000000-0000-4000-8000-000000000001`,
    })),
  ];
}

export function identityAnswers(account: Account): Answer[] {
  return [
    answer(GetCallerIdentityCommand, async () => ({
      Account: account.accountId,
      Arn: `arn:aws:sts::${account.accountId}:assumed-role/ec2-medic/sandbox`,
      UserId: "AROASANDBOX:sandbox",
    })),
  ];
}

export function parameterAnswers(parameters: ReadonlyMap<string, string>): Answer[] {
  return [
    answer(GetParameterCommand, async (input) => {
      const value = parameters.get(input.Name ?? "");
      if (value === undefined) throw new AwsRefusal("ParameterNotFound", `Parameter ${input.Name ?? ""} not found.`);
      return { Parameter: { Name: input.Name, Value: value, Type: "String" as const, Version: 1 } };
    }),
  ];
}
