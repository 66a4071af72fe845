/** Auto Scaling and target groups as the port wants them, over the simulated account. */
import type { InstanceId } from "../domain/words.ts";
import type { GroupView, HookAnswer, Scaling, TargetHealth } from "../ports/scaling.ts";
import type { Account } from "./account.ts";
import { withHooks } from "./callHooks.ts";
import type { ActionName } from "./groupHooks.ts";
import type { GroupSnapshot } from "./groupModel.ts";
import type { MemoryPortOptions } from "./memoryCompute.ts";
import { inOurWords } from "./translateRefusal.ts";

export const mutatingScaling = [
  "register",
  "deregister",
  "setDesired",
  "setMax",
  "setUnhealthy",
  "terminateMember",
  "suspend",
  "resume",
  "startRefresh",
  "cancelRefresh",
  "completeHook",
  "heartbeatHook",
] as const satisfies readonly (keyof Scaling)[];

export function memoryScaling(account: Account, options: MemoryPortOptions = {}): Scaling {
  const who = options.who ?? "medic";
  const scaling: Scaling = { ...reads(account), ...writes(account, who), ...hookAnswers(account, who) };
  return withHooks({ name: "scaling", of: scaling, mutating: mutatingScaling }, options.hooks);
}

type Reads = "group" | "groups" | "activities" | "targetHealth" | "targets" | "policies" | "hooks" | "refreshes";

function reads(account: Account): Pick<Scaling, Reads> {
  const { scaling } = account.calls;
  const groups = (): Promise<GroupSnapshot[]> => inOurWords("reading Auto Scaling groups", () => scaling.groups());
  const targets = (arn: string, ids?: readonly InstanceId[]): Promise<TargetHealth[]> =>
    inOurWords(`reading target health of ${arn}`, async () =>
      (await account.calls.targets.health(arn, ids)).map((target) => healthOf(arn, target)),
    );
  return {
    group: async (name) => {
      const group = (await groups()).find((each) => each.name === name);
      return group === undefined ? undefined : groupView(group);
    },
    groups: async () => (await groups()).map(groupView),
    activities: (name, limit) =>
      inOurWords(`reading activities of ${name}`, async () =>
        (await scaling.activities(name)).slice(0, limit).map(({ at, what, status }) => ({ at, what, status })),
      ),
    targetHealth: async (id, arns) => {
      const all = await Promise.all(arns.map((arn) => targets(arn)));
      return all.flat().filter((target) => target.instanceId === id);
    },
    targets: (arn) => targets(arn),
    policies: (name) =>
      inOurWords(`reading scaling policies of ${name}`, async () =>
        (await scaling.policies(name)).map((policy) => ({
          name: policy.name,
          kind: policy.kind ?? "TargetTrackingScaling",
          enabled: policy.enabled ?? true,
          scaleInDisabled: policy.scaleInDisabled ?? false,
        })),
      ),
    hooks: (name) =>
      inOurWords(`reading lifecycle hooks of ${name}`, async () =>
        (await scaling.hooks(name)).map((hook) => ({
          name: hook.name,
          transition: hook.transition,
          heartbeatMs: hook.heartbeatMs,
          defaultResult: hook.defaultResult,
          ...(hook.notifies === undefined ? {} : { notifies: hook.notifies }),
        })),
      ),
    refreshes: (name) =>
      inOurWords(`reading instance refreshes of ${name}`, async () =>
        (await scaling.refreshes(name)).map(({ id, status, percent, reason }) => ({
          id,
          status,
          percent,
          ...(reason === undefined ? {} : { reason }),
        })),
      ),
  };
}

function writes(account: Account, who: string): Omit<Scaling, Reads | "completeHook" | "heartbeatHook"> {
  const { scaling, targets } = account.calls;
  return {
    register: (arn, id) => inOurWords(`registering ${id} in ${arn}`, () => targets.register(who, arn, [id])),
    deregister: (arn, id) => inOurWords(`deregistering ${id} from ${arn}`, () => targets.deregister(who, arn, [id])),
    setDesired: (group, desired) =>
      inOurWords(`setting the desired capacity of ${group}`, () => scaling.setDesired(who, group, { desired })),
    setMax: (group, max) => inOurWords(`setting the maximum of ${group}`, () => scaling.update(who, group, { max })),
    setUnhealthy: (id) =>
      inOurWords(`setting ${id} unhealthy`, () =>
        scaling.setHealth(who, id, { health: "Unhealthy", respectGrace: false }),
      ),
    terminateMember: (id) =>
      inOurWords(`terminating ${id} through its group`, () => scaling.terminate(who, id, { decrement: false })),
    // Nothing named means everything to AWS; a caller with an empty list means nothing.
    suspend: async (group, processes) => {
      if (processes.length === 0) return;
      await inOurWords(`suspending processes of ${group}`, () => scaling.suspend(who, group, processes));
    },
    resume: async (group, processes) => {
      if (processes.length === 0) return;
      await inOurWords(`resuming processes of ${group}`, () => scaling.resume(who, group, processes));
    },
    startRefresh: (group, how) => inOurWords(`refreshing ${group}`, () => scaling.startRefresh(who, group, how)),
    cancelRefresh: async (group) => {
      await inOurWords(`cancelling the refresh of ${group}`, () => scaling.cancelRefresh(who, group));
    },
  };
}

function hookAnswers(account: Account, who: string): Pick<Scaling, "completeHook" | "heartbeatHook"> {
  const { scaling } = account.calls;
  const named = ({ hook, instanceId, token }: HookAnswer): ActionName => ({ hook, instanceId, token });
  return {
    completeHook: (answer, result) =>
      inOurWords(`answering hook ${answer.hook} of ${answer.instanceId}`, () =>
        scaling.completeAction(who, answer.group, { ...named(answer), result }),
      ),
    heartbeatHook: (answer) =>
      inOurWords(`asking hook ${answer.hook} of ${answer.instanceId} for more time`, () =>
        scaling.heartbeatAction(who, answer.group, named(answer)),
      ),
  };
}

function healthOf(
  targetGroupArn: string,
  target: { readonly instanceId: string; readonly state: string; readonly reason: string | undefined },
): TargetHealth {
  return {
    targetGroupArn,
    instanceId: target.instanceId as InstanceId,
    state: target.state,
    ...(target.reason === undefined ? {} : { reason: target.reason }),
  };
}

function groupView(group: GroupSnapshot): GroupView {
  return {
    name: group.name,
    min: group.min,
    max: group.max,
    desired: group.desired,
    instances: group.members.map((member) => ({
      id: member.id as InstanceId,
      lifecycle: member.lifecycle,
      health: member.health,
      availabilityZone: member.availabilityZone,
      protectedFromScaleIn: member.protectedFromScaleIn,
    })),
    suspended: group.suspended,
    targetGroupArns: group.targetGroupArns,
    availabilityZones: group.availabilityZones,
    subnets: group.subnets,
    healthCheckType: group.healthCheckType,
    healthCheckGraceMs: group.healthCheckGraceMs,
    tags: group.tags,
  };
}
