/**
 * Scale-in: back to the size from before the scale-out, and the largest size back to what its owner set.
 *
 * The order is the safety argument.
 * - Only a person orders it, and only back to a size that a run of the bot has left: the bot never makes a group smaller than it found it.
 * - Desired capacity falls before the largest size does: the other way round Auto Scaling would itself cut the group, at once.
 * - The debt is paid only when the largest size reads as the owner set it.
 * - Which member leaves is the group's own choice (its termination policy, hooks, draining); the bot terminates nothing.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Asked, RecoveryPorts } from "./definition.ts";
import { groupNameOf, isLeaving, presentGroup, readGroup, type GroupPorts } from "./groupMembers.ts";
import { groupTiming, noRefresh, processesRun, serviceAnswers, type GroupTiming } from "./groupSteps.ts";
import type { Plan, Step } from "./plan.ts";
import { raisedMaxDebtId, type ScaleOutInputs } from "./scaleOut.ts";

export interface ScaleInInputs {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  /** The owner's largest size, when a run has raised it. */
  readonly max?: number;
  readonly timing: GroupTiming;
}

export const scaleInSteps = {
  desiredLowered: "the group wants as many instances as before",
  left: "the surplus instances have left",
  maxLowered: "the largest size is the owner's again",
} as const;

export async function scaleInInputs(
  asked: Pick<Asked, "current" | "service" | "timing">,
  ports: GroupPorts & Pick<RecoveryPorts, "pastRun">,
): Promise<ScaleInInputs> {
  const group = groupNameOf(asked);
  const view = await readGroup(ports.scaling, group);
  const former = await formerSize(asked.current, group, ports);
  const max = former?.max;
  // The owner may have changed the limits since: within them, whatever the size was.
  const to = former && Math.max(view.min, former.desired);
  if (former === undefined || to === undefined || (to >= view.desired && max === undefined)) {
    throw new RecoveryRefused(
      "nothing-to-scale-in",
      former === undefined
        ? `no scale-out of ${group} by the bot is known, so that there is no former size`
        : `${group} wants ${view.desired} instances, and it was ${former.desired} before the scale-out`,
      "Set the capacity in the console when it should be smaller than that.",
    );
  }
  return {
    group,
    from: view.desired,
    to: Math.min(to, view.desired),
    ...(max === undefined ? {} : { max: Math.max(max, view.min) }),
    timing: groupTiming(asked.timing),
  };
}

/** The debt says it for as long as a raised largest size is owed; else the last run that made the group larger. */
async function formerSize(
  current: ServiceCase,
  group: string,
  { pastRun }: Pick<RecoveryPorts, "pastRun">,
): Promise<{ readonly desired: number; readonly max?: number } | undefined> {
  const debt = current.debts.find(({ id }) => id === raisedMaxDebtId(group));
  const { max, desired } = debt?.data ?? {};
  if (max !== undefined && desired !== undefined) return { desired: Number(desired), max: Number(max) };
  const run = await pastRun?.(["scale-out", "raise-max"]);
  const inputs = run?.inputs as ScaleOutInputs | undefined;
  return inputs?.group === group ? { desired: inputs.from } : undefined;
}

export function scaleInPlan(inputs: ScaleInInputs): Plan<GroupPorts> {
  const { group, from, to, max } = inputs;
  return {
    title: `scale-in of ${group} from ${from} to ${to}`,
    gates: [processesRun(group, ["Terminate"]), noRefresh(group)],
    steps: [
      desiredLowered(inputs),
      left(inputs),
      ...(max === undefined ? [] : [maxLowered(inputs, max)]),
      serviceAnswers(inputs.timing),
    ],
    summary: () => `${group} is back at ${to} instances${max === undefined ? "" : `, at most ${max}`}`,
  };
}

function desiredLowered({ group, to, timing }: ScaleInInputs): Step<GroupPorts> {
  return {
    name: scaleInSteps.desiredLowered,
    waitsFor: "Auto Scaling to take the number",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    check: async ({ scaling }) => {
      const { desired } = await presentGroup(scaling, group);
      return desired <= to ? { desired } : undefined;
    },
    act: async ({ scaling }) => {
      // A group that somebody made even smaller meanwhile stays so.
      if ((await presentGroup(scaling, group)).desired > to) await scaling.setDesired(group, to);
    },
  };
}

function left({ group, to, timing }: ScaleInInputs): Step<GroupPorts> {
  const staying = async ({ scaling }: GroupPorts) =>
    (await presentGroup(scaling, group)).instances.filter((member) => !isLeaving(member));
  return {
    name: scaleInSteps.left,
    waitsFor: "connections to drain (usually 5 min) and the instances to go",
    settleMs: timing.inServiceSettleMs,
    again: "safe",
    // Draining and hooks may take an hour. That nobody launches anew is certain already.
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: `Group ${group} goes on shrinking by itself.`,
    progress: async (ports) => `${(await staying(ports)).length} remain, ${to} are wanted`,
    check: async (ports) => {
      const members = await staying(ports);
      return members.length <= to ? { remain: members.map(({ id }) => id).join(" ") } : undefined;
    },
  };
}

function maxLowered({ group, timing }: ScaleInInputs, max: number): Step<GroupPorts> {
  return {
    name: scaleInSteps.maxLowered,
    waitsFor: "Auto Scaling to take the largest size",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    repays: raisedMaxDebtId(group),
    guard: async ({ scaling }) => {
      const { desired } = await presentGroup(scaling, group);
      if (desired <= max) return undefined;
      return {
        code: "grew-again",
        detail: `${group} wants ${desired} instances again, more than ${max}`,
        climb: false,
      };
    },
    check: async ({ scaling }) => {
      const view = await presentGroup(scaling, group);
      return view.max <= max ? { max: view.max } : undefined;
    },
    act: ({ scaling }) => scaling.setMax(group, max),
  };
}
