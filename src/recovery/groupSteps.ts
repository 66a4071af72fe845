/** Steps and gates that several plans of groups share. */
import { RecoveryRefused } from "../domain/errors.ts";
import type { Timing } from "../domain/timing.ts";
import type { InstanceId } from "../domain/words.ts";
import { inWords, isWell } from "./health.ts";
import {
  assertLaunchable,
  healthyIn,
  isComing,
  isServing,
  presentGroup,
  suspendedOf,
  type GroupPorts,
} from "./groupMembers.ts";
import type { Objection, Step } from "./plan.ts";
import { restartSteps } from "./restart.ts";

export type GroupTiming = Pick<Timing, "inServiceSettleMs" | "verifySettleMs" | "lagMs" | "addressSettleMs">;

export function groupTiming({ inServiceSettleMs, verifySettleMs, lagMs, addressSettleMs }: Timing): GroupTiming {
  return { inServiceSettleMs, verifySettleMs, lagMs, addressSettleMs };
}

/**
 * Without these a group does half of a replacement: with Launch suspended it still terminates and launches nothing. The bot does
 * not resume what somebody else suspended: whoever did it had a reason.
 */
export function processesRun(group: string, processes: readonly string[]): Objection<GroupPorts> {
  return async ({ scaling }) => {
    const suspended = suspendedOf(await presentGroup(scaling, group), processes);
    if (suspended.length === 0) return undefined;
    return {
      code: "process-suspended",
      detail: `${suspended.join(" and ")} of group ${group} ${suspended.length === 1 ? "is" : "are"} suspended; resume ${suspended.length === 1 ? "it" : "them"} in the console first`,
      climb: false,
    };
  };
}

/** The last step of every plan that brings a service back. */
export function serviceAnswers(timing: Pick<Timing, "verifySettleMs">): Step<GroupPorts> {
  return {
    name: restartSteps.well,
    waitsFor: "the probe and what else observes the service",
    settleMs: timing.verifySettleMs,
    again: "safe",
    // Whether it is healthy is proved after the plan; this only gives it time to come up.
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: "The group is as it should be; whether the service answers was not awaited.",
    check: async ({ evidence }) => {
      const now = await evidence();
      return isWell(now) ? { read: inWords(now) } : undefined;
    },
  };
}

export interface NewMembers {
  readonly group: string;
  /** Members at the order: whoever is not among them is new. */
  readonly knownIds: readonly InstanceId[];
  readonly targetGroupArns: readonly string[];
  /** So many new ones. */
  readonly count: number;
  readonly timing: GroupTiming;
}

/** Waits until so many new members are in service; reads why when none comes. */
export function newInService(wish: NewMembers, name: string): Step<GroupPorts> {
  const settleMs = wish.timing.inServiceSettleMs;
  return {
    name,
    waitsFor: "the group to launch and the instance to boot",
    settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    leftWhileWaiting: `Group ${wish.group} goes on launching by itself.`,
    progress: async ({ scaling }) => {
      const view = await presentGroup(scaling, wish.group);
      const fresh = view.instances.filter(({ id }) => !wish.knownIds.includes(id));
      const coming = fresh.filter(isComing).map(({ id, lifecycle }) => `${id} is ${lifecycle}`);
      return [`${fresh.filter(isServing).length} of ${wish.count} in service`, ...coming].join(", ");
    },
    check: async (ports, { begun }) => {
      const view = await presentGroup(ports.scaling, wish.group);
      const ready = view.instances.filter((member) => isServing(member) && !wish.knownIds.includes(member.id));
      if (ready.length >= wish.count) return { instances: ready.map(({ id }) => id).join(" ") };
      if (begun) await assertLaunchable(ports, view, { since: begun.at, settleMs });
      return undefined;
    },
  };
}

/** In service is the group's word; users reach only what the target group calls healthy. */
export function newTargetsHealthy(wish: NewMembers, name: string): Step<GroupPorts> {
  return {
    name,
    waitsFor: "the load balancer's health checks",
    settleMs: wish.timing.inServiceSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    leftWhileWaiting: "The new instances run; whether the load balancer calls them healthy was not awaited.",
    skip: async () => (wish.targetGroupArns.length === 0 ? "the group has no target group" : undefined),
    progress: async (ports) => `${(await freshHealthy(ports, wish)).length} of ${wish.count} targets healthy`,
    check: async (ports) => {
      const healthy = await freshHealthy(ports, wish);
      return healthy.length >= wish.count ? { targets: healthy.join(" ") } : undefined;
    },
  };
}

async function freshHealthy({ scaling }: GroupPorts, wish: NewMembers): Promise<InstanceId[]> {
  const view = await presentGroup(scaling, wish.group);
  const fresh = view.instances.filter((member) => isServing(member) && !wish.knownIds.includes(member.id));
  return healthyIn(
    scaling,
    wish.targetGroupArns,
    fresh.map(({ id }) => id),
  );
}

/** A refresh replaces members by itself: two hands on one group help nobody. */
export const refreshGoesOn = (status: string): boolean =>
  /^(Pending|InProgress|Baking|Cancelling|RollbackInProgress)$/.test(status);

export function noRefresh(group: string): Objection<GroupPorts> {
  return async ({ scaling }) => {
    const going = (await scaling.refreshes(group)).find(({ status }) => refreshGoesOn(status));
    if (going === undefined) return undefined;
    return {
      code: "refresh-in-progress",
      detail: `instance refresh ${going.id} of group ${group} is under way (${going.percent} %); wait for its end or cancel it in the console`,
      climb: false,
    };
  };
}

/** For previews and resolve: an objection that stands already, as the refusal that it would be. */
export async function refuseNow(ports: GroupPorts, objections: readonly Objection<GroupPorts>[]): Promise<void> {
  for (const objection of objections) {
    const refusal = await objection(ports);
    if (refusal) throw new RecoveryRefused(refusal.code, refusal.detail, "Then order it again.");
  }
}
