/** Instance refresh: members that were there at its start are replaced, so many at a time that enough stay healthy. */
import { zulu } from "./groupActivities.ts";
import { inGrace } from "./groupHealth.ts";
import { takeOut } from "./groupMembers.ts";
import { capacity, isSuspended } from "./groupModel.ts";
import type { Group, Member, Refresh } from "./groupModel.ts";
import { machineOf } from "./instanceLife.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** Without any progress for this long it fails. */
const stuckMs = 3_600_000;

export function activeRefresh(group: Group): Refresh | undefined {
  return group.refreshes.find((each) => ["Pending", "InProgress", "Cancelling"].includes(each.status));
}

export function goOnRefreshing(world: World, group: Group): void {
  const refresh = activeRefresh(group);
  if (refresh === undefined) return;
  const settled = group.members.length === group.desired && ready(world, group).length === group.desired;
  if (refresh.status === "Cancelling") {
    if (settled) end(world, group, { refresh, status: "Cancelled" });
    return;
  }
  refresh.status = "InProgress";
  const waiting = group.members.filter((each) => refresh.old.includes(each.id) && each.lifecycle === "InService");
  note(world, refresh, { done: doneOf(group, { refresh, waiting, ready: ready(world, group).length }) });
  if (waiting.length === 0 && settled) return end(world, group, { refresh, status: "Successful" });
  if (world.agenda.now() - refresh.progressAt >= stuckMs) {
    refresh.reason = "Instance refresh made no progress for one hour.";
    return end(world, group, { refresh, status: "Failed" });
  }
  replaceSome(world, group, { refresh, waiting });
}

function doneOf(group: Group, seen: { refresh: Refresh; waiting: readonly Member[]; ready: number }): number {
  const unfinished = Math.max(0, group.desired - seen.ready);
  return Math.max(0, seen.refresh.old.length - seen.waiting.length - unfinished);
}

function note(world: World, refresh: Refresh, seen: { readonly done: number }): void {
  const all = refresh.old.length;
  const percent = all === 0 ? 100 : Math.floor((100 * seen.done) / all);
  if (percent <= refresh.percent) return;
  refresh.percent = percent;
  refresh.progressAt = world.agenda.now();
}

/** In service, healthy to the group and to every load balancer, and warmed up: the default warm-up is the grace period. */
function ready(world: World, group: Group): Member[] {
  const now = world.agenda.now();
  const isBad = (id: string): boolean =>
    group.targetGroupArns.some((arn) => {
      const state = world.targetGroups.get(arn)?.targets.get(id)?.state;
      return state !== undefined && state !== "healthy";
    });
  return capacity(group).filter(
    (each) =>
      each.lifecycle === "InService" && each.health === "Healthy" && !inGrace(group, each, now) && !isBad(each.id),
  );
}

function replaceSome(world: World, group: Group, round: { refresh: Refresh; waiting: readonly Member[] }): void {
  if (isSuspended(group, "InstanceRefresh") || isSuspended(group, "Launch") || isSuspended(group, "Terminate")) return;
  const healthy = ready(world, group).length;
  const needed = Math.ceil((group.desired * round.refresh.minHealthyPercent) / 100);
  // At least one goes, whatever the percentage, once everybody is well; otherwise a group of one would never be refreshed.
  const count = healthy - needed > 0 ? healthy - needed : healthy >= group.desired ? 1 : 0;
  const next = round.waiting
    .filter((each) => !each.protectedFromScaleIn)
    .sort((a, b) => machineOf(world, a.id).launchTime - machineOf(world, b.id).launchTime)
    .slice(0, count);
  for (const member of next) {
    const cause = `At ${zulu(world.agenda.now())} an instance was taken out of service in response to an instance refresh.`;
    takeOut(world, group, { member, cause });
    round.refresh.progressAt = world.agenda.now();
  }
}

function end(
  world: World,
  group: Group,
  how: { readonly refresh: Refresh; readonly status: "Successful" | "Cancelled" | "Failed" },
): void {
  how.refresh.status = how.status;
  how.refresh.endedAt = world.agenda.now();
  if (how.status === "Successful") how.refresh.percent = 100;
  say(world, "Auto Scaling", `${group.name}: instance refresh ${how.status}`, how.status === "Failed" ? "bad" : "good");
}
