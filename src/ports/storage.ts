/** Volumes, snapshots and images in our words. One region; a copy is asked for in the region where it shall be. */
import type { ImageId, InstanceId, SnapshotId, VolumeId } from "../domain/words.ts";
import type { Tags } from "./compute.ts";

export interface VolumeView {
  readonly id: VolumeId;
  readonly state: "creating" | "available" | "in-use" | "deleting" | "deleted" | "error";
  readonly availabilityZone: string;
  readonly sizeGiB: number;
  readonly type: string;
  /** Provisioned I/O per second and MiB per second, for types that have them (io1 and io2 cannot be made without). */
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly encrypted: boolean;
  /** The snapshot it was made from. */
  readonly snapshotId?: SnapshotId;
  readonly attachment?: {
    readonly instanceId: InstanceId;
    readonly device: string;
    readonly state: "attaching" | "attached" | "detaching" | "busy";
  };
  readonly tags: Tags;
}

export interface SnapshotView {
  readonly id: SnapshotId;
  readonly state: "pending" | "completed" | "error" | "recoverable" | "recovering";
  /** Epoch ms. The data is as old as this. */
  readonly startedAt: number;
  readonly volumeId: VolumeId;
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  /** 0 to 100. */
  readonly progress: number;
  /** Why it failed, in EC2's words. */
  readonly stateMessage?: string;
  readonly tags: Tags;
}

export interface ImageView {
  readonly id: ImageId;
  readonly name: string;
  readonly state: "pending" | "available" | "failed" | "other";
  /** Epoch ms. */
  readonly createdAt: number;
  readonly architecture: string;
  readonly rootDeviceName: string;
  readonly snapshots: readonly { readonly device: string; readonly snapshotId: SnapshotId }[];
  readonly tags: Tags;
}

/** An image over one root snapshot. Everything that RegisterImage would otherwise guess (i386, paravirtual) is said. */
export interface ImageRequest {
  /** Unique in account and region: the same wish twice is one image. */
  readonly name: string;
  readonly rootSnapshotId: SnapshotId;
  readonly rootDeviceName: string;
  readonly architecture: "x86_64" | "arm64";
  readonly bootMode?: string;
  readonly enaSupport: boolean;
  readonly tags: Tags;
}

export interface RootVolumeTask {
  readonly id: string;
  readonly state: "pending" | "in-progress" | "failing" | "succeeded" | "failed" | "failed-detached";
}

export interface Storage {
  volume(id: VolumeId): Promise<VolumeView | undefined>;
  volumesByTag(key: string, value: string): Promise<VolumeView[]>;
  createVolume(wish: {
    readonly clientToken: string;
    readonly snapshotId: SnapshotId;
    readonly availabilityZone: string;
    readonly type: string;
    readonly iops?: number;
    readonly throughputMiBps?: number;
    readonly tags: Tags;
  }): Promise<VolumeId>;
  attach(volumeId: VolumeId, to: { readonly instanceId: InstanceId; readonly device: string }): Promise<void>;
  detach(volumeId: VolumeId, from: { readonly instanceId: InstanceId; readonly force: boolean }): Promise<void>;

  snapshot(id: SnapshotId): Promise<SnapshotView | undefined>;
  /** Own snapshots that carry this tag, newest first, in every state. */
  snapshotsByTag(key: string, value: string): Promise<SnapshotView[]>;
  /** No ClientToken exists: look by tag (run, step) before asking twice. */
  createSnapshot(wish: {
    readonly volumeId: VolumeId;
    readonly description: string;
    readonly tags: Tags;
  }): Promise<SnapshotId>;
  /** Asked in the destination region. Tags are not copied by AWS: they are set here. */
  copySnapshot(wish: {
    readonly sourceRegion: string;
    readonly snapshotId: SnapshotId;
    readonly description: string;
    readonly tags: Tags;
  }): Promise<SnapshotId>;
  deleteSnapshot(id: SnapshotId): Promise<void>;

  image(id: ImageId): Promise<ImageView | undefined>;
  imagesByTag(key: string, value: string): Promise<ImageView[]>;
  imageByName(name: string): Promise<ImageView | undefined>;
  registerImage(request: ImageRequest): Promise<ImageId>;

  /** Replaces the root volume of a running instance, which keeps id, addresses and role; it reboots. */
  replaceRootVolume(wish: {
    readonly clientToken: string;
    readonly instanceId: InstanceId;
    readonly snapshotId: SnapshotId;
    readonly tags: Tags;
  }): Promise<string>;
  rootVolumeTasks(instanceId: InstanceId): Promise<RootVolumeTask[]>;
}
