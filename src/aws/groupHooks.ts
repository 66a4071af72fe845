/** Answers to lifecycle hooks. Telling twice does no harm: what is not active any more is NotFound, "answered already, or too late". */
import { CompleteLifecycleActionCommand, RecordLifecycleActionHeartbeatCommand } from "@aws-sdk/client-auto-scaling";
import type { HookAnswer, Scaling } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { asked } from "./translate.ts";

export function hookCalls(autoScaling: RegionClients["autoScaling"]): Pick<Scaling, "completeHook" | "heartbeatHook"> {
  return {
    completeHook: async (answer, result) => {
      const input = { ...actionOf(answer), LifecycleActionResult: result };
      const what = `CompleteLifecycleAction ${answer.hook} of ${answer.instanceId} with ${result}`;
      await asked(what, () => autoScaling.send(new CompleteLifecycleActionCommand(input)));
    },
    heartbeatHook: async (answer) => {
      const what = `RecordLifecycleActionHeartbeat ${answer.hook} of ${answer.instanceId}`;
      await asked(what, () => autoScaling.send(new RecordLifecycleActionHeartbeatCommand(actionOf(answer))));
    },
  };
}

/** The token names this one wait; with the instance alone an old message would answer a newer wait. */
const actionOf = (answer: HookAnswer) => ({
  AutoScalingGroupName: answer.group,
  LifecycleHookName: answer.hook,
  InstanceId: answer.instanceId,
  ...(answer.token ? { LifecycleActionToken: answer.token } : {}),
});
