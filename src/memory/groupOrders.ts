/** What an order changes about a group: its size, or one member that must go. */
import { AwsRefusal } from "./accountModel.ts";
import { zulu } from "./groupActivities.ts";
import { lookSoon } from "./groupLife.ts";
import { takeOut } from "./groupMembers.ts";
import { capacity } from "./groupModel.ts";
import type { Group, Member } from "./groupModel.ts";
import type { World } from "./world.ts";

export interface Size {
  readonly min?: number;
  readonly max?: number;
  readonly desired?: number;
}

/** DefaultCooldown, for callers that honour it. */
const cooldownMs = 300_000;

export function changeSize(
  world: World,
  group: Group,
  wish: Size & { readonly honorCooldown?: boolean; readonly explicit?: boolean },
): void {
  const min = wish.min ?? group.min;
  const max = wish.max ?? group.max;
  if (max < min) refuse(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (wish.desired !== undefined) {
    const call = wish.explicit === true ? "New SetDesiredCapacity value" : "Desired capacity:";
    if (wish.desired > max) refuse(`${call} ${wish.desired} is above max value ${max} for the AutoScalingGroup.`);
    if (wish.desired < min) refuse(`${call} ${wish.desired} is below min value ${min} for the AutoScalingGroup.`);
  }
  const now = world.agenda.now();
  if (wish.honorCooldown === true && now < group.lastScalingAt + cooldownMs) {
    const text = `Scaling activity ${group.activities.at(-1)?.id ?? ""} is in progress and blocking this action`;
    throw new AwsRefusal("ScalingActivityInProgressFault", text);
  }
  // A new bound that the desired capacity does not fit moves it, as if that had been asked as well.
  const desired = Math.max(min, Math.min(max, wish.desired ?? group.desired));
  if (desired !== group.desired) {
    const asked =
      wish.explicit === true
        ? "a user request explicitly set group desired capacity"
        : `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired}`;
    group.cause = `At ${zulu(now)} ${asked} changing the desired capacity from ${group.desired} to ${desired}.  `;
    Object.assign(group, { lastScalingAt: now, protestedProtection: false, lowMinutes: 0, highMinutes: 0 });
  }
  Object.assign(group, { min, max, desired });
  lookSoon(world, group);
}

/** Overrides scale-in protection; draining and terminating hooks still have their time. */
export function takeOutByOrder(
  world: World,
  order: { readonly group: Group; readonly member: Member; readonly decrement: boolean },
): void {
  const { group, member } = order;
  if (member.lifecycle.startsWith("Terminat")) {
    const text = `Scaling activity ${member.activity?.id ?? ""} is in progress and blocking this action`;
    throw new AwsRefusal("ScalingActivityInProgressFault", text);
  }
  if (order.decrement) {
    if (group.desired - 1 < group.min) {
      refuse(
        `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min ` +
          "size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
      );
    }
    group.desired -= 1;
  }
  const from = capacity(group).length;
  const now = zulu(world.agenda.now());
  const shrinking = order.decrement ? `, shrinking the capacity from ${from} to ${from - 1}` : "";
  takeOut(world, group, {
    member,
    cause: `At ${now} instance ${member.id} was taken out of service in response to a user request${shrinking}.`,
  });
  lookSoon(world, group);
}

function refuse(text: string): never {
  throw new AwsRefusal("ValidationError", text);
}
