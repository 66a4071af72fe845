/** Which members a group holds for unhealthy, and their replacement: terminated first, the next one is launched beside. */
import type { Machine } from "./accountModel.ts";
import { zulu } from "./groupActivities.ts";
import { takeOut } from "./groupMembers.ts";
import { isSuspended } from "./groupModel.ts";
import type { Group, Member } from "./groupModel.ts";
import { machineOf } from "./instanceLife.ts";
import { targetsOf } from "./targetGroups.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** An impaired status check is given this long to pass again before the group acts on it. */
const impairedPatienceMs = 3 * 60_000;

export function checkHealth(world: World, group: Group): void {
  if (isSuspended(group, "HealthCheck")) return;
  for (const member of group.members) {
    if (member.lifecycle !== "InService" || member.health === "Unhealthy") continue;
    const because = illness(world, group, member);
    if (because === undefined) continue;
    member.health = "Unhealthy";
    member.unhealthyBecause = because;
    say(world, "Auto Scaling", `${group.name}: ${member.id} is unhealthy (${because})`, "bad");
  }
}

function illness(world: World, group: Group, member: Member): string | undefined {
  const machine = machineOf(world, member.id);
  if (machine.state !== "running") return "EC2 health check indicating it has been terminated or stopped";
  const now = world.agenda.now();
  if (inGrace(group, member, now)) return undefined;
  if (isImpaired(machine, now)) return "EC2 instance status checks failure";
  if (!group.healthCheckType.includes("ELB")) return undefined;
  const targets = group.targetGroupArns.flatMap((arn) => targetsOf(world, arn));
  const bad = targets.some((target) => target.instanceId === member.id && target.state === "unhealthy");
  return bad ? "ELB system health check failure" : undefined;
}

export function inGrace(group: Group, member: Member, now: number): boolean {
  return now < (member.inServiceAt ?? now) + group.healthCheckGraceMs;
}

function isImpaired(machine: Machine, now: number): boolean {
  const { checks } = machine;
  if (checks?.system !== "impaired" && checks?.instance !== "impaired") return false;
  return now >= (checks.impairedSince ?? now) + impairedPatienceMs;
}

/** Launch suspended does not save the unhealthy: they go, and nobody comes. Terminate suspended does. */
export function replaceUnhealthy(world: World, group: Group): void {
  if (isSuspended(group, "ReplaceUnhealthy") || isSuspended(group, "Terminate")) return;
  for (const member of [...group.members]) {
    if (member.lifecycle !== "InService" || member.health === "Healthy") continue;
    const because = member.unhealthyBecause ?? "user health-check";
    const article = /^(EC2|ELB)/.test(because) ? "an" : "a";
    const cause = `At ${zulu(world.agenda.now())} an instance was taken out of service in response to ${article} ${because}.`;
    takeOut(world, group, { member, cause });
  }
}
