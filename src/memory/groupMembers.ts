/**
 * One member from its launch to its termination. Every step asks the world whether the last one has happened, so that the steps
 * may be taken as often as one likes; nothing but `passes`, the group's life, calls them.
 */
import { AwsRefusal } from "./accountModel.ts";
import { beginActivity, endLaunchBadly, endWell } from "./groupActivities.ts";
import { beginHooks, forget, verdictOf } from "./groupHooks.ts";
import type { AfterWait } from "./groupHooks.ts";
import { launchMember } from "./groupLaunch.ts";
import { isSuspended } from "./groupModel.ts";
import type { Group, Member } from "./groupModel.ts";
import { machineOf, terminate } from "./instanceLife.ts";
import { deregister, isDraining, register } from "./targetGroups.ts";
import type { World } from "./world.ts";

/** Answers whether EC2 gave one. */
export function launch(
  world: World,
  group: Group,
  how: { readonly zone: string; readonly cause: string },
): Member | undefined {
  const about = { what: "Launching a new EC2 instance", cause: how.cause, zone: how.zone, instanceId: "" };
  try {
    const machine = launchMember(world, group, how.zone);
    const activity = beginActivity(world, group, {
      ...about,
      what: `${about.what}: ${machine.id}`,
      instanceId: machine.id,
    });
    activity.status = "PreInService";
    const member: Member = {
      id: machine.id,
      availabilityZone: how.zone,
      lifecycle: "Pending",
      health: "Healthy",
      protectedFromScaleIn: group.newInstancesProtected,
      inServiceAt: undefined,
      activity,
      abandoned: undefined,
      unhealthyBecause: undefined,
    };
    group.members.push(member);
    return member;
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    const activity = beginActivity(world, group, about);
    endLaunchBadly(world, group, {
      activity,
      status: "Failed",
      why: `${error.message} Launching EC2 instance failed.`,
    });
    return undefined;
  }
}

/** Takes the member out: its connections end, its hooks are asked, EC2 terminates it. */
export function takeOut(world: World, group: Group, why: { readonly member: Member; readonly cause: string }): void {
  const { member } = why;
  forget(group, member);
  member.lifecycle = "Terminating";
  member.activity = beginActivity(world, group, {
    what: `Terminating EC2 instance: ${member.id}`,
    cause: why.cause,
    zone: member.availabilityZone,
    instanceId: member.id,
  });
  for (const arn of group.targetGroupArns) deregister(world, arn, member.id);
}

/** One step of this member, if the world has come so far. */
export function proceed(world: World, group: Group, step: { readonly member: Member; readonly then: AfterWait }): void {
  const { member } = step;
  switch (member.lifecycle) {
    case "Pending":
      return afterBoot(world, group, step);
    case "Pending:Wait":
      return afterLaunchHooks(world, group, member);
    case "Terminating":
      return afterDraining(world, group, step);
    case "Terminating:Wait":
      if (verdictOf(group, member, "terminating") !== undefined) endMachine(world, group, member);
      return;
    case "Terminating:Proceed":
      return afterTermination(world, group, member);
    default:
      return;
  }
}

function afterBoot(world: World, group: Group, step: { readonly member: Member; readonly then: AfterWait }): void {
  const { member } = step;
  const machine = machineOf(world, member.id);
  if (machine.state === "pending") return;
  if (machine.state !== "running") {
    // EC2 took it back while it came up: a key that may not be used, an internal error.
    return abandon(world, group, {
      member,
      status: "Failed",
      why: machine.stateReason?.message ?? "Instance terminated",
    });
  }
  if (!beginHooks(world, group, { ...step, transition: "launching" })) enterService(world, group, member);
}

function afterLaunchHooks(world: World, group: Group, member: Member): void {
  const { state } = machineOf(world, member.id);
  if (state === "shutting-down" || state === "terminated") {
    return abandon(world, group, {
      member,
      status: "Cancelled",
      why: "Instance became unhealthy while waiting for instance to be in InService state.",
    });
  }
  const verdict = verdictOf(group, member, "launching");
  if (verdict === undefined) return;
  if (verdict === "go-on") {
    member.lifecycle = "Pending:Proceed";
    return enterService(world, group, member);
  }
  const how =
    verdict.state === "completed" ? "Lifecycle Action Completed with ABANDON Result" : "Lifecycle Action timed out";
  const why = `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${verdict.token} was abandoned: ${how}`;
  abandon(world, group, { member, status: "Cancelled", why });
}

/** No terminating hooks: the member has never been in service, and what a launch hook had begun is the hook's own to undo. */
function abandon(
  world: World,
  group: Group,
  failed: { readonly member: Member; readonly status: "Failed" | "Cancelled"; readonly why: string },
): void {
  const { member } = failed;
  if (member.activity !== undefined) endLaunchBadly(world, group, { ...failed, activity: member.activity });
  member.abandoned = failed.why;
  forget(group, member);
  member.activity = undefined;
  endMachine(world, group, member);
}

function enterService(world: World, group: Group, member: Member): void {
  if (machineOf(world, member.id).state === "running" && !isSuspended(group, "AddToLoadBalancer")) {
    for (const arn of group.targetGroupArns) register(world, arn, member.id);
  }
  member.lifecycle = "InService";
  member.inServiceAt = world.agenda.now();
  if (member.activity !== undefined) endWell(world, group, member.activity, "launch");
  member.activity = undefined;
}

function afterDraining(world: World, group: Group, step: { readonly member: Member; readonly then: AfterWait }): void {
  const { member } = step;
  if (isDraining(world, member.id)) {
    if (member.activity !== undefined) member.activity.status = "WaitingForELBConnectionDraining";
    return;
  }
  if (!beginHooks(world, group, { ...step, transition: "terminating" })) endMachine(world, group, member);
}

function endMachine(world: World, group: Group, member: Member): void {
  member.lifecycle = "Terminating:Proceed";
  if (member.activity !== undefined) member.activity.status = "InProgress";
  terminate(world, machineOf(world, member.id), `group ${group.name}`);
}

function afterTermination(world: World, group: Group, member: Member): void {
  if (machineOf(world, member.id).state !== "terminated") return;
  member.lifecycle = "Terminated";
  group.members.splice(group.members.indexOf(member), 1);
  if (member.activity !== undefined) endWell(world, group, member.activity, "terminate");
}
