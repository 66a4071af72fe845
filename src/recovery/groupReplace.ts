/**
 * Replace in a group of one (min = max = 1): the group launches a new instance, and the Elastic IP follows.
 *
 * The order is the safety argument.
 * - The group is the one that replaces. When it does so already (its member leaves, another one comes), the plan stands aside and
 *   waits: terminating once more would only take away the new one.
 * - The member goes through the group and without decrement, so that hooks save its data and the number stays one. Only the member
 *   that was there at the order is ever terminated: the successor has another id.
 * - The address moves last, and only from a member that does not run any more (groupAddress.ts).
 * - Suspended processes are read first: with Launch suspended a replacement would be a plain loss.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { PlacementMove } from "../domain/serviceCase.ts";
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { Asked } from "./definition.ts";
import { addressSteps, takeAddress } from "./groupAddress.ts";
import { groupNameOf, isComing, isLeaving, presentGroup, readGroup, type GroupPorts } from "./groupMembers.ts";
import {
  groupTiming,
  newInService,
  newTargetsHealthy,
  noRefresh,
  processesRun,
  serviceAnswers,
  type GroupTiming,
  type NewMembers,
} from "./groupSteps.ts";
import { factOf, type Plan, type Step, type StepEntry } from "./plan.ts";
import { terminateOnce } from "./replaceMembers.ts";

export interface GroupReplaceInputs {
  readonly group: string;
  /** The member that goes; absent: the group is replacing it already, and the plan only waits. */
  readonly memberId?: InstanceId;
  /** Members at the order that are no successors: the one that goes, and those on their way out. */
  readonly formerIds: readonly InstanceId[];
  readonly targetGroupArns: readonly string[];
  readonly allocationId?: AllocationId;
  readonly timing: GroupTiming;
}

export const groupReplaceSteps = {
  left: "the old instance has left the group",
  inService: "a new instance is in service",
  healthy: "the load balancer calls the new instance healthy",
} as const;

/** `snapshotSettleMs` where launch hooks restore a volume before the new instance comes into service. */
export async function groupReplaceInputs(
  asked: Pick<Asked, "current" | "service" | "timing">,
  { scaling }: GroupPorts,
): Promise<GroupReplaceInputs> {
  const { service, timing } = asked;
  const group = groupNameOf(asked);
  const view = await readGroup(scaling, group);
  const leaving = view.instances.filter(isLeaving).map(({ id }) => id);
  const coming = view.instances.filter(isComing);
  const staying = view.instances.filter((member) => !isLeaving(member) && !isComing(member));
  if (staying.length > 1) {
    throw new RecoveryRefused(
      "not-one",
      `group ${group} has ${staying.length} members, and this plan is for a group of one`,
      "Set pattern alb-asg in medic.yaml, or look into the group.",
    );
  }
  const [member] = staying;
  // Replacement under way: what comes now is the successor, whatever happens to the old one.
  const acts = member !== undefined && coming.length === 0;
  const allocationId = service.elasticIp ?? asked.current.placement.allocationId;
  const restores = service.pattern === "asg-ebs" ? timing.snapshotSettleMs : 0;
  const base = groupTiming(timing);
  return {
    group,
    ...(acts ? { memberId: member.id } : {}),
    formerIds: [...leaving, ...staying.map(({ id }) => id)],
    targetGroupArns: view.targetGroupArns,
    ...(allocationId ? { allocationId } : {}),
    timing: { ...base, inServiceSettleMs: base.inServiceSettleMs + restores },
  };
}

export function groupReplacePlan(inputs: GroupReplaceInputs): Plan<GroupPorts> {
  const { group, memberId } = inputs;
  const wish: NewMembers = { ...inputs, knownIds: inputs.formerIds, count: 1 };
  return {
    title: memberId ? `replace ${memberId} in ${group}` : `replacement by ${group} itself`,
    gates: [processesRun(group, ["Launch", ...(memberId ? ["Terminate"] : [])]), noRefresh(group)],
    steps: [
      ...(memberId ? [left(inputs, memberId)] : []),
      newInService(wish, groupReplaceSteps.inService),
      ...(inputs.targetGroupArns.length > 0 ? [newTargetsHealthy(wish, groupReplaceSteps.healthy)] : []),
      ...addressPart(inputs),
      serviceAnswers(inputs.timing),
    ],
    summary: (entries) => summary(inputs, entries),
    moved: (entries) => movedTo(entries),
  };
}

function addressPart({ allocationId, formerIds, timing }: GroupReplaceInputs): Step<GroupPorts>[] {
  return allocationId ? takeAddress({ allocationId, formerIds, to: newMemberOf, timing }) : [];
}

/** As the journal proves it. */
export function newMemberOf(entries: readonly StepEntry[]): InstanceId | undefined {
  const said = factOf(entries, groupReplaceSteps.inService, "instances");
  return said?.split(" ")[0] as InstanceId | undefined;
}

export function movedTo(entries: readonly StepEntry[]): PlacementMove | undefined {
  const instanceId = newMemberOf(entries);
  return instanceId && { instanceId };
}

function summary({ group, memberId }: GroupReplaceInputs, entries: readonly StepEntry[]): string {
  const successor = newMemberOf(entries) ?? "a new instance";
  const byPlan = factOf(entries, addressSteps.moved, "publicIp");
  const address = byPlan ? `; user data did not take ${byPlan}, so the bot did` : "";
  return `${successor} serves in ${group}${memberId ? ` instead of ${memberId}` : ""}${address}`;
}

function left({ group, timing }: GroupReplaceInputs, id: InstanceId): Step<GroupPorts> {
  const find = async ({ scaling }: GroupPorts) => {
    const view = await presentGroup(scaling, group);
    return {
      member: view.instances.find((each) => each.id === id),
      others: view.instances.filter((each) => each.id !== id),
    };
  };
  return {
    name: groupReplaceSteps.left,
    waitsFor: "Auto Scaling to take it out",
    settleMs: timing.inServiceSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    guard: processesRun(group, ["Launch", "Terminate"]),
    check: async (ports) => {
      const { member } = await find(ports);
      return member === undefined || isLeaving(member)
        ? { instance: id, lifecycle: member?.lifecycle ?? "gone" }
        : undefined;
    },
    act: async (ports) => {
      const { member, others } = await find(ports);
      // The group may have begun by itself since the check.
      if (member === undefined || isLeaving(member) || others.some(isComing)) return;
      await terminateOnce(ports.scaling, id);
    },
  };
}
