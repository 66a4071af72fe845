/** What a rung says when nobody said otherwise, and the ladder of a service that has none. */
import type { Ladders, Rung, ServiceDefinition } from "./service.ts";
import type { Timing } from "./timing.ts";
import type { Mode, Pattern, Recovery, Symptom } from "./words.ts";

type Wait = Exclude<keyof Timing, "remindAfterMs">;

/** A stop that is stuck is forced. */
const stop = ["stopSettleMs", "forceStopSettleMs"] as const;
const launch = ["imageSettleMs", "launchSettleMs"] as const;
/** The standby starts while the primary may still serve; then the primary stops and address or record moves. */
const failover = ["startSettleMs", ...stop, "addressSettleMs", "dnsSettleMs", "verifySettleMs"] as const;

/** What a plan may have to wait for. A record's own TTL comes on top wherever a record moves. */
export const waitsOf: Readonly<Record<Recovery, readonly Wait[]>> = {
  reboot: ["rebootSettleMs", "verifySettleMs"],
  restart: ["rebootSettleMs", ...stop, "startSettleMs", "verifySettleMs"],
  "stop-start": [...stop, "startSettleMs", "verifySettleMs"],
  "force-stop-start": ["forceStopSettleMs", "startSettleMs", "verifySettleMs"],
  "scale-out": ["inServiceSettleMs", "verifySettleMs"],
  "scale-in": ["inServiceSettleMs", "verifySettleMs"],
  "raise-max": ["inServiceSettleMs", "verifySettleMs"],
  replace: ["inServiceSettleMs", "addressSettleMs", "verifySettleMs"],
  refresh: ["inServiceSettleMs", "verifySettleMs"],
  failover,
  "fail-back": failover,
  reprovision: [...stop, ...launch, "addressSettleMs", "verifySettleMs"],
  "reprovision-dr": [...stop, ...launch, "dnsSettleMs", "verifySettleMs"],
  // Proved, then cleaned up: ended, with its image.
  drill: [...launch, "verifySettleMs", ...stop],
  // Each removal is one call; only its disappearance may lag.
  prune: ["lagMs"],
};

/** The setting that bounds the whole run; the narrower restarts have none and get the sum of their own waits. */
export const limitOf: Readonly<Partial<Record<Recovery, Wait>>> = {
  restart: "restartLimitMs",
  failover: "failoverLimitMs",
  "fail-back": "failoverLimitMs",
  "scale-out": "scaleLimitMs",
  "scale-in": "scaleLimitMs",
  "raise-max": "scaleLimitMs",
  replace: "scaleLimitMs",
  prune: "scaleLimitMs",
  refresh: "refreshLimitMs",
  reprovision: "reprovisionLimitMs",
  "reprovision-dr": "drLimitMs",
  drill: "drillLimitMs",
};

/** The sum of a plan's waits: a limit below it would cut a healthy plan off. */
export function stepsMs(recovery: Recovery, timing: Timing): number {
  return waitsOf[recovery].reduce((sum, wait) => sum + timing[wait], 0);
}

/** Waits that only this pattern has: the lifecycle hooks of a group with a volume detach it and take a snapshot first. */
function hooksMs(recovery: Recovery, pattern: Pattern | undefined, timing: Timing): number {
  if (pattern !== "asg-ebs" || recovery !== "replace") return 0;
  return timing.detachSettleMs + timing.snapshotSettleMs + timing.attachSettleMs;
}

/** How long the run's own waits may take on this pattern: the least that a limit must be. */
export function leastLimitMs(recovery: Recovery, pattern: Pattern, timing: Timing): number {
  return stepsMs(recovery, timing) + hooksMs(recovery, pattern, timing);
}

/** What builds the service anew: people get longer to object. */
export function changesWhere(recovery: Recovery): boolean {
  return recovery === "reprovision" || recovery === "reprovision-dr";
}

/** Another region for everybody: two people say so. */
const drApprovals = 2;

export function defaultRung(recovery: Recovery, mode: Mode, timing: Timing, pattern?: Pattern): Rung {
  const limit = limitOf[recovery];
  const limitMs = limit === undefined ? stepsMs(recovery, timing) : timing[limit];
  return {
    recovery,
    mode,
    vetoMs: changesWhere(recovery) ? timing.vetoReprovisionMs : timing.vetoRestartMs,
    approvals: recovery === "reprovision-dr" ? drApprovals : 1,
    limitMs: limitMs + hooksMs(recovery, pattern, timing),
  };
}

const restarts = ["reboot", "restart", "stop-start", "force-stop-start"] as const satisfies readonly Recovery[];

/**
 * What can run on what. A member of a group is never just stopped: its group would replace it meanwhile, so that restart there is
 * a reboot while the group looks away.
 */
const byPattern: Readonly<Record<Pattern, readonly Recovery[]>> = {
  instance: [...restarts, "reprovision", "reprovision-dr", "drill", "prune"],
  standby: [...restarts, "failover", "fail-back", "reprovision", "drill", "prune"],
  "dns-pair": [...restarts, "failover", "fail-back"],
  asg: ["reboot", "restart", "replace", "refresh"],
  "asg-ebs": ["reboot", "restart", "replace", "refresh", "prune"],
  "alb-asg": ["scale-out", "scale-in", "raise-max", "replace", "refresh"],
};

/** What a service must also have written down is checked by `check`, and read in the world by the plan and by readiness. */
export function runsOnPattern(recovery: Recovery, pattern: Pattern): boolean {
  return byPattern[pattern].includes(recovery);
}

type Configured = Pick<ServiceDefinition, "pattern" | "reprovision" | "dr" | "dns" | "approvers">;

/** What brings this pattern back by itself, gentlest first, as far as what it needs is written down. */
function usualRecoveries({ pattern, reprovision, dr, dns }: Configured): readonly Recovery[] {
  const anew: readonly Recovery[] = [
    ...(reprovision ? (["reprovision"] as const) : []),
    ...(dr && dns ? (["reprovision-dr"] as const) : []),
  ];
  if (pattern === "asg" || pattern === "asg-ebs" || pattern === "alb-asg") return ["replace"];
  const all =
    pattern === "instance" ? ["restart" as const, ...anew] : ["restart" as const, "failover" as const, ...anew];
  return all.filter((recovery) => runsOnPattern(recovery, pattern));
}

const usualSymptoms: Readonly<Record<Pattern, readonly Symptom[]>> = {
  instance: ["down", "host", "os", "targets"],
  standby: ["down", "host", "os", "targets"],
  "dns-pair": ["down", "host", "os", "targets"],
  asg: ["down", "host", "os"],
  "asg-ebs": ["down", "host", "os"],
  "alb-asg": ["down", "targets"],
};

/** A new service starts in `observe`: it shows what it would do until its owner trusts it with more. */
export function defaultLadders(service: Configured, timing: Timing): Ladders {
  const { pattern } = service;
  const rung = (recovery: Recovery, mode: Mode) => defaultRung(recovery, mode, timing, pattern);
  const rungs = usualRecoveries(service).map((recovery) => rung(recovery, "observe"));
  const usual = Object.fromEntries(usualSymptoms[pattern].map((symptom) => [symptom, rungs])) as Ladders;
  if (pattern === "alb-asg") return { ...usual, overloaded: [rung("scale-out", "observe")] };
  if (!runsOnPattern("failover", pattern)) return usual;
  // A machine that is only busy is not restarted; people decide whether the other one does better.
  const anybody = service.approvers.users.length + service.approvers.groups.length > 0;
  return { ...usual, overloaded: [rung("failover", anybody ? "approve" : "observe")] };
}
