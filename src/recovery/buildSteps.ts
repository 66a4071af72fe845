/**
 * A machine is built: an image over the snapshot when there is none, then one launch out of a list of candidates, then it runs.
 *
 * - Nothing is made twice. The image is found again by its name, which follows from the run; the launch carries a client token of
 *   its own per candidate, and is found again by the run's tags.
 * - Each candidate is a step, which yields to the next one when the world has no machine of that kind there. A quota is no such
 *   reason: another zone would not help, a person does.
 * - "Launched" proves nothing: a machine whose disk cannot be decrypted starts and terminates. It counts when it runs.
 * - Where it is launched, from what and with which tags was resolved at the order; nothing is chosen here.
 */
import { codeOf, RecoveryRefused } from "../domain/errors.ts";
import { length } from "../domain/text.ts";
import type { ImageId, InstanceId, RunId, Scope } from "../domain/words.ts";
import { runTag, stepTag, type InstanceView, type LaunchRequest } from "../ports/compute.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { BuildSource } from "./buildSource.ts";
import type { RecoveryPorts } from "./definition.ts";
import { managedTag } from "./permissions.ts";
import { factOf, provedBy, type Step, type StepEntry } from "./plan.ts";
import { token } from "./token.ts";

export interface Candidate {
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly type: string;
}

export interface BuildInputs {
  readonly runId: RunId;
  /** Makes tokens and names of this run differ from those of a run of the same number under another store. */
  readonly seed: string;
  readonly scope: Scope;
  readonly source: BuildSource;
  readonly candidates: readonly Candidate[];
  /** What every candidate has in common. */
  readonly machine: Omit<LaunchRequest, "clientToken" | "imageId" | "type" | "subnetId" | "volumes">;
  readonly times: {
    readonly imageSettleMs: number;
    readonly launchSettleMs: number;
    readonly checksSettleMs: number;
    readonly lagMs: number;
  };
}

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const buildSteps = {
  image: "an image over the snapshot is registered",
  runs: "the new instance runs",
  checks: "the new instance passes both status checks",
} as const;

type BuildStep = Step<RecoveryPorts>;

/** Refusals at which the next candidate is tried. */
export const yielding = ["no-capacity", "type-not-offered"] as const;

export function imageRegistered(inputs: BuildInputs): BuildStep[] {
  const { source, scope, runId, times } = inputs;
  if (source.kind === "image") return [];
  const name = imageNameOf(inputs);
  return [
    {
      name: buildSteps.image,
      waitsFor: "EC2 to register an image, usually seconds",
      settleMs: times.imageSettleMs,
      again: "safe",
      onTimeout: "fail",
      safePoint: true,
      check: async (ports) => {
        const image = await ports.at(scope).storage.imageByName(name);
        if (image?.state === "failed") {
          throw new RecoveryRefused("image-failed", `${image.id} (${name}) failed`, "See why in the console.");
        }
        return image?.state === "available" ? { imageId: image.id, name } : undefined;
      },
      act: async (ports) => {
        // Not tagged as the service's snapshots are: it is no newer than what it was made from.
        const tags = { [managedTag.key]: managedTag.value, [runTag]: runId, [stepTag]: "image" };
        try {
          await ports.at(scope).storage.registerImage({ ...source.image, name, tags });
        } catch (error) {
          if (codeOf(error) !== "exists-already") throw error;
        }
      },
    },
  ];
}

export function imageNameOf({ runId, seed }: BuildInputs): string {
  return token(runId, seed, "image");
}

export interface LaunchOptions {
  readonly borrows?: BuildStep["borrows"];
  /** Also the last candidate yields: the step after it sees that nothing was launched. */
  readonly lastYields?: boolean;
}

/** One step per candidate. */
export function launched(inputs: BuildInputs, options: LaunchOptions = {}): BuildStep[] {
  return inputs.candidates.map((candidate, index) => {
    const isLast = index === inputs.candidates.length - 1;
    return {
      name: launchName(candidate),
      waitsFor: "EC2 to find room for it",
      ...(index === 0 ? {} : { onlyIf: "only if there is no room at the former" }),
      settleMs: inputs.times.launchSettleMs,
      again: "safe",
      ...(isLast && options.lastYields !== true ? {} : { yieldsOn: yielding }),
      onTimeout: "fail",
      // The old one is out of the way: from here the way back to service is forward.
      safePoint: false,
      ...(options.borrows ? { borrows: options.borrows } : {}),
      skip: async (_ports, { entries }) => {
        const id = launchedId(inputs, entries);
        return id === undefined ? undefined : `${id} was launched`;
      },
      check: async (ports, { begun }) => {
        if (begun === undefined) return undefined;
        const found = await launchedBy(ports.at(inputs.scope), inputs, { index, notBefore: begun.at });
        return found && { instanceId: found.id, availabilityZone: found.availabilityZone, type: found.type };
      },
      act: async (ports, { entries }) => {
        await ports.at(inputs.scope).compute.launch(requestOf(inputs, { candidate, index, entries }));
      },
    };
  });
}

export function launchName({ type, availabilityZone, subnetId }: Candidate): string {
  return `a new instance is launched: ${type} in ${availabilityZone} (${subnetId})`;
}

function requestOf(
  inputs: BuildInputs,
  at: { readonly candidate: Candidate; readonly index: number; readonly entries: readonly StepEntry[] },
): LaunchRequest {
  const { source, machine, runId } = inputs;
  const { subnetId, type } = at.candidate;
  const made = factOf(at.entries, buildSteps.image, "imageId") as ImageId | undefined;
  const imageId = source.kind === "image" ? source.imageId : made;
  if (imageId === undefined) {
    throw new RecoveryRefused("no-image", "the image over the snapshot is not registered", "Order it again.");
  }
  return {
    ...machine,
    clientToken: token(runId, inputs.seed, "launch", `${at.index}`, subnetId, type),
    imageId,
    type,
    subnetId,
    volumes: source.data.map(({ device, snapshotId, deleteOnTermination }) => {
      return { device, snapshotId, deleteOnTermination };
    }),
    tags: {
      ...machine.tags,
      [managedTag.key]: managedTag.value,
      [runTag]: runId,
      [stepTag]: stepMark(inputs, at.index),
    },
  };
}

/** Differs from run to run even when numbers start over with a new store. */
function stepMark(inputs: BuildInputs, index: number): string {
  return `launch-${index}-${token("", inputs.runId, inputs.seed).slice(-8)}`;
}

/** Clocks of AWS and of the bot are not one. */
const skewMs = 5 * 60_000;

async function launchedBy(
  { compute }: Pick<Cloud, "compute">,
  inputs: BuildInputs,
  { index, notBefore }: { readonly index: number; readonly notBefore: number },
): Promise<InstanceView | undefined> {
  const mark = stepMark(inputs, index);
  const all = await compute.instancesByTag(runTag, inputs.runId);
  return all.find((view) => view.tags[stepTag] === mark && view.launchTime >= notBefore - skewMs);
}

/** The machine that this run has launched, as its journal proves it. */
export function launchedId(
  inputs: Pick<BuildInputs, "candidates">,
  entries: readonly StepEntry[],
): InstanceId | undefined {
  for (const candidate of inputs.candidates) {
    const id = factOf(entries, launchName(candidate), "instanceId");
    if (id !== undefined) return id as InstanceId;
  }
  return undefined;
}

/** For steps that come after a launch. */
export function newInstance(inputs: Pick<BuildInputs, "candidates">, entries: readonly StepEntry[]): InstanceId {
  const id = launchedId(inputs, entries);
  if (id !== undefined) return id;
  throw new RecoveryRefused("not-launched", "no new instance was launched", "Order it again.");
}

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

export function hasRun(entries: readonly StepEntry[]): boolean {
  return provedBy(entries, buildSteps.runs) !== undefined;
}
