/** Steps after a new machine runs: target groups, the old one's tag, and the proof that the service answers. */
import { MedicError, Throttled } from "../domain/errors.ts";
import type { InstanceId, Scope } from "../domain/words.ts";
import { replacedByTag } from "../ports/compute.ts";
import { AbandonRun } from "./control.ts";
import type { RecoveryPorts } from "./definition.ts";
import { fencedDebtId } from "./fence.ts";
import type { Step, StepEntry } from "./plan.ts";
import { restartSteps } from "./restart.ts";

type HandoverStep = Step<RecoveryPorts>;
type Which = (entries: readonly StepEntry[]) => InstanceId;

export function targetName(targetGroupArn: string): string {
  return `the new instance is the target in ${targetGroupArn.split("/")[1] ?? targetGroupArn}`;
}

/** The new one goes in before the old one goes out: a group without any target answers nobody. */
export function targetMoved(
  targetGroupArn: string,
  {
    oldId,
    to,
    settleMs,
  }: {
    readonly oldId: InstanceId;
    readonly to: Which;
    readonly settleMs: number;
  },
): HandoverStep {
  return {
    name: targetName(targetGroupArn),
    waitsFor: "the target group to list it",
    settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    check: async ({ scaling }, { entries }) => {
      const targets = await scaling.targets(targetGroupArn);
      const stateOf = (id: InstanceId) => targets.find(({ instanceId }) => instanceId === id)?.state;
      const now = stateOf(to(entries));
      const old = stateOf(oldId);
      const isIn = now !== undefined && now !== "draining";
      const isOut = old === undefined || old === "draining";
      return isIn && isOut ? { state: now, ...(old ? { old } : {}) } : undefined;
    },
    act: async ({ scaling }, { entries }) => {
      await scaling.register(targetGroupArn, to(entries));
      await scaling.deregister(targetGroupArn, oldId);
    },
  };
}

export const replacedName = "the old instance says who took its place";

/**
 * It is kept, stopped, and marked, so that nobody takes it for the one that serves. Its start is owed no more from here on.
 * A mark that cannot be set holds nothing up.
 */
export function markedReplaced({ oldId, to, scope }: { oldId: InstanceId; to: Which; scope: Scope }): HandoverStep {
  return {
    name: replacedName,
    waitsFor: "EC2 to show its tag",
    // Longer than another worker needs to take over.
    settleMs: 120_000,
    again: "safe",
    onTimeout: "go-on",
    safePoint: true,
    repays: fencedDebtId(oldId),
    check: async (ports, { entries, begun }) => {
      const view = await readable(() => ports.at(scope).compute.instance(oldId));
      if (view === "silent") return undefined;
      if (view === undefined || view.state === "terminated") return { gone: true };
      const said = view.tags[replacedByTag];
      return begun !== undefined && said === to(entries) ? { replacedBy: said } : undefined;
    },
    act: async (ports, { entries, begun }) => {
      try {
        await ports.at(scope).compute.tag([oldId], { [replacedByTag]: to(entries) });
      } catch (error) {
        if (!(error instanceof MedicError) || error instanceof AbandonRun) throw error;
        const isEarly = begun !== undefined && ports.clock.now() - begun.at < markPatienceMs;
        if (error instanceof Throttled && isEarly) throw error;
      }
    },
  };
}

/** A zone that is out answers nothing about its instances: the service has moved all the same. */
const markPatienceMs = 60_000;

async function readable<T>(read: () => Promise<T>): Promise<T | "silent"> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof MedicError) || error instanceof AbandonRun || error.retry === "never") throw error;
    return "silent";
  }
}

/** Asks the service as people do, and EC2 about the machine; whether it stays healthy is proved after the plan. */
export function answersThere({
  to,
  scope,
  settleMs,
  left,
}: {
  readonly to: Which;
  readonly scope: Scope;
  readonly settleMs: number;
  readonly left: string;
}): HandoverStep {
  return {
    name: restartSteps.well,
    waitsFor: "the probe, and the status checks of the new instance",
    settleMs,
    again: "safe",
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: left,
    check: async (ports, { entries }) => {
      const checks = await ports.at(scope).compute.checks(to(entries));
      const passes = checks?.system === "ok" && checks.instance === "ok";
      const answer = await ports.probe();
      if (answer === undefined || "offline" in answer)
        return passes ? { read: "both status checks passed" } : undefined;
      return answer.good ? { read: `probe: ${answer.detail}` } : undefined;
    },
  };
}
