import type { Clock } from "../src/ports/clock.ts";
import { createAccount, type Account } from "../src/memory/account.ts";
import type { AlarmDefinition, Site } from "../src/memory/accountModel.ts";
import type { SeededRandom } from "../src/memory/seededRandom.ts";

/**
 * The sandbox's starting day: a small company with four services in one account, and the `medic.yaml` that its platform team
 * wrote. Addresses and names are from the ranges kept for documentation.
 */
export const accountId = "111122223333";
export const region = "eu-west-1";
export const alarmTopic = `arn:aws:sns:${region}:${accountId}:ec2-alarms`;
export const mailTopic = `arn:aws:sns:${region}:${accountId}:ops-mail`;
/** An SSM parameter: a switch that works when Slack does not. */
export const switchParameter = "/ec2-medic/autopilot";
export const controlHost = "status.example.net";

export interface SandboxService {
  readonly name: string;
  readonly description: string;
  readonly pattern: "instance";
  readonly instanceId: string;
  readonly type: string;
  readonly availabilityZone: string;
  readonly host: string;
  readonly elasticIp?: { readonly allocationId: string; readonly publicIp: string };
  /** A canary writes a metric about it, and an alarm watches that. */
  readonly canary: boolean;
  readonly hasInstanceStore?: boolean;
}

export const sandboxServices: readonly SandboxService[] = [
  {
    name: "shop-web",
    description: "The web shop's front page and checkout",
    pattern: "instance",
    instanceId: "i-0a1b2c3d4e5f60001",
    type: "t4g.medium",
    availabilityZone: `${region}a`,
    host: "shop.example.com",
    elasticIp: { allocationId: "eipalloc-0a1b2c3d4e5f60001", publicIp: "198.51.100.10" },
    canary: true,
  },
  {
    name: "shop-api",
    description: "Orders and stock, behind the front page and the phone app",
    pattern: "instance",
    instanceId: "i-0a1b2c3d4e5f60002",
    type: "c6gd.large",
    availabilityZone: `${region}b`,
    host: "api.shop.example.com",
    canary: false,
    hasInstanceStore: true,
  },
  {
    name: "billing",
    description: "Invoices; customers do not wait for it",
    pattern: "instance",
    instanceId: "i-0a1b2c3d4e5f60003",
    type: "t4g.small",
    availabilityZone: `${region}a`,
    host: "billing.example.com",
    elasticIp: { allocationId: "eipalloc-0a1b2c3d4e5f60003", publicIp: "198.51.100.12" },
    canary: true,
  },
  {
    name: "mail-relay",
    description: "Sends the shop's mails",
    pattern: "instance",
    instanceId: "i-0a1b2c3d4e5f60004",
    type: "t4g.micro",
    availabilityZone: `${region}c`,
    host: "relay.example.com",
    elasticIp: { allocationId: "eipalloc-0a1b2c3d4e5f60004", publicIp: "198.51.100.14" },
    canary: true,
  },
];

export function serviceNamed(name: string): SandboxService {
  const found = sandboxServices.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the sandbox has no service ${name}`);
  return found;
}

/** `shop-web-canary` → shop-web. */
export function serviceOfAlarm(alarm: string): string | null {
  return sandboxServices.find((each) => alarm.startsWith(`${each.name}-`))?.name ?? null;
}

export function createSandboxAccount(parts: { readonly clock: Clock; readonly random: SeededRandom }): Account {
  return createAccount({
    ...parts,
    accountId,
    region,
    machines: sandboxServices.map((each) => ({
      id: each.instanceId,
      name: each.name,
      type: each.type,
      availabilityZone: each.availabilityZone,
      hasInstanceStore: each.hasInstanceStore ?? false,
      tags: { Name: each.name, "ec2-medic:managed": "true" },
    })),
    addresses: sandboxServices.flatMap((each) =>
      each.elasticIp === undefined ? [] : [{ ...each.elasticIp, instanceId: each.instanceId }],
    ),
    sites: [...sandboxServices.map(siteOf), { host: controlHost, via: { kind: "outside" } }],
    alarms: sandboxServices.flatMap(alarmsOf),
  });
}

function siteOf(each: SandboxService): Site {
  const via: Site["via"] =
    each.elasticIp === undefined
      ? { kind: "machine", instanceId: each.instanceId }
      : { kind: "elastic-ip", allocationId: each.elasticIp.allocationId };
  return { host: each.host, via, ...(each.canary ? { canary: each.name } : {}) };
}

function alarmsOf(each: SandboxService): AlarmDefinition[] {
  const shared = {
    statistic: "Maximum",
    periodMs: 60_000,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treatMissing: "missing",
    namespace: "AWS/EC2",
    dimensions: { InstanceId: each.instanceId },
    alarmActions: [alarmTopic],
    okActions: [alarmTopic],
  } as const;
  const checks: AlarmDefinition[] = [
    {
      ...shared,
      name: `${each.name}-instance-check`,
      description: "EC2's instance status check fails: the operating system does not answer",
      metric: "StatusCheckFailed_Instance",
    },
    {
      ...shared,
      name: `${each.name}-host-check`,
      description: "EC2's system status check fails: the host under the instance is in trouble",
      metric: "StatusCheckFailed_System",
    },
    {
      ...shared,
      name: `${each.name}-cpu-high`,
      description: "More than 85 % for five minutes",
      metric: "CPUUtilization",
      statistic: "Average",
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
      comparison: "GreaterThanThreshold",
      threshold: 85,
    },
  ];
  if (!each.canary) return checks;
  return [
    ...checks,
    {
      ...shared,
      name: `${each.name}-canary`,
      description: "The canary cannot do what customers do",
      namespace: "CloudWatchSynthetics",
      metric: "SuccessPercent",
      dimensions: { CanaryName: each.name },
      statistic: "Average",
      comparison: "LessThanThreshold",
      threshold: 90,
    },
  ];
}
