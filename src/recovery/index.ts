/** All recoveries by name and version. A stored run names the version that it began with, and is carried on by that one only. */
import type { Order, ServiceCase } from "../domain/serviceCase.ts";
import type { Timing } from "../domain/timing.ts";
import type { Recovery } from "../domain/words.ts";
import { restartPermissions, type IamAction } from "./permissions.ts";
import type { Plan } from "./plan.ts";
import { restartPlan, type RestartPorts } from "./restart.ts";
import { restartInputs, type RestartInputs } from "./restartInputs.ts";

/** Everything that any recovery may use; each plan sees the part that it names. */
export type RecoveryPorts = RestartPorts;

export interface RecoveryDefinition {
  /** `restart@1`: stored in each run. */
  readonly id: string;
  readonly serves: readonly Recovery[];
  readonly permissions: readonly IamAction[];
  /** Usual length, for the card. */
  estimateMs(recovery: Recovery): number;
  /** Plain data, stored as JSON. Throws RecoveryRefused when the case lacks something. */
  resolve(order: Order, current: ServiceCase, timing: Timing): unknown;
  plan(inputs: unknown): Plan<RecoveryPorts>;
}

const restart: RecoveryDefinition = {
  id: "restart@1",
  serves: ["restart", "reboot", "stop-start", "force-stop-start"],
  permissions: restartPermissions,
  estimateMs: (recovery) => (recovery === "reboot" ? 2 : 4) * 60_000,
  resolve: restartInputs,
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => restartPlan(inputs as RestartInputs),
};

export const recoveryList: readonly RecoveryDefinition[] = [restart];

/** The definition that begins runs of this recovery now. */
export function definitionFor(recovery: Recovery): RecoveryDefinition | undefined {
  return recoveryList.find((each) => each.serves.includes(recovery));
}

/** The definition of a stored run; undefined = written by another version of this program. */
export function definitionById(id: string): RecoveryDefinition | undefined {
  return recoveryList.find((each) => each.id === id);
}
