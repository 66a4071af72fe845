/**
 * Drill: what re-provisioning here would do, for real and beside the running service, and cleaned up after.
 *
 * - The running machine, its address and its records are not touched; there is nothing to fence.
 * - The copy can reach nothing and be nobody: its own subnet, a security group without egress, no role, no key, none of the
 *   original's tags. Its user data is a timer that shuts it down, and shutting down terminates it: that holds if the bot dies.
 * - That it exists is a debt from before the first launch until EC2 says that it is terminated; nothing between ends the run, and
 *   whatever fails in between, the clean-up step still comes.
 * - Only what carries the drill's own tag is terminated; the port refuses everything else.
 * - Whether the drill came up is said last, after the clean-up. A drill that failed is news, and climbs no ladder.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import { length } from "../domain/text.ts";
import { drillTag, runTag, type InstanceView } from "../ports/compute.ts";
import type { InstanceId } from "../domain/words.ts";
import { canBeBuilt } from "./buildGates.ts";
import { ageWords } from "./buildSource.ts";
import { buildSteps, imageRegistered, launched, launchedId, launchName } from "./buildSteps.ts";
import { runs } from "./newInstanceSteps.ts";
import type { RecoveryPorts } from "./definition.ts";
import type { DrillInputs } from "./drillInputs.ts";
import { factOf, provedBy, type DebtWish, type Plan, type Step, type StepEntry } from "./plan.ts";

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const drillSteps = {
  answers: "the copy answers",
  ended: "the copy is terminated",
  cameUp: "the drill came up",
} as const;

type DrillStep = Step<RecoveryPorts>;

export function drillDebtId(runId: string): string {
  return `drill-instance/${runId}`;
}

export function drillPlan(inputs: DrillInputs): Plan<RecoveryPorts> {
  const { build, service } = inputs;
  return {
    title: `drill of ${service}`,
    gates: [noClimb(canBeBuilt(build))],
    steps: [
      ...imageRegistered(build),
      ...launched(build, { borrows: debtOf(inputs), lastYields: true }).map(neverFatal),
      copyRuns(inputs),
      copyAnswers(inputs),
      copyEnded(inputs),
      cameUp(inputs),
    ],
    summary: (entries) => summary(inputs, entries),
  };
}

function noClimb(gate: Plan<RecoveryPorts>["gates"][number]): typeof gate {
  return async (ports) => {
    const found = await gate(ports);
    return found && { ...found, code: `drill-${found.code}`, climb: false };
  };
}

/** Time that runs out on a launch is no reason to leave out the clean-up. */
function neverFatal(step: DrillStep): DrillStep {
  return { ...step, onTimeout: "go-on" };
}

function debtOf({ build, service, cleanUpAfterMs }: DrillInputs): DebtWish {
  return {
    id: drillDebtId(build.runId),
    kind: "drill-instance",
    what: `a copy of ${service} may run in the drill subnet; it shuts itself down ${length(cleanUpAfterMs)} after its start`,
    data: { scope: build.scope, runId: build.runId },
  };
}

function copyRuns(inputs: DrillInputs): DrillStep {
  const step = runs(inputs.build);
  return {
    ...step,
    onTimeout: "go-on",
    skip: async (_ports, { entries }) =>
      launchedId(inputs.build, entries) === undefined ? "nothing was launched" : undefined,
    check: async (ports, view) => {
      const id = launchedId(inputs.build, view.entries);
      const seen = id && (await ports.at(inputs.build.scope).compute.instance(id));
      // Ended before it ever ran: the clean-up has less to do, and the end of the plan says why.
      if (seen && (seen.state === "terminated" || seen.state === "shutting-down")) {
        return { instanceId: seen.id, state: seen.state, reason: seen.stateReason ?? "" };
      }
      return step.check(ports, view);
    },
  };
}

function copyAnswers(inputs: DrillInputs): DrillStep {
  const { build, times } = inputs;
  return {
    name: drillSteps.answers,
    waitsFor: inputs.hasProbe ? "the probe of its private address" : "both status checks",
    settleMs: times.proofSettleMs,
    again: "safe",
    onTimeout: "go-on",
    safePoint: false,
    skip: async (_ports, { entries }) => (isUp(entries) ? undefined : "it does not run"),
    check: async (ports, { entries, begun }) => {
      const id = launchedId(build, entries);
      const privateIp = factOf(entries, buildSteps.runs, "privateIp");
      if (id === undefined || begun === undefined) return undefined;
      const answer = privateIp === undefined ? undefined : await ports.probe({ connectTo: privateIp });
      if (answer && "good" in answer && answer.good) return { provedBy: `probe of ${privateIp}: ${answer.detail}` };
      const checks = await ports.at(build.scope).compute.checks(id);
      const passes = checks?.system === "ok" && checks.instance === "ok";
      // A closed subnet may be closed to the bot too: then EC2's word is what there is, and that is said.
      const waited = ports.clock.now() - begun.at >= times.proofSettleMs / 2;
      if (!passes || (inputs.hasProbe && !waited)) return undefined;
      const why = inputs.hasProbe ? "the probe does not reach the drill subnet" : "the service has no probe";
      return { provedBy: `both status checks (${why})` };
    },
  };
}

function isUp(entries: readonly StepEntry[]): boolean {
  const facts = provedBy(entries, buildSteps.runs)?.facts;
  return facts !== undefined && facts["state"] === undefined;
}

/** Found by tag as well as by the journal: a launch whose answer was lost, or whose step gave up, is ended too. */
function copyEnded(inputs: DrillInputs): DrillStep {
  const { build, times } = inputs;
  return {
    name: drillSteps.ended,
    waitsFor: "EC2 to terminate it, usually 1 min",
    settleMs: times.endSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    repays: drillDebtId(build.runId),
    check: async (ports, { entries, begun }) => {
      // A launch that nobody saw needs the time in which reads may lag before its absence is believed.
      if (begun === undefined || ports.clock.now() - begun.at < build.times.lagMs) return undefined;
      const left = await copiesOf(ports, inputs, entries);
      return left.length === 0 ? { left: 0 } : undefined;
    },
    act: async (ports, { entries }) => {
      for (const { id } of await copiesOf(ports, inputs, entries)) {
        await ports.at(build.scope).compute.terminateDrill(id);
      }
    },
  };
}

async function copiesOf(
  ports: RecoveryPorts,
  { build }: DrillInputs,
  entries: readonly StepEntry[],
): Promise<InstanceView[]> {
  const { compute } = ports.at(build.scope);
  const tagged = await compute.instancesByTag(runTag, build.runId);
  const drills = tagged.filter(({ tags }) => tags[drillTag.key] === drillTag.value);
  const known: InstanceId | undefined = launchedId(build, entries);
  const view = known === undefined ? undefined : await compute.instance(known);
  const all = view && !drills.some(({ id }) => id === view.id) ? [...drills, view] : drills;
  return all.filter(({ state }) => state !== "terminated");
}

/** Takes no act and no time: the result, said as an end of the run. */
function cameUp(inputs: DrillInputs): DrillStep {
  return {
    name: drillSteps.cameUp,
    waitsFor: "nothing",
    settleMs: 60_000,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    check: async (_ports, { entries }) => {
      const proved = factOf(entries, drillSteps.answers, "provedBy");
      if (proved !== undefined) return { provedBy: proved, tookMs: tookMs(inputs, entries) };
      throw new RecoveryRefused(
        "drill-failed",
        whyNot(inputs, entries),
        "Mend that now, while nothing is broken; then drill again.",
      );
    },
  };
}

/** From the first launch until the copy answered: what people would wait for, without the fence and the address. */
function tookMs({ build }: DrillInputs, entries: readonly StepEntry[]): number {
  const names = build.candidates.map(launchName);
  const since = entries.find(({ step, begun }) => names.includes(step) && begun !== undefined)?.begun?.at ?? 0;
  return (provedBy(entries, drillSteps.answers)?.at ?? since) - since;
}

function whyNot({ build }: DrillInputs, entries: readonly StepEntry[]): string {
  const id = launchedId(build, entries);
  if (id === undefined) {
    const last = entries.filter(({ done }) => done?.gaveUp !== undefined).at(-1)?.done?.gaveUp;
    return `no copy could be launched: ${last ?? "EC2 took none of the candidates"}`;
  }
  const reason = factOf(entries, buildSteps.runs, "reason");
  if (reason !== undefined) return `${id} ended before it ran: ${reason || "EC2 gives no reason"}`;
  return isUp(entries) ? `${id} ran and did not answer in time` : `${id} did not run in time`;
}

function summary(inputs: DrillInputs, entries: readonly StepEntry[]): string {
  const proved = factOf(entries, drillSteps.answers, "provedBy") ?? "nothing";
  const at = provedBy(entries, drillSteps.answers)?.at ?? 0;
  const data = ageWords(inputs.build.source.dataAsOf, at);
  return `the drill came up in ${length(tookMs(inputs, entries))} with data ${data}, proved by ${proved}; the copy is terminated`;
}
