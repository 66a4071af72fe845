/**
 * Instance refresh: the group renews its members by its own template, a part at a time.
 *
 * The order is the safety argument.
 * - AWS carries it: it keeps the stated share healthy, stops at what fails, and goes on when the bot dies. The bot starts it once and
 *   watches.
 * - StartInstanceRefresh has no client token. What was begun by this order is found again because it was not among the refreshes that
 *   existed at the order; AWS itself refuses a second one beside it.
 * - A run that is stopped leaves the refresh going: half of a renewed fleet is two versions, and who stops it should choose that.
 * - In a group of one nothing can stay healthy meanwhile, and the Elastic IP follows as in a replacement.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { Timing } from "../domain/timing.ts";
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { RefreshView } from "../ports/scaling.ts";
import type { Asked } from "./definition.ts";
import { takeAddress } from "./groupAddress.ts";
import { groupNameOf, readGroup, type GroupPorts } from "./groupMembers.ts";
import { groupReplaceSteps, movedTo, newMemberOf } from "./groupReplace.ts";
import {
  groupTiming,
  newInService,
  noRefresh,
  processesRun,
  refreshGoesOn,
  serviceAnswers,
  type GroupTiming,
} from "./groupSteps.ts";
import { factOf, type Plan, type Step, type StepEntry } from "./plan.ts";

export interface RefreshInputs {
  readonly group: string;
  readonly minHealthyPercent: number;
  /** Ids of all refreshes that existed at the order. */
  readonly knownRefreshes: readonly string[];
  /** Only for a group of one, whose new member the service then lives on. */
  readonly single?: { readonly formerIds: readonly InstanceId[]; readonly allocationId?: AllocationId };
  readonly timing: GroupTiming & Pick<Timing, "refreshLimitMs">;
}

export const refreshSteps = {
  begun: "an instance refresh is under way",
  over: "every instance is renewed",
} as const;

/** What AWS itself proposes for a group of several. */
const usualPercent = 90;

export async function refreshInputs(
  asked: Pick<Asked, "current" | "service" | "timing">,
  ports: GroupPorts,
): Promise<RefreshInputs> {
  const { service, timing } = asked;
  const group = groupNameOf(asked);
  const view = await readGroup(ports.scaling, group);
  const known = await ports.scaling.refreshes(group);
  if (view.desired === 0) {
    throw new RecoveryRefused(
      "group-empty",
      `group ${group} wants no instance at all`,
      "Raise its desired capacity first.",
    );
  }
  const isSingle = service.pattern !== "alb-asg";
  const allocationId = service.elasticIp ?? asked.current.placement.allocationId;
  const formerIds = view.instances.map(({ id }) => id);
  return {
    group,
    minHealthyPercent: view.desired === 1 ? 0 : usualPercent,
    knownRefreshes: known.map(({ id }) => id),
    ...(isSingle ? { single: { formerIds, ...(allocationId ? { allocationId } : {}) } } : {}),
    timing: { ...groupTiming(timing), refreshLimitMs: timing.refreshLimitMs },
  };
}

export function refreshPlan(inputs: RefreshInputs): Plan<GroupPorts> {
  const { group, timing } = inputs;
  return {
    title: `instance refresh of ${group}`,
    gates: [processesRun(group, ["Launch", "Terminate"]), noRefresh(group)],
    steps: [begun(inputs), over(inputs), ...singlePart(inputs), serviceAnswers(timing)],
    summary: () => `every instance of ${group} was renewed`,
    moved: (entries) => (inputs.single ? movedTo(entries) : undefined),
  };
}

function singlePart({ group, single, timing }: RefreshInputs): Step<GroupPorts>[] {
  if (single === undefined) return [];
  const { allocationId, formerIds } = single;
  const wish = { group, knownIds: formerIds, targetGroupArns: [], count: 1, timing };
  return [
    newInService(wish, groupReplaceSteps.inService),
    ...(allocationId ? takeAddress({ allocationId, formerIds, to: newMemberOf, timing }) : []),
  ];
}

const ours = ({ knownRefreshes }: RefreshInputs, found: readonly RefreshView[]): RefreshView | undefined =>
  // The oldest of the new ones: whoever begins another one later is not us.
  found.filter(({ id }) => !knownRefreshes.includes(id)).at(-1);

function begun(inputs: RefreshInputs): Step<GroupPorts> {
  const { group, minHealthyPercent, timing } = inputs;
  return {
    name: refreshSteps.begun,
    waitsFor: "Auto Scaling to begin it",
    settleMs: timing.lagMs * 4,
    again: "safe",
    // It shows in reads that may lag.
    againAfterMs: timing.lagMs,
    onTimeout: "fail",
    safePoint: true,
    guard: processesRun(group, ["Launch", "Terminate"]),
    check: async ({ scaling }) => {
      const found = ours(inputs, await scaling.refreshes(group));
      return found && { refresh: found.id };
    },
    act: async ({ scaling }) => {
      if (ours(inputs, await scaling.refreshes(group)) === undefined)
        await scaling.startRefresh(group, { minHealthyPercent });
    },
  };
}

function over(inputs: RefreshInputs): Step<GroupPorts> {
  const { group, timing } = inputs;
  const find = async ({ scaling }: GroupPorts, entries: readonly StepEntry[]) => {
    const id = factOf(entries, refreshSteps.begun, "refresh");
    return (await scaling.refreshes(group)).find((each) => each.id === id);
  };
  return {
    name: refreshSteps.over,
    waitsFor: "Auto Scaling to renew one part after the other",
    settleMs: timing.refreshLimitMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    leftWhileWaiting: `The instance refresh of ${group} goes on in AWS; cancel it in the console to end it.`,
    progress: async (ports, { entries }) => {
      const view = await find(ports, entries);
      return view && `${view.percent} % renewed${view.status === "InProgress" ? "" : ` (${view.status})`}`;
    },
    check: async (ports, { entries }) => {
      const view = await find(ports, entries);
      if (view === undefined || refreshGoesOn(view.status)) return undefined;
      if (view.status === "Successful") return { refresh: view.id };
      throw new RecoveryRefused(
        "refresh-failed",
        `the instance refresh of ${group} ended as ${view.status} at ${view.percent} %${view.reason ? `: ${view.reason}` : ""}`,
        "Look at the launch template and at the newest instance's log, then order it again.",
      );
    },
  };
}
