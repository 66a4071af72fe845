/** How groups live: looked at every few seconds and after every order, each time taking the steps that the world allows. */
import { checkHealth, replaceUnhealthy } from "./groupHealth.ts";
import { evenOut, keepCapacity } from "./groupCapacity.ts";
import { proceed } from "./groupMembers.ts";
import { rememberGroup } from "./groupViews.ts";
import type { Group } from "./groupModel.ts";
import { goOnRefreshing } from "./groupRefresh.ts";
import type { World } from "./world.ts";

/** Auto Scaling acts within seconds; it asks EC2 and ELB for health about twice a minute. */
const lookEveryMs = 10_000;
const healthCheckEveryMs = 30_000;
/** From an order until the group acts on it. */
const orderMs = 2_000;

export function beginGroups(world: World): void {
  for (const group of world.groups.values()) {
    rememberGroup(world, group);
    const again = (): void => {
      world.agenda.at(world.agenda.now() + lookEveryMs, () => {
        look(world, group);
        again();
      });
    };
    again();
  }
}

/** After an order: soon, but not within the call, as the real one. */
export function lookSoon(world: World, group: Group): void {
  rememberGroup(world, group);
  world.agenda.at(world.agenda.now() + orderMs, () => look(world, group));
}

export function look(world: World, group: Group): void {
  for (const member of [...group.members]) proceed(world, group, { member, then: look });
  const now = world.agenda.now();
  if (now >= group.nextHealthCheckAt) {
    group.nextHealthCheckAt = now + healthCheckEveryMs;
    checkHealth(world, group);
  }
  replaceUnhealthy(world, group);
  goOnRefreshing(world, group);
  keepCapacity(world, group);
  evenOut(world, group);
  rememberGroup(world, group);
}
