/**
 * What a team may leave out. Every list of permissions that stands beside a recovery, a hook or a chore belongs to an area; each
 * area becomes a policy of its own, and a team that never builds machines anew gives no permission to.
 */
import { hookDefinitions } from "../../src/recovery/hookDefinitions.ts";
import { recoveryList } from "../../src/recovery/index.ts";
import type { IamAction } from "../../src/recovery/permissions.ts";
import { quarantinePermissions } from "../../src/recovery/quarantinePermissions.ts";
import { keeperPermissions } from "../../src/recovery/reprovisionPermissions.ts";

/** In the order in which they are written everywhere. */
export const areaNames = [
  "restart",
  "failover",
  "groups",
  "group-size",
  "hooks",
  "reprovision",
  "drill",
  "snapshots",
] as const;
export type AreaName = (typeof areaNames)[number];

/** What declares permissions: recoveries, answers to hooks, and what the bot does beside any run. */
export interface Declaring {
  /** `name@version`. */
  readonly id: string;
  readonly permissions: readonly IamAction[];
}

export const declaring: readonly Declaring[] = [
  ...recoveryList,
  ...hookDefinitions,
  { id: "quarantine@1", permissions: quarantinePermissions },
  { id: "snapshot-keeper@1", permissions: keeperPermissions },
];

/** By the name without its version, so that a new version stays where the old one was. */
const areasOf: Readonly<Record<string, readonly AreaName[]>> = {
  restart: ["restart"],
  "failover-standby": ["failover"],
  "failover-dns": ["failover"],
  // An old primary may come back after either.
  quarantine: ["failover", "reprovision"],
  "scale-out": ["groups"],
  "replace-members": ["groups"],
  "group-replace": ["groups"],
  refresh: ["groups"],
  "group-restart": ["groups"],
  // These change the group itself, not only how many members it has.
  "raise-max": ["group-size"],
  "scale-in": ["group-size"],
  "hook-terminating": ["hooks"],
  "hook-launching": ["hooks"],
  "hook-watch": ["hooks"],
  reprovision: ["reprovision"],
  "reprovision-dr": ["reprovision"],
  drill: ["drill"],
  prune: ["snapshots"],
  "snapshot-keeper": ["snapshots"],
};

/**
 * The lists of one area, one after the other; the same action may stand in several.
 * @throws Error when something declares permissions and has no area: it would run without them.
 */
export function actionsOfArea(area: AreaName, all: readonly Declaring[] = declaring): readonly IamAction[] {
  const lost = all.filter(({ id }) => areasOf[nameOf(id)] === undefined).map(({ id }) => id);
  if (lost.length > 0)
    throw new Error(
      `${lost.join(", ")} declares permissions and belongs to no area, so that no policy would allow them: name one of ${areaNames.join(", ")} for it in infra/lib/areas.ts`,
    );
  return all.filter(({ id }) => areasOf[nameOf(id)]?.includes(area)).flatMap(({ permissions }) => permissions);
}

const nameOf = (id: string): string => id.split("@")[0] ?? id;
