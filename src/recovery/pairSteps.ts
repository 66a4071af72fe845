/** Steps that both kinds of failover share: the one that takes over runs and answers, and in the end the service does. */
import { MedicError, RecoveryRefused, Unreachable } from "../domain/errors.ts";
import type { Timing } from "../domain/timing.ts";
import type { InstanceId } from "../domain/words.ts";
import type { Compute, InstanceView } from "../ports/compute.ts";
import type { RecoveryPorts } from "./definition.ts";
import { afterFenceEach, fence, fencedDebtId, fenceTimes, unfencedDebt, type FenceInputs } from "./fence.ts";
import type { Pair } from "./pair.ts";
import type { Refusal, Step, StepFacts } from "./plan.ts";
import { restartSteps } from "./restart.ts";

export type FailoverStep = Step<RecoveryPorts>;

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const pairSteps = {
  runs: "the other instance runs",
  answers: "the other instance answers",
  well: restartSteps.well,
} as const;

export type PairTiming = Pick<
  Timing,
  "startSettleMs" | "stopSettleMs" | "forceStopSettleMs" | "verifySettleMs" | "addressSettleMs" | "dnsSettleMs"
>;

export function pairTiming(timing: Timing): PairTiming {
  const { startSettleMs, stopSettleMs, forceStopSettleMs, verifySettleMs, addressSettleMs, dnsSettleMs } = timing;
  return { startSettleMs, stopSettleMs, forceStopSettleMs, verifySettleMs, addressSettleMs, dnsSettleMs };
}

/** Before anything is taken from the old one: a standby that cannot start leaves everything as it was. */
export function otherRuns({ to }: Pair, timing: PairTiming): FailoverStep {
  const { instanceId: id } = to;
  return {
    name: pairSteps.runs,
    waitsFor: "EC2 to start the other instance",
    settleMs: timing.startSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    leftWhileWaiting: `${id} was asked to start and is left to run; the service has not moved.`,
    check: async ({ compute }) => {
      const { state, launchTime } = await other(compute, id);
      return state === "running" ? { state, launchTime } : undefined;
    },
    act: async ({ compute }) => {
      const { state } = await other(compute, id);
      // On its way down it can only be started once it is there: asked again at the next look.
      if (state === "stopping")
        throw new MedicError("busy", `${id} is still stopping`, {
          retry: "later",
          next: "It is started as soon as it is stopped.",
        });
      if (state === "stopped") await compute.start(id);
    },
  };
}

/** A freshly started machine gets this long to bring its service up; longer only makes the outage longer. */
const bootMsMax = 60_000;

/**
 * Asked at its private address under the service's own name. A bot outside of that network never hears it, so that this only
 * waits and never decides.
 */
export function otherAnswers({ to }: Pair, timing: PairTiming): FailoverStep {
  return {
    name: pairSteps.answers,
    waitsFor: "the service on the other instance to come up, as far as the bot can reach it",
    settleMs: Math.min(bootMsMax, timing.verifySettleMs),
    again: "safe",
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: `${to.instanceId} is left to run; the service has not moved.`,
    skip: async ({ probe }) => {
      if (to.privateIp === undefined) return "its private address is not known";
      const answer = await probe({ connectTo: to.privateIp });
      if (answer === undefined) return "the service has no probe";
      const ranAlready = to.state === "running";
      if ("offline" in answer) return ranAlready ? "the bot reaches nothing at all" : undefined;
      // What ran at the order and does not answer now will not come up by waiting; maybe nothing of the bot reaches it.
      return !answer.good && ranAlready ? `it does not answer the bot directly (${answer.detail})` : undefined;
    },
    check: async ({ probe }) => {
      const answer = to.privateIp === undefined ? undefined : await probe({ connectTo: to.privateIp });
      return answer !== undefined && "good" in answer && answer.good ? { read: answer.detail } : undefined;
    },
  };
}

/** Right before something is taken from the old one, and right before it is given: the one that takes over still runs. */
export async function otherStillRuns(
  { to }: Pair,
  { compute }: Pick<RecoveryPorts, "compute">,
): Promise<Refusal | undefined> {
  const { state } = await other(compute, to.instanceId);
  if (state === "running") return undefined;
  return { code: "standby-unfit", detail: `the other instance ${to.instanceId} is ${state} now`, climb: false };
}

/** `stop`: fenced before the move. `address`: declared stateless, so that the move is the fence and the stop comes after it. */
export type FenceMode = "stop" | "address";

interface Fencing {
  readonly pair: Pair;
  readonly mode: FenceMode;
  readonly timing: PairTiming;
  readonly wellIsLeftAlone: boolean;
}

export function fenceBefore(fencing: Fencing): FailoverStep[] {
  return fencing.mode === "stop" ? stops(fencing) : [];
}

/** Not waited for beyond its short time; what could not be confirmed stays a debt. */
export function fenceAfter(fencing: Fencing): FailoverStep[] {
  if (fencing.mode === "stop") return [];
  // The service has moved: that the old one is off is nothing that anybody must give back.
  return stops({ ...fencing, wellIsLeftAlone: false }).map(({ alsoBorrows: _stopped, guard: _well, ...step }) => step);
}

function inputsOf({ pair, mode, timing, wellIsLeftAlone }: Fencing): FenceInputs {
  const { from, scope, force } = pair;
  const kind = mode === "address" || force ? "try" : "must";
  const consent = mode === "address" ? "the service is declared stateless (fence: address)" : "ordered with force";
  return {
    ...{ instanceId: from.instanceId, scope, kind, byRule: wellIsLeftAlone },
    ...(kind === "try" ? { consent } : {}),
    ...fenceTimes(timing, kind),
  };
}

function stops(fencing: Fencing): FailoverStep[] {
  const { pair } = fencing;
  const { from } = pair;
  return fence(inputsOf(fencing)).map((step) => ({
    ...step,
    skip: async (ports, view) =>
      from.state === "absent" ? `${from.instanceId} does not exist any more` : step.skip?.(ports, view),
    guard: async (ports) => (await step.guard?.(ports)) ?? otherStillRuns(pair, ports),
  }));
}

/**
 * The acts that give the service to the other one: each looks once more at the old instance, which somebody may have started again
 * since it was proved to be off, and the last one pays for its stop. Where moving is itself the fence, the first one owes the stop.
 */
export function movesAfterFence(moves: readonly FailoverStep[], fencing: Fencing): FailoverStep[] {
  const { pair, mode } = fencing;
  const { from, scope } = pair;
  if (mode === "address") {
    const owed = [unfencedDebt({ instanceId: from.instanceId, scope })];
    return moves.map((step, index) => (index === 0 ? { ...step, alsoBorrows: owed } : step));
  }
  return afterFenceEach(inputsOf(fencing), moves, "unfenced").map((step, index) =>
    index === moves.length - 1 ? { ...step, alsoRepays: [fencedDebtId(from.instanceId)] } : step,
  );
}

export function serviceAnswers({ to }: Pair, timing: PairTiming): FailoverStep {
  return {
    name: pairSteps.well,
    waitsFor: "the probe, or the status checks where there is none",
    settleMs: timing.verifySettleMs,
    again: "safe",
    // Whether it is healthy is proved after the plan; this only gives the network time to settle.
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: `The service has moved to ${to.instanceId}; whether it answers was not awaited.`,
    check: async ({ probe, compute }) => {
      const answer = await probe();
      if (answer === undefined) return checksPass(compute, to.instanceId);
      // A bot that reaches nothing has seen nothing: the verification after the run knows how to wait for that.
      return "good" in answer && answer.good ? { read: answer.detail } : undefined;
    },
  };
}

async function checksPass(compute: Pick<Compute, "checks">, id: InstanceId): Promise<StepFacts | undefined> {
  const checks = await compute.checks(id);
  return checks?.system === "ok" && checks.instance === "ok" ? { read: "both status checks ok" } : undefined;
}

async function other(compute: Pick<Compute, "instance">, id: InstanceId): Promise<InstanceView> {
  const view = await compute.instance(id);
  // Gates have seen it minutes ago. A read that lags may miss it once, so absence is unknown until the step's time is over.
  if (view === undefined) throw new Unreachable(`instance ${id} (EC2 says that it does not exist)`);
  if (view.state === "terminated" || view.state === "shutting-down") {
    throw new RecoveryRefused("instance-gone", `${id} is ${view.state}`, "The next rung of the ladder is proposed.");
  }
  return view;
}
