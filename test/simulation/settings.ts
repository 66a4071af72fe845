/** Three services on three machines, with ladders that a seed chooses. */
import type { ServiceDefinition, Rung } from "../../src/domain/service.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { defaultRung } from "../../src/domain/rungDefaults.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { AllocationId, InstanceId, Scope, ServiceName } from "../../src/domain/words.ts";
import type { Account } from "../../src/memory/account.ts";
import { createAccount } from "../../src/memory/account.ts";
import type { AlarmDefinition } from "../../src/memory/accountModel.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import type { Clock } from "../../src/ports/clock.ts";

export const topic = "arn:aws:sns:eu-west-1:111122223333:ec2-alarms";
const names = ["web", "api", "batch"] as const;
export const machineOf = (index: number) => `i-0aaa000000000000${index + 1}` as InstanceId;
const account = "111122223333";
const region = "eu-west-1";

export function simulatedAccount(clock: Clock, random: SeededRandom): Account {
  return createAccount({
    clock,
    random,
    accountId: account,
    region,
    machines: names.map((name, index) => ({ id: machineOf(index), name, hasInstanceStore: index === 1 })),
    addresses: [{ allocationId: "eipalloc-1", publicIp: "198.51.100.7", instanceId: machineOf(0) }],
    sites: [
      ...names.map((name, index) => ({
        host: `${name}.example`,
        via: { kind: "machine" as const, instanceId: machineOf(index) },
        canary: name,
      })),
      { host: "control.example", via: { kind: "outside" } },
    ],
    alarms: [...names.flatMap((name, index) => alarmsOf(name, machineOf(index))), orphan()],
    stateNoticeTopics: [topic],
  });
}

function alarmsOf(name: string, id: string): AlarmDefinition[] {
  const status = (metric: string, kind: string): AlarmDefinition => ({
    name: `${name} ${kind} check`,
    namespace: "AWS/EC2",
    metric,
    dimensions: { InstanceId: id },
    statistic: "Maximum",
    periodMs: 60_000,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treatMissing: "missing",
    alarmActions: [topic],
    okActions: [topic],
  });
  return [
    status("StatusCheckFailed_Instance", "instance"),
    status("StatusCheckFailed_System", "host"),
    {
      ...status("SuccessPercent", "canary"),
      name: `${name} canary`,
      namespace: "CloudWatchSynthetics",
      dimensions: { CanaryName: name },
      statistic: "Average",
      comparison: "LessThanThreshold",
      threshold: 90,
    },
  ];
}

/** An alarm that no service names: it must end in the list of unmatched ones. */
function orphan(): AlarmDefinition {
  return {
    ...(alarmsOf("orphan", "i-0fff0000000000001")[0] as AlarmDefinition),
    name: "somebody else's alarm",
    dimensions: { QueueName: "jobs" },
    namespace: "AWS/SQS",
    metric: "ApproximateAgeOfOldestMessage",
  };
}

export function simulatedSettings(random: SeededRandom): Settings {
  const services = names.map((name, index) => serviceOf(name, index, random));
  return {
    services: new Map(services.map((service) => [service.name, service])),
    timing: { ...defaultTiming, windowMs: 30 * 60_000 },
    accounts: new Map(),
    defaultChannel: "#ops",
    digest: { cron: "0 9 * * *", timeZone: "Europe/Berlin", enabled: true },
    controlUrl: "https://control.example/",
  };
}

function serviceOf(name: string, index: number, random: SeededRandom): ServiceDefinition {
  const rungs: readonly Rung[] = random.pick([
    [defaultRung("restart", "auto", defaultTiming)],
    [defaultRung("reboot", "auto", defaultTiming), defaultRung("stop-start", "auto", defaultTiming)],
    [defaultRung("reboot", "auto", defaultTiming), defaultRung("restart", "approve", defaultTiming)],
    [defaultRung("restart", "approve", defaultTiming), defaultRung("force-stop-start", "approve", defaultTiming)],
    [defaultRung("restart", "observe", defaultTiming)],
  ]);
  return {
    name: name as ServiceName,
    description: `the ${name} service`,
    account,
    region,
    scope: `${account}/${region}` as Scope,
    pattern: "instance",
    target: { kind: "instance", instanceId: machineOf(index) },
    ...(index === 0 ? { elasticIp: "eipalloc-1" as AllocationId } : {}),
    probe: { kind: "http", url: `https://${name}.example/`, statusMin: 200, statusMax: 399, timeoutMs: 5_000 },
    watchProbe: random.chance(0.7),
    alarms: [{ name: `${name} *` }],
    channel: index === 2 ? "#batch" : "#ops",
    approvers: { users: ["U1", "U2"], groups: [] },
    requireOther: random.chance(0.2),
    fence: "stop",
    targetGroups: [],
    scaleStep: 1,
    quarantine: "tell",
    ladders: { down: rungs, os: rungs, host: rungs },
  };
}
