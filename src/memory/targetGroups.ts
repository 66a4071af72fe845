/** Target groups: who is registered, and what the load balancer's checks have made of each over time. */
import { AwsRefusal } from "./accountModel.ts";
import type { Target, TargetGroup, TargetGroupDefinition } from "./groupModel.ts";
import { answerOfMachine } from "./sites.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

export function targetGroupFrom(definition: TargetGroupDefinition): TargetGroup {
  const name = definition.arn.split(":targetgroup/")[1]?.split("/")[0] ?? definition.arn;
  return {
    arn: definition.arn,
    name,
    loadBalancer: definition.loadBalancer ?? `app/${name}/50dc6c495c0c9188`,
    healthyThreshold: definition.healthyThreshold ?? 5,
    unhealthyThreshold: definition.unhealthyThreshold ?? 2,
    intervalMs: definition.intervalMs ?? 30_000,
    deregistrationDelayMs: definition.deregistrationDelayMs ?? 300_000,
    targets: new Map((definition.targets ?? []).map((id) => [id, targetSince(id)])),
  };
}

/** Registered and found healthy long ago. */
export function targetSince(instanceId: string): Target {
  return { instanceId, state: "healthy", reason: undefined, passed: 1, failed: 0, drainedAt: undefined };
}

/** The load balancer asks each target once per interval. */
export function beginChecking(world: World): void {
  for (const group of world.targetGroups.values()) {
    const again = (): void => {
      world.agenda.at(world.agenda.now() + group.intervalMs, () => {
        settle(world, group);
        for (const target of group.targets.values()) check(world, group, target);
        again();
      });
    };
    again();
  }
}

/** What needs no check: drained targets leave, and what does not run is not asked. */
function settle(world: World, group: TargetGroup): void {
  const now = world.agenda.now();
  for (const target of [...group.targets.values()]) {
    const state = world.machines.get(target.instanceId)?.state;
    const drained = target.drainedAt !== undefined && target.drainedAt <= now;
    if (drained || state === undefined || state === "terminated") {
      group.targets.delete(target.instanceId);
    } else if (target.state !== "draining" && state !== "running") {
      Object.assign(target, { state: "unused", reason: "Target.InvalidState", passed: 0, failed: 0 });
    } else if (target.state === "unused") {
      Object.assign(target, { state: "initial", reason: "Elb.InitialHealthChecking", passed: 0, failed: 0 });
    }
  }
}

function check(world: World, group: TargetGroup, target: Target): void {
  if (target.state === "draining" || target.state === "unused") return;
  const answer = answerOfMachine(world, world.machines.get(target.instanceId));
  const passes = answer.kind === "answers" && answer.status < 400;
  target.passed = passes ? target.passed + 1 : 0;
  target.failed = passes ? 0 : target.failed + 1;
  // A new target needs one good answer, one that was bad needs several.
  const needed = target.state === "initial" ? 1 : group.healthyThreshold;
  if (target.state !== "healthy" && target.passed >= needed) return become(world, group, { target, state: "healthy" });
  if (target.failed < group.unhealthyThreshold) return;
  const reason =
    answer.kind === "answers"
      ? "Target.ResponseCodeMismatch"
      : answer.kind === "silent"
        ? "Target.Timeout"
        : "Target.FailedHealthChecks";
  if (target.state === "unhealthy") target.reason = reason;
  else become(world, group, { target, state: "unhealthy", reason });
}

function become(
  world: World,
  group: TargetGroup,
  change: { readonly target: Target; readonly state: Target["state"]; readonly reason?: string },
): void {
  change.target.state = change.state;
  change.target.reason = change.reason;
  const level = change.state === "healthy" ? "good" : change.state === "unhealthy" ? "bad" : "info";
  say(world, "ELB", `${group.name}: ${change.target.instanceId} is ${change.state}`, level);
}

export function targetGroupOf(world: World, arn: string): TargetGroup {
  const group = world.targetGroups.get(arn);
  if (group === undefined) {
    throw new AwsRefusal("TargetGroupNotFoundException", `One or more target groups not found: ${arn}`);
  }
  return group;
}

export function targetsOf(world: World, arn: string): Target[] {
  const group = targetGroupOf(world, arn);
  settle(world, group);
  return [...group.targets.values()].map((target) => ({ ...target }));
}

export function register(world: World, arn: string, instanceId: string): void {
  const group = targetGroupOf(world, arn);
  const machine = world.machines.get(instanceId);
  if (machine === undefined) {
    throw new AwsRefusal("InvalidTargetException", `The following targets do not exist: '${instanceId}'`);
  }
  if (machine.state !== "running") {
    const text = `The following targets are not in a running state and cannot be registered: '${instanceId}'`;
    throw new AwsRefusal("InvalidTargetException", text);
  }
  const known = group.targets.get(instanceId);
  if (known !== undefined && known.state !== "draining") return;
  const target: Target = { ...targetSince(instanceId), state: "initial", passed: 0 };
  group.targets.set(instanceId, target);
  become(world, group, { target, state: "initial", reason: "Elb.RegistrationInProgress" });
}

/** Of one that is not registered ELB says nothing. */
export function deregister(world: World, arn: string, instanceId: string): void {
  const group = targetGroupOf(world, arn);
  const target = group.targets.get(instanceId);
  if (target === undefined || target.state === "draining") return;
  settle(world, group);
  // What does not run has no connections that must end.
  if (target.state === "unused") group.targets.delete(instanceId);
  if (group.targets.get(instanceId) === undefined) return;
  target.drainedAt = world.agenda.now() + group.deregistrationDelayMs;
  become(world, group, { target, state: "draining", reason: "Target.DeregistrationInProgress" });
}

/** Whether this instance still has to let its connections end somewhere. */
export function isDraining(world: World, instanceId: string): boolean {
  if (world.machines.get(instanceId)?.state !== "running") return false;
  return [...world.targetGroups.values()].some((group) => {
    settle(world, group);
    return group.targets.get(instanceId)?.state === "draining";
  });
}
