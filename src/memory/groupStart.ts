/** Groups and target groups as they are when the account opens: members in service and healthy since two weeks. */
import type { Agenda } from "./agenda.ts";
import { isSuspended } from "./groupModel.ts";
import type { Activity, Group, GroupDefinition, Member, TargetGroup, TargetGroupDefinition } from "./groupModel.ts";
import { placesOf } from "./places.ts";
import { seededUuid } from "./seededIds.ts";
import type { SeededRandom } from "./seededRandom.ts";
import { targetGroupFrom, targetSince } from "./targetGroups.ts";
import type { World } from "./world.ts";

export interface ScalingOptions {
  readonly groups?: readonly GroupDefinition[];
  /** Those that a group names and this list does not are made with AWS's defaults. */
  readonly targetGroups?: readonly TargetGroupDefinition[];
  /** Topics that get EventBridge's notices about Auto Scaling: launches, terminations, lifecycle hooks. */
  readonly scalingNoticeTopics?: readonly string[];
}

const graceDefaultMs = 300_000;

interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly agenda: Agenda;
  readonly random: SeededRandom;
}

export function startingScaling(
  options: ScalingOptions,
  place: Place,
): Pick<World, "groups" | "targetGroups" | "groupRandom" | "scalingNoticeTopics"> {
  const groupRandom = place.random.fork("groups");
  const groups = (options.groups ?? []).map((each) => groupFrom(each, place, groupRandom));
  const targetGroups = (options.targetGroups ?? []).map(targetGroupFrom);
  return {
    groups: new Map(groups.map((group) => [group.name, group])),
    targetGroups: new Map([...targetGroups, ...unnamed(groups, targetGroups)].map((each) => [each.arn, each])),
    groupRandom,
    scalingNoticeTopics: options.scalingNoticeTopics ?? [],
  };
}

function unnamed(groups: readonly Group[], known: readonly TargetGroup[]): TargetGroup[] {
  const arns = new Set(groups.flatMap((group) => group.targetGroupArns));
  for (const group of known) arns.delete(group.arn);
  return [...arns].map((arn) => targetGroupFrom({ arn }));
}

function groupFrom(definition: GroupDefinition, place: Place, random: SeededRandom): Group {
  const zones = definition.availabilityZones ?? [`${place.region}a`, `${place.region}b`];
  const subnets: Readonly<Record<string, string>> = placesOf(place.region).subnets;
  const arn =
    `arn:aws:autoscaling:${place.region}:${place.accountId}:autoScalingGroup:${seededUuid(random)}:` +
    `autoScalingGroupName/${definition.name}`;
  return {
    name: definition.name,
    arn,
    min: definition.min,
    max: definition.max,
    desired: definition.desired,
    targetGroupArns: definition.targetGroupArns ?? [],
    availabilityZones: zones,
    subnets: definition.subnets ?? zones.map((zone) => subnets[zone.at(-1) ?? ""] ?? ""),
    healthCheckType: definition.healthCheckType ?? "EC2",
    healthCheckGraceMs: definition.healthCheckGraceMs ?? graceDefaultMs,
    newInstancesProtected: definition.newInstancesProtected ?? false,
    tags: definition.tags ?? {},
    template: definition.template ?? {},
    hooks: definition.hooks ?? [],
    policies: definition.policies ?? [],
    noticeTopics: definition.noticeTopics ?? [],
    takesAddress: definition.takesAddress,
    suspended: new Map((definition.suspended ?? []).map((process) => [process, { reason: "User suspended" }])),
    load: definition.load,
    members: [],
    activities: (definition.activities ?? []).map((each) => earlier(each, random)),
    actions: [],
    refreshes: [],
    cause: "",
    lastScalingAt: 0,
    retryLaunchAt: 0,
    nextHealthCheckAt: 0,
    unbalanced: false,
    rebalancing: undefined,
    lowMinutes: 0,
    highMinutes: 0,
    protestedProtection: false,
    past: [],
  };
}

function earlier(
  each: { readonly at: number; readonly what: string; readonly status: string },
  random: SeededRandom,
): Activity {
  return {
    id: seededUuid(random),
    at: each.at,
    what: each.what,
    cause: each.what,
    status: each.status,
    statusMessage: "",
    progress: 100,
    endedAt: each.at,
    availabilityZone: "",
    subnet: "",
    instanceId: "",
  };
}

/** Once the machines are there: who belongs to a group by its definition or by their own becomes a member, and a target. */
export function enrolMembers(world: World, definitions: readonly GroupDefinition[], since: number): void {
  for (const definition of definitions) {
    const group = world.groups.get(definition.name);
    if (group === undefined) continue;
    const tagged = [...world.machines.values()].filter((each) => each.asgName === group.name).map((each) => each.id);
    for (const id of new Set([...(definition.instanceIds ?? []), ...tagged])) enrol(world, group, { id, since });
  }
}

function enrol(world: World, group: Group, who: { readonly id: string; readonly since: number }): void {
  const machine = world.machines.get(who.id);
  if (machine === undefined) throw new Error(`group ${group.name} names ${who.id}, which the account does not have`);
  const member: Member = {
    id: machine.id,
    availabilityZone: machine.availabilityZone,
    lifecycle: "InService",
    health: "Healthy",
    protectedFromScaleIn: group.newInstancesProtected,
    inServiceAt: who.since,
    activity: undefined,
    abandoned: undefined,
    unhealthyBecause: undefined,
  };
  group.members.push(member);
  machine.tags["aws:autoscaling:groupName"] ??= group.name;
  if (isSuspended(group, "AddToLoadBalancer")) return;
  for (const arn of group.targetGroupArns)
    world.targetGroups.get(arn)?.targets.set(machine.id, targetSince(machine.id));
}
