/**
 * What all answers to lifecycle hooks share. A hook is a question of Auto Scaling that has a time limit of its own: the instance is
 * in `*:Wait` until somebody answers or AWS takes the hook's default result.
 *
 * - Valid only while the instance is in `*:Wait`: asked before the first act and right before each one. Twice delivered, late and
 *   foreign messages therefore change nothing.
 * - The answer comes last, when what the hook is there for stands in the world.
 */
import { NotFound, Unreachable } from "../domain/errors.ts";
import type { Timing } from "../domain/timing.ts";
import type { AllocationId, InstanceId, SnapshotId, VolumeId } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Compute } from "../ports/compute.ts";
import type { Commands } from "../ports/dns.ts";
import type { HookAnswer, Scaling } from "../ports/scaling.ts";
import type { Storage } from "../ports/storage.ts";
import { presentGroup } from "./groupMembers.ts";
import type { Objection, Step } from "./plan.ts";

/** What the instance that left has left behind: from the terminating hook to the launching one, kept for as long as the service. */
export interface Handover {
  /** The volume with the newest data when this was written. */
  readonly volumeId: VolumeId;
  readonly availabilityZone: string;
  /** Made of it when its instance left. */
  readonly snapshotId?: SnapshotId;
  /** Epoch ms. */
  readonly at: number;
  /** What a later launch made of it: from then on this is the volume with the newest data. */
  readonly used?: { readonly volumeId: VolumeId; readonly instanceId: InstanceId; readonly at: number };
  /** Consent to an older snapshot: who gave it, on which order. */
  readonly consent?: {
    readonly who: string;
    readonly runId: string;
    readonly at: number;
    readonly snapshotId: SnapshotId;
  };
}

export interface HookPorts {
  readonly clock: Clock;
  readonly compute: Pick<Compute, "instance" | "address" | "associate" | "disassociate">;
  readonly storage: Storage;
  readonly scaling: Pick<Scaling, "group" | "hooks" | "completeHook">;
  readonly commands: Commands;
  readonly handover: {
    read(): Promise<Handover | undefined>;
    write(next: Handover): Promise<void>;
  };
  /** Who consented to older data by the order that is being carried out now (option `older-snapshot`); undefined: nobody. */
  readonly consent: () => Promise<{ readonly who: string; readonly runId: string; readonly at: number } | undefined>;
  /** Says on the card what this hook waits for a person to do. Said once, however often it is asked. */
  readonly askPerson: (detail: string) => Promise<void>;
}

export interface HookInputs {
  readonly service: string;
  readonly answer: HookAnswer;
  readonly transition: "launching" | "terminating";
  /** Key of the chore: on everything that it makes. */
  readonly choreId: string;
  /** Epoch ms: when the message said that the instance began to wait. */
  readonly since: number;
  readonly heartbeatMs: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
  readonly volumeTag: { readonly key: string; readonly value: string };
  readonly device: string;
  readonly stopWriter?: string;
  /** May the address be taken to the new instance? */
  readonly allocationId?: AllocationId;
  readonly timing: Pick<
    Timing,
    "detachSettleMs" | "attachSettleMs" | "snapshotSettleMs" | "launchSettleMs" | "addressSettleMs" | "lagMs"
  >;
}

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const hookAnswered = "the group may go on";

const waits = (lifecycle: string | undefined): boolean => lifecycle?.endsWith(":Wait") === true;

/** Auto Scaling's word about this instance now; undefined: it is not in the group (any more). */
export async function lifecycleOf(
  { scaling }: { readonly scaling: Pick<Scaling, "group"> },
  { group, instanceId }: Pick<HookAnswer, "group" | "instanceId">,
): Promise<string | undefined> {
  return (await presentGroup(scaling, group)).instances.find(({ id }) => id === instanceId)?.lifecycle;
}

/** Does it still wait for this answer? A message may be faster than the read that shows what it speaks of. */
export function stillWaits(inputs: HookInputs): Objection<HookPorts> {
  return async (ports) => {
    const lifecycle = await lifecycleOf(ports, inputs.answer);
    if (waits(lifecycle)) return undefined;
    if (ports.clock.now() - inputs.since < inputs.timing.lagMs)
      throw new Unreachable(`the wait of ${inputs.answer.instanceId} (the group says ${lifecycle ?? "nothing of it"})`);
    return {
      code: "hook-over",
      detail: `${inputs.answer.instanceId} is ${lifecycle ?? "no member any more"} and waits for no answer`,
      climb: false,
    };
  };
}

export function answered(inputs: HookInputs): Step<HookPorts> {
  const { answer, timing } = inputs;
  // The instance waits on for every other hook of the group: that it waits is no sign that this one is open. Forgotten in a crash;
  // asked once more, AWS says that there is nothing to answer any more.
  let isTaken = false;
  return {
    name: hookAnswered,
    waitsFor: "Auto Scaling to take the answer",
    settleMs: timing.lagMs * 6,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    check: async (ports, { begun }) => {
      if (!begun) return undefined;
      const lifecycle = await lifecycleOf(ports, answer);
      return waits(lifecycle) && !isTaken ? undefined : { lifecycle: lifecycle ?? "gone" };
    },
    act: async ({ scaling }) => {
      try {
        await scaling.completeHook(answer, "CONTINUE");
      } catch (error) {
        // Answered already, or too late: there is nothing left to answer.
        if (!(error instanceof NotFound)) throw error;
      }
      isTaken = true;
    },
  };
}

/** What carries these tags was made by this chore, and is found again by them. */
export function choreTags(inputs: HookInputs, step: string): Record<string, string> {
  return {
    [inputs.volumeTag.key]: inputs.volumeTag.value,
    "ec2-medic:managed": "true",
    "ec2-medic:run": inputs.choreId,
    "ec2-medic:step": step,
    Name: `${inputs.service} (ec2-medic)`,
  };
}
