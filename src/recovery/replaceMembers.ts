/**
 * Replace in a group behind a load balancer: its unhealthy members go, one after the other, and each is followed by a sound one.
 *
 * The order is the safety argument.
 * - Who goes is resolved once, at the order: members that a target group or the group itself calls unhealthy then. One that is well
 *   again when its turn comes is left alone; one that fails meanwhile waits for another order.
 * - One at a time: the next one goes only when the one before has a successor that is in service and healthy. A template that cannot
 *   boot thus costs one member that was of no use anyway, and the run ends there.
 * - Through the group and without decrement: hooks and draining run, the number of instances stays, and nothing but a member that
 *   was found unhealthy is ever terminated. Said twice about one id it is one termination.
 * - With Launch, Terminate or ReplaceUnhealthy suspended the group would do half of it; that is asked before the first act and right
 *   before each one, and what somebody else suspended stays so. While an instance refresh goes on, nothing is replaced beside it.
 */
import { RecoveryRefused, WrongState, NotFound } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import { isIdle, type GroupView, type Scaling } from "../ports/scaling.ts";
import type { Asked } from "./definition.ts";
import {
  groupNameOf,
  healthyIn,
  isLeaving,
  isServing,
  presentGroup,
  readGroup,
  type GroupPorts,
} from "./groupMembers.ts";
import {
  groupTiming,
  newInService,
  newTargetsHealthy,
  noRefresh,
  processesRun,
  serviceAnswers,
  type GroupTiming,
} from "./groupSteps.ts";
import { provedBy, type Plan, type Step, type StepEntry } from "./plan.ts";

export interface ReplaceMembersInputs {
  readonly group: string;
  /** Worst off first; never more than `replaceMax`. */
  readonly unhealthyIds: readonly InstanceId[];
  /** Every member at the order: whoever is not among them is a successor. */
  readonly knownIds: readonly InstanceId[];
  readonly targetGroupArns: readonly string[];
  readonly timing: GroupTiming;
}

/** More than this at once is an instance refresh, which AWS itself carries. */
export const replaceMax = 10;
/** Without these the group replaces by halves. */
export const replacing = ["Launch", "Terminate", "ReplaceUnhealthy"] as const;

export const replaceSteps = {
  left: (id: InstanceId) => `${id} has left the group`,
  followed: (id: InstanceId) => `a new instance follows ${id}`,
  healthy: (id: InstanceId) => `the load balancer calls the one after ${id} healthy`,
} as const;

export async function replaceMembersInputs(
  asked: Pick<Asked, "current" | "service" | "timing">,
  { scaling }: GroupPorts,
): Promise<ReplaceMembersInputs> {
  const group = groupNameOf(asked);
  const view = await readGroup(scaling, group);
  const unhealthyIds = await unhealthyMembers(scaling, view);
  if (unhealthyIds.length === 0) {
    const leaving = view.instances.filter(isLeaving).map(({ id }) => id);
    throw new RecoveryRefused(
      "nothing-unhealthy",
      leaving.length > 0
        ? `no member of ${group} that stays is unhealthy; ${leaving.join(", ")} ${leaving.length > 1 ? "are" : "is"} being replaced already`
        : `no member of ${group} is unhealthy`,
      "Order refresh to renew members that are well.",
    );
  }
  return {
    group,
    unhealthyIds: unhealthyIds.slice(0, replaceMax),
    knownIds: view.instances.map(({ id }) => id),
    targetGroupArns: view.targetGroupArns,
    timing: groupTiming(asked.timing),
  };
}

/**
 * In service and called unhealthy by the group, or by a target group that has had time to tell: `initial` is no verdict. What leaves
 * already is the group's own work.
 */
export async function unhealthyMembers(scaling: Pick<Scaling, "targets">, view: GroupView): Promise<InstanceId[]> {
  const staying = view.instances.filter((member) => member.lifecycle === "InService");
  const called = new Set(staying.filter(({ health }) => health === "Unhealthy").map(({ id }) => id));
  for (const arn of view.targetGroupArns) {
    for (const target of await scaling.targets(arn))
      if ((target.state === "unhealthy" || target.state === "unused") && !isIdle(target)) called.add(target.instanceId);
  }
  return staying.map(({ id }) => id).filter((id) => called.has(id));
}

export function replaceMembersPlan(inputs: ReplaceMembersInputs): Plan<GroupPorts> {
  const { group, unhealthyIds } = inputs;
  return {
    title: `replace ${unhealthyIds.join(", ")} in ${group}`,
    gates: [processesRun(group, replacing), noRefresh(group)],
    steps: [...unhealthyIds.flatMap((id) => replaceOne(inputs, id)), serviceAnswers(inputs.timing)],
    summary: (entries) => {
      const gone = leftSoFar(inputs, entries);
      return gone.length === 0 ? `nothing in ${group} had to be replaced` : `${gone.join(", ")} replaced in ${group}`;
    },
  };
}

function leftSoFar({ unhealthyIds }: ReplaceMembersInputs, entries: readonly StepEntry[]): InstanceId[] {
  return unhealthyIds.filter((id) => provedBy(entries, replaceSteps.left(id)));
}

function replaceOne(inputs: ReplaceMembersInputs, id: InstanceId): Step<GroupPorts>[] {
  const { group, unhealthyIds } = inputs;
  const spared = (entries: readonly StepEntry[]) =>
    provedBy(entries, replaceSteps.left(id)) ? undefined : `${id} stays`;
  // Successors of those before it count too: each that left must have one.
  const upTo = unhealthyIds.slice(0, unhealthyIds.indexOf(id) + 1);
  const countOf = (entries: readonly StepEntry[]) =>
    leftSoFar(inputs, entries).filter((gone) => upTo.includes(gone)).length;
  const followed = (count: number) => newInService({ ...inputs, count }, replaceSteps.followed(id));
  const healthy = (count: number) => newTargetsHealthy({ ...inputs, count }, replaceSteps.healthy(id));
  return [left(inputs, id), counted(followed, { countOf, spared }), counted(healthy, { countOf, spared })].map(
    (step) => ({ ...step, waitsFor: `${step.waitsFor} (${group})` }),
  );
}

/** How many successors are due follows from the journal: members that were well again have none. */
function counted(
  make: (count: number) => Step<GroupPorts>,
  of: {
    readonly countOf: (entries: readonly StepEntry[]) => number;
    readonly spared: (entries: readonly StepEntry[]) => string | undefined;
  },
): Step<GroupPorts> {
  return {
    ...make(1),
    skip: async (ports, view) => of.spared(view.entries) ?? make(of.countOf(view.entries)).skip?.(ports, view),
    progress: async (ports, view) => make(of.countOf(view.entries)).progress?.(ports, view),
    check: (ports, view) => make(of.countOf(view.entries)).check(ports, view),
  };
}

function left({ group, timing, targetGroupArns }: ReplaceMembersInputs, id: InstanceId): Step<GroupPorts> {
  const find = async ({ scaling }: GroupPorts) =>
    (await presentGroup(scaling, group)).instances.find((member) => member.id === id);
  return {
    name: replaceSteps.left(id),
    waitsFor: "Auto Scaling to take it out",
    settleMs: timing.inServiceSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    skip: async (ports) => {
      const member = await find(ports);
      if (member === undefined || !isServing(member)) return undefined;
      const well = targetGroupArns.length > 0 && (await healthyIn(ports.scaling, targetGroupArns, [id])).includes(id);
      return well ? `${id} is healthy again` : undefined;
    },
    guard: processesRun(group, replacing),
    check: async (ports) => {
      const member = await find(ports);
      return member === undefined || isLeaving(member) ? { lifecycle: member?.lifecycle ?? "gone" } : undefined;
    },
    act: async (ports) => {
      const member = await find(ports);
      if (member !== undefined && !isLeaving(member)) await terminateOnce(ports.scaling, id);
    },
  };
}

/** Refused because it is on its way out, or gone: somebody was faster, and `check` sees that. */
export async function terminateOnce(scaling: Pick<Scaling, "terminateMember">, id: InstanceId): Promise<void> {
  try {
    await scaling.terminateMember(id);
  } catch (error) {
    if (!(error instanceof NotFound || error instanceof WrongState)) throw error;
  }
}
