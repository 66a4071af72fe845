/** The calls of Auto Scaling and of target groups, with the refusals that AWS answers. */
import type { Gate } from "./gate.ts";
import { groupNamed, memberNamed, scalingGate } from "./groupGate.ts";
import type { ScalingGate } from "./groupGate.ts";
import { inGrace } from "./groupHealth.ts";
import { activeAction, complete, fullHook, heartbeat } from "./groupHooks.ts";
import type { ActionName } from "./groupHooks.ts";
import { look, lookSoon } from "./groupLife.ts";
import type {
  Activity,
  GroupSnapshot,
  HookAction,
  HookResult,
  PolicyDefinition,
  Target,
  TargetGroup,
} from "./groupModel.ts";
import { changeSize, takeOutByOrder } from "./groupOrders.ts";
import type { Size } from "./groupOrders.ts";
import { refreshCalls } from "./groupRefreshCalls.ts";
import type { RefreshCalls } from "./groupRefreshCalls.ts";
import { processCalls } from "./groupProcessCalls.ts";
import type { ProcessCalls } from "./groupProcessCalls.ts";
import { readGroup } from "./groupViews.ts";
import { deregister, register, targetGroupOf, targetsOf } from "./targetGroups.ts";
import type { World } from "./world.ts";

/** `who` names the caller in `writes`. Every call may throw AwsRefusal. */
export interface ScalingCalls extends RefreshCalls, ProcessCalls {
  groups(): Promise<GroupSnapshot[]>;
  /** Newest first. */
  activities(group: string): Promise<Activity[]>;
  policies(group: string): Promise<readonly PolicyDefinition[]>;
  hooks(group: string): Promise<HookAction["hook"][]>;
  setDesired(
    who: string,
    group: string,
    wish: { readonly desired: number; readonly honorCooldown?: boolean },
  ): Promise<void>;
  update(who: string, group: string, size: Size): Promise<void>;
  setHealth(
    who: string,
    id: string,
    wish: { readonly health: "Healthy" | "Unhealthy"; readonly respectGrace: boolean },
  ): Promise<void>;
  terminate(who: string, id: string, how: { readonly decrement: boolean }): Promise<void>;
  completeAction(who: string, group: string, answer: ActionName & { readonly result: HookResult }): Promise<void>;
  heartbeatAction(who: string, group: string, action: ActionName): Promise<void>;
}

export interface TargetCalls {
  groups(): Promise<TargetGroup[]>;
  /** All of the group, or exactly these; one that is not registered reads `unused`. */
  health(
    arn: string,
    ids?: readonly string[],
  ): Promise<(Pick<Target, "instanceId"> & { state: string; reason: string | undefined })[]>;
  register(who: string, arn: string, ids: readonly string[]): Promise<void>;
  deregister(who: string, arn: string, ids: readonly string[]): Promise<void>;
}

export function scalingCalls(world: World, gate: Gate): ScalingCalls {
  const through = scalingGate(world, gate);
  return {
    groups: async () => {
      await gate.asked("DescribeAutoScalingGroups");
      return [...world.groups.values()].map((group) => readGroup(world, group));
    },
    activities: async (name) => {
      await gate.asked("DescribeScalingActivities");
      return groupNamed(world, name)
        .activities.map((each) => ({ ...each }))
        .toReversed();
    },
    policies: async (name) => {
      await gate.asked("DescribePolicies");
      return groupNamed(world, name).policies;
    },
    hooks: async (name) => {
      await gate.asked("DescribeLifecycleHooks");
      return groupNamed(world, name).hooks.map(fullHook);
    },
    ...refreshCalls(through),
    ...processCalls(through),
    ...sizeCalls(through),
    ...memberCalls(through),
    ...hookCalls(through),
  };
}

function sizeCalls({ world, write }: ScalingGate): Pick<ScalingCalls, "setDesired" | "update"> {
  return {
    setDesired: (who, name, { desired, honorCooldown }) => {
      const said = `sets the desired capacity of ${name} to ${desired}`;
      return write({ operation: "SetDesiredCapacity", who, resource: `${name} desired ${desired}`, said }, () => {
        changeSize(world, groupNamed(world, name), { desired, honorCooldown: honorCooldown === true, explicit: true });
      });
    },
    update: (who, name, size) => {
      const words = Object.entries(size).map(([what, value]) => `${what} ${String(value)}`);
      const resource = [name, ...words].join(" ");
      return write({ operation: "UpdateAutoScalingGroup", who, resource, said: `updates ${resource}` }, () => {
        changeSize(world, groupNamed(world, name), size);
      });
    },
  };
}

function memberCalls({ world, write }: ScalingGate): Pick<ScalingCalls, "setHealth" | "terminate"> {
  return {
    setHealth: (who, id, wish) => {
      const about = { operation: "SetInstanceHealth", who, resource: id, instanceId: id } as const;
      return write({ ...about, said: `says that ${id} is ${wish.health}` }, () => {
        const { group, member } = memberNamed(world, id);
        // Within the grace period the word of somebody who respects it changes nothing, and that is no error.
        if (wish.respectGrace && inGrace(group, member, world.agenda.now())) return;
        member.health = wish.health;
        member.unhealthyBecause = wish.health === "Unhealthy" ? "user health-check" : undefined;
        lookSoon(world, group);
      });
    },
    terminate: (who, id, how) => {
      const about = { operation: "TerminateInstanceInAutoScalingGroup", who, resource: id, instanceId: id } as const;
      return write({ ...about, said: `has ${id} terminated through its group` }, () => {
        takeOutByOrder(world, { ...memberNamed(world, id), decrement: how.decrement });
      });
    },
  };
}

function hookCalls({ world, write }: ScalingGate): Pick<ScalingCalls, "completeAction" | "heartbeatAction"> {
  return {
    completeAction: (who, name, answer) => {
      const about = { operation: "CompleteLifecycleAction", who, ...namesOf(name, answer) } as const;
      return write({ ...about, said: `answers ${answer.result} to ${answer.hook}` }, () => {
        const group = groupNamed(world, name);
        complete(world, activeAction(world, group, answer), answer.result);
        world.agenda.at(world.agenda.now() + 1_000, () => look(world, group));
      });
    },
    heartbeatAction: (who, name, action) => {
      const about = { operation: "RecordLifecycleActionHeartbeat", who, ...namesOf(name, action) } as const;
      return write({ ...about, said: `asks ${action.hook} for more time` }, () => {
        heartbeat(world, activeAction(world, groupNamed(world, name), action));
      });
    },
  };
}

function namesOf(group: string, action: ActionName): { readonly resource: string; readonly instanceId?: string } {
  return {
    resource: `${group} ${action.hook}`,
    ...(action.instanceId === undefined ? {} : { instanceId: action.instanceId }),
  };
}

export function targetCalls(world: World, gate: Gate): TargetCalls {
  const each = (operation: "RegisterTargets" | "DeregisterTargets", act: (arn: string, id: string) => void) => {
    const said = operation === "RegisterTargets" ? "registers" : "deregisters";
    return async (who: string, arn: string, ids: readonly string[]): Promise<void> => {
      const wish = { operation, who, resource: arn, said: `${said} ${ids.join(", ")}` } as const;
      const [first] = ids;
      await gate.write({ ...wish, ...(first === undefined ? {} : { instanceId: first }) }, () => {
        for (const id of ids) act(arn, id);
      });
    };
  };
  return {
    groups: async () => {
      await gate.asked("DescribeTargetGroups");
      return [...world.targetGroups.values()];
    },
    health: async (arn, ids) => {
      await gate.asked("DescribeTargetHealth");
      const targets = targetsOf(world, arn);
      if (ids === undefined) return targets;
      const absent = { state: "unused", reason: "Target.NotRegistered" };
      return ids.map(
        (instanceId) => targets.find((target) => target.instanceId === instanceId) ?? { instanceId, ...absent },
      );
    },
    register: each("RegisterTargets", (arn, id) => register(world, arn, id)),
    deregister: each("DeregisterTargets", (arn, id) => {
      targetGroupOf(world, arn);
      deregister(world, arn, id);
    }),
  };
}
