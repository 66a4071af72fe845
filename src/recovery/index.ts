/** All recoveries by name and version. A stored run names the version that it began with, and is carried on by that one only. */
import type { Pattern, Recovery } from "../domain/words.ts";
import type { RecoveryDefinition } from "./definition.ts";
import { drill } from "./drillDefinition.ts";
import { failoverDns } from "./failoverDns.ts";
import { failoverStandby } from "./failoverStandby.ts";
import { groupRecoveries } from "./groupDefinitions.ts";
import { prune } from "./pruneDefinition.ts";
import { reprovision } from "./reprovisionDefinition.ts";
import { reprovisionDr } from "./reprovisionDrDefinition.ts";
import { restart } from "./restartDefinition.ts";

export type { RecoveryDefinition, RecoveryPorts } from "./definition.ts";

/** A new recovery is one definition file and one line here. */
export const recoveryList: readonly RecoveryDefinition[] = [
  restart,
  reprovision,
  reprovisionDr,
  drill,
  prune,
  failoverStandby,
  failoverDns,
  ...groupRecoveries,
];

/** The definition that begins runs of this recovery on this pattern now. */
export function definitionFor(recovery: Recovery, pattern: Pattern): RecoveryDefinition | undefined {
  return recoveryList.find((each) => each.serves.includes(recovery) && each.patterns.includes(pattern));
}

/** The definition of a stored run; undefined = written by another version of this program. */
export function definitionById(id: string): RecoveryDefinition | undefined {
  return recoveryList.find((each) => each.id === id);
}
