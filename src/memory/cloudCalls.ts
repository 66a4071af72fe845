/** EC2's calls about launches, addresses, disks, snapshots and images: every one goes through the gate, every write is recorded. */
import { allocationOf, associate, disassociate } from "./addresses.ts";
import type { AssociateWish } from "./addresses.ts";
import { isOffered } from "./capacity.ts";
import type { Image, RootTask, Snapshot, Subnet, Volume } from "./cloudModel.ts";
import { seenUntil } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { registerImage } from "./images.ts";
import type { RegisterWish } from "./images.ts";
import { machineOf, terminate } from "./instanceLife.ts";
import { existing, launchMachine } from "./launch.ts";
import type { LaunchWish } from "./launch.ts";
import { replaceRoot } from "./rootTasks.ts";
import type { RootWish } from "./rootTasks.ts";
import { copySnapshot, createSnapshot, deleteSnapshot, progressOf } from "./snapshots.ts";
import type { SnapshotWish } from "./snapshots.ts";
import { refuseReserved, tagAll } from "./tagging.ts";
import { attach, createVolume, detach, volumeOf } from "./volumes.ts";
import type { CreateVolumeWish } from "./volumes.ts";
import type { World } from "./world.ts";

interface DryRun {
  readonly dryRun?: boolean;
}

export type SnapshotSeen = Readonly<Snapshot> & { readonly progress: number };

export interface CloudCalls {
  /** Answers the instance's id. */
  launch(who: string, wish: LaunchWish, options?: DryRun): Promise<string>;
  terminate(who: string, ids: readonly string[]): Promise<void>;
  /** Answers the association's id. */
  associate(who: string, wish: AssociateWish, options?: DryRun): Promise<string>;
  disassociate(who: string, associationId: string): Promise<void>;
  tag(who: string, ids: readonly string[], tags: Readonly<Record<string, string>>): Promise<void>;
  subnets(): Promise<Readonly<Subnet>[]>;
  securityGroups(): Promise<string[]>;
  offered(types: readonly string[], zone: string): Promise<string[]>;

  /** Reads that lag do not show what was made within the lag. */
  volumes(): Promise<Readonly<Volume>[]>;
  createVolume(who: string, wish: CreateVolumeWish): Promise<string>;
  attach(who: string, volumeId: string, to: { readonly instanceId: string; readonly device: string }): Promise<void>;
  detach(who: string, volumeId: string, from: { readonly instanceId: string; readonly force: boolean }): Promise<void>;
  snapshots(): Promise<SnapshotSeen[]>;
  createSnapshot(who: string, wish: SnapshotWish, options?: DryRun): Promise<string>;
  copySnapshot(who: string, wish: Parameters<typeof copySnapshot>[1]): Promise<string>;
  deleteSnapshot(who: string, id: string): Promise<void>;
  images(): Promise<Readonly<Image>[]>;
  registerImage(who: string, wish: RegisterWish): Promise<string>;
  replaceRoot(who: string, wish: RootWish): Promise<string>;
  rootTasks(): Promise<Readonly<RootTask>[]>;
}

export function createCloudCalls(world: World, gate: Gate): CloudCalls {
  return { ...placeCalls(world, gate), ...diskCalls(world, gate) };
}

type PlaceCalls = Pick<
  CloudCalls,
  "launch" | "terminate" | "associate" | "disassociate" | "tag" | "subnets" | "securityGroups" | "offered"
>;

function placeCalls(world: World, gate: Gate): PlaceCalls {
  const named = (made: string): string => made;
  return {
    launch: (who, wish, options) =>
      gate.write(
        {
          operation: "RunInstances",
          who,
          resource: named,
          ...options,
          exists: () => {
            refuseReserved(wish.tags);
            existing(world, wish);
          },
          said: `launches a ${wish.type} in ${wish.subnetId}`,
        },
        () => launchMachine(world, wish).id,
      ),
    terminate: async (who, ids) => {
      for (const id of ids) {
        const write = { operation: "TerminateInstances", who, instanceId: id, resource: id } as const;
        await gate.write(write, () => terminate(world, machineOf(world, id), who));
      }
    },
    associate: (who, wish, options) =>
      gate.write(
        {
          operation: "AssociateAddress",
          who,
          instanceId: wish.instanceId,
          resource: wish.allocationId,
          ...options,
          exists: () => {
            allocationOf(world, wish.allocationId);
            machineOf(world, wish.instanceId);
          },
          said: `gives ${wish.allocationId} to ${wish.instanceId}`,
        },
        () => associate(world, wish),
      ),
    disassociate: (who, associationId) => {
      const holder = [...world.addresses.values()].find((each) => each.associationId === associationId);
      return gate.write(
        {
          operation: "DisassociateAddress",
          who,
          instanceId: holder?.instanceId ?? "",
          // Addresses belong to the region: taking one off a machine in a lost zone is what they are for.
          names: [],
          resource: holder?.allocationId ?? associationId,
          said: `takes ${holder?.allocationId ?? associationId} from ${holder?.instanceId ?? "nobody"}`,
        },
        () => disassociate(world, associationId),
      );
    },
    tag: (who, ids, tags) =>
      gate.write({ operation: "CreateTags", who, resource: ids.join() }, () => tagAll(world, ids, tags)),
    subnets: async () => {
      await gate.asked("DescribeSubnets");
      return [...world.stock.subnets.values()].map((each) => ({ ...each }));
    },
    securityGroups: async () => {
      await gate.asked("DescribeSecurityGroups");
      return [...world.stock.securityGroups];
    },
    offered: async (types, zone) => {
      await gate.asked("DescribeInstanceTypeOfferings");
      return types.filter((type) => isOffered(world, type, zone));
    },
  };
}

function diskCalls(world: World, gate: Gate): Omit<CloudCalls, keyof PlaceCalls> {
  const named = (made: string): string => made;
  const made = <T>(all: Iterable<T>, at: (one: T) => number): T[] => {
    const until = seenUntil(world);
    return [...all].filter((one) => at(one) <= until).map((one) => ({ ...one }));
  };
  return {
    volumes: async () => {
      await gate.asked("DescribeVolumes");
      return made(world.stock.volumes.values(), (each) => each.createdAt).filter(({ state }) => state !== "deleted");
    },
    createVolume: (who, wish) =>
      gate.write({ operation: "CreateVolume", who, resource: named }, () => createVolume(world, wish)),
    attach: (who, volumeId, to) =>
      gate.write({ operation: "AttachVolume", who, instanceId: to.instanceId, resource: volumeId }, () =>
        attach(world, volumeId, to),
      ),
    detach: (who, volumeId, from) =>
      gate.write(
        { operation: "DetachVolume", who, instanceId: from.instanceId, resource: volumeId, force: from.force },
        () => detach(world, volumeId, from),
      ),
    snapshots: async () => {
      await gate.asked("DescribeSnapshots");
      return made(world.stock.snapshots.values(), (each) => each.startedAt).map((each) => ({
        ...each,
        progress: progressOf(world, each),
      }));
    },
    createSnapshot: (who, wish, options) =>
      gate.write(
        {
          operation: "CreateSnapshot",
          who,
          resource: named,
          ...options,
          exists: () => volumeOf(world, wish.volumeId),
        },
        () => createSnapshot(world, wish),
      ),
    copySnapshot: (who, wish) =>
      gate.write({ operation: "CopySnapshot", who, resource: named }, () => copySnapshot(world, wish)),
    deleteSnapshot: (who, id) =>
      gate.write({ operation: "DeleteSnapshot", who, resource: id }, () => deleteSnapshot(world, id)),
    images: async () => {
      await gate.asked("DescribeImages");
      return made(world.stock.images.values(), (each) => each.createdAt);
    },
    registerImage: (who, wish) =>
      gate.write({ operation: "RegisterImage", who, resource: named }, () => registerImage(world, wish)),
    replaceRoot: (who, wish) =>
      gate.write({ operation: "CreateReplaceRootVolumeTask", who, instanceId: wish.instanceId, resource: named }, () =>
        replaceRoot(world, wish),
      ),
    rootTasks: async () => {
      await gate.asked("DescribeReplaceRootVolumeTasks");
      return made(world.stock.rootTasks.values(), (each) => each.startedAt);
    },
  };
}
