/** The machine that was launched comes up: it runs, then it passes its status checks. */
import { RecoveryRefused } from "../domain/errors.ts";
import { length } from "../domain/text.ts";
import type { InstanceView } from "../ports/compute.ts";
import { buildSteps, newInstance, type BuildInputs } from "./buildSteps.ts";
import type { RecoveryPorts } from "./definition.ts";
import type { Step } from "./plan.ts";

type BuildStep = Step<RecoveryPorts>;

export function runs(inputs: BuildInputs): BuildStep {
  return {
    name: buildSteps.runs,
    waitsFor: "EC2 to start it, usually 1 min",
    settleMs: inputs.times.launchSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    check: async (ports, { entries }) => {
      const id = newInstance(inputs, entries);
      const view = await ports.at(inputs.scope).compute.instance(id);
      if (view?.state === "terminated" || view?.state === "shutting-down") throw launchFailed(view);
      if (view?.state !== "running") return undefined;
      const { privateIp, publicIp } = view;
      return { instanceId: id, ...(privateIp ? { privateIp } : {}), ...(publicIp ? { publicIp } : {}) };
    },
  };
}

function launchFailed({ id, state, stateReason }: InstanceView): RecoveryRefused {
  return new RecoveryRefused(
    "launch-failed",
    `${id} is ${state} before it ever ran (${stateReason ?? "EC2 gives no reason"})`,
    "A key that the bot's role may not use ends like this: see the instance's state reason and the key's policy.",
  );
}

/** Its checks come minutes after it runs. A machine that never passes is not waited for longer: the service's own answer decides. */
export function passesChecks(inputs: BuildInputs): BuildStep {
  return {
    name: buildSteps.checks,
    waitsFor: "both status checks, usually 2 to 3 min",
    settleMs: inputs.times.checksSettleMs,
    again: "safe",
    onTimeout: "go-on",
    safePoint: false,
    check: async (ports, { entries }) => {
      const id = newInstance(inputs, entries);
      const checks = await ports.at(inputs.scope).compute.checks(id);
      return checks?.system === "ok" && checks.instance === "ok" ? { system: "ok", instance: "ok" } : undefined;
    },
    progress: async (ports, { entries, begun }) => {
      const checks = await ports.at(inputs.scope).compute.checks(newInstance(inputs, entries));
      const since = begun === undefined ? "" : ` after ${length(ports.clock.now() - begun.at)}`;
      return checks && `system ${checks.system}, instance ${checks.instance}${since}`;
    },
  };
}
