/** Scaling activities: what Auto Scaling writes down about each launch and termination, in its own sentences. */
import type { Activity, Group } from "./groupModel.ts";
import { noticeActivity } from "./groupNotices.ts";
import { seededUuid } from "./seededIds.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** Auto Scaling keeps six weeks; nobody here looks back further than this. */
const activitiesMax = 200;

/** `2026-11-21T03:00:00Z`, as causes write it. */
export function zulu(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function beginActivity(
  world: World,
  group: Group,
  about: { readonly what: string; readonly cause: string; readonly zone: string; readonly instanceId: string },
): Activity {
  const zoneIndex = group.availabilityZones.indexOf(about.zone);
  const activity: Activity = {
    id: seededUuid(world.groupRandom),
    at: world.agenda.now(),
    what: about.what,
    cause: about.cause,
    status: "InProgress",
    statusMessage: "",
    progress: 30,
    endedAt: undefined,
    availabilityZone: about.zone,
    subnet: group.subnets[zoneIndex] ?? "",
    instanceId: about.instanceId,
  };
  group.activities.push(activity);
  if (group.activities.length > activitiesMax) group.activities.shift();
  say(world, "Auto Scaling", `${group.name}: ${about.what}`);
  return activity;
}

export function endWell(world: World, group: Group, activity: Activity, kind: "launch" | "terminate"): void {
  Object.assign(activity, { status: "Successful", progress: 100, endedAt: world.agenda.now() });
  say(world, "Auto Scaling", `${group.name}: ${activity.what}: done`, "good");
  noticeActivity(world, group, { activity, kind });
}

/** A launch that came to nothing: "Failed" when EC2 refused, "Cancelled" when a hook abandoned it. */
export function endLaunchBadly(
  world: World,
  group: Group,
  failed: { readonly activity: Activity; readonly status: "Failed" | "Cancelled"; readonly why: string },
): void {
  const { activity, status, why } = failed;
  Object.assign(activity, {
    what: `${activity.what}.  Status Reason: ${why}`,
    status,
    statusMessage: why,
    progress: 100,
    endedAt: world.agenda.now(),
  });
  say(world, "Auto Scaling", `${group.name}: ${activity.what}`, "bad");
  noticeActivity(world, group, { activity, kind: "launch-error" });
}
