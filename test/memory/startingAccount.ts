import { createAccount } from "../../src/memory/account.ts";
import type { Account, AccountOptions } from "../../src/memory/account.ts";
import type { AlarmDefinition } from "../../src/memory/accountModel.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import type { VirtualClock } from "../../src/memory/virtualClock.ts";

export const startAt = Date.UTC(2026, 10, 21, 3, 0, 0);
export const web = "i-0aaa0000000000001";
export const api = "i-0aaa0000000000002";
export const topic = "arn:aws:sns:eu-west-1:111122223333:ec2-alarms";

export function alarm(over: Partial<AlarmDefinition> = {}): AlarmDefinition {
  return {
    name: "web instance check",
    namespace: "AWS/EC2",
    metric: "StatusCheckFailed_Instance",
    dimensions: { InstanceId: web },
    statistic: "Maximum",
    periodMs: 60_000,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treatMissing: "missing",
    alarmActions: [topic],
    okActions: [topic],
    ...over,
  };
}

export interface Started {
  readonly account: Account;
  readonly clock: VirtualClock;
  readonly stop: () => void;
}

/** A web server behind an Elastic IP and an API server without one, living on a virtual clock. */
export function startingAccount(over: Partial<AccountOptions> = {}): Started {
  const clock = createVirtualClock({ startAt });
  const account = createAccount({
    clock,
    random: createSeededRandom(7),
    machines: [
      { id: web, name: "web" },
      { id: api, name: "api", hasInstanceStore: true },
    ],
    addresses: [{ allocationId: "eipalloc-1", publicIp: "198.51.100.7", instanceId: web }],
    sites: [
      { host: "web.example", via: { kind: "elastic-ip", allocationId: "eipalloc-1" }, canary: "web" },
      { host: "api.internal", via: { kind: "machine", instanceId: api } },
      { host: "control.example", via: { kind: "outside" } },
    ],
    alarms: [
      alarm(),
      alarm({ name: "web host check", metric: "StatusCheckFailed_System" }),
      alarm({
        name: "web canary",
        namespace: "CloudWatchSynthetics",
        metric: "SuccessPercent",
        dimensions: { CanaryName: "web" },
        statistic: "Average",
        comparison: "LessThanThreshold",
        threshold: 90,
      }),
    ],
    ...over,
  });
  const control = new AbortController();
  void account.run(control.signal);
  return { account, clock, stop: () => control.abort() };
}
