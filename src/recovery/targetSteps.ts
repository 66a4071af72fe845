/** A lone instance's places in target groups move with the service. Fenced first: the new one is registered when the old one is off. */
import type { InstanceId } from "../domain/words.ts";
import type { Scaling, TargetHealth } from "../ports/scaling.ts";
import type { RecoveryPorts } from "./definition.ts";
import type { Step } from "./plan.ts";

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const targetSteps = {
  left: "the target groups send nothing to the old instance",
  joined: "the other instance is in the target groups",
} as const;

interface Places {
  readonly targetGroups: readonly string[];
  readonly instanceId: InstanceId;
  readonly settleMs: number;
}

/** What drains is on its way out, and what is registered and off gets nothing; deregistering twice is one deregistration. */
export function leavesTargetGroups({ targetGroups, instanceId, settleMs }: Places): Step<RecoveryPorts> {
  return {
    name: targetSteps.left,
    waitsFor: "the load balancer to let go of it",
    settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    check: async ({ scaling }) => {
      const left = await placesOf(scaling, instanceId, targetGroups);
      return left.length === 0 ? { left: targetGroups.length } : undefined;
    },
    act: async ({ scaling }) => {
      const left = await placesOf(scaling, instanceId, targetGroups);
      for (const { targetGroupArn } of left) await scaling.deregister(targetGroupArn, instanceId);
    },
  };
}

export function joinsTargetGroups({ targetGroups, instanceId, settleMs }: Places): Step<RecoveryPorts> {
  return {
    name: targetSteps.joined,
    waitsFor: "the load balancer to know it",
    settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    check: async ({ scaling }) => {
      const places = await placesOf(scaling, instanceId, targetGroups);
      return places.length === targetGroups.length
        ? { states: places.map(({ state }) => state).join(", ") }
        : undefined;
    },
    act: async ({ scaling }) => {
      const places = new Set((await placesOf(scaling, instanceId, targetGroups)).map((each) => each.targetGroupArn));
      for (const arn of targetGroups) if (!places.has(arn)) await scaling.register(arn, instanceId);
    },
  };
}

async function placesOf(scaling: Scaling, id: InstanceId, arns: readonly string[]): Promise<TargetHealth[]> {
  return (await scaling.targetHealth(id, arns)).filter(({ state }) => state !== "draining");
}
