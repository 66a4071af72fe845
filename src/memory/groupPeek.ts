/** The truth about groups and targets, and the knob for their load: for tests, the sandbox's panel and the simulation. */
import type { Account } from "./account.ts";
import type { Group } from "./groupModel.ts";
import { snapshotOf } from "./groupViews.ts";
import { targetsOf } from "./targetGroups.ts";
import type { World } from "./world.ts";

function named(world: World, name: string): Group {
  const group = world.groups.get(name);
  if (group === undefined) throw new Error(`the simulated account has no group ${name}`);
  return group;
}

export function setLoad(world: World, name: string, percentOfOne: number | undefined): void {
  named(world, name).load = percentOfOne;
}

export function peekingGroups(
  world: World,
  caught: <T>(answer: () => T) => T,
): Pick<Account["peek"], "groups" | "group" | "load" | "targets" | "hookActions" | "refreshes"> {
  return {
    groups: () => caught(() => [...world.groups.values()].map(snapshotOf)),
    group: (name) => caught(() => snapshotOf(named(world, name))),
    load: (name) => caught(() => named(world, name).load),
    targets: (arn) => caught(() => targetsOf(world, arn)),
    hookActions: (name) => caught(() => named(world, name).actions.map((action) => ({ ...action }))),
    refreshes: (name) => caught(() => named(world, name).refreshes.map((refresh) => ({ ...refresh }))),
  };
}
