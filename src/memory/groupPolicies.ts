/** What groups and target groups write into CloudWatch each minute, and the target tracking that follows from it. */
import { zulu } from "./groupActivities.ts";
import { lookSoon } from "./groupLife.ts";
import { capacity, isSuspended } from "./groupModel.ts";
import type { Group } from "./groupModel.ts";
import { metricKey, put } from "./metricPoints.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** Target tracking scales out after three minutes above its target, and in after fifteen well below. */
const minutesAbove = 3;
const minutesBelow = 15;
const wellBelow = 0.9;
const targetDefault = 50;

export function writeGroupPoints(world: World, minute: number): void {
  for (const group of world.groups.values()) {
    const named = { AutoScalingGroupName: group.name };
    const inService = group.members.filter((each) => each.lifecycle === "InService").length;
    put(world, metricKey("AWS/AutoScaling", "GroupInServiceInstances", named), { at: minute, value: inService });
    put(world, metricKey("AWS/AutoScaling", "GroupDesiredCapacity", named), { at: minute, value: group.desired });
    const cpu = averageCpu(world, group, minute);
    if (cpu === undefined) continue;
    put(world, metricKey("AWS/EC2", "CPUUtilization", named), { at: minute, value: cpu });
    track(world, group, cpu);
  }
  for (const group of world.targetGroups.values()) {
    const targets = [...group.targets.values()].filter((each) => each.state !== "draining");
    if (targets.length === 0) continue;
    const arnEnd = group.arn.slice(group.arn.indexOf("targetgroup/"));
    const named = { TargetGroup: arnEnd, LoadBalancer: group.loadBalancer };
    const healthy = targets.filter((each) => each.state === "healthy").length;
    const unhealthy = targets.filter((each) => each.state === "unhealthy").length;
    put(world, metricKey("AWS/ApplicationELB", "HealthyHostCount", named), { at: minute, value: healthy });
    put(world, metricKey("AWS/ApplicationELB", "UnHealthyHostCount", named), { at: minute, value: unhealthy });
  }
}

function averageCpu(world: World, group: Group, minute: number): number | undefined {
  const values = group.members.flatMap((member) => {
    const row = world.points.get(metricKey("AWS/EC2", "CPUUtilization", { InstanceId: member.id })) ?? [];
    const last = row.at(-1);
    return last?.at === minute ? [last.value] : [];
  });
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
}

function track(world: World, group: Group, cpu: number): void {
  const policy = group.policies.find((each) => (each.kind ?? "TargetTrackingScaling") === "TargetTrackingScaling");
  if (policy === undefined || policy.enabled === false) return;
  const target = policy.targetValue ?? targetDefault;
  group.highMinutes = cpu > target ? group.highMinutes + 1 : 0;
  group.lowMinutes = cpu < target * wellBelow ? group.lowMinutes + 1 : 0;
  const settled =
    group.members.length === group.desired && capacity(group).every((each) => each.lifecycle === "InService");
  if (isSuspended(group, "AlarmNotification") || !settled) return;
  // As many as it takes for the average to be at the target, were the work shared evenly.
  const wanted = Math.max(group.min, Math.min(group.max, Math.ceil((group.desired * cpu) / target)));
  const out = group.highMinutes >= minutesAbove && wanted > group.desired;
  const back = group.lowMinutes >= minutesBelow && wanted < group.desired && policy.scaleInDisabled !== true;
  if (!out && !back) return;
  const alarm = `TargetTracking-${group.name}-Alarm${out ? "High" : "Low"}`;
  group.cause =
    `At ${zulu(world.agenda.now())} a monitor alarm ${alarm} in state ALARM triggered policy ${policy.name} changing the ` +
    `desired capacity from ${group.desired} to ${wanted}.  `;
  say(
    world,
    "Auto Scaling",
    `${group.name}: policy ${policy.name} changes the desired capacity from ${group.desired} to ${wanted}`,
  );
  Object.assign(group, { desired: wanted, lowMinutes: 0, highMinutes: 0, lastScalingAt: world.agenda.now() });
  lookSoon(world, group);
}
