/**
 * Restart: the instance is rebooted; when that does not help, it is stopped and started on another host.
 *
 * The order is the safety argument.
 * - The gates come before anything is touched: the instance exists, no Auto Scaling group owns it (stopping a member makes the
 *   group terminate it), EC2 is not recovering it already, and nobody stopped it on purpose (unless a person now orders it).
 * - The reboot comes first: it keeps host, addresses and instance store. It is never repeated: EC2 reports nothing that proves a
 *   reboot, so that a lost answer is waited out and judged by health. A bad host is not rebooted, because it would stay there.
 * - The stop follows only when the service is still bad by fresh reads: by two kinds of evidence when a rule ordered the run, by
 *   one when a person did, who has read on the card what it costs. Forcing comes after a normal stop was stuck: it may skip
 *   flushing disks.
 * - From the stop to the start there is no place to end: neither a person's stop, nor the kill switch, nor the time limit leaves
 *   a machine switched off. The start is a debt on the case before the stop is sent, and it is paid only when LaunchTime has moved
 *   on, which a lagging read cannot pretend, or when it still runs a minute after the start was asked for.
 * - Nothing here terminates an instance or moves an address.
 */
import type { Evidence } from "../domain/evidence.ts";
import { length } from "../domain/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Compute, InstanceView } from "../ports/compute.ts";
import { badKinds, inWords, isWell } from "./health.ts";
import { RecoveryRefused, Unreachable } from "../domain/errors.ts";
import { provedBy, type Plan, type Refusal, type Step, type StepEntry, type StepFacts } from "./plan.ts";
import { instanceIsOurs, stopIsPossible } from "./restartGates.ts";
import type { RestartInputs, RestartRecovery } from "./restartInputs.ts";

export interface RestartPorts {
  readonly clock: Clock;
  readonly compute: Pick<Compute, "instance" | "checks" | "reboot" | "stop" | "start">;
  /** Fresh reads about the placement. Never throws: what cannot be read is unknown. */
  readonly evidence: () => Promise<Evidence>;
}

type RestartStep = Step<RestartPorts>;

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const restartSteps = {
  rebooted: "the instance is rebooted and well",
  stopped: "the instance is stopped",
  forceStopped: "the instance is stopped by force",
  started: "the instance is started again",
  well: "the service answers",
} as const;

/**
 * Reads lag seconds behind, hardly ever a minute. The stop was proved; what still runs this long after the start was asked for
 * runs because of it, even where LaunchTime does not move (servers that only resemble EC2).
 */
const lagMsMax = 60_000;
/** Until this long after the reboot call, a good answer may still come from before the reboot. */
const rebootNoticeMs = 30_000;

export function restartPlan(inputs: RestartInputs): Plan<RestartPorts> {
  const { rebooted, stopped, forceStopped, started, well } = stepsOf(inputs);
  const steps: Record<RestartRecovery, readonly RestartStep[]> = {
    restart: [rebooted, stopped, forceStopped, started, well],
    reboot: [rebooted],
    "stop-start": [stopped, forceStopped, started, well],
    "force-stop-start": [forceStopped, started, well],
  };
  return {
    title: `${inputs.recovery} ${inputs.instanceId}`,
    gates: [instanceIsOurs(inputs)],
    steps: steps[inputs.recovery],
    summary: (entries) => summary(inputs, entries),
  };
}

function stepsOf(inputs: RestartInputs) {
  return {
    rebooted: rebooted(inputs),
    stopped: stopped(inputs),
    forceStopped: forceStopped(inputs),
    started: started(inputs),
    well: answers(inputs),
  };
}

function rebooted(inputs: RestartInputs): RestartStep {
  const { instanceId: id, timing } = inputs;
  return {
    name: restartSteps.rebooted,
    waitsFor: "both status checks and the probe, usually 2 min",
    settleMs: timing.rebootSettleMs,
    again: "never",
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: `${id} was asked to reboot; nothing else is under way.`,
    skip: async ({ compute }) => {
      if (inputs.recovery === "restart" && inputs.symptom === "host") return "the host is bad and a reboot stays on it";
      const { state } = await present(compute, id);
      return state === "running" ? undefined : `the instance is ${state}`;
    },
    check: async (ports, { begun }) => {
      if (!begun || ports.clock.now() - begun.at < Math.min(rebootNoticeMs, timing.rebootSettleMs / 2))
        return undefined;
      return wellAsFacts(await ports.evidence());
    },
    act: ({ compute }) => compute.reboot(id),
  };
}

/** The debt under which the start is owed, from before the stop until LaunchTime has moved on. */
export function stoppedDebtId(inputs: RestartInputs): string {
  return `stopped-instance/${inputs.instanceId}`;
}

function stopStep(
  inputs: RestartInputs,
  force: boolean,
): Omit<RestartStep, "name" | "settleMs" | "onTimeout" | "skip"> {
  const { instanceId: id } = inputs;
  return {
    waitsFor: force ? "EC2 to cut the power of a stuck machine" : "the operating system to shut down",
    again: "safe",
    safePoint: true,
    guard: (ports) => stopObjection(inputs, ports),
    borrows: {
      id: stoppedDebtId(inputs),
      kind: "stopped-instance",
      what: `${id} is stopped and must be started again`,
    },
    before: async ({ compute }) => asFacts(await present(compute, id)),
    check: async ({ compute }) => {
      const view = await present(compute, id);
      return view.state === "stopped" ? asFacts(view) : undefined;
    },
    act: ({ compute }) => compute.stop(id, { force }),
  };
}

/** The half of a restart that a reboot which helps makes needless. */
function afterReboot({ recovery, symptom }: RestartInputs): Pick<RestartStep, "onlyIf"> {
  return recovery === "restart" && symptom !== "host" ? { onlyIf: "only if the reboot does not help" } : {};
}

function stopped(inputs: RestartInputs): RestartStep {
  return {
    ...stopStep(inputs, false),
    name: restartSteps.stopped,
    ...afterReboot(inputs),
    settleMs: inputs.timing.stopSettleMs,
    // A machine that is stopping cannot be called back: from a stuck stop the only way to a start is force.
    onTimeout: "go-on",
    skip: async (_ports, { entries }) => helped(entries),
  };
}

function forceStopped(inputs: RestartInputs): RestartStep {
  return {
    ...stopStep(inputs, true),
    name: restartSteps.forceStopped,
    ...(inputs.recovery === "force-stop-start" ? {} : { onlyIf: "only if the stop is stuck" }),
    settleMs: inputs.timing.forceStopSettleMs,
    onTimeout: "fail",
    // A stop is under way already when this step follows one: there is no way back to a running machine but through it.
    safePoint: inputs.recovery === "force-stop-start",
    skip: async (_ports, { entries }) => {
      if (inputs.recovery === "force-stop-start") return undefined;
      return helped(entries) ?? (provedBy(entries, restartSteps.stopped) ? "it stopped without force" : undefined);
    },
  };
}

function started(inputs: RestartInputs): RestartStep {
  const { instanceId: id } = inputs;
  return {
    name: restartSteps.started,
    ...afterReboot(inputs),
    waitsFor: "EC2 to start it, usually on another host",
    settleMs: inputs.timing.startSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    repays: stoppedDebtId(inputs),
    skip: async (_ports, { entries }) => helped(entries),
    before: async ({ compute }) => asFacts(await present(compute, id)),
    check: async ({ compute, clock }, { entries, begun }) => {
      const view = await present(compute, id);
      const launchedBefore = launchTimeAtStop(entries);
      const moved = launchedBefore === undefined || view.launchTime > launchedBefore;
      const settled = begun !== undefined && clock.now() - begun.at >= lagMsMax;
      return view.state === "running" && (moved || settled) ? asFacts(view) : undefined;
    },
    act: ({ compute }) => compute.start(id),
  };
}

function answers(inputs: RestartInputs): RestartStep {
  return {
    name: restartSteps.well,
    waitsFor: "both status checks and the probe",
    settleMs: inputs.timing.verifySettleMs,
    again: "safe",
    // Whether it is healthy is proved after the plan; this only gives the machine time to boot.
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: "The instance runs again; whether the service answers was not awaited.",
    skip: async (_ports, { entries }) => helped(entries),
    check: async (ports) => wellAsFacts(await ports.evidence()),
  };
}

/** Right before the stop: is it still bad, by enough that can be read now, and can this machine be stopped at all? */
async function stopObjection(
  inputs: RestartInputs,
  { compute, clock, evidence }: RestartPorts,
): Promise<Refusal | undefined> {
  const view = await present(compute, inputs.instanceId);
  const impossible = stopIsPossible(view);
  if (impossible) return impossible;
  // Stopped or stopping already: whatever stopped it, the way back to service is through the start.
  if (view.state !== "running" || inputs.kindsNeeded === 0) return undefined;
  const now = await evidence();
  const kinds = badKinds(now, inputs.alarmKinds, clock.now() - inputs.timing.evidenceAgeMs);
  if (kinds.length >= inputs.kindsNeeded) return undefined;
  // What could not be read may be what is missing: it is read again until the step's time is over.
  if (now.readings.some((reading) => reading.verdict === "unknown"))
    throw new Unreachable(`the evidence (${inWords(now)})`);
  const found = kinds.length === 0 ? "nothing that can be read says bad" : `only ${kinds.join(", ")} says bad`;
  const detail = `stopping needs ${inputs.kindsNeeded} kinds of bad evidence younger than ${length(inputs.timing.evidenceAgeMs)}; ${found}. Read: ${inWords(now)}`;
  return { code: "evidence-thin", detail, climb: false };
}

async function present(compute: RestartPorts["compute"], id: RestartInputs["instanceId"]): Promise<InstanceView> {
  const view = await compute.instance(id);
  // Gates have seen it minutes ago. A read that lags may miss it once, so absence is unknown until the step's time is over.
  if (view === undefined) throw new Unreachable(`instance ${id} (EC2 says that it does not exist)`);
  if (view.state === "terminated" || view.state === "shutting-down") {
    throw new RecoveryRefused("instance-gone", `${id} is ${view.state}`, "The next rung of the ladder is proposed.");
  }
  return view;
}

function wellAsFacts(evidence: Evidence): StepFacts | undefined {
  return isWell(evidence) ? { read: inWords(evidence) } : undefined;
}

function asFacts(view: InstanceView): StepFacts {
  return { state: view.state, launchTime: view.launchTime };
}

function helped(entries: readonly StepEntry[]): string | undefined {
  return provedBy(entries, restartSteps.rebooted) ? "the reboot helped" : undefined;
}

function launchTimeAtStop(entries: readonly StepEntry[]): number | undefined {
  const stop = provedBy(entries, restartSteps.stopped) ?? provedBy(entries, restartSteps.forceStopped);
  const launched = stop?.facts["launchTime"];
  return typeof launched === "number" ? launched : undefined;
}

function summary({ instanceId: id, recovery }: RestartInputs, entries: readonly StepEntry[]): string {
  if (provedBy(entries, restartSteps.started)) return `${id} was stopped and started`;
  if (provedBy(entries, restartSteps.rebooted)) return `${id} was rebooted`;
  if (recovery === "reboot") return `${id} was asked to reboot and is not well yet`;
  return `${recovery} of ${id} came to its end`;
}
