/**
 * A new instance of an asg-ebs group comes: it gets the volume before it serves.
 *
 * The order is the safety argument.
 * - First it is known where the newest data is (hookSource.ts). The new instance is often launched while the old one still leaves:
 *   then this waits for the other hook, with heartbeats, instead of taking what is older.
 * - The same volume where the zone is the same: no copy, no loss. Else a new volume from *that* snapshot, once it is complete. A
 *   volume that nobody saved is saved first. An older snapshot is taken only with a person's typed consent, which is recorded.
 * - Which volume holds the newest data is recorded before the instance can write to it.
 * - A volume is attached only when it is free: it is never taken from another instance.
 * - The Elastic IP comes last and is only a help here: it is taken from nobody who lives, and user data or a replacement brings it
 *   otherwise.
 * - Only then may the group go on. When it fails the hook is not answered: AWS takes the default result, usually to launch another one.
 */
import { NotFound, RecoveryRefused, Unreachable, WrongState } from "../domain/errors.ts";
import { isOff } from "./groupAddress.ts";
import {
  found,
  howOf,
  launchingSteps,
  same,
  snapshotOf,
  sourceVolume,
  volumeOf,
  type LaunchingInputs,
} from "./hookFound.ts";
import { answered, choreTags, stillWaits, type HookInputs, type HookPorts } from "./hookSteps.ts";
import { isFree, snapshotStep } from "./hookTerminating.ts";
import type { Plan, Step, StepEntry } from "./plan.ts";
import { token } from "./token.ts";

/** Throws Unreachable until the group shows the instance. */
export async function launchingInputs(
  inputs: HookInputs,
  { scaling }: Pick<HookPorts, "scaling">,
): Promise<LaunchingInputs> {
  const { group, instanceId } = inputs.answer;
  const member = (await scaling.group(group))?.instances.find(({ id }) => id === instanceId);
  if (member === undefined) throw new Unreachable(`${instanceId} in group ${group} (the group does not show it)`);
  return { ...inputs, availabilityZone: member.availabilityZone };
}

export function launchingPlan(inputs: LaunchingInputs): Plan<HookPorts> {
  const { answer, allocationId } = inputs;
  return {
    title: `${answer.hook} of ${answer.instanceId}`,
    gates: [stillWaits(inputs)],
    steps: [
      found(inputs),
      saved(inputs),
      complete(inputs),
      made(inputs),
      taken(inputs),
      attached(inputs),
      ...(allocationId ? [addressed(inputs, allocationId)] : []),
      answered(inputs),
    ],
    summary: (entries) => {
      const from = snapshotOf(entries);
      return `${answer.instanceId} has ${volumeOf(entries) ?? "its volume"}${from ? `, made from ${from}` : ", the same as before"}`;
    },
  };
}

function saved(inputs: LaunchingInputs): Step<HookPorts> {
  return {
    ...snapshotStep(inputs, sourceVolume, launchingSteps.saved),
    onlyIf: "only if nobody saved it as its instance left",
    guard: stillWaits(inputs),
    skip: async (_ports, { entries }) => (howOf(entries) === "save-first" ? undefined : "there is no need"),
    act: async ({ storage }, { entries }) => {
      const volumeId = sourceVolume(entries);
      if (volumeId === undefined) return;
      const description = `${inputs.service}: ${volumeId} on its way to ${inputs.availabilityZone}`;
      await storage.createSnapshot({ volumeId, description, tags: choreTags(inputs, launchingSteps.saved) });
    },
  };
}

function complete(inputs: LaunchingInputs): Step<HookPorts> {
  const find = async ({ storage }: HookPorts, entries: readonly StepEntry[]) => {
    const id = snapshotOf(entries);
    const view = id && (await storage.snapshot(id));
    if (!view) throw new Unreachable(`snapshot ${id ?? "of the journal"} (EC2 says that it does not exist)`);
    return view;
  };
  return {
    name: launchingSteps.complete,
    waitsFor: "EC2 to copy the changed blocks",
    settleMs: inputs.timing.snapshotSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    skip: async (_ports, { entries }) => same(entries),
    progress: async (ports, { entries }) => `${(await find(ports, entries)).progress} % copied`,
    check: async (ports, { entries }) => {
      const view = await find(ports, entries);
      if (view.state === "completed") return { snapshot: view.id };
      if (view.state !== "error") return undefined;
      throw new RecoveryRefused(
        "snapshot-failed",
        `snapshot ${view.id} failed${view.stateMessage ? `: ${view.stateMessage}` : ""}`,
        "The volume that it was made of is untouched.",
      );
    },
  };
}

/** Where EC2 does not say of what type the former volume was. */
const usualType = "gp3";

function made(inputs: LaunchingInputs): Step<HookPorts> {
  const { availabilityZone, choreId, timing } = inputs;
  return {
    name: launchingSteps.made,
    waitsFor: "EC2 to make it from the snapshot",
    settleMs: timing.attachSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    skip: async (_ports, { entries }) => same(entries),
    guard: stillWaits(inputs),
    check: async ({ storage }) => {
      const own = (await storage.volumesByTag("ec2-medic:run", choreId)).find(
        (view) => view.availabilityZone === availabilityZone && (view.state === "available" || view.state === "in-use"),
      );
      return own && { volume: own.id };
    },
    act: async ({ storage }, { entries }) => {
      const snapshotId = snapshotOf(entries);
      if (snapshotId === undefined) return;
      const former = sourceVolume(entries);
      // As fast as the one it stands for; of a volume that EC2 has forgotten nobody knows, and the usual type needs no figures.
      const model = former === undefined ? undefined : await storage.volume(former);
      await storage.createVolume({
        clientToken: token(choreId, launchingSteps.made, snapshotId),
        snapshotId,
        availabilityZone,
        type: model ? model.type : usualType,
        ...(model?.iops === undefined ? {} : { iops: model.iops }),
        ...(model?.throughputMiBps === undefined ? {} : { throughputMiBps: model.throughputMiBps }),
        tags: choreTags(inputs, launchingSteps.made),
      });
    },
  };
}

function taken(inputs: LaunchingInputs): Step<HookPorts> {
  const { answer, availabilityZone, timing } = inputs;
  return {
    name: launchingSteps.taken,
    waitsFor: "the store",
    settleMs: timing.lagMs * 4,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    check: async ({ handover }, { entries }) => {
      const used = (await handover.read())?.used;
      const isOurs = used?.instanceId === answer.instanceId && used.volumeId === volumeOf(entries);
      return isOurs ? { volume: used.volumeId } : undefined;
    },
    act: async ({ handover, clock }, { entries }) => {
      const volumeId = volumeOf(entries);
      if (volumeId === undefined) return;
      const left = await handover.read();
      const used = { volumeId, instanceId: answer.instanceId, at: clock.now() };
      await handover.write({ ...(left ?? { volumeId, availabilityZone, at: clock.now() }), used });
    },
  };
}

function attached(inputs: LaunchingInputs): Step<HookPorts> {
  const { answer, device, timing } = inputs;
  const find = async ({ storage }: HookPorts, entries: readonly StepEntry[]) => {
    const id = volumeOf(entries);
    const view = id && (await storage.volume(id));
    if (!view) throw new Unreachable(`volume ${id ?? "of the journal"} (EC2 says that it does not exist)`);
    return view;
  };
  return {
    name: launchingSteps.attached,
    waitsFor: "the instance to run and EC2 to attach it",
    settleMs: timing.launchSettleMs + timing.attachSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    guard: async (ports) => {
      const { state } = (await ports.compute.instance(answer.instanceId)) ?? {};
      if (state === "pending" || state === undefined) throw new Unreachable(`${answer.instanceId} (not running yet)`);
      return stillWaits(inputs)(ports);
    },
    check: async (ports, { entries }) => {
      const { id, attachment } = await find(ports, entries);
      const isOn = attachment?.instanceId === answer.instanceId && attachment.state === "attached";
      return isOn ? { volume: id, device: attachment.device } : undefined;
    },
    act: async (ports, { entries }) => {
      const view = await find(ports, entries);
      if (isFree(view)) await ports.storage.attach(view.id, { instanceId: answer.instanceId, device });
    },
  };
}

/** Whoever is refused here lost a race against user data, which is as good. */
const lostRace = ["wrong-state", "not-found", "not-permitted", "unknown-failure"];

function addressed(inputs: LaunchingInputs, allocationId: NonNullable<HookInputs["allocationId"]>): Step<HookPorts> {
  const { answer, timing } = inputs;
  return {
    name: launchingSteps.address,
    waitsFor: "EC2 to show the Elastic IP on it",
    settleMs: timing.addressSettleMs,
    again: "never",
    yieldsOn: lostRace,
    onTimeout: "go-on",
    safePoint: true,
    skip: async ({ compute }) => {
      const holder = (await compute.address(allocationId))?.instanceId;
      if (holder === undefined || holder === answer.instanceId || isOff(await compute.instance(holder)))
        return undefined;
      return `${holder} still runs and holds it; user data or the replacement brings it`;
    },
    check: async ({ compute }) => {
      const view = await compute.address(allocationId);
      return view?.instanceId === answer.instanceId ? { publicIp: view.publicIp } : undefined;
    },
    act: async ({ compute }) => {
      const view = await compute.address(allocationId);
      if (view === undefined || view.instanceId === answer.instanceId) return;
      if (view.instanceId !== undefined && !isOff(await compute.instance(view.instanceId)))
        throw new WrongState(`taking ${allocationId} from ${view.instanceId}, which runs,`);
      if (view.associationId !== undefined) {
        await compute.disassociate(view.associationId).catch((error: unknown) => {
          if (!(error instanceof NotFound)) throw error;
        });
      }
      await compute.associate(allocationId, answer.instanceId);
    },
  };
}
