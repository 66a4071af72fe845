/** EBS volumes: bound to a zone, attached to one machine at a time; what EC2 refuses and how long it takes. */
import { AwsRefusal } from "./accountModel.ts";
import type { Machine } from "./accountModel.ts";
import type { Attachment, Content, Snapshot, Volume } from "./cloudModel.ts";
import { blank } from "./cloudModel.ts";
import { volumeAt } from "./disks.ts";
import { completedSnapshot } from "./images.ts";
import { machineOf } from "./instanceLife.ts";
import { newId, remember, say } from "./world.ts";
import type { World } from "./world.ts";

const sizeGiBDefault = 20;

export function volumeOf(world: World, id: string): Volume {
  const volume = world.stock.volumes.get(id);
  if (volume !== undefined && volume.state !== "deleted") return volume;
  throw new AwsRefusal("InvalidVolume.NotFound", `The volume '${id}' does not exist.`);
}

export interface VolumeStart {
  /** Attached there from the first moment; else it stands in `zone`. */
  readonly at?: readonly [Machine, string];
  readonly zone?: string;
  readonly id?: string;
  readonly snapshot?: Snapshot;
  readonly content?: Content;
  readonly type?: string;
  readonly encrypted?: boolean;
  readonly deleteOnTermination?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Without any wait: part of a launch, or of the opening of the account. */
export function addVolume(world: World, start: VolumeStart): Volume {
  const [machine, device = ""] = start.at ?? [];
  const { snapshot } = start;
  const volume: Volume = {
    id: start.id ?? newId(world, "vol"),
    state: machine === undefined ? "available" : "in-use",
    availabilityZone: machine?.availabilityZone ?? start.zone ?? `${world.region}a`,
    sizeGiB: snapshot?.sizeGiB ?? sizeGiBDefault,
    type: start.type ?? "gp3",
    encrypted: start.encrypted ?? snapshot?.encrypted ?? false,
    ...(snapshot === undefined ? {} : { snapshotId: snapshot.id }),
    createdAt: world.agenda.now(),
    attachment:
      machine === undefined
        ? undefined
        : {
            instanceId: machine.id,
            device,
            deleteOnTermination: start.deleteOnTermination ?? false,
            state: "attached",
          },
    content: start.content ?? snapshot?.content ?? blank,
    tags: { ...start.tags },
  };
  world.stock.volumes.set(volume.id, volume);
  if (machine !== undefined && device === machine.build.rootDeviceName) machine.rootVolumeIds.push(volume.id);
  return volume;
}

export interface CreateVolumeWish {
  readonly clientToken?: string;
  readonly snapshotId: string;
  readonly availabilityZone: string;
  readonly type: string;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly tags: Readonly<Record<string, string>>;
}

export function createVolume(world: World, wish: CreateVolumeWish): string {
  const use = wish.clientToken === undefined ? undefined : world.stock.volumeTokens.get(wish.clientToken);
  if (use !== undefined) {
    if (use.wish === JSON.stringify(wish)) return use.id;
    throw new AwsRefusal(
      "IdempotentParameterMismatch",
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    );
  }
  const zones = new Set([...world.stock.subnets.values()].map((subnet) => subnet.availabilityZone));
  if (!zones.has(wish.availabilityZone)) {
    throw new AwsRefusal("InvalidZone.NotFound", `The zone '${wish.availabilityZone}' does not exist.`);
  }
  if (wish.type.startsWith("io") && wish.iops === undefined) {
    throw new AwsRefusal("MissingParameter", `The parameter iops must be specified for ${wish.type} volumes.`);
  }
  const snapshot = completedSnapshot(world, wish.snapshotId);
  const volume = addVolume(world, { zone: wish.availabilityZone, snapshot, type: wish.type, tags: wish.tags });
  volume.state = "creating";
  if (wish.clientToken !== undefined) {
    world.stock.volumeTokens.set(wish.clientToken, { wish: JSON.stringify(wish), id: volume.id });
  }
  const refused = volume.encrypted && world.faults.noGrant;
  world.agenda.at(world.agenda.now() + world.timings.volumeMs, () => {
    if (volume.state === "creating") volume.state = refused ? "error" : "available";
  });
  return volume.id;
}

export function attach(
  world: World,
  volumeId: string,
  to: { readonly instanceId: string; readonly device: string },
): void {
  const volume = volumeOf(world, volumeId);
  const machine = machineOf(world, to.instanceId);
  if (volume.attachment !== undefined) {
    throw new AwsRefusal("VolumeInUse", `${volume.id} is already attached to an instance`);
  }
  if (volume.state !== "available") {
    throw new AwsRefusal("IncorrectState", `Volume '${volume.id}' is not 'available': it is ${volume.state}.`);
  }
  if (volume.availabilityZone !== machine.availabilityZone) {
    throw new AwsRefusal(
      "InvalidVolume.ZoneMismatch",
      `The volume '${volume.id}' is not in the same availability zone as instance '${machine.id}'`,
    );
  }
  if (machine.state !== "running" && machine.state !== "stopped") {
    throw new AwsRefusal("IncorrectState", `Instance '${machine.id}' is not 'running': it is ${machine.state}.`);
  }
  if (volumeAt(world, machine.id, to.device) !== undefined) {
    throw new AwsRefusal(
      "InvalidParameterValue",
      `Invalid value '${to.device}' for unixDevice. Attachment point ${to.device} is already in use`,
    );
  }
  const attachment: Attachment = {
    instanceId: machine.id,
    device: to.device,
    deleteOnTermination: false,
    state: "attaching",
  };
  volume.state = "in-use";
  volume.attachment = attachment;
  remember(world, machine);
  world.agenda.at(world.agenda.now() + world.timings.attachMs, () => {
    if (attachment.state === "attaching") attachment.state = "attached";
    say(world, "EC2", `${volume.id} is at ${machine.name} as ${to.device}`, "good");
  });
}

export function detach(
  world: World,
  volumeId: string,
  from: { readonly instanceId: string; readonly force: boolean },
): void {
  const volume = volumeOf(world, volumeId);
  const { attachment } = volume;
  if (attachment === undefined) {
    throw new AwsRefusal("IncorrectState", `Volume '${volume.id}' is in the '${volume.state}' state.`);
  }
  if (attachment.instanceId !== from.instanceId) {
    throw new AwsRefusal(
      "InvalidAttachment.NotFound",
      `Volume '${volume.id}' is not attached to instance '${from.instanceId}'`,
    );
  }
  const machine = machineOf(world, attachment.instanceId);
  if (attachment.device === machine.build.rootDeviceName && machine.state !== "stopped") {
    throw new AwsRefusal("OperationNotPermitted", `Unable to detach root volume '${volume.id}' from '${machine.id}'`);
  }
  const held = machine.state === "running" && (machine.health.kernel === "hung" || world.faults.detachSticks);
  if (held && !from.force) {
    // A system that holds the disk open does not let go until it is stopped or the detach is forced.
    attachment.state = "busy";
    return;
  }
  attachment.state = "detaching";
  world.agenda.at(world.agenda.now() + world.timings.detachMs, () => letGo(world, volume, machine));
}

function letGo(world: World, volume: Volume, machine: Machine): void {
  if (volume.attachment?.instanceId !== machine.id) return;
  volume.attachment = undefined;
  volume.state = "available";
  remember(world, machine);
  say(world, "EC2", `${volume.id} has left ${machine.name}`);
}
