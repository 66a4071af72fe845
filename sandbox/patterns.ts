/**
 * Further services of the pretend company, one for each way to be highly available: a standby behind an Elastic IP, a pair behind
 * DNS records, groups of one with an address or a volume, a group behind a load balancer, and a lone machine that can be built
 * again here and in another region.
 */
import type { AlarmDefinition, MachineDefinition, Site } from "../src/memory/accountModel.ts";
import type { GroupDefinition, TargetGroupDefinition } from "../src/memory/groupModel.ts";
import { placesOf } from "../src/memory/places.ts";
import { alarmBasics, canaryAlarm } from "./alarms.ts";
import { accountId, alarmTopic, drRegion, region, type SandboxService } from "./places.ts";

const managed = { "ec2-medic:managed": "true" };
const here = placesOf(region);
const there = placesOf(drRegion);
export const zoneId = "Z0SANDBOX";

export const ids = {
  checkoutPrimary: "i-0a1b2c3d4e5f60011",
  checkoutStandby: "i-0a1b2c3d4e5f60012",
  checkoutAddress: "eipalloc-0a1b2c3d4e5f60011",
  portalPrimary: "i-0a1b2c3d4e5f60021",
  portalStandby: "i-0a1b2c3d4e5f60022",
  portalAddressA: "eipalloc-0a1b2c3d4e5f60021",
  portalAddressB: "eipalloc-0a1b2c3d4e5f60022",
  searchA: "i-0a1b2c3d4e5f60031",
  searchB: "i-0a1b2c3d4e5f60032",
  jobs: "i-0a1b2c3d4e5f60041",
  jobsAddress: "eipalloc-0a1b2c3d4e5f60041",
  ledger: "i-0a1b2c3d4e5f60051",
  ledgerVolume: "vol-0a1b2c3d4e5f60051",
  ledgerAddress: "eipalloc-0a1b2c3d4e5f60051",
  wiki: "i-0a1b2c3d4e5f60061",
  wikiAddress: "eipalloc-0a1b2c3d4e5f60061",
  wikiSnapshot: "snap-0a1b2c3d4e5f60061",
  wikiSnapshotDr: "snap-0a1b2c3d4e5f60062",
  drillSubnet: "subnet-0a1b2c3d4e5f600d1",
  drillGroup: "sg-0a1b2c3d4e5f600d1",
} as const;

export const searchTargets = `arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/search/0a1b2c3d4e5f6001`;
const searchBalancer = "app/search/0a1b2c3d4e5f6002";

export const patternServices: readonly SandboxService[] = [
  {
    name: "checkout",
    description: "Takes the money; a standby waits in another zone",
    pattern: "standby",
    instanceIds: [ids.checkoutPrimary, ids.checkoutStandby],
    host: "checkout.example.com",
    elasticIp: { allocationId: ids.checkoutAddress, publicIp: "198.51.100.20" },
    canary: true,
  },
  {
    name: "portal",
    description: "The partners' portal: two machines, and a record that says which",
    pattern: "dns-pair",
    instanceIds: [ids.portalPrimary, ids.portalStandby],
    host: "portal.example.com",
    canary: true,
  },
  {
    name: "search",
    description: "Search behind a load balancer: two machines, three at the most",
    pattern: "alb-asg",
    group: "search",
    instanceIds: [],
    host: "search.example.com",
    canary: true,
  },
  {
    name: "jobs",
    description: "Nightly jobs: a group of one that takes its address by itself",
    pattern: "asg",
    group: "jobs",
    instanceIds: [],
    host: "jobs.example.com",
    elasticIp: { allocationId: ids.jobsAddress, publicIp: "198.51.100.24" },
    canary: true,
  },
  {
    name: "ledger",
    description: "The ledger: a group of one with a volume that is locked to its zone",
    pattern: "asg-ebs",
    group: "ledger",
    instanceIds: [],
    host: "ledger.example.com",
    elasticIp: { allocationId: ids.ledgerAddress, publicIp: "198.51.100.25" },
    canary: true,
  },
  {
    name: "wiki",
    description: "The wiki: one machine, its snapshots here and in another region",
    pattern: "instance",
    instanceIds: [ids.wiki],
    host: "wiki.example.com",
    elasticIp: { allocationId: ids.wikiAddress, publicIp: "198.51.100.26" },
    canary: true,
  },
];

/** `up`: what its snapshot holds is told by the marker on its disk. */
export const patternMachines: readonly MachineDefinition[] = [
  machine(ids.checkoutPrimary, "checkout", "a"),
  { ...machine(ids.checkoutStandby, "checkout-standby", "b"), state: "stopped" },
  machine(ids.portalPrimary, "portal-a", "a"),
  machine(ids.portalStandby, "portal-b", "b"),
  { ...machine(ids.searchA, "search", "a"), asgName: "search" },
  { ...machine(ids.searchB, "search", "b"), asgName: "search" },
  { ...machine(ids.jobs, "jobs", "a"), asgName: "jobs" },
  {
    ...machine(ids.ledger, "ledger", "a"),
    asgName: "ledger",
    volumes: [
      {
        device: "/dev/sdf",
        id: ids.ledgerVolume,
        data: "the books",
        deleteOnTermination: false,
        tags: { ...managed, "ec2-medic:volume": "ledger" },
      },
    ],
    needs: ["/dev/sdf"],
  },
  { ...machine(ids.wiki, "wiki", "a"), data: "the wiki" },
];

function machine(id: string, name: string, zone: "a" | "b" | "c"): MachineDefinition {
  return {
    id,
    name,
    type: "t4g.small",
    availabilityZone: `${region}${zone}`,
    tags: { Name: name, ...managed },
    build: { subnetId: here.subnets[zone] },
  };
}

export const patternAddresses = [
  { allocationId: ids.checkoutAddress, publicIp: "198.51.100.20", instanceId: ids.checkoutPrimary },
  { allocationId: ids.portalAddressA, publicIp: "198.51.100.21", instanceId: ids.portalPrimary },
  { allocationId: ids.portalAddressB, publicIp: "198.51.100.22", instanceId: ids.portalStandby },
  { allocationId: ids.jobsAddress, publicIp: "198.51.100.24", instanceId: ids.jobs },
  { allocationId: ids.ledgerAddress, publicIp: "198.51.100.25", instanceId: ids.ledger },
  { allocationId: ids.wikiAddress, publicIp: "198.51.100.26", instanceId: ids.wiki },
];

export const patternRecords = [
  weighted("primary", "198.51.100.21", 100),
  weighted("standby", "198.51.100.22", 0),
  { name: "wiki.example.com.", type: "A", ttl: 60, values: ["198.51.100.26"] },
];

function weighted(set: string, ip: string, weight: number) {
  return { name: "portal.example.com.", type: "A", set, weight, ttl: 60, values: [ip] };
}

export const patternGroups: readonly GroupDefinition[] = [
  {
    name: "search",
    ...{ min: 2, max: 3, desired: 2 },
    instanceIds: [ids.searchA, ids.searchB],
    targetGroupArns: [searchTargets],
    availabilityZones: ["a", "b", "c"].map((zone) => `${region}${zone}`),
    healthCheckType: "EC2",
    tags: managed,
    template: { type: "t4g.small", name: "search", tags: managed },
    policies: [{ name: "cpu-95", targetValue: 95, scaleInDisabled: true }],
    load: 60,
  },
  {
    name: "jobs",
    ...{ min: 1, max: 1, desired: 1 },
    instanceIds: [ids.jobs],
    tags: managed,
    template: { type: "t4g.small", name: "jobs", tags: managed },
    takesAddress: ids.jobsAddress,
  },
  {
    name: "ledger",
    ...{ min: 1, max: 1, desired: 1 },
    instanceIds: [ids.ledger],
    tags: managed,
    template: { type: "t4g.small", name: "ledger", tags: managed, needs: ["/dev/sdf"] },
    hooks: [
      { name: "ledger-leaves", transition: "terminating", heartbeatMs: 900_000, notifies: alarmTopic },
      { name: "ledger-arrives", transition: "launching", heartbeatMs: 900_000, notifies: alarmTopic },
    ],
  },
];

export const patternTargetGroups: readonly TargetGroupDefinition[] = [
  { arn: searchTargets, loadBalancer: searchBalancer, deregistrationDelayMs: 60_000 },
];

export const patternSites: readonly Site[] = [
  site("checkout", { kind: "elastic-ip", allocationId: ids.checkoutAddress }),
  site("portal", { kind: "record", zoneId, name: "portal.example.com." }),
  site("search", { kind: "target-group", targetGroupArn: searchTargets }),
  site("jobs", { kind: "elastic-ip", allocationId: ids.jobsAddress }),
  site("ledger", { kind: "elastic-ip", allocationId: ids.ledgerAddress }),
  site("wiki", { kind: "record", zoneId, name: "wiki.example.com." }),
];

function site(name: string, via: Site["via"]): Site {
  return { host: `${name}.example.com`, via, canary: name };
}

const hostAlarm = (name: string, InstanceId: string, which: "Instance" | "System"): AlarmDefinition => ({
  ...alarmBasics,
  name: `${name}-${which === "System" ? "host" : "instance"}-check`,
  description: `EC2's ${which.toLowerCase()} status check fails`,
  namespace: "AWS/EC2",
  metric: `StatusCheckFailed_${which}`,
  dimensions: { InstanceId },
});

const highCpu = (name: string, dimensions: AlarmDefinition["dimensions"], threshold: number): AlarmDefinition => ({
  ...alarmBasics,
  name: `${name}-cpu-high`,
  description: `More than ${threshold} % for three minutes`,
  namespace: "AWS/EC2",
  metric: "CPUUtilization",
  dimensions,
  statistic: "Average",
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  comparison: "GreaterThanThreshold",
  threshold,
});

export const patternAlarms: readonly AlarmDefinition[] = [
  ...patternServices.map(({ name }) => canaryAlarm(name)),
  ...(["Instance", "System"] as const).flatMap((which) => [
    hostAlarm("checkout", ids.checkoutPrimary, which),
    hostAlarm("portal", ids.portalPrimary, which),
    hostAlarm("wiki", ids.wiki, which),
  ]),
  highCpu("search", { AutoScalingGroupName: "search" }, 70),
  highCpu("checkout", { InstanceId: ids.checkoutPrimary }, 95),
  {
    ...alarmBasics,
    name: "search-unhealthy",
    description: "The load balancer has taken a machine out",
    namespace: "AWS/ApplicationELB",
    metric: "UnHealthyHostCount",
    dimensions: { TargetGroup: searchTargets.split(":").slice(5).join(":"), LoadBalancer: searchBalancer },
  },
];

export const patternSnapshots = [
  {
    id: ids.wikiSnapshot,
    of: { instanceId: ids.wiki },
    ageMs: 47 * 60_000,
    tags: { ...managed, "ec2-medic:snapshot-of": "wiki" },
  },
];

export const drillSubnets = [{ id: ids.drillSubnet, availabilityZone: `${region}a` }];

/** What waits in the other region: a copy of the snapshot, and nothing that runs. */
export const drSnapshots = [
  {
    id: ids.wikiSnapshotDr,
    volumeId: "vol-ffffffff",
    ageMs: 52 * 60_000,
    data: "the wiki",
    tags: { ...managed, "ec2-medic:snapshot-of": "wiki" },
  },
];

export interface PatternYamlOptions {
  /** `defaults`: as a careful team writes it. `auto`: every rung of the wiki runs by itself. */
  readonly wiki: "defaults" | "auto";
}

const asks = "approve";
const byItself = "auto, veto: 5m";

export function patternYaml({ wiki }: PatternYamlOptions): string {
  const dr = wiki === "auto" ? "mode: auto, veto: 15m" : "mode: approve, approvals: 2";
  return `  checkout:
    description: Takes the money; a standby waits in another zone
    owner: team-shop
    pattern: standby
    target: { instance: ${ids.checkoutPrimary} }
    standby: { instance: ${ids.checkoutStandby} }
    elasticIp: ${ids.checkoutAddress}
    probe: { url: "https://checkout.example.com/healthz", timeout: 5s }
    alarms: ["checkout-*"]
    ladders:
      down: [{ recovery: failover, mode: ${byItself} }]
      os: [{ recovery: restart, mode: ${asks} }, { recovery: failover, mode: ${asks} }]
      host: [{ recovery: failover, mode: ${asks} }]
      overloaded: [{ recovery: failover, mode: ${asks} }]
  portal:
    description: "The partners' portal: two machines, and a record that says which"
    owner: team-platform
    pattern: dns-pair
    target: { instance: ${ids.portalPrimary} }
    standby: { instance: ${ids.portalStandby} }
    dns: { zone: ${zoneId}, name: portal.example.com, type: A, primarySet: primary, standbySet: standby }
    probe: { url: "https://portal.example.com/healthz", timeout: 5s }
    alarms: ["portal-*"]
    ladders:
      down: [{ recovery: failover, mode: ${asks} }]
      host: [{ recovery: failover, mode: ${asks} }]
  search:
    description: "Search behind a load balancer: two machines, three at the most"
    owner: team-shop
    pattern: alb-asg
    target: { asg: search }
    probe: { url: "https://search.example.com/healthz", timeout: 5s }
    alarms: ["search-*"]
    ladders:
      overloaded: [{ recovery: scale-out, mode: ${byItself} }]
      targets: [{ recovery: replace, mode: ${asks} }]
      down: [{ recovery: replace, mode: ${asks} }]
  jobs:
    description: "Nightly jobs: a group of one that takes its address by itself"
    owner: team-money
    pattern: asg
    target: { asg: jobs }
    elasticIp: ${ids.jobsAddress}
    probe: { url: "https://jobs.example.com/healthz", timeout: 5s }
    alarms: ["jobs-*"]
    ladders:
      down: [{ recovery: restart, mode: ${asks} }, { recovery: replace, mode: ${asks} }]
  ledger:
    description: "The ledger: a group of one with a volume that is locked to its zone"
    owner: team-money
    pattern: asg-ebs
    target: { asg: ledger }
    elasticIp: ${ids.ledgerAddress}
    volume: { tag: "ec2-medic:volume=ledger", device: /dev/sdf, terminatingHook: ledger-leaves, launchingHook: ledger-arrives }
    probe: { url: "https://ledger.example.com/healthz", timeout: 5s }
    alarms: ["ledger-*"]
    ladders:
      down: [{ recovery: replace, mode: ${asks} }]
  wiki:
    description: "The wiki: one machine, its snapshots here and in another region"
    owner: team-platform
    pattern: instance
    target: { instance: ${ids.wiki} }
    elasticIp: ${ids.wikiAddress}
    dns: { zone: ${zoneId}, name: wiki.example.com, type: A }
    rpoMax: 2h
    reprovision:
      snapshotTag: "ec2-medic:snapshot-of=wiki"
      subnets: [${here.subnets.b}, ${here.subnets.c}]
      types: [t4g.medium]
    dr:
      region: ${drRegion}
      subnets: [${there.subnets.a}, ${there.subnets.b}]
      securityGroups: [${there.securityGroupId}]
      types: [t4g.small, t4g.medium]
      architecture: arm64
    drillProfile: { subnet: ${ids.drillSubnet}, securityGroup: ${ids.drillGroup}, cleanUpAfter: 1h }
    probe: { url: "https://wiki.example.com/healthz", timeout: 5s }
    alarms: ["wiki-*"]
    ladders:
      # What was asked for, as it was asked: restart, then anew here, then anew in the other region, then only tell.
      down:
        - { recovery: restart, mode: ${byItself} }
        - { recovery: reprovision, mode: auto, veto: 15m }
        - { recovery: reprovision-dr, ${dr} }
      host:
        - { recovery: restart, mode: ${asks} }
`;
}
