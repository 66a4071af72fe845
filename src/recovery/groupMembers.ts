/** What plans read out of an Auto Scaling group: who serves, who leaves, what keeps it from launching. Reads only. */
import { NoCapacity, RecoveryRefused, Unreachable } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import { isIdle, type GroupMember, type GroupView, type Scaling } from "../ports/scaling.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";

export type GroupPorts = Pick<RecoveryPorts, "clock" | "scaling" | "compute" | "evidence">;

/** In service and sound, as the group sees it. Whether users reach it is the target group's word. */
export function isServing({ lifecycle, health }: GroupMember): boolean {
  return lifecycle === "InService" && health === "Healthy";
}

/** On its way out, whoever ordered it: the group replaces it already. */
export function isLeaving({ lifecycle }: GroupMember): boolean {
  return lifecycle.startsWith("Terminat") || lifecycle.startsWith("Detach");
}

export function isComing({ lifecycle }: GroupMember): boolean {
  return lifecycle.startsWith("Pending");
}

/** The group that the service lives in; throws RecoveryRefused when none is named. */
export function groupNameOf({ current, service }: Pick<Asked | PreviewAsked, "current" | "service">): string {
  const name = current.placement.asgName ?? (service.target.kind === "asg" ? service.target.asgName : undefined);
  if (name !== undefined) return name;
  throw new RecoveryRefused(
    "no-group",
    `the bot does not know in which Auto Scaling group ${service.name} lives`,
    "Name the group under `target` in medic.yaml.",
  );
}

/** Before a plan exists: a group that does not exist is a wrong configuration. */
export async function readGroup(scaling: Pick<Scaling, "group">, name: string): Promise<GroupView> {
  const view = await scaling.group(name);
  if (view !== undefined) return view;
  throw new RecoveryRefused(
    "no-group",
    `Auto Scaling group ${name} does not exist here`,
    "Check the group's name, account and region in medic.yaml.",
  );
}

/** Within a plan: the group was there minutes ago, so that a read that misses it is asked again until the step's time is over. */
export async function presentGroup(scaling: Pick<Scaling, "group">, name: string): Promise<GroupView> {
  const view = await scaling.group(name);
  if (view === undefined) throw new Unreachable(`Auto Scaling group ${name} (AWS says that it does not exist)`);
  return view;
}

/** Those of these processes that are suspended now. */
export function suspendedOf(view: GroupView, processes: readonly string[]): string[] {
  return processes.filter((process) => view.suspended.includes(process));
}

/** Members that every target group of the group calls healthy; all of them when it has none. */
export async function healthyIn(
  scaling: Pick<Scaling, "targets">,
  targetGroupArns: readonly string[],
  ids: readonly InstanceId[],
): Promise<InstanceId[]> {
  let healthy = [...ids];
  for (const arn of targetGroupArns) {
    const targets = await scaling.targets(arn);
    // Registered under several ports, it is healthy when none of them says otherwise.
    healthy = healthy.filter((id) => {
      const own = targets.filter((target) => target.instanceId === id);
      return own.length > 0 && own.every((target) => target.state === "healthy" || isIdle(target));
    });
  }
  return healthy;
}

const noCapacity = /capacity/i;
const hasFailed = /fail|cancel/i;
const activitiesRead = 10;

/**
 * Throws NoCapacity when half of the time is over, nothing is on its way, and what the group says of its last launch is that AWS has
 * none free. Before that the group itself tries its other zones, which is what it has them for.
 */
export async function assertLaunchable(
  { scaling, clock }: { readonly scaling: Pick<Scaling, "activities">; readonly clock: Clock },
  view: GroupView,
  { since, settleMs }: { readonly since: number; readonly settleMs: number },
): Promise<void> {
  if (clock.now() - since < settleMs / 2 || view.instances.some(isComing)) return;
  const lately = (await scaling.activities(view.name, activitiesRead)).filter(({ at }) => at >= since);
  const [last] = lately.filter(({ what }) => /launch/i.test(what));
  if (last !== undefined && hasFailed.test(last.status) && noCapacity.test(last.what))
    throw new NoCapacity(`a launch in group ${view.name} (${last.what})`);
}
