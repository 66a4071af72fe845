/**
 * Only the disk is built anew: EC2 replaces the root volume of the running machine by one from its newest snapshot.
 *
 * - Id, addresses, role and alarms stay, so that nothing has to be fenced and nothing moves: it is the same machine.
 * - EC2 reboots it once, and keeps the old volume, detached: what was written since the snapshot is not lost for good.
 * - The task carries a client token, so that asking twice replaces once. It is proved by the root volume being another one.
 * - A rule does not replace the disk of a machine that answers again by now.
 */
import { RecoveryRefused, Unreachable } from "../domain/errors.ts";
import { runTag, stepTag } from "../ports/compute.ts";
import { ageWords } from "./buildSource.ts";
import type { RecoveryPorts } from "./definition.ts";
import { answersThere } from "./handover.ts";
import { inWords, isWell } from "./health.ts";
import { managedTag } from "./permissions.ts";
import type { Plan, Refusal, Step } from "./plan.ts";
import type { ReplaceRootInputs } from "./replaceRootInputs.ts";
import { token } from "./token.ts";

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const replaceRootSteps = { replaced: "the root volume is a new one from the snapshot" } as const;

export function replaceRootPlan(inputs: ReplaceRootInputs): Plan<RecoveryPorts> {
  const { instanceId, snapshotId, dataAsOf, times, scope } = inputs;
  const left = "The root volume is replaced; whether the service answers was not awaited.";
  return {
    title: `replace the root volume of ${instanceId}`,
    gates: [snapshotIsThere(inputs), machineIsSound(inputs)],
    steps: [replaced(inputs), answersThere({ to: () => instanceId, scope, settleMs: times.verifySettleMs, left })],
    summary: (entries) => {
      const at = entries.find(({ step }) => step === replaceRootSteps.replaced)?.done?.at ?? dataAsOf;
      return `${instanceId} has a new root volume from ${snapshotId}, ${ageWords(dataAsOf, at)}; the old volume is kept`;
    },
  };
}

function snapshotIsThere({ snapshotId }: ReplaceRootInputs) {
  return async ({ storage }: RecoveryPorts): Promise<Refusal | undefined> => {
    const snapshot = await storage.snapshot(snapshotId);
    if (snapshot?.state === "completed") return undefined;
    return { code: "no-snapshot", detail: `snapshot ${snapshotId} is ${snapshot?.state ?? "gone"}`, climb: true };
  };
}

function machineIsSound({ instanceId }: ReplaceRootInputs) {
  return async ({ compute }: RecoveryPorts): Promise<Refusal | undefined> => {
    const view = await compute.instance(instanceId);
    if (view?.state === "running") return undefined;
    const isGone = view === undefined || view.state === "terminated" || view.state === "shutting-down";
    const detail = `${instanceId} is ${view?.state ?? "gone"}; a root volume is replaced on a running instance`;
    return { code: isGone ? "instance-gone" : "not-running", detail, climb: isGone };
  };
}

function replaced(inputs: ReplaceRootInputs): Step<RecoveryPorts> {
  const { instanceId, snapshotId, runId, seed, times } = inputs;
  return {
    name: replaceRootSteps.replaced,
    waitsFor: "EC2 to swap the volume and reboot, usually 2 to 4 min",
    settleMs: times.replaceSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    guard: (ports) => wellAgain(inputs, ports),
    before: async ({ storage }) => ({
      tasks: (await storage.rootVolumeTasks(instanceId)).map(({ id }) => id).join(" "),
    }),
    check: async ({ compute, storage }, { begun }) => {
      if (begun === undefined) return undefined;
      const blueprint = await compute.blueprint(instanceId);
      if (blueprint === undefined) throw new Unreachable(`instance ${instanceId} (EC2 says that it does not exist)`);
      const former = String(begun.before["tasks"] ?? "").split(" ");
      const ours = (await storage.rootVolumeTasks(instanceId)).filter(({ id }) => !former.includes(id));
      const root = blueprint.volumes.find(({ device }) => device === inputs.rootDeviceName)?.volumeId;
      const isNew = root !== undefined && root !== inputs.rootVolumeId;
      if (isNew && ours.some(({ state }) => state === "succeeded")) return { volumeId: root, snapshotId };
      const failed = ours.filter(({ state }) => state === "failed" || state === "failed-detached");
      if (failed.length > 0)
        throw taskFailed(
          inputs,
          failed.map(({ id, state }) => `${id} ${state}`),
        );
      return undefined;
    },
    act: async ({ storage }) => {
      const tags = { [managedTag.key]: managedTag.value, [runTag]: runId, [stepTag]: "replace-root" };
      const clientToken = token(runId, seed, "replace-root", snapshotId);
      await storage.replaceRootVolume({ clientToken, instanceId, snapshotId, tags });
    },
    progress: async ({ storage }, { begun }) => {
      const former = String(begun?.before["tasks"] ?? "").split(" ");
      return (await storage.rootVolumeTasks(instanceId)).find(({ id }) => !former.includes(id))?.state;
    },
  };
}

function taskFailed({ instanceId }: ReplaceRootInputs, tasks: readonly string[]): RecoveryRefused {
  return new RecoveryRefused(
    "replace-failed",
    `EC2 could not replace the root volume of ${instanceId} (${tasks.join(", ")})`,
    "Look at the task in the console; `failed-detached` means that the instance has no root volume now.",
  );
}

async function wellAgain({ byRule }: ReplaceRootInputs, { evidence }: RecoveryPorts): Promise<Refusal | undefined> {
  if (!byRule) return undefined;
  const now = await evidence();
  if (!isWell(now)) return undefined;
  return { code: "well-again", detail: `the service answers again (${inWords(now)})`, climb: false };
}
