/** The nouns of the simulated account beside its instances: disks, snapshots, images, networks, and how a machine is built. */
import type { MetadataOptions, Tags } from "../ports/compute.ts";
import type { RootVolumeTask, SnapshotView, VolumeView } from "../ports/storage.ts";

/**
 * What stands on a disk. `marker` is the data: tests write one and see which came back. A root disk that boots an application
 * names in `needs` the devices without which it does not serve. An empty marker is a blank disk.
 */
export interface Content {
  readonly marker: string;
  readonly needs: readonly string[];
  /** How the system on it boots; a machine that is told to boot otherwise does not come up. */
  readonly bootMode?: string;
}

export const blank: Content = { marker: "", needs: [] };

export type Architecture = "x86_64" | "arm64";

/** How an instance is built: everything that a new one must have to be its equal. */
export interface MachineBuild {
  imageId: string;
  subnetId: string;
  vpcId: string;
  securityGroupIds: readonly string[];
  architecture: Architecture;
  rootDeviceName: string;
  bootMode?: string;
  enaSupport: boolean;
  ebsOptimized: boolean;
  detailedMonitoring: boolean;
  platformDetails: string;
  keyName?: string;
  /** Name of the profile; its ARN is made of it. */
  instanceProfile?: string;
  /** Base64. */
  userData?: string;
  metadata: MetadataOptions;
  onShutdown: "stop" | "terminate";
  networkInterfaces: number;
}

export interface Attachment {
  readonly instanceId: string;
  readonly device: string;
  deleteOnTermination: boolean;
  state: "attaching" | "attached" | "detaching" | "busy";
}

export interface Volume {
  readonly id: string;
  state: VolumeView["state"];
  readonly availabilityZone: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly encrypted: boolean;
  readonly snapshotId?: string;
  readonly createdAt: number;
  attachment: Attachment | undefined;
  content: Content;
  readonly tags: Record<string, string>;
}

export interface Snapshot {
  readonly id: string;
  state: SnapshotView["state"];
  readonly startedAt: number;
  /** When it will be, or was, completed; undefined when that never comes. */
  readonly doneAt: number | undefined;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  readonly description: string;
  stateMessage: string | undefined;
  /** The disk as it was at `startedAt`: crash-consistent. */
  readonly content: Content;
  readonly tags: Record<string, string>;
}

export interface Image {
  readonly id: string;
  readonly name: string;
  state: "pending" | "available" | "failed";
  readonly createdAt: number;
  readonly architecture: "i386" | Architecture;
  readonly virtualization: "hvm" | "paravirtual";
  readonly enaSupport: boolean;
  readonly bootMode?: string;
  readonly rootDeviceName: string;
  readonly platformDetails: string;
  readonly snapshots: readonly { readonly device: string; readonly snapshotId: string }[];
  /** What its root disk holds when no snapshot of this account stands behind it. */
  readonly content: Content;
  readonly tags: Record<string, string>;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  freeAddresses: number;
}

export interface RootTask {
  readonly id: string;
  readonly instanceId: string;
  readonly startedAt: number;
  readonly snapshotId: string;
  readonly token: string;
  readonly tags: Record<string, string>;
  state: RootVolumeTask["state"];
}

/** Who held an Elastic IP, from when to when (epoch ms, `to` not included); open while it still holds it. */
export interface Holding {
  readonly allocationId: string;
  readonly instanceId: string;
  readonly associationId: string;
  readonly from: number;
  to?: number;
}

export interface SentCommand {
  readonly id: string;
  readonly instanceId: string;
  readonly line: string;
  readonly at: number;
  state: "pending" | "success" | "failed";
}

/** What a caller asked with a ClientToken, to find the same wish again and to refuse another one under the same name. */
export interface TokenUse {
  readonly wish: string;
  readonly id: string;
}

/** Everything of the account that lives beside its machines. */
export interface Stock {
  readonly volumes: Map<string, Volume>;
  readonly snapshots: Map<string, Snapshot>;
  readonly images: Map<string, Image>;
  readonly subnets: Map<string, Subnet>;
  readonly securityGroups: Set<string>;
  readonly keyNames: Set<string>;
  readonly instanceProfiles: Set<string>;
  readonly rootTasks: Map<string, RootTask>;
  readonly commands: Map<string, SentCommand>;
  readonly holdings: Holding[];
  readonly launches: Map<string, TokenUse>;
  readonly volumeTokens: Map<string, TokenUse>;
  /** Zones by type; a type that is not named is offered everywhere. */
  readonly offerings: Readonly<Record<string, readonly string[]>>;
  readonly vcpuQuota: number;
}

/** Faults of what this file names. */
export interface StockFaults {
  /** Zones, types, or `zone/type` that have no free machine. */
  readonly noCapacityIn: Set<string>;
  /** New snapshots end in `error`. */
  snapshotsFail: boolean;
  /** New snapshots and copies take this many times as long. */
  snapshotSlowness: number;
  /** The key may not be used: machines from encrypted snapshots go from pending to terminated, copies fail. */
  noGrant: boolean;
  copiesFail: boolean;
  /** New machines boot into a hung kernel. */
  launchesHang: boolean;
  rootTasksFail: boolean;
  /** A detach stays `busy` until it is forced. */
  detachSticks: boolean;
  commandsDown: boolean;
  /** No call of the region is answered. */
  apiDown: boolean;
  /** Machines of the region cannot be reached either. */
  regionDark: boolean;
  readonly zonesDown: Set<string>;
}

export function tagsOf(tags: Tags | undefined): Record<string, string> {
  return { ...tags };
}

/** Calls that change something beside the state of instances. */
export const cloudOperations = [
  "RunInstances",
  "AssociateAddress",
  "DisassociateAddress",
  "CreateTags",
  "CreateVolume",
  "AttachVolume",
  "DetachVolume",
  "CreateSnapshot",
  "CopySnapshot",
  "DeleteSnapshot",
  "RegisterImage",
  "CreateReplaceRootVolumeTask",
  "ChangeResourceRecordSets",
  "UpdateHealthCheck",
  "UpdateRoutingControlStates",
  "SendCommand",
] as const;
export type CloudOperation = (typeof cloudOperations)[number];
