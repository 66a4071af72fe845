/** The first step of a launching hook: where the data is, and what the later steps go on with, as the journal has it. */
import { RecoveryRefused } from "../domain/errors.ts";
import { hookLimitMs } from "../domain/limits.ts";
import { length } from "../domain/text.ts";
import type { SnapshotId, VolumeId } from "../domain/words.ts";
import { findSource, type Source } from "./hookSource.ts";
import { stillWaits, type HookInputs, type HookPorts } from "./hookSteps.ts";
import { factOf, type Step, type StepEntry } from "./plan.ts";

export interface LaunchingInputs extends HookInputs {
  readonly availabilityZone: string;
}

export const launchingSteps = {
  found: "it is known where the data is",
  saved: "the free volume is saved",
  complete: "the snapshot is complete",
  made: "a volume is in the zone",
  taken: "the handover is taken",
  attached: "the volume is attached",
  address: "the address is on it",
} as const;

export function found(inputs: LaunchingInputs): Step<HookPorts> {
  const { answer, availabilityZone, volumeTag } = inputs;
  const look = (ports: HookPorts) =>
    findSource(ports, { group: answer.group, instanceId: answer.instanceId, availabilityZone, tag: volumeTag });
  return {
    name: launchingSteps.found,
    waitsFor: "the former instance to let go of the volume",
    // As long as the hook itself may wait: what is awaited may be a person.
    settleMs: hookLimitMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    guard: stillWaits(inputs),
    progress: async (ports) => {
      const source = await look(ports);
      return source.how === "wait" || source.how === "unknown" ? source.why : undefined;
    },
    check: async (ports) => {
      await assertWaits(inputs, ports);
      const source = await look(ports);
      if (source.how === "older") return older(ports, inputs, source);
      if (source.how === "unknown") await ports.askPerson(source.why);
      if (source.how === "wait" && ports.clock.now() - inputs.since >= inputs.timing.snapshotSettleMs)
        await ports.askPerson(source.why);
      return "why" in source ? undefined : factsOf(source);
    },
  };
}

/** A wait that has ended is not waited for to the end of the step. */
async function assertWaits(inputs: HookInputs, ports: HookPorts): Promise<void> {
  const over = await stillWaits(inputs)(ports);
  if (over) throw new RecoveryRefused(over.code, over.detail, "Nothing is to be done about it.");
}

function factsOf(source: Exclude<Source, { readonly why: string }>) {
  const volumeId = "volumeId" in source ? source.volumeId : undefined;
  const snapshotId = "snapshotId" in source ? source.snapshotId : undefined;
  return {
    how: source.how,
    ...(volumeId ? { volume: volumeId } : {}),
    ...(snapshotId ? { snapshot: snapshotId } : {}),
  };
}

async function older(ports: HookPorts, inputs: LaunchingInputs, source: Extract<Source, { how: "older" }>) {
  const consent = await ports.consent();
  if (consent === undefined) {
    const age = length(ports.clock.now() - source.startedAt);
    await ports.askPerson(
      `only an older snapshot is left (${source.snapshotId}, ${age} old); order replace with the consent "older-snapshot" to use it`,
    );
    return undefined;
  }
  const left = await ports.handover.read();
  // Who let data be lost is kept with what became of it.
  await ports.handover.write({
    volumeId: left?.volumeId ?? ("" as VolumeId),
    availabilityZone: left?.availabilityZone ?? inputs.availabilityZone,
    at: source.startedAt,
    ...(left?.used ? { used: left.used } : {}),
    consent: { ...consent, snapshotId: source.snapshotId },
  });
  return { ...factsOf(source), consent: consent.who };
}

/** What the plan goes on with, as the journal has it. */
export const howOf = (entries: readonly StepEntry[]) =>
  factOf(entries, launchingSteps.found, "how") as Source["how"] | undefined;
export const sourceVolume = (entries: readonly StepEntry[]) =>
  factOf(entries, launchingSteps.found, "volume") as VolumeId | undefined;
export const volumeOf = (entries: readonly StepEntry[]) =>
  (factOf(entries, launchingSteps.made, "volume") ?? sourceVolume(entries)) as VolumeId | undefined;
export const snapshotOf = (entries: readonly StepEntry[]) =>
  (factOf(entries, launchingSteps.saved, "snapshot") ?? factOf(entries, launchingSteps.found, "snapshot")) as
    SnapshotId | undefined;
export const same = (entries: readonly StepEntry[]) =>
  howOf(entries) === "volume" ? "the volume is in the same zone" : undefined;
