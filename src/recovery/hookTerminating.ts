/**
 * The instance of an asg-ebs group leaves: its volume is detached, a snapshot is begun, what the next one needs is recorded, and the
 * group may go on.
 *
 * The order is the safety argument.
 * - The writer stops first, where the owner has named how, and at most as a help: a machine that is being replaced often does not
 *   listen any more, and that must not keep the data from being saved.
 * - Detach comes before the snapshot: what was flushed by then is in it, and nothing is written after it. A volume that does not let
 *   go is taken by force; if even that fails, the snapshot is made of it as it is.
 * - The snapshot is found again by its tags, because CreateSnapshot has no token; a crash makes no second one.
 * - The handover is written before the answer: once the group goes on, the next instance may ask for it at once.
 * - The answer does not wait for the snapshot to be complete. A snapshot is of the instant at which it was begun, whatever happens to
 *   volume and instance later; an hour of waiting here would only be an hour without the service. Who needs it complete is the
 *   launch, which waits for it with heartbeats of its own.
 * - When nothing could be saved the hook is not answered: the instance and its volume stay until AWS ends the wait, and people are told.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { VolumeId } from "../domain/words.ts";
import type { VolumeView } from "../ports/storage.ts";
import { answered, choreTags, stillWaits, type HookInputs, type HookPorts } from "./hookSteps.ts";
import { factOf, provedBy, type Plan, type Step } from "./plan.ts";

export interface TerminatingInputs extends HookInputs {
  /** The tagged volume on this instance at the first look; absent: none was on it. */
  readonly volumeId?: VolumeId;
  readonly availabilityZone: string;
}

export const terminatingSteps = {
  writerStopped: "the writer is stopped",
  detached: "the volume is detached",
  forced: "the volume is detached by force",
  snapshot: "a snapshot is begun",
  handedOver: "the handover is recorded",
} as const;

const writerMs = 60_000;
/** A help that fails is no reason to save nothing. */
const anyRefusal = ["not-permitted", "wrong-state", "not-found", "unknown-failure", "invalid-request", "quota-reached"];

/** Throws Unreachable and the like; a service without a volume has nothing to save. */
export async function terminatingInputs(
  inputs: HookInputs,
  { storage, scaling }: Pick<HookPorts, "storage" | "scaling">,
): Promise<TerminatingInputs> {
  const { key, value } = inputs.volumeTag;
  const { instanceId, group } = inputs.answer;
  const volumes = await storage.volumesByTag(key, value);
  const own = volumes.filter(({ attachment }) => attachment?.instanceId === instanceId);
  const volume = own.find(({ attachment }) => attachment?.device === inputs.device) ?? own[0];
  const member = (await scaling.group(group))?.instances.find(({ id }) => id === instanceId);
  return {
    ...inputs,
    ...(volume ? { volumeId: volume.id } : {}),
    availabilityZone: volume?.availabilityZone ?? member?.availabilityZone ?? "",
  };
}

export function terminatingPlan(inputs: TerminatingInputs): Plan<HookPorts> {
  const { volumeId, answer } = inputs;
  return {
    title: `${answer.hook} of ${answer.instanceId}`,
    gates: [stillWaits(inputs)],
    steps: [...(volumeId ? saving(inputs, volumeId) : []), answered(inputs)],
    summary: (entries) => {
      const snapshot = factOf(entries, terminatingSteps.snapshot, "snapshot");
      return snapshot
        ? `${volumeId ?? ""} is saved as ${snapshot}, and ${answer.instanceId} may go`
        : `no volume was on ${answer.instanceId}; it may go`;
    },
  };
}

function saving(inputs: TerminatingInputs, volumeId: VolumeId): Step<HookPorts>[] {
  return [
    ...(inputs.stopWriter ? [writerStopped(inputs, inputs.stopWriter)] : []),
    detach(inputs, volumeId, false),
    detach(inputs, volumeId, true),
    snapshot(inputs, volumeId),
    handedOver(inputs, volumeId),
  ];
}

function writerStopped({ answer, service }: TerminatingInputs, line: string): Step<HookPorts> {
  // Forgotten in a crash: then the command is waited out, and the plan goes on.
  let commandId: string | undefined;
  return {
    name: terminatingSteps.writerStopped,
    waitsFor: "SSM to run the owner's command",
    settleMs: writerMs,
    again: "never",
    yieldsOn: anyRefusal,
    onTimeout: "go-on",
    safePoint: true,
    check: async ({ commands }) => {
      if (commandId === undefined) return undefined;
      const result = await commands.result(commandId, answer.instanceId);
      return result === "success" || result === "failed" ? { result } : undefined;
    },
    act: async ({ commands }) => {
      const options = { comment: `ec2-medic: ${service} leaves`, timeoutSeconds: writerMs / 1000 };
      commandId = await commands.run(answer.instanceId, line, options);
    },
  };
}

function detach(inputs: TerminatingInputs, volumeId: VolumeId, force: boolean): Step<HookPorts> {
  const { answer, timing } = inputs;
  return {
    name: force ? terminatingSteps.forced : terminatingSteps.detached,
    waitsFor: force ? "EC2 to cut it off" : "the machine to let go of it",
    ...(force ? { onlyIf: "only if it does not let go" } : {}),
    settleMs: timing.detachSettleMs,
    again: "safe",
    yieldsOn: anyRefusal,
    onTimeout: "go-on",
    safePoint: true,
    skip: async (_ports, { entries }) =>
      force && provedBy(entries, terminatingSteps.detached) ? "it let go without force" : undefined,
    guard: stillWaits(inputs),
    check: async ({ storage }) => {
      const view = await storage.volume(volumeId);
      return view && isFree(view) ? { volume: volumeId, state: view.state } : undefined;
    },
    act: async ({ storage }) => {
      const view = await storage.volume(volumeId);
      // Never from another instance than the one that leaves.
      if (view?.attachment?.instanceId !== answer.instanceId) return;
      // On its way off: asked again, EC2 may refuse, and a refusal would bring on the force that loses what is not flushed.
      if (!force && view.attachment.state === "detaching") return;
      await storage.detach(volumeId, { instanceId: answer.instanceId, force });
    },
  };
}

export function isFree({ state, attachment }: VolumeView): boolean {
  return state === "available" && attachment === undefined;
}

function snapshot(inputs: TerminatingInputs, volumeId: VolumeId): Step<HookPorts> {
  const { answer, timing, service } = inputs;
  return {
    ...snapshotStep(inputs, () => volumeId, terminatingSteps.snapshot),
    settleMs: timing.lagMs * 6,
    guard: stillWaits(inputs),
    act: async ({ storage }) => {
      await storage.createSnapshot({
        volumeId,
        description: `${service}: ${volumeId} as ${answer.instanceId} left ${answer.group}`,
        tags: choreTags(inputs, terminatingSteps.snapshot),
      });
    },
  };
}

/** Found again by the chore's tags. Shared with the launch, which makes one of a volume that nobody saved. */
export function snapshotStep(
  inputs: HookInputs,
  volumeOf: (entries: Parameters<typeof factOf>[0]) => VolumeId | undefined,
  name: string,
): Step<HookPorts> {
  const { timing } = inputs;
  return {
    name,
    waitsFor: "EC2 to show it",
    settleMs: timing.lagMs * 6,
    again: "safe",
    // No token exists, and reads may lag behind what was made.
    againAfterMs: timing.lagMs,
    onTimeout: "fail",
    safePoint: true,
    check: async ({ storage }, { entries }) => {
      const made = (await storage.snapshotsByTag("ec2-medic:run", inputs.choreId)).find(
        (each) => each.tags["ec2-medic:step"] === name && each.volumeId === volumeOf(entries),
      );
      if (made === undefined) return undefined;
      if (made.state !== "error") return { snapshot: made.id, startedAt: made.startedAt };
      throw new RecoveryRefused(
        "snapshot-failed",
        `snapshot ${made.id} of ${made.volumeId} failed${made.stateMessage ? `: ${made.stateMessage}` : ""}`,
        "The volume itself is untouched; make a snapshot by hand.",
      );
    },
  };
}

function handedOver(inputs: TerminatingInputs, volumeId: VolumeId): Step<HookPorts> {
  const { timing, availabilityZone } = inputs;
  return {
    name: terminatingSteps.handedOver,
    waitsFor: "the store",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    check: async ({ handover }, { entries }) => {
      const found = await handover.read();
      const snapshotId = factOf(entries, terminatingSteps.snapshot, "snapshot");
      return found?.snapshotId === snapshotId && found?.volumeId === volumeId ? { recorded: true } : undefined;
    },
    act: async ({ handover }, { entries }) => {
      const snapshotId = factOf(entries, terminatingSteps.snapshot, "snapshot");
      const startedAt = factOf(entries, terminatingSteps.snapshot, "startedAt");
      if (snapshotId === undefined) return;
      await handover.write({ volumeId, availabilityZone, snapshotId: snapshotId as never, at: Number(startedAt) });
    },
  };
}
