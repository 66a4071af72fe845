import type { Clock } from "../src/ports/clock.ts";
import { createAccount, type Account } from "../src/memory/account.ts";
import type { AlarmDefinition, Site } from "../src/memory/accountModel.ts";
import type { SeededRandom } from "../src/memory/seededRandom.ts";
import { createSharedWorld } from "../src/memory/sharedWorld.ts";
import {
  drSnapshots,
  drillSubnets,
  ids,
  patternAddresses,
  patternAlarms,
  patternGroups,
  patternMachines,
  patternRecords,
  patternServices,
  patternSites,
  patternSnapshots,
  patternTargetGroups,
  zoneId,
} from "./patterns.ts";
import { alarmBasics, canaryAlarm } from "./alarms.ts";
import { accountId, alarmTopic, controlHost, drRegion, region, type SandboxService } from "./places.ts";

export * from "./places.ts";

/**
 * The sandbox's starting day: a small company with ten services in one account, and the `medic.yaml` that its platform team wrote.
 * Addresses and names are from the ranges kept for documentation.
 */
interface SingleService extends SandboxService {
  readonly instanceId: string;
  readonly type: string;
  readonly availabilityZone: string;
  readonly hasInstanceStore?: boolean;
}

const singleServices: readonly SingleService[] = [
  {
    name: "shop-web",
    description: "The web shop's front page and checkout",
    pattern: "instance",
    instanceId: "i-0a1b2c3d4e5f60001",
    instanceIds: ["i-0a1b2c3d4e5f60001"],
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
    instanceIds: ["i-0a1b2c3d4e5f60002"],
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
    instanceIds: ["i-0a1b2c3d4e5f60003"],
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
    instanceIds: ["i-0a1b2c3d4e5f60004"],
    type: "t4g.micro",
    availabilityZone: `${region}c`,
    host: "relay.example.com",
    elasticIp: { allocationId: "eipalloc-0a1b2c3d4e5f60004", publicIp: "198.51.100.14" },
    canary: true,
  },
];

export const sandboxServices: readonly SandboxService[] = [...singleServices, ...patternServices];

/** Throws for a name that is none of the sandbox's. `instanceId` is the machine that serves when the day begins, "" for a group. */
export function serviceNamed(name: string): SandboxService & { readonly instanceId: string } {
  const found = sandboxServices.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the sandbox has no service ${name}`);
  return { ...found, instanceId: found.instanceIds[0] ?? "" };
}

/** `shop-web-canary` → shop-web. */
export function serviceOfAlarm(alarm: string): string | null {
  return sandboxServices.find((each) => alarm.startsWith(`${each.name}-`))?.name ?? null;
}

/** The company's account in its own region and in the one that waits for a disaster. */
export interface SandboxAccounts {
  readonly home: Account;
  readonly dr: Account;
}

interface AccountParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
}

export function createSandboxAccounts(parts: AccountParts): SandboxAccounts {
  const { clock } = parts;
  const shared = createSharedWorld({ clock, zones: [{ id: zoneId, records: patternRecords }] });
  const home = createAccount({
    ...parts,
    shared,
    accountId,
    region,
    machines: [
      ...singleServices.map((each) => ({
        id: each.instanceId,
        name: each.name,
        type: each.type,
        availabilityZone: each.availabilityZone,
        hasInstanceStore: each.hasInstanceStore ?? false,
        tags: { Name: each.name, "ec2-medic:managed": "true" },
      })),
      ...patternMachines,
    ],
    addresses: [
      ...singleServices.flatMap((each) =>
        each.elasticIp === undefined ? [] : [{ ...each.elasticIp, instanceId: each.instanceId }],
      ),
      ...patternAddresses,
    ],
    sites: [...singleServices.map(siteOf), ...patternSites, { host: controlHost, via: { kind: "outside" } }],
    alarms: [...singleServices.flatMap(alarmsOf), ...patternAlarms],
    groups: patternGroups,
    targetGroups: patternTargetGroups,
    snapshots: patternSnapshots,
    subnets: drillSubnets,
    securityGroups: [ids.drillGroup],
    stateNoticeTopics: [alarmTopic],
  });
  const dr = createAccount({ ...parts, shared, accountId, region: drRegion, snapshots: drSnapshots });
  return { home, dr };
}

export function createSandboxAccount(parts: AccountParts): Account {
  return createSandboxAccounts(parts).home;
}

function siteOf(each: SingleService): Site {
  const via: Site["via"] =
    each.elasticIp === undefined
      ? { kind: "machine", instanceId: each.instanceId }
      : { kind: "elastic-ip", allocationId: each.elasticIp.allocationId };
  return { host: each.host, via, ...(each.canary ? { canary: each.name } : {}) };
}

function alarmsOf(each: SingleService): AlarmDefinition[] {
  const shared = {
    ...alarmBasics,
    namespace: "AWS/EC2",
    dimensions: { InstanceId: each.instanceId },
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
  return each.canary ? [...checks, canaryAlarm(each.name)] : checks;
}
