/** A group keeps as many members as it is told to, spread evenly over its zones. */
import { beginActivity, zulu } from "./groupActivities.ts";
import { launch, takeOut } from "./groupMembers.ts";
import { capacity, isSuspended } from "./groupModel.ts";
import type { Group, Member } from "./groupModel.ts";
import { machineOf } from "./instanceLife.ts";
import type { World } from "./world.ts";

/** After no zone gave an instance. */
const launchRetryMs = 60_000;

export function keepCapacity(world: World, group: Group): void {
  const missing = group.desired - capacity(group).length;
  if (missing > 0) grow(world, group, missing);
  if (missing < 0) shrink(world, group, -missing);
}

/** Zones with the fewest members first; in a draw the group's own order. */
function zonesByNeed(group: Group): string[] {
  const count = (zone: string): number => capacity(group).filter((each) => each.availabilityZone === zone).length;
  return [...group.availabilityZones].sort((a, b) => count(a) - count(b));
}

function grow(world: World, group: Group, missing: number): void {
  if (isSuspended(group, "Launch") || world.agenda.now() < group.retryLaunchAt) return;
  for (let i = 0; i < missing; i++) {
    const from = capacity(group).length;
    const cause =
      `${group.cause}At ${zulu(world.agenda.now())} an instance was started in response to a difference between desired and ` +
      `actual capacity, increasing the capacity from ${from} to ${from + 1}.`;
    if (!launchSomewhere(world, group, cause)) {
      group.retryLaunchAt = world.agenda.now() + launchRetryMs;
      return;
    }
  }
  group.cause = "";
}

function launchSomewhere(world: World, group: Group, cause: string): boolean {
  for (const [i, zone] of zonesByNeed(group).entries()) {
    if (launch(world, group, { zone, cause }) === undefined) continue;
    // Another zone had to do: evened out when the first one has room again.
    if (i > 0) group.unbalanced = true;
    return true;
  }
  return false;
}

function shrink(world: World, group: Group, surplus: number): void {
  if (isSuspended(group, "Terminate")) return;
  const newcomer = group.members.find((each) => each.id === group.rebalancing);
  if (newcomer !== undefined && newcomer.lifecycle !== "InService") return;
  for (let i = 0; i < surplus; i++) {
    const victim = nextVictim(world, group);
    if (victim === undefined) return protest(world, group);
    const from = capacity(group).length;
    const now = zulu(world.agenda.now());
    const cause =
      `${group.cause}At ${now} an instance was taken out of service in response to a difference between desired and actual ` +
      `capacity, shrinking the capacity from ${from} to ${from - 1}.  At ${now} instance ${victim.id} was selected for termination.`;
    takeOut(world, group, { member: victim, cause });
  }
  group.cause = "";
  group.rebalancing = undefined;
}

/** From the zone with the most members, the oldest; never a protected one. */
function nextVictim(world: World, group: Group): Member | undefined {
  const zones = zonesByNeed(group).toReversed();
  const bySeniority = capacity(group)
    .filter((each) => !each.protectedFromScaleIn)
    .sort((a, b) => machineOf(world, a.id).launchTime - machineOf(world, b.id).launchTime);
  for (const zone of zones) {
    const victim = bySeniority.find((each) => each.availabilityZone === zone);
    if (victim !== undefined) return victim;
  }
  return bySeniority[0];
}

function protest(world: World, group: Group): void {
  if (group.protestedProtection) return;
  group.protestedProtection = true;
  const what = "Could not scale to desired capacity because all remaining instances are protected from scale-in.";
  const activity = beginActivity(world, group, { what, cause: group.cause, zone: "", instanceId: "" });
  Object.assign(activity, { status: "Failed", statusMessage: what, progress: 100, endedAt: world.agenda.now() });
}

/** AZRebalance: launches in the poorest zone first, then `shrink` takes one out of the richest. */
export function evenOut(world: World, group: Group): void {
  const live = capacity(group);
  const settled = live.length === group.desired && live.every((each) => each.lifecycle === "InService");
  if (!group.unbalanced || !settled || world.agenda.now() < group.retryLaunchAt) return;
  if (isSuspended(group, "AZRebalance") || isSuspended(group, "Launch")) return;
  const count = (zone: string): number => live.filter((each) => each.availabilityZone === zone).length;
  const zones = zonesByNeed(group);
  const [poorest, richest] = [zones[0], zones.at(-1)];
  if (poorest === undefined || richest === undefined || count(richest) - count(poorest) < 2) {
    group.unbalanced = false;
    return;
  }
  const cause = `At ${zulu(world.agenda.now())} an instance was launched to aid in balancing the group's zones.`;
  const newcomer = launch(world, group, { zone: poorest, cause });
  if (newcomer === undefined) group.retryLaunchAt = world.agenda.now() + launchRetryMs;
  else group.rebalancing = newcomer.id;
}
