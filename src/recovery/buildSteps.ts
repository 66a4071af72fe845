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
import type { ImageId, InstanceId, RunId, Scope } from "../domain/words.ts";
import { runTag, stepTag, type InstanceView, type LaunchRequest } from "../ports/compute.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { BuildSource } from "./buildSource.ts";
import { AbandonRun } from "./control.ts";
import type { RecoveryPorts } from "./definition.ts";
import { managedTag } from "./permissions.ts";
import { factOf, provedBy, type Objection, type Step, type StepEntry } from "./plan.ts";
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
  // What this worker was answered. Another one reads tags, and where they cannot be read it sends the same launch again: same token,
  // same machine, same answer.
  const answered = new Map<number, InstanceId>();
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
        const { compute } = ports.at(inputs.scope);
        const known = answered.get(index);
        // By its id: while a zone is out, EC2 fails every read that does not name its instances.
        const found =
          known === undefined
            ? await launchedBy(compute, inputs, { index, notBefore: begun.at })
            : await compute.instance(known);
        return found && { instanceId: found.id, availabilityZone: found.availabilityZone, type: found.type };
      },
      act: async (ports, { entries }) => {
        const request = requestOf(inputs, { candidate, index, imageId: imageOf(inputs, entries) });
        answered.set(index, await ports.at(inputs.scope).compute.launch(request));
      },
    };
  });
}

/** Asked right before the old one is stopped for it: a permission that is missing then would show when nothing serves any more. */
export function mayBeLaunched(inputs: BuildInputs): Objection<RecoveryPorts> {
  return async (ports) => {
    const { compute, storage } = ports.at(inputs.scope);
    const { source, candidates } = inputs;
    const [candidate] = candidates;
    const imageId = source.kind === "image" ? source.imageId : (await storage.imageByName(imageNameOf(inputs)))?.id;
    if (candidate === undefined || imageId === undefined) return undefined;
    const request = requestOf(inputs, { candidate, index: 0, imageId });
    const { allowed, detail } = await compute.mayI({ action: "launch", request });
    if (allowed) return undefined;
    return { code: "not-permitted", detail: `EC2 would not launch the new instance: ${detail}`, climb: false };
  };
}

export function launchName({ type, availabilityZone, subnetId }: Candidate): string {
  return `a new instance is launched: ${type} in ${availabilityZone} (${subnetId})`;
}

function imageOf({ source }: BuildInputs, entries: readonly StepEntry[]): ImageId {
  const made = factOf(entries, buildSteps.image, "imageId") as ImageId | undefined;
  const imageId = source.kind === "image" ? source.imageId : made;
  if (imageId !== undefined) return imageId;
  throw new RecoveryRefused("no-image", "the image over the snapshot is not registered", "Order it again.");
}

function requestOf(
  inputs: BuildInputs,
  { candidate, index, imageId }: { readonly candidate: Candidate; readonly index: number; readonly imageId: ImageId },
): LaunchRequest {
  const { source, machine, runId } = inputs;
  const { subnetId, type } = candidate;
  return {
    ...machine,
    clientToken: token(runId, inputs.seed, "launch", `${index}`, subnetId, type),
    imageId,
    type,
    subnetId,
    volumes: source.data.map(({ device, snapshotId, deleteOnTermination }) => {
      return { device, snapshotId, deleteOnTermination };
    }),
    tags: { ...machine.tags, [managedTag.key]: managedTag.value, [runTag]: runId, [stepTag]: stepMark(inputs, index) },
  };
}

/** Differs from run to run even when numbers start over with a new store. */
function stepMark(inputs: BuildInputs, index: number): string {
  return `launch-${index}-${token("", inputs.runId, inputs.seed).slice(-8)}`;
}

/** Clocks of AWS and of the bot are not one. */
const skewMs = 5 * 60_000;

/** What cannot be read is not seen: the launch is then sent once more, which the token makes harmless. */
async function launchedBy(
  compute: Cloud["compute"],
  inputs: BuildInputs,
  { index, notBefore }: { readonly index: number; readonly notBefore: number },
): Promise<InstanceView | undefined> {
  const mark = stepMark(inputs, index);
  try {
    const all = await compute.instancesByTag(runTag, inputs.runId);
    return all.find((view) => view.tags[stepTag] === mark && view.launchTime >= notBefore - skewMs);
  } catch (error) {
    if (error instanceof AbandonRun || codeOf(error) !== "unreachable") throw error;
    return undefined;
  }
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

export function hasRun(entries: readonly StepEntry[]): boolean {
  return provedBy(entries, buildSteps.runs) !== undefined;
}
