/** From what lives in a region to services: one for each tagged instance, pair or group, with the alarms that are about it. */
import type { AlarmView } from "../../ports/alarms.ts";
import type { InstanceView } from "../../ports/compute.ts";
import type { GroupView, HookView } from "../../ports/scaling.ts";

export interface Found {
  readonly instances: readonly InstanceView[];
  /** Allocation id by instance. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly groups: readonly GroupView[];
  /** By group, as far as they were asked for: groups of one that have a wanted member. */
  readonly hooks?: ReadonlyMap<string, readonly HookView[]>;
  readonly alarms: readonly AlarmView[];
  readonly tag: string;
  readonly all: boolean;
}

export interface DraftedService {
  readonly name: string;
  readonly description: string;
  readonly pattern: "instance" | "standby" | "asg" | "alb-asg";
  readonly target: { readonly instance: string } | { readonly asg: string } | { readonly tag: string };
  readonly standby?: { readonly instance: string };
  readonly elasticIp?: string;
  readonly alarms: readonly string[];
  /** What a reader should know before using it. */
  readonly notes: readonly string[];
}

export interface Draft {
  readonly services: readonly DraftedService[];
  /** Alarms that are about none of them. */
  readonly left: readonly string[];
}

export function draftOf(found: Found): Draft {
  const names = new Set<string>();
  const claimed = new Set<string>();
  const services: DraftedService[] = [];
  const add = (wanted: string, make: (name: string) => Omit<DraftedService, "name" | "alarms">, about: AlarmView[]) => {
    const name = unused(wanted, names);
    // An alarm belongs to one service only, and a glob in a name would claim others: such ones are left out.
    const alarms = about.map((view) => view.name).filter((each) => !claimed.has(each) && !each.includes("*"));
    for (const each of alarms) claimed.add(each);
    services.push({ name, ...make(name), alarms });
  };
  for (const [group, wanted] of groupsOf(found))
    add(wanted, () => ofGroup(group, found), aboutGroup(found.alarms, group));
  const alone = found.instances.filter((view) => view.asgName === undefined && wantedName(view, found) !== undefined);
  const paired = new Set<InstanceView>();
  for (const view of alone) {
    if (paired.has(view)) continue;
    const pair = pairOf(view, found, alone);
    for (const each of pair ?? []) paired.add(each);
    if (pair === undefined)
      add(wantedName(view, found) ?? "", () => ofInstance(view, found, alone), about(found.alarms, view));
    else
      add(
        wantedName(view, found) ?? "",
        () => ofPair(pair, found),
        pair.flatMap((each) => about(found.alarms, each)),
      );
  }
  const left = found.alarms.map((view) => view.name).filter((name) => !claimed.has(name));
  return { services, left };
}

function wantedName(view: InstanceView, { tag, all }: Found): string | undefined {
  const tagged = view.tags[tag]?.trim();
  if (tagged) return tagged;
  return all ? view.name?.trim() || undefined : undefined;
}

/** Groups with a wanted member; a group's tag reaches its instances. */
export function groupsOf(found: Found): [GroupView, string][] {
  return found.groups.flatMap((group): [GroupView, string][] => {
    const member = found.instances.find((view) => view.asgName === group.name && wantedName(view, found) !== undefined);
    if (member === undefined) return [];
    return [[group, member.tags[found.tag]?.trim() || group.name]];
  });
}

export function isGroupOfOne({ max, targetGroupArns }: GroupView): boolean {
  return max <= 1 && targetGroupArns.length === 0;
}

function ofGroup(group: GroupView, { addresses, hooks }: Found): Omit<DraftedService, "name" | "alarms"> {
  const one = isGroupOfOne(group);
  const elasticIp = one ? group.instances.flatMap(({ id }) => addresses.get(id) ?? [])[0] : undefined;
  return {
    description: `Auto Scaling group ${group.name}`,
    pattern: one ? "asg" : "alb-asg",
    target: { asg: group.name },
    ...(elasticIp ? { elasticIp } : {}),
    notes: [
      `${group.instances.length} instances now (min ${group.min}, max ${group.max})`,
      ...(one ? hookNotes(hooks?.get(group.name) ?? []) : []),
      ...(!one && group.targetGroupArns.length === 0
        ? ["no target group: how healthy it is only EC2's checks tell"]
        : []),
    ],
  };
}

/** Whether hooks move a volume cannot be seen from outside: the reader is told what to write if they do. */
function hookNotes(hooks: readonly HookView[]): string[] {
  const ending = hooks.find(({ transition }) => transition === "terminating")?.name;
  const starting = hooks.find(({ transition }) => transition === "launching")?.name;
  if (ending === undefined || starting === undefined) return [];
  const volume = `volume: { tag: Key=Value, device: /dev/sdf, terminatingHook: ${ending}, launchingHook: ${starting} }`;
  return [`it has lifecycle hooks; if they move a volume, and the bot shall answer them: pattern: asg-ebs, ${volume}`];
}

/** Two machines of one tag in two zones, of which one holds the address and the other none: a primary and its standby. */
function pairOf(
  view: InstanceView,
  { tag, addresses }: Found,
  alone: readonly InstanceView[],
): readonly [InstanceView, InstanceView] | undefined {
  const value = view.tags[tag]?.trim();
  if (!value) return undefined;
  const [first, second, ...more] = alone.filter((other) => other.tags[tag]?.trim() === value);
  if (first === undefined || second === undefined || more.length > 0) return undefined;
  if (first.availabilityZone === second.availabilityZone || addresses.has(first.id) === addresses.has(second.id))
    return undefined;
  return addresses.has(first.id) ? [first, second] : [second, first];
}

function ofPair(
  [primary, other]: readonly [InstanceView, InstanceView],
  { tag, addresses }: Found,
): Omit<DraftedService, "name" | "alarms"> {
  const elasticIp = addresses.get(primary.id);
  const where = ({ id, type, availabilityZone, state }: InstanceView) =>
    `${id} (${type}, ${availabilityZone}, ${state})`;
  return {
    description: primary.name ?? primary.id,
    pattern: "standby",
    target: { instance: primary.id },
    standby: { instance: other.id },
    ...(elasticIp ? { elasticIp } : {}),
    notes: [
      `primary ${where(primary)} holds the address, standby ${where(other)}; both carry ${tag}=${primary.tags[tag]?.trim()}`,
      "if the second one is no standby but a service of its own, give it another tag value and draft again",
    ],
  };
}

function ofInstance(
  view: InstanceView,
  { tag, addresses }: Found,
  alone: readonly InstanceView[],
): Omit<DraftedService, "name" | "alarms"> {
  const elasticIp = addresses.get(view.id);
  const value = view.tags[tag]?.trim();
  const twins = alone.filter((other) => other.tags[tag]?.trim() === value);
  const isAlone = value !== undefined && value !== "" && twins.length === 1 && !/\p{Cc}/u.test(value);
  const notes = [
    ...(view.state === "running" ? [] : [`${view.state} now`]),
    ...(elasticIp ? [] : ["no Elastic IP: a stop and start changes its public address"]),
    ...(view.spot ? ["a Spot instance: it cannot be stopped and started at will"] : []),
    ...(view.rootDeviceType === "instance-store" ? ["instance-store root: it cannot be stopped"] : []),
    ...(value && twins.length > 1 ? [`${twins.length} instances carry ${tag}=${value}, so it is named by id`] : []),
  ];
  return {
    description: view.name ?? view.id,
    pattern: "instance",
    target: isAlone ? { tag: `${tag}=${value}` } : { instance: view.id },
    ...(elasticIp ? { elasticIp } : {}),
    notes: [`${view.id}, ${view.type} in ${view.availabilityZone}`, ...notes],
  };
}

function about(alarms: readonly AlarmView[], view: InstanceView): AlarmView[] {
  return alarms.filter(({ dimensions }) => dimensions["InstanceId"] === view.id);
}

function aboutGroup(alarms: readonly AlarmView[], group: GroupView): AlarmView[] {
  const suffixes = group.targetGroupArns.map((arn) => arn.slice(arn.lastIndexOf(":") + 1));
  const ids = new Set<string>(group.instances.map(({ id }) => id));
  return alarms.filter(
    ({ dimensions }) =>
      dimensions["AutoScalingGroupName"] === group.name ||
      suffixes.includes(dimensions["TargetGroup"] ?? "") ||
      ids.has(dimensions["InstanceId"] ?? ""),
  );
}

const nameCharsMax = 40;

/** As medic.yaml and people's fingers want it, and never twice. */
function unused(wanted: string, names: Set<string>): string {
  const tame =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^[-0-9]+|-+$/g, "")
      .slice(0, nameCharsMax)
      .replace(/-+$/, "") || "service";
  let name = tame;
  for (let copy = 2; names.has(name); copy += 1) name = `${tame}-${copy}`;
  names.add(name);
  return name;
}
