/**
 * Who plays tonight: three lone machines, or three services of the six patterns. A ladder is drawn for each, of the recoveries that
 * its pattern knows.
 */
import { defaultRung, leastLimitMs } from "../../src/domain/rungDefaults.ts";
import type { Rung, ServiceDefinition } from "../../src/domain/service.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { AllocationId, InstanceId, LadderRecovery, Mode, Pattern, Recovery } from "../../src/domain/words.ts";
import { placesOf } from "../../src/memory/places.ts";
import type { MachineDefinition } from "../../src/memory/accountModel.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import {
  canaryAlarm,
  drRegion,
  drScope,
  highCpuAlarm,
  plainService,
  region,
  serviceName,
  statusAlarms,
  topic,
  unhealthyAlarm,
  volumeTag,
  zoneId,
  type Part,
} from "./places.ts";

const here = placesOf(region);
const there = placesOf(drRegion);

export interface Cast {
  readonly kind: "lone" | "patterns";
  readonly parts: readonly Part[];
}

const lone = ["web", "api", "batch"] as const;
const everyPattern = [checkout, portal, search, jobs, ledger, wiki] as const;
const playing = 3;

export function castOf(random: SeededRandom): Cast {
  if (random.chance(0.35)) return { kind: "lone", parts: lone.map((name, index) => loneMachine(name, index, random)) };
  const left = [...everyPattern];
  const parts: Part[] = [];
  while (parts.length < playing) {
    const [make] = left.splice(random.int(0, left.length - 1), 1);
    if (make) parts.push(make(random));
  }
  return { kind: "patterns", parts };
}

function rung(recovery: Recovery, mode: Mode, pattern: Pattern): Rung {
  const plain = defaultRung(recovery, mode, defaultTiming, pattern);
  return { ...plain, limitMs: Math.max(plain.limitMs, leastLimitMs(recovery, pattern, defaultTiming)) };
}

const loneLadders: readonly (readonly (readonly [LadderRecovery, Mode])[])[] = [
  [["restart", "auto"]],
  [
    ["reboot", "auto"],
    ["stop-start", "auto"],
  ],
  [
    ["reboot", "auto"],
    ["restart", "approve"],
  ],
  [
    ["restart", "approve"],
    ["force-stop-start", "approve"],
  ],
  [["restart", "observe"]],
];

function loneMachine(name: (typeof lone)[number], index: number, random: SeededRandom): Part {
  const id = `i-0aaa000000000000${index + 1}` as InstanceId;
  const rungs = random.pick(loneLadders).map(([recovery, mode]) => rung(recovery, mode, "instance"));
  return {
    service: plainService({
      name: serviceName(name),
      pattern: "instance",
      target: { kind: "instance", instanceId: id },
      ...(index === 0 ? { elasticIp: "eipalloc-1" as AllocationId } : {}),
      watchProbe: random.chance(0.7),
      channel: index === 2 ? "#batch" : "#ops",
      requireOther: random.chance(0.2),
      ladders: { down: rungs, os: rungs, host: rungs },
    }),
    machines: [{ id, name, hasInstanceStore: index === 1 }],
    ...(index === 0 ? { addresses: [{ allocationId: "eipalloc-1", publicIp: "198.51.100.7", instanceId: id }] } : {}),
    sites: [{ host: `${name}.example`, via: { kind: "machine", instanceId: id }, canary: name }],
    alarms: [...statusAlarms(name, id), canaryAlarm(name)],
  };
}

/** Gentlest first; most rungs run by themselves, some ask, few only watch. */
function ladderOf(random: SeededRandom, pattern: Pattern, recoveries: readonly LadderRecovery[]): Rung[] {
  const first = random.chance(0.6) ? 0 : random.int(0, recoveries.length - 1);
  return recoveries.slice(first).map((recovery) => {
    const mode = random.pick<Mode>(["auto", "auto", "auto", "approve", "approve", "observe"]);
    return rung(recovery, mode, pattern);
  });
}

interface Drawn {
  readonly name: string;
  readonly pattern: Pattern;
  readonly random: SeededRandom;
  readonly recoveries: readonly LadderRecovery[];
}

function drawn({ name, pattern, random, recoveries }: Drawn, over: Partial<ServiceDefinition>): ServiceDefinition {
  const rungs = ladderOf(random, pattern, recoveries);
  return plainService({
    name: serviceName(name),
    pattern,
    target: { kind: "asg", asgName: name },
    watchProbe: random.chance(0.7),
    requireOther: random.chance(0.1),
    quarantine: random.pick(["tell", "stop"]),
    ladders: { down: rungs, os: rungs, host: rungs, targets: rungs },
    ...over,
  });
}

function machine(id: string, name: string, zone: "a" | "b"): MachineDefinition {
  return { id, name, type: "t4g.small", availabilityZone: `${region}${zone}`, build: { subnetId: here.subnets[zone] } };
}

function checkout(random: SeededRandom): Part {
  const name = "checkout";
  const [primary, standby] = ["i-0bbb0000000000011", "i-0bbb0000000000012"] as const;
  const allocationId = "eipalloc-11";
  return {
    service: drawn(
      { name, pattern: "standby", random, recoveries: ["restart", "failover"] },
      {
        target: { kind: "instance", instanceId: primary as InstanceId },
        standby: { kind: "instance", instanceId: standby as InstanceId },
        elasticIp: allocationId as AllocationId,
        fence: random.pick(["stop", "stop", "address"]),
      },
    ),
    machines: [
      machine(primary, name, "a"),
      { ...machine(standby, "checkout-standby", "b"), state: random.pick(["stopped", "running"]) },
    ],
    addresses: [{ allocationId, publicIp: "198.51.100.20", instanceId: primary }],
    sites: [{ host: `${name}.example`, via: { kind: "elastic-ip", allocationId }, canary: name }],
    alarms: [...statusAlarms(name, primary), canaryAlarm(name)],
  };
}

function portal(random: SeededRandom): Part {
  const name = "portal";
  const [primary, standby] = ["i-0bbb0000000000021", "i-0bbb0000000000022"] as const;
  const record = (set: string, ip: string, weight: number) => ({
    ...{ name: "portal.example.", type: "A", set, weight, ttl: 60 },
    values: [ip],
  });
  return {
    service: drawn(
      { name, pattern: "dns-pair", random, recoveries: ["restart", "failover"] },
      {
        target: { kind: "instance", instanceId: primary as InstanceId },
        standby: { kind: "instance", instanceId: standby as InstanceId },
        dns: { zoneId, name: "portal.example.", type: "A", primarySet: "primary", standbySet: "standby" },
      },
    ),
    machines: [machine(primary, "portal-a", "a"), machine(standby, "portal-b", "b")],
    addresses: [
      { allocationId: "eipalloc-21", publicIp: "198.51.100.21", instanceId: primary },
      { allocationId: "eipalloc-22", publicIp: "198.51.100.22", instanceId: standby },
    ],
    records: [record("primary", "198.51.100.21", 100), record("standby", "198.51.100.22", 0)],
    sites: [{ host: `${name}.example`, via: { kind: "record", zoneId, name: "portal.example." }, canary: name }],
    alarms: [...statusAlarms(name, primary), canaryAlarm(name)],
  };
}

function search(random: SeededRandom): Part {
  const name = "search";
  const [first, second] = ["i-0bbb0000000000031", "i-0bbb0000000000032"] as const;
  const arn = `arn:aws:elasticloadbalancing:${region}:111122223333:targetgroup/search/0a1b2c3d4e5f6001`;
  const balancer = "app/search/0a1b2c3d4e5f6002";
  const service = drawn({ name, pattern: "alb-asg", random, recoveries: ["replace"] }, {});
  return {
    service: { ...service, ladders: { ...service.ladders, overloaded: ladderOf(random, "alb-asg", ["scale-out"]) } },
    machines: [
      { ...machine(first, name, "a"), asgName: name },
      { ...machine(second, name, "b"), asgName: name },
    ],
    groups: [
      {
        name,
        ...{ min: 2, max: 3, desired: 2, instanceIds: [first, second], targetGroupArns: [arn] },
        availabilityZones: ["a", "b", "c"].map((zone) => `${region}${zone}`),
        template: { type: "t4g.small", name },
        policies: [{ name: "cpu-95", targetValue: 95, scaleInDisabled: true }],
        noticeTopics: [topic],
        load: 60,
      },
    ],
    targetGroups: [{ arn, loadBalancer: balancer, deregistrationDelayMs: 60_000 }],
    sites: [{ host: `${name}.example`, via: { kind: "target-group", targetGroupArn: arn }, canary: name }],
    alarms: [canaryAlarm(name), highCpuAlarm(name, name), unhealthyAlarm(name, arn, balancer)],
  };
}

function jobs(random: SeededRandom): Part {
  const name = "jobs";
  const id = "i-0bbb0000000000041";
  const allocationId = "eipalloc-41";
  return {
    service: drawn(
      { name, pattern: "asg", random, recoveries: ["restart", "replace"] },
      { elasticIp: allocationId as AllocationId },
    ),
    machines: [{ ...machine(id, name, "a"), asgName: name }],
    addresses: [{ allocationId, publicIp: "198.51.100.24", instanceId: id }],
    groups: [
      {
        name,
        ...{ min: 1, max: 1, desired: 1, instanceIds: [id] },
        template: { type: "t4g.small", name },
        takesAddress: allocationId,
        noticeTopics: [topic],
      },
    ],
    sites: [{ host: `${name}.example`, via: { kind: "elastic-ip", allocationId }, canary: name }],
    alarms: [canaryAlarm(name)],
  };
}

export const ledgerVolume = "vol-0bbb0000000000051";

function ledger(random: SeededRandom): Part {
  const name = "ledger";
  const id = "i-0bbb0000000000051";
  const allocationId = "eipalloc-51";
  const device = "/dev/sdf";
  const tags = { [volumeTag.key]: volumeTag.value };
  const hook = { heartbeatMs: 15 * 60_000, notifies: topic } as const;
  return {
    service: drawn(
      { name, pattern: "asg-ebs", random, recoveries: ["restart", "replace"] },
      {
        elasticIp: allocationId as AllocationId,
        volume: { tag: volumeTag, device, terminatingHook: "leaves", launchingHook: "arrives" },
      },
    ),
    machines: [
      {
        ...machine(id, name, "a"),
        asgName: name,
        volumes: [{ device, id: ledgerVolume, data: "page 1", deleteOnTermination: false, tags }],
        needs: [device],
      },
    ],
    addresses: [{ allocationId, publicIp: "198.51.100.25", instanceId: id }],
    groups: [
      {
        name,
        ...{ min: 1, max: 1, desired: 1, instanceIds: [id] },
        template: { type: "t4g.small", name, needs: [device] },
        hooks: [
          { name: "leaves", transition: "terminating", ...hook },
          { name: "arrives", transition: "launching", ...hook },
        ],
        noticeTopics: [topic],
      },
    ],
    sites: [{ host: `${name}.example`, via: { kind: "elastic-ip", allocationId }, canary: name }],
    alarms: [canaryAlarm(name)],
  };
}

export const drillSubnet = "subnet-0bbb00000000000d1";
export const drillGroup = "sg-0bbb00000000000d1";

function wiki(random: SeededRandom): Part {
  const name = "wiki";
  const id = "i-0bbb0000000000061";
  const allocationId = "eipalloc-61";
  const snapshotTag = { key: "ec2-medic:snapshot-of", value: name };
  const tags = { [snapshotTag.key]: name };
  return {
    service: drawn(
      { name, pattern: "instance", random, recoveries: ["restart", "reprovision", "reprovision-dr"] },
      {
        target: { kind: "instance", instanceId: id as InstanceId },
        elasticIp: allocationId as AllocationId,
        dns: { zoneId, name: "wiki.example.", type: "A" },
        rpoMaxMs: random.pick([1, 6]) * 3_600_000,
        reprovision: { snapshotTag, subnets: [here.subnets.b, here.subnets.c], types: ["t4g.medium"] },
        dr: {
          ...{ region: drRegion, scope: drScope, snapshotTag, securityGroups: [there.securityGroupId] },
          subnets: [there.subnets.a, there.subnets.b],
          types: ["t4g.small", "t4g.medium"],
          architecture: "arm64",
        },
        drill: { subnet: drillSubnet, securityGroup: drillGroup, cleanUpAfterMs: 3_600_000 },
      },
    ),
    machines: [{ ...machine(id, name, "a"), data: "the wiki" }],
    addresses: [{ allocationId, publicIp: "198.51.100.26", instanceId: id }],
    records: [{ name: "wiki.example.", type: "A", ttl: 60, values: ["198.51.100.26"] }],
    snapshots: [{ id: "snap-0bbb0000000000061", of: { instanceId: id }, ageMs: 47 * 60_000, tags }],
    sites: [{ host: `${name}.example`, via: { kind: "record", zoneId, name: "wiki.example." }, canary: name }],
    alarms: [...statusAlarms(name, id), canaryAlarm(name)],
    away: {
      snapshots: [
        { id: "snap-0bbb0000000000062", volumeId: "vol-ffffffff", ageMs: 52 * 60_000, data: "the wiki", tags },
      ],
    },
  };
}
