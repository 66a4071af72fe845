/**
 * Scale-out: the group gets more members, and they serve before the plan is over. raise-max is the same with a larger group first.
 *
 * The order is the safety argument.
 * - Numbers are absolute and resolved once, at the order: said twice they change nothing, and a crash cannot add twice.
 * - Nothing is taken away: a policy or a person that wants even more is left alone, and desired capacity is never lowered here.
 * - The largest size is the owner's limit on cost, so that a plain scale-out refuses at it. Only a person's own order raises it, and
 *   how it was before is a debt on the case before the call: it stands on the card until somebody scales in.
 * - With Launch suspended the group would take the number and launch nothing: that is asked before anything else.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import type { Asked } from "./definition.ts";
import { groupNameOf, presentGroup, readGroup, type GroupPorts } from "./groupMembers.ts";
import {
  groupTiming,
  newInService,
  newTargetsHealthy,
  processesRun,
  serviceAnswers,
  type GroupTiming,
  type NewMembers,
} from "./groupSteps.ts";
import type { Plan, Step } from "./plan.ts";

export interface ScaleOutInputs {
  readonly group: string;
  /** Desired capacity at the order: what scale-in goes back to. */
  readonly from: number;
  readonly to: number;
  readonly knownIds: readonly InstanceId[];
  readonly targetGroupArns: readonly string[];
  readonly timing: GroupTiming;
  /** Only for raise-max. `owed` is the owner's own largest size, also when it is raised for the second time. */
  readonly raise?: { readonly max: number; readonly owed: number };
}

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const scaleOutSteps = {
  maxRaised: "the group may be larger",
  desiredRaised: "the group wants more instances",
  inService: "the new instances are in service",
  healthy: "the load balancer calls the new instances healthy",
} as const;

export const raisedMaxDebtId = (group: string): string => `raised-max/${group}`;

/** Throws RecoveryRefused: no group, at its largest size already, a new largest size that is none. */
export async function scaleOutInputs(
  asked: Pick<Asked, "current" | "service" | "timing"> & { readonly raises: boolean; readonly amount?: number },
  { scaling }: GroupPorts,
): Promise<ScaleOutInputs> {
  const { service, timing, current } = asked;
  const group = groupNameOf(asked);
  const view = await readGroup(scaling, group);
  const wanted = view.desired + service.scaleStep;
  const max = asked.raises ? (asked.amount ?? view.max + service.scaleStep) : view.max;
  if (asked.raises && (!Number.isInteger(max) || max <= view.max)) {
    throw new RecoveryRefused(
      "not-raised",
      `group ${group} may have ${view.max} instances already; ${max} is not more`,
      `Order raise-max with a whole number above ${view.max}, or scale-out when there is room.`,
    );
  }
  const to = Math.min(max, wanted);
  if (to <= view.desired) {
    throw new RecoveryRefused(
      "at-max",
      `group ${group} wants ${view.desired} instances, and ${view.max} is its largest size`,
      "raise-max raises it, by a person's own order and at the owner's cost.",
    );
  }
  const debt = current.debts.find(({ id }) => id === raisedMaxDebtId(group));
  return {
    group,
    from: view.desired,
    to,
    knownIds: view.instances.map(({ id }) => id),
    targetGroupArns: view.targetGroupArns,
    timing: groupTiming(timing),
    ...(asked.raises ? { raise: { max, owed: Number(debt?.data?.["max"] ?? view.max) } } : {}),
  };
}

export function scaleOutPlan(inputs: ScaleOutInputs): Plan<GroupPorts> {
  const { group, from, to, raise } = inputs;
  const fresh: NewMembers = { ...inputs, count: to - from };
  return {
    title: `scale-out of ${group} from ${from} to ${to}`,
    gates: [processesRun(group, ["Launch"])],
    steps: [
      ...(raise ? [maxRaised(inputs, raise)] : []),
      desiredRaised(inputs),
      newInService(fresh, scaleOutSteps.inService),
      newTargetsHealthy(fresh, scaleOutSteps.healthy),
      serviceAnswers(inputs.timing),
    ],
    summary: () => `${group} went from ${from} to ${to} instances${raise ? `; it may have ${raise.max} now` : ""}`,
  };
}

function maxRaised({ group, from, timing }: ScaleOutInputs, raise: { max: number; owed: number }): Step<GroupPorts> {
  return {
    name: scaleOutSteps.maxRaised,
    waitsFor: "Auto Scaling to take the new largest size",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    borrows: {
      id: raisedMaxDebtId(group),
      kind: "raised-max",
      what: `the largest size of ${group} is ${raise.max} instead of ${raise.owed}`,
      data: { group, max: String(raise.owed), desired: String(from) },
    },
    check: async ({ scaling }) => {
      const { max } = await presentGroup(scaling, group);
      return max >= raise.max ? { max } : undefined;
    },
    act: async ({ scaling }) => {
      // Somebody else may have raised it even higher since: what the owner wants is never lowered here.
      if ((await presentGroup(scaling, group)).max < raise.max) await scaling.setMax(group, raise.max);
    },
  };
}

function desiredRaised({ group, to, timing }: ScaleOutInputs): Step<GroupPorts> {
  return {
    name: scaleOutSteps.desiredRaised,
    waitsFor: "Auto Scaling to take the number",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    guard: async ({ scaling }) => {
      const { max } = await presentGroup(scaling, group);
      if (max >= to) return undefined;
      return {
        code: "at-max",
        detail: `${max} is the largest size of ${group} now, and ${to} are wanted`,
        climb: false,
      };
    },
    check: async ({ scaling }) => {
      const { desired } = await presentGroup(scaling, group);
      return desired >= to ? { desired } : undefined;
    },
    act: async ({ scaling }) => {
      if ((await presentGroup(scaling, group)).desired < to) await scaling.setDesired(group, to);
    },
  };
}
