/** What every call of Auto Scaling goes through, and how groups and members are found by name. */
import { AwsRefusal } from "./accountModel.ts";
import type { Gate } from "./gate.ts";
import type { Group, Member, ScalingOperation } from "./groupModel.ts";
import type { World } from "./world.ts";

export interface ScalingGate {
  readonly world: World;
  readonly gate: Gate;
  readonly write: <Made>(
    wish: {
      readonly operation: ScalingOperation;
      readonly who: string;
      readonly resource: string;
      readonly instanceId?: string;
      readonly said: string;
    },
    act: () => Made,
  ) => Promise<Made>;
}

/** Writes of Auto Scaling may find another one under way. */
export function scalingGate(world: World, gate: Gate): ScalingGate {
  return {
    world,
    gate,
    write: (wish, act) =>
      gate.write(wish, () => {
        if (world.faults.contendedCalls > 0) {
          world.faults.contendedCalls--;
          const text = "You already have a pending update to an Amazon EC2 Auto Scaling resource.";
          throw new AwsRefusal("ResourceContentionFault", text, 500);
        }
        return act();
      }),
  };
}

export function groupNamed(world: World, name: string): Group {
  const group = world.groups.get(name);
  if (group !== undefined) return group;
  throw new AwsRefusal("ValidationError", `AutoScalingGroup name not found - AutoScalingGroup: ${name} not found`);
}

export function memberNamed(world: World, id: string): { readonly group: Group; readonly member: Member } {
  for (const group of world.groups.values()) {
    const member = group.members.find((each) => each.id === id);
    if (member !== undefined) return { group, member };
  }
  throw new AwsRefusal("ValidationError", `Instance Id not found - No managed instance found for instance ID: ${id}`);
}
