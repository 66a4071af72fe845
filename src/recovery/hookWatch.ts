/**
 * A lifecycle hook of the group that the bot is not to answer. It answers nothing and prolongs nothing: whoever the hook is for does.
 * When half of its time is over and it still waits, people are told what AWS will do, while there is time to do it by hand.
 */
import { stillWaits, lifecycleOf, type HookInputs, type HookPorts } from "./hookSteps.ts";
import type { Plan } from "./plan.ts";

export const watchStep = "somebody has answered it";

export function watchPlan(inputs: HookInputs): Plan<HookPorts> {
  const { answer, since, heartbeatMs, defaultResult } = inputs;
  return {
    title: `watch over ${answer.hook} of ${answer.instanceId}`,
    gates: [stillWaits(inputs)],
    steps: [
      {
        name: watchStep,
        waitsFor: "whoever this hook is for",
        // Its own time, and some to see the end of it.
        settleMs: heartbeatMs * 2,
        again: "safe",
        onTimeout: "go-on",
        safePoint: true,
        check: async (ports) => {
          const lifecycle = await lifecycleOf(ports, answer);
          if (lifecycle?.endsWith(":Wait") !== true) return { lifecycle: lifecycle ?? "gone" };
          if (ports.clock.now() - since >= heartbeatMs / 2)
            await ports.askPerson(
              `nobody has answered it, and it is not one of the hooks that medic.yaml names under volume; AWS then takes ${defaultResult}`,
            );
          return undefined;
        },
      },
    ],
    summary: () => `${answer.hook} of ${answer.instanceId} is over without the bot`,
  };
}
