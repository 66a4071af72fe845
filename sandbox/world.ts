import type { Clock } from "../src/ports/clock.ts";
import { createAccount, type Account } from "../src/memory/account.ts";
import type { AlarmDefinition, Site } from "../src/memory/accountModel.ts";
import type { SeededRandom } from "../src/memory/seededRandom.ts";
import { channelIds, people, userGroupIds } from "./slack/workspace-state.ts";

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

export interface YamlOptions {
  /** With mail, people are told even while Slack is silent. */
  readonly mail: boolean;
}

export function sandboxYaml(options: YamlOptions): string {
  return `# The sandbox's own medic.yaml: what the team of this pretend account has agreed on.
defaults:
  region: ${region}
  account: "${accountId}"
  channel: ${channelIds.opsAlerts}
  secondChannel: ${channelIds.opsSecond}
  mentionGroup: ${userGroupIds.onCall}
  approvers:
    users: [${people.mira}, ${people.noor}]
controlUrl: https://${controlHost}
killSwitch: { parameter: ${switchParameter} }
${options.mail ? `mailTopic: ${mailTopic}\n` : ""}services:
  shop-web:
    description: ${serviceNamed("shop-web").description}
    owner: team-shop
    pattern: instance
    target: { instance: ${serviceNamed("shop-web").instanceId} }
    elasticIp: eipalloc-0a1b2c3d4e5f60001
    probe: { url: "https://shop.example.com/healthz", timeout: 5s }
    runbook: https://wiki.example.com/shop-web
    alarms: ["shop-web-*"]
    ladders:
      # Customers see it at once: it restarts by itself unless somebody holds it.
      down:
        - { recovery: restart, mode: auto, veto: 5m }
        - { recovery: force-stop-start, mode: approve }
      os:
        - { recovery: restart, mode: approve }
      host:
        - { recovery: restart, mode: approve }
  shop-api:
    description: ${serviceNamed("shop-api").description}
    owner: team-shop
    pattern: instance
    target: { tag: "Name=shop-api" }
    # Watched all the time: it has no canary, and a dead process shows in no status check.
    probe: { url: "https://api.shop.example.com/healthz", timeout: 5s, watch: true }
    alarms: ["shop-api-*"]
    ladders:
      # No Elastic IP, and data on instance store: people decide.
      down:
        - { recovery: restart, mode: approve }
      os:
        - { recovery: restart, mode: approve }
      host:
        - { recovery: restart, mode: approve }
  billing:
    description: ${serviceNamed("billing").description}
    owner: team-money
    pattern: instance
    target: { instance: ${serviceNamed("billing").instanceId} }
    elasticIp: eipalloc-0a1b2c3d4e5f60003
    probe: { url: "https://billing.example.com/healthz", timeout: 5s }
    alarms: ["billing-*"]
    # New here: for now the bot only says what it would do.
    ladders:
      down:
        - { recovery: restart, mode: observe }
      os:
        - { recovery: restart, mode: observe }
      host:
        - { recovery: restart, mode: observe }
  mail-relay:
    description: ${serviceNamed("mail-relay").description}
    owner: team-platform
    pattern: instance
    target: { instance: ${serviceNamed("mail-relay").instanceId} }
    elasticIp: eipalloc-0a1b2c3d4e5f60004
    probe: { tcp: "relay.example.com:25", timeout: 5s }
    alarms: ["mail-relay-*"]
    ladders:
      # Mail once sent twice cannot be taken back: two people must agree.
      down:
        - { recovery: restart, mode: approve, approvals: 2 }
      os:
        - { recovery: restart, mode: approve, approvals: 2 }
      host:
        - { recovery: restart, mode: approve, approvals: 2 }
`;
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
