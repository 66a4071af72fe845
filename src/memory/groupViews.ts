/** What a read shows of a group: the truth, or with lagging reads the group of a few seconds ago. */
import type { Group, GroupSnapshot } from "./groupModel.ts";
import type { World } from "./world.ts";

/** Former views kept per group: enough for any lag that a test asks for. */
const pastMax = 32;

export function snapshotOf(group: Group): GroupSnapshot {
  return {
    name: group.name,
    arn: group.arn,
    min: group.min,
    max: group.max,
    desired: group.desired,
    instanceIds: group.members.map((member) => member.id),
    members: group.members.map((member) => ({ ...member })),
    suspended: [...group.suspended.keys()],
    suspensions: [...group.suspended].map(([process, { reason }]) => ({ process, reason })),
    targetGroupArns: group.targetGroupArns,
    availabilityZones: group.availabilityZones,
    subnets: group.subnets,
    healthCheckType: group.healthCheckType,
    healthCheckGraceMs: group.healthCheckGraceMs,
    newInstancesProtected: group.newInstancesProtected,
    tags: { ...group.tags },
    activities: group.activities.map((activity) => ({ ...activity })),
  };
}

export function rememberGroup(world: World, group: Group): void {
  const seen = [group.min, group.max, group.desired, ...group.suspended.keys()].join();
  const members = group.members.map((each) => `${each.id} ${each.lifecycle} ${each.health}`).join();
  const mark = `${seen}|${members}|${group.activities.at(-1)?.id ?? ""}`;
  if (group.past.at(-1)?.mark === mark) return;
  group.past.push({ at: world.agenda.now(), mark, view: snapshotOf(group) });
  if (group.past.length > pastMax) group.past.shift();
}

export function readGroup(world: World, group: Group): GroupSnapshot {
  if (world.faults.readLagMs === 0) return snapshotOf(group);
  const seen = world.agenda.now() - world.faults.readLagMs;
  return (group.past.findLast((each) => each.at <= seen) ?? group.past[0])?.view ?? snapshotOf(group);
}
