import { recoveryWords } from "../domain/cardWords.ts";
import type { RecoveryDefinition } from "./definition.ts";
import { restartPermissions } from "./permissions.ts";
import { restartPlan } from "./restart.ts";
import { restartInputs, restartRecoveries, type RestartInputs } from "./restartInputs.ts";

/** Restart of a machine that no group owns. */
export const restart: RecoveryDefinition = {
  id: "restart@1",
  serves: restartRecoveries,
  patterns: ["instance", "standby", "dns-pair"],
  permissions: restartPermissions,
  estimateMs: (recovery) => (recovery === "reboot" ? 2 : 4) * 60_000,
  resolve: async ({ order, current, timing }) => restartInputs(order, current, timing),
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => restartPlan(inputs as RestartInputs),
  preview: async ({ recovery, current }, { clock }) => {
    const words = recoveryWords(recovery, current.incident?.symptom);
    return {
      recovery,
      readAt: clock.now(),
      headline: `${words.label} ${current.placement.instanceId ?? current.service}`,
      steps: words.steps,
      downtime: words.downtime,
      data: "",
      address: "",
      mind: [],
    };
  },
};
