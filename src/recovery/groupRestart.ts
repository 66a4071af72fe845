/**
 * Restart in a group of one (min = max = 1): a reboot, while the group looks away.
 *
 * The order is the safety argument.
 * - A member of a group is never stopped: the group would terminate it. Standby is no way either, because with min = max = 1 the
 *   capacity cannot fall. So the group is told not to check and not to replace, the machine reboots, and the group watches again.
 * - What is suspended is a debt on the case before the call, with exactly those processes that ran before: what somebody else
 *   suspended stays suspended. The debt outlives a run that dies or is refused; the sweep pays it.
 * - From there to the resuming there is no place to end: a group that watches over nothing is worse than one reboot too many.
 * - The reboot is never repeated; it is waited out and judged by health. When it did not help, the group watches again all the same,
 *   and replaces what it finds unhealthy: that is what it is there for.
 * - When the group replaces the member already, it gets room: a reboot of a machine that leaves helps nobody.
 */
import { RecoveryRefused, Unreachable } from "../domain/errors.ts";
import { length } from "../domain/text.ts";
import type { Timing } from "../domain/timing.ts";
import type { InstanceId } from "../domain/words.ts";
import type { Asked } from "./definition.ts";
import {
  groupNameOf,
  isComing,
  isLeaving,
  presentGroup,
  readGroup,
  suspendedOf,
  type GroupPorts,
} from "./groupMembers.ts";
import { noRefresh, serviceAnswers } from "./groupSteps.ts";
import { inWords, isWell } from "./health.ts";
import { provedBy, type Objection, type Plan, type Refusal, type Step, type StepEntry } from "./plan.ts";
import { restartSteps } from "./restart.ts";

export interface GroupRestartInputs {
  readonly group: string;
  readonly instanceId: InstanceId;
  /** What is suspended for the reboot and resumed after it: those that ran, and what an earlier run still owes. */
  readonly processes: readonly string[];
  /** Suspended by an earlier run of the bot, which still owes them. */
  readonly owed: readonly string[];
  /** EC2's own action on one of the alarms, and since when that alarm is bad. */
  readonly awsActs?: { readonly action: string; readonly since: number };
  readonly timing: Pick<Timing, "rebootSettleMs" | "verifySettleMs" | "awsRoomMs" | "lagMs">;
}

export const groupRestartSteps = {
  suspended: "the group does not replace it meanwhile",
  rebooted: restartSteps.rebooted,
  resumed: "the group watches over it again",
} as const;

/** Without HealthCheck nothing is marked, without ReplaceUnhealthy nothing that is marked is terminated. */
const watching = ["HealthCheck", "ReplaceUnhealthy"] as const;
/** Until this long after the reboot call, a good answer may still come from before the reboot. */
const rebootNoticeMs = 30_000;

export const suspendedDebtId = (group: string): string => `suspended-processes/${group}`;

/** Throws RecoveryRefused when the group has not exactly one member that stays. */
export async function groupRestartInputs(
  asked: Pick<Asked, "current" | "service" | "timing">,
  { scaling }: GroupPorts,
): Promise<GroupRestartInputs> {
  const { current, timing } = asked;
  const group = groupNameOf(asked);
  const view = await readGroup(scaling, group);
  const staying = view.instances.filter((member) => !isLeaving(member));
  const [member] = staying;
  if (member === undefined || staying.some(isComing)) {
    throw new RecoveryRefused(
      "group-acts",
      `group ${group} is replacing its member already (${view.instances.map(({ id, lifecycle }) => `${id} ${lifecycle}`).join(", ") || "it has none now"})`,
      "Wait for it, or order replace, which waits with you.",
    );
  }
  if (staying.length > 1)
    throw new RecoveryRefused("not-one", `group ${group} has ${staying.length} members`, "Order replace instead.");
  const debt = current.debts.find(({ id }) => id === suspendedDebtId(group));
  const owed = suspendedOf(view, debt?.data?.["processes"]?.split(" ") ?? []);
  const acting = current.bad.find((b) => b.awsActs === "recover" || b.awsActs === "reboot");
  const { rebootSettleMs, verifySettleMs, awsRoomMs, lagMs } = timing;
  return {
    group,
    instanceId: member.id,
    processes: watching.filter((process) => owed.includes(process) || !view.suspended.includes(process)),
    owed,
    ...(acting?.awsActs ? { awsActs: { action: acting.awsActs, since: acting.since } } : {}),
    timing: { rebootSettleMs, verifySettleMs, awsRoomMs, lagMs },
  };
}

export function groupRestartPlan(inputs: GroupRestartInputs): Plan<GroupPorts> {
  const { group, instanceId, timing } = inputs;
  return {
    title: `reboot of ${instanceId} within ${group}`,
    gates: [memberStays(inputs), awsIsNotActing(inputs), noRefresh(group)],
    steps: [suspended(inputs), rebooted(inputs), resumed(inputs), serviceAnswers(timing)],
    summary: (entries) =>
      provedBy(entries, groupRestartSteps.rebooted)
        ? `${instanceId} was rebooted and stays in ${group}`
        : `${instanceId} was asked to reboot and is not well yet; ${group} watches over it again and may replace it`,
  };
}

function memberStays({ group, instanceId }: GroupRestartInputs): Objection<GroupPorts> {
  return async ({ scaling, compute }): Promise<Refusal | undefined> => {
    const view = await presentGroup(scaling, group);
    const member = view.instances.find(({ id }) => id === instanceId);
    const acts = (detail: string): Refusal => ({ code: "group-acts", detail, climb: false });
    if (member === undefined || isLeaving(member))
      return acts(`${group} is replacing ${instanceId} already (${member?.lifecycle ?? "gone"}); it gets room`);
    if (member.health !== "Healthy" && !view.suspended.includes("ReplaceUnhealthy"))
      return acts(`${group} has marked ${instanceId} unhealthy and replaces it; it gets room`);
    const machine = await compute.instance(instanceId);
    if (machine === undefined || machine.state === "terminated")
      return { code: "instance-gone", detail: `${instanceId} does not exist any more`, climb: true };
    if (machine.state !== "running")
      return { code: "not-running", detail: `${instanceId} is ${machine.state}; the group replaces it`, climb: false };
    return undefined;
  };
}

/** EC2's recover and reboot actions get room; two restarts of one machine at once help nobody. */
function awsIsNotActing({ instanceId, awsActs, timing }: GroupRestartInputs): Objection<GroupPorts> {
  return async ({ compute, clock }) => {
    if (awsActs === undefined) return undefined;
    const checks = await compute.checks(instanceId);
    const impaired = checks?.system === "impaired" || checks?.instance === "impaired";
    const leftMs = Math.max(awsActs.since, checks?.impairedSince ?? 0) + timing.awsRoomMs - clock.now();
    if (!impaired || leftMs <= 0) return undefined;
    const detail = `EC2's own ${awsActs.action} action has been at work since the alarm; it gets ${length(leftMs)} more`;
    return { code: "aws-acts", detail, climb: false };
  };
}

function suspended(inputs: GroupRestartInputs): Step<GroupPorts> {
  const { group, processes, instanceId, timing } = inputs;
  return {
    name: groupRestartSteps.suspended,
    waitsFor: "Auto Scaling to take it",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    borrows: {
      id: suspendedDebtId(group),
      kind: "suspended-processes",
      what: `${processes.join(" and ")} of ${group} ${processes.length === 1 ? "is" : "are"} suspended for a reboot of ${instanceId}`,
      data: { group, processes: processes.join(" ") },
    },
    check: async ({ scaling }) => {
      const now = suspendedOf(await presentGroup(scaling, group), processes);
      return now.length === processes.length ? { suspended: now.join(" ") } : undefined;
    },
    act: ({ scaling }) => scaling.suspend(group, processes),
  };
}

function rebooted({ instanceId, timing, group }: GroupRestartInputs): Step<GroupPorts> {
  return {
    name: groupRestartSteps.rebooted,
    waitsFor: "both status checks and the probe, usually 2 min",
    settleMs: timing.rebootSettleMs,
    again: "never",
    onTimeout: "go-on",
    safePoint: false,
    skip: async ({ scaling, compute }) => {
      const member = (await presentGroup(scaling, group)).instances.find(({ id }) => id === instanceId);
      if (member === undefined || isLeaving(member)) return `${group} has begun to replace it`;
      const machine = await compute.instance(instanceId);
      if (machine === undefined) throw new Unreachable(`instance ${instanceId} (EC2 says that it does not exist)`);
      return machine.state === "running" ? undefined : `the instance is ${machine.state}`;
    },
    check: async ({ clock, evidence }, { begun }) => {
      if (!begun || clock.now() - begun.at < Math.min(rebootNoticeMs, timing.rebootSettleMs / 2)) return undefined;
      const now = await evidence();
      return isWell(now) ? { read: inWords(now) } : undefined;
    },
    act: ({ compute }) => compute.reboot(instanceId),
  };
}

function resumed(inputs: GroupRestartInputs): Step<GroupPorts> {
  const { group, processes, owed, timing } = inputs;
  const tookAway = (entries: readonly StepEntry[]) =>
    owed.length > 0 || entries.some(({ step, begun }) => step === groupRestartSteps.suspended && begun !== undefined);
  return {
    name: groupRestartSteps.resumed,
    waitsFor: "Auto Scaling to take it",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    repays: suspendedDebtId(group),
    // Suspended by somebody else at that very moment: then it is theirs.
    skip: async (_ports, { entries }) => (tookAway(entries) ? undefined : "this run suspended nothing"),
    check: async ({ scaling }, { begun }) => {
      // Read before the call it would only prove that reads lag behind the suspending.
      if (!begun) return undefined;
      return suspendedOf(await presentGroup(scaling, group), processes).length === 0
        ? { resumed: processes.join(" ") }
        : undefined;
    },
    act: ({ scaling }) => scaling.resume(group, processes),
  };
}
