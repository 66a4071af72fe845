/** Names and numbers that every night has in common. */
import type { AlarmDefinition, MachineDefinition, Site } from "../../src/memory/accountModel.ts";
import type { GroupDefinition, TargetGroupDefinition } from "../../src/memory/groupModel.ts";
import type { AccountOptions } from "../../src/memory/startingWorld.ts";
import type { SharedWorldOptions } from "../../src/memory/sharedWorld.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { Scope, ServiceName } from "../../src/domain/words.ts";

export const topic = "arn:aws:sns:eu-west-1:111122223333:ec2-alarms";
export const accountId = "111122223333";
export const region = "eu-west-1";
export const drRegion = "eu-central-1";
export const homeScope = `${accountId}/${region}` as Scope;
export const drScope = `${accountId}/${drRegion}` as Scope;
export const zoneId = "Z1";
/** Tag of the one volume of the group that has one. */
export const volumeTag = { key: "ec2-medic:volume", value: "ledger" } as const;

type Records = NonNullable<SharedWorldOptions["zones"]>[number]["records"];

/** One service with everything of it that stands in the account when the night begins. */
export interface Part {
  readonly service: ServiceDefinition;
  readonly machines?: readonly MachineDefinition[];
  readonly addresses?: NonNullable<AccountOptions["addresses"]>;
  readonly groups?: readonly GroupDefinition[];
  readonly targetGroups?: readonly TargetGroupDefinition[];
  readonly snapshots?: NonNullable<AccountOptions["snapshots"]>;
  readonly records?: Records;
  readonly sites: readonly Site[];
  readonly alarms: readonly AlarmDefinition[];
  /** What waits in the other region. */
  readonly away?: Pick<AccountOptions, "snapshots">;
}

/** A service that nothing is configured for, to be spread over. */
export function plainService(
  over: Partial<ServiceDefinition> & Pick<ServiceDefinition, "name" | "pattern" | "target" | "ladders">,
): ServiceDefinition {
  const { name } = over;
  return {
    description: `the ${name} service`,
    account: accountId,
    region,
    scope: homeScope,
    probe: { kind: "http", url: `https://${name}.example/`, statusMin: 200, statusMax: 399, timeoutMs: 5_000 },
    watchProbe: true,
    alarms: [{ name: `${name} *` }],
    channel: "#ops",
    approvers: { users: ["U1", "U2"], groups: [] },
    requireOther: false,
    fence: "stop",
    targetGroups: [],
    scaleStep: 1,
    quarantine: "tell",
    ...over,
  };
}

/** The number of the page that a volume's marker says. */
export function pageOf(marker: string): number {
  return Number(/^page (\d+)$/.exec(marker)?.[1] ?? 0);
}

export const serviceName = (name: string): ServiceName => name as ServiceName;

const check = {
  statistic: "Maximum",
  periodMs: 60_000,
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  comparison: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  treatMissing: "missing",
  alarmActions: [topic],
  okActions: [topic],
} as const;

export function statusAlarms(name: string, id: string): AlarmDefinition[] {
  const status = (metric: string, kind: string): AlarmDefinition => ({
    ...check,
    name: `${name} ${kind} check`,
    namespace: "AWS/EC2",
    metric,
    dimensions: { InstanceId: id },
  });
  return [status("StatusCheckFailed_Instance", "instance"), status("StatusCheckFailed_System", "host")];
}

export function canaryAlarm(name: string): AlarmDefinition {
  return {
    ...check,
    name: `${name} canary`,
    namespace: "CloudWatchSynthetics",
    metric: "SuccessPercent",
    dimensions: { CanaryName: name },
    statistic: "Average",
    comparison: "LessThanThreshold",
    threshold: 90,
  };
}

export function highCpuAlarm(name: string, asgName: string): AlarmDefinition {
  return {
    ...check,
    name: `${name} cpu high`,
    namespace: "AWS/EC2",
    metric: "CPUUtilization",
    dimensions: { AutoScalingGroupName: asgName },
    statistic: "Average",
    comparison: "GreaterThanThreshold",
    threshold: 70,
  };
}

export function unhealthyAlarm(name: string, targetGroupArn: string, balancer: string): AlarmDefinition {
  return {
    ...check,
    name: `${name} unhealthy`,
    namespace: "AWS/ApplicationELB",
    metric: "UnHealthyHostCount",
    dimensions: { TargetGroup: targetGroupArn.split(":").slice(5).join(":"), LoadBalancer: balancer },
  };
}

/** An alarm that no service names: it must end in the list of unmatched ones. */
export const orphanAlarm: AlarmDefinition = {
  ...check,
  name: "somebody else's alarm",
  dimensions: { QueueName: "jobs" },
  namespace: "AWS/SQS",
  metric: "ApproximateAgeOfOldestMessage",
};
