/**
 * The old instance is taken out of the way before another one takes its place, so that two never serve, and never write, at once.
 *
 * - Fenced means: EC2 says that it is stopped, terminated, or that it does not exist. Only EC2 can say so; silence is not a fence.
 * - That it is stopped is a debt from before the stop is asked for until the service has moved away from it: a run that ends in
 *   between leaves on the card that it was the bot who stopped it.
 * - Stopped once is not off for good: whatever gives the service to another machine looks again right before each of its acts. Where
 *   the fence is a must, a machine that runs again refuses it; where it may be missing, it is owed again and asked to stop again.
 * - A person who orders with `force`, and the two approvals of a move to another region, let the run go on without a fence: that it
 *   may still run is then a debt too, which outlives the run, stands on the card, and is paid when the other side answers again.
 * - Forcing comes after a normal stop was stuck: it may skip flushing disks.
 * - `fence: address` declares that the service is stateless: taking its address away is the fence. The stop is asked for all the
 *   same, is not waited for, and stays a debt until it is so.
 * - It is kept: nothing here terminates anything.
 */
import { codeOf, MedicError } from "../domain/errors.ts";
import { isWell, inWords } from "./health.ts";
import type { Timing } from "../domain/timing.ts";
import type { InstanceId, Scope } from "../domain/words.ts";
import type { InstanceView } from "../ports/compute.ts";
import type { RecoveryPorts } from "./definition.ts";
import { AbandonRun } from "./control.ts";
import {
  provedBy,
  type DebtWish,
  type Objection,
  type Refusal,
  type Step,
  type StepEntry,
  type StepFacts,
} from "./plan.ts";

export interface FenceInputs {
  /** Who is in the way; absent: nobody, it did not exist any more at the order. */
  readonly instanceId: InstanceId;
  readonly scope: Scope;
  /** `must`: without it nothing goes on. `try`: a consent, or a declaration, lets the run go on without it. */
  readonly kind: "must" | "try";
  /** Why it may go on without, for the record: "Ada ordered it with force". */
  readonly consent?: string;
  /** A rule ordered it: what is well again by now is left alone. */
  readonly byRule: boolean;
  /** How long the two stops may take. */
  readonly stopMs: number;
  readonly forceMs: number;
}

/** Where the other side may be silent for good, waiting long for it only costs time. */
const silentMs = 45_000;

export function fenceTimes(
  timing: Pick<Timing, "stopSettleMs" | "forceStopSettleMs">,
  kind: FenceInputs["kind"],
): Pick<FenceInputs, "stopMs" | "forceMs"> {
  if (kind === "must") return { stopMs: timing.stopSettleMs, forceMs: timing.forceStopSettleMs };
  return { stopMs: Math.min(silentMs, timing.stopSettleMs), forceMs: Math.min(silentMs, timing.forceStopSettleMs) };
}

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const fenceSteps = {
  stopped: "the old instance is stopped",
  forced: "the old instance is stopped by force",
} as const;

/** The step that proves the move repays it (`alsoRepays`). */
export function fencedDebtId(instanceId: InstanceId): string {
  return `stopped-instance/${instanceId}`;
}

export function unfencedDebtId(instanceId: InstanceId): string {
  return `unfenced/${instanceId}`;
}

type FenceStep = Step<RecoveryPorts>;

/** Two steps: a stop, and a forced one when that is stuck. */
export function fence(inputs: FenceInputs): FenceStep[] {
  return [stopped(inputs), forced(inputs)];
}

export function isFenced(entries: readonly StepEntry[]): boolean {
  return provedBy(entries, fenceSteps.stopped) !== undefined || provedBy(entries, fenceSteps.forced) !== undefined;
}

/**
 * For every step that builds, or gives anything to, the machine that takes over: minutes have passed since the fence, in which
 * somebody may have started the old one again. undefined: there was nobody to fence.
 */
export function afterFence(inputs: FenceInputs | undefined, step: FenceStep, code = "not-fenced"): FenceStep {
  if (inputs === undefined) return step;
  if (inputs.kind === "must") return { ...step, guard: firstOf(stillFenced(inputs, code), step.guard) };
  return { ...step, clearsTheWay: (ports, control) => fencedAgain(inputs, ports, control) };
}

/**
 * From the first thing on that was taken from the old one the way back to service is forward: to refuse the rest because somebody
 * started it again would leave the service in halves, so that its stop is asked for and owed instead.
 */
export function afterFenceEach(
  inputs: FenceInputs | undefined,
  moves: readonly FenceStep[],
  code?: string,
): FenceStep[] {
  return moves.map((step, index) => afterFence(inputs && index > 0 ? { ...inputs, kind: "try" } : inputs, step, code));
}

function stillFenced(inputs: FenceInputs, code: string): Objection<RecoveryPorts> {
  return async (ports) => {
    const view = await ports.at(inputs.scope).compute.instance(inputs.instanceId);
    if (view === undefined || isOff(view)) return undefined;
    // It was off: this read lags behind, or somebody stops it for us. A run that ended now would leave the service nowhere.
    if (view.state === "stopping" || view.state === "shutting-down") throw stillGoing(view);
    const detail = `${view.id} was stopped to make way and is ${view.state} again; two would serve`;
    return { code, detail, climb: false };
  };
}

function stillGoing({ id, state }: InstanceView): MedicError {
  return new MedicError("busy", `${id} is ${state}`, { retry: "later", next: "The run goes on as soon as it is off." });
}

/** What does not answer is owed and not asked: the fence has tried, and the sweep does when it answers. */
async function fencedAgain(
  inputs: FenceInputs,
  ports: RecoveryPorts,
  control: Parameters<NonNullable<FenceStep["clearsTheWay"]>>[1],
): Promise<void> {
  const { compute } = ports.at(inputs.scope);
  const seen = await unlessSilent(async () => ({ view: await compute.instance(inputs.instanceId) }));
  if (seen && (seen.view === undefined || isOff(seen.view))) return;
  await control.borrow(unfencedDebt(inputs));
  await control.borrow(stoppedDebt(inputs));
  const state = seen?.view?.state;
  if (state !== "running" && state !== "pending") return;
  await control.mayAct();
  await unlessRefused(() => compute.stop(inputs.instanceId, { force: false }));
}

function isOff({ state }: InstanceView): boolean {
  return state === "stopped" || state === "terminated";
}

/** One objection after the other; the first that objects is the answer. */
export function firstOf<Ports>(...all: readonly (Objection<Ports> | undefined)[]): Objection<Ports> {
  return async (ports) => {
    for (const each of all) {
      const found = await each?.(ports);
      if (found) return found;
    }
    return undefined;
  };
}

function stopped(inputs: FenceInputs): FenceStep {
  return {
    ...stopStep(inputs, false),
    name: fenceSteps.stopped,
    settleMs: inputs.stopMs,
    onTimeout: "go-on",
    safePoint: true,
  };
}

function forced(inputs: FenceInputs): FenceStep {
  return {
    ...stopStep(inputs, true),
    name: fenceSteps.forced,
    onlyIf: "only if the stop is stuck",
    settleMs: inputs.forceMs,
    onTimeout: inputs.kind === "must" ? "fail" : "go-on",
    // A stop is under way: there is no way back to service but through the new instance.
    safePoint: false,
    skip: async (_ports, { entries }) =>
      provedBy(entries, fenceSteps.stopped) ? "it stopped without force" : undefined,
  };
}

function stopStep(
  inputs: FenceInputs,
  force: boolean,
): Omit<FenceStep, "name" | "settleMs" | "onTimeout" | "safePoint"> {
  const { instanceId: id, scope, kind } = inputs;
  return {
    waitsFor: force ? "EC2 to cut the power of the old instance" : "the old instance to shut down",
    again: "safe",
    ...debts(inputs),
    guard: (ports) => wellAgain(inputs, ports),
    check: (ports, { begun }) => {
      const look = async () => fencedAs(await ports.at(scope).compute.instance(id), begun !== undefined);
      return kind === "must" ? look() : unlessSilent(look);
    },
    act: (ports) => {
      const stop = () => ports.at(scope).compute.stop(id, { force });
      // Refused as well as unheard: with this consent no answer of the old side holds the new one up.
      return kind === "must" ? stop() : unlessRefused(stop);
    },
  };
}

function debts(inputs: FenceInputs): Pick<FenceStep, "borrows" | "alsoBorrows" | "repays"> {
  if (inputs.kind === "must") return { borrows: stoppedDebt(inputs) };
  const unfenced = unfencedDebt(inputs);
  return { borrows: unfenced, alsoBorrows: [stoppedDebt(inputs)], repays: unfenced.id };
}

function stoppedDebt({ instanceId: id, scope }: Pick<FenceInputs, "instanceId" | "scope">): DebtWish {
  return {
    id: fencedDebtId(id),
    kind: "stopped-instance",
    what: `${id} is stopped to make way; it must be started again if the service has not moved away from it`,
    data: { instanceId: id, scope },
  };
}

export function unfencedDebt({ instanceId: id, scope }: Pick<FenceInputs, "instanceId" | "scope">): DebtWish {
  return {
    id: unfencedDebtId(id),
    kind: "unfenced",
    what: `${id} may still run beside the instance that takes its place`,
    data: { instanceId: id, scope },
  };
}

/** What EC2 says is not there at the first look may be a read that lags; the gates saw it, so it is only believed after an act. */
function fencedAs(view: InstanceView | undefined, begun: boolean): StepFacts | undefined {
  if (view === undefined) return begun ? { state: "absent" } : undefined;
  if (!isOff(view)) return undefined;
  return { state: view.state, ...(view.stateReason ? { reason: view.stateReason } : {}) };
}

async function wellAgain({ byRule }: FenceInputs, ports: RecoveryPorts): Promise<Refusal | undefined> {
  if (!byRule) return undefined;
  const now = await ports.evidence();
  if (!isWell(now)) return undefined;
  return { code: "well-again", detail: `the service answers again (${inWords(now)})`, climb: false };
}

async function unlessSilent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AbandonRun || !(error instanceof MedicError) || error.retry === "never") throw error;
    return undefined;
  }
}

/** Refusals that say "gone" or "cannot be stopped" are answered by the next look; a missing permission is nobody's consent. */
async function unlessRefused(stop: () => Promise<void>): Promise<void> {
  try {
    await stop();
  } catch (error) {
    if (error instanceof AbandonRun || !(error instanceof MedicError)) throw error;
    const passes = error.retry === "later" || codeOf(error) === "wrong-state" || codeOf(error) === "not-found";
    if (!passes) throw error;
  }
}
