/**
 * Lifecycle hooks: a member waits in `*:Wait` until every hook of the transition has been answered or its time is over. A notice
 * goes out once per wait; a heartbeat moves the deadline on, but never beyond the last one.
 */
import { AwsRefusal } from "./accountModel.ts";
import type { Group, HookAction, HookDefinition, HookResult, Member, Transition } from "./groupModel.ts";
import { noticeHook } from "./groupNotices.ts";
import { seededUuid } from "./seededIds.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

const heartbeatDefaultMs = 3_600_000;
const waitMsMax = 48 * 3_600_000;
const heartbeatsMax = 100;

export function fullHook(hook: HookDefinition): HookAction["hook"] {
  return {
    ...hook,
    heartbeatMs: hook.heartbeatMs ?? heartbeatDefaultMs,
    defaultResult: hook.defaultResult ?? "ABANDON",
  };
}

/** What happens once the wait of a member is over in either way; the group's life hands it in. */
export type AfterWait = (world: World, group: Group) => void;

/** Answers whether there is anything to wait for. */
export function beginHooks(
  world: World,
  group: Group,
  wait: { readonly member: Member; readonly transition: Transition; readonly then: AfterWait },
): boolean {
  const hooks = group.hooks.map(fullHook).filter((hook) => hook.transition === wait.transition);
  if (hooks.length === 0) return false;
  const { member } = wait;
  member.lifecycle = wait.transition === "launching" ? "Pending:Wait" : "Terminating:Wait";
  if (member.activity !== undefined) member.activity.status = "MidLifecycleAction";
  for (const hook of hooks) {
    const now = world.agenda.now();
    const action: HookAction = {
      hook,
      group: group.name,
      instanceId: member.id,
      token: seededUuid(world.groupRandom),
      startedAt: now,
      deadline: now + hook.heartbeatMs,
      lastDeadline: now + Math.min(waitMsMax, heartbeatsMax * hook.heartbeatMs),
      state: "waiting",
      result: undefined,
    };
    group.actions.push(action);
    say(world, "Auto Scaling", `${group.name}: ${member.id} waits for ${hook.name} (${member.lifecycle})`);
    noticeHook(world, group, action);
    expireLater(world, group, { action, then: wait.then });
  }
  return true;
}

function expireLater(
  world: World,
  group: Group,
  wait: { readonly action: HookAction; readonly then: AfterWait },
): void {
  const { action } = wait;
  const { deadline } = action;
  world.agenda.at(deadline, () => {
    if (action.state !== "waiting") return;
    if (action.deadline > deadline) return expireLater(world, group, wait);
    action.state = "timed-out";
    action.result = action.hook.defaultResult;
    const { name, defaultResult } = action.hook;
    say(
      world,
      "Auto Scaling",
      `${group.name}: nobody answered ${name} for ${action.instanceId}: ${defaultResult}`,
      "bad",
    );
    wait.then(world, group);
  });
}

/** By token or by instance id; with both, both must fit. */
export interface ActionName {
  readonly hook: string;
  readonly instanceId?: string;
  readonly token?: string;
}

export function activeAction(world: World, group: Group, named: ActionName): HookAction {
  const action = group.actions.find(
    (each) =>
      each.state === "waiting" &&
      each.hook.name === named.hook &&
      (named.token === undefined || each.token === named.token) &&
      (named.instanceId === undefined || each.instanceId === named.instanceId),
  );
  if (action !== undefined) return action;
  const what = named.token === undefined ? `instance ID ${named.instanceId ?? ""}` : `token ${named.token}`;
  throw new AwsRefusal("ValidationError", `No active Lifecycle Action found with ${what}`);
}

export function complete(world: World, action: HookAction, result: HookResult): void {
  action.state = "completed";
  action.result = result;
  say(world, "Auto Scaling", `${action.group}: ${action.hook.name} for ${action.instanceId} is answered: ${result}`);
}

export function heartbeat(world: World, action: HookAction): void {
  action.deadline = Math.min(action.lastDeadline, world.agenda.now() + action.hook.heartbeatMs);
}

/** undefined while something is still waited for. One ABANDON ends the wait; what remains is not waited for. */
export function verdictOf(group: Group, member: Member, transition: Transition): HookAction | "go-on" | undefined {
  const all = group.actions.filter(
    (action) => action.instanceId === member.id && action.hook.transition === transition,
  );
  const abandoned = all.find((action) => action.result === "ABANDON");
  if (abandoned !== undefined) {
    forget(group, member);
    return abandoned;
  }
  return all.some((action) => action.state === "waiting") ? undefined : "go-on";
}

/** Nothing is waited for any more: answers that come now are too late. */
export function forget(group: Group, member: Member): void {
  for (const action of group.actions) {
    if (action.instanceId === member.id && action.state === "waiting") action.state = "timed-out";
  }
}
