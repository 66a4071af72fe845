/** What a service could be built anew from, here and in its DR region, as it was read for a person. */
import type { KeeperDefinition } from "./service.ts";
import type { ServiceName } from "./words.ts";

export interface SnapshotRow {
  readonly id: string;
  readonly kind: "snapshot" | "image";
  /** Epoch ms: the data is as old as this. */
  readonly at: number;
  /** EC2's own word: completed, pending, error, available. */
  readonly state: string;
  readonly sizeGiB?: number;
  /** 0 to 100, while it is being made. */
  readonly progress?: number;
}

export interface SnapshotsInRegion {
  readonly region: string;
  readonly role: "home" | "dr";
  /** "medic:service=shop-web": the tag that is looked for. */
  readonly tag: string;
  /** Newest first. */
  readonly rows: readonly SnapshotRow[];
  /** Why nothing could be read there. */
  readonly unread?: string;
}

export interface SnapshotsReport {
  readonly service: ServiceName;
  readonly readAt: number;
  /** None: medic.yaml says neither `reprovision` nor `dr` for it. */
  readonly regions: readonly SnapshotsInRegion[];
  readonly keeper?: KeeperDefinition;
  readonly rpoMaxMs?: number;
  /** Pattern `asg-ebs`: volumes that no instance uses and that do not hold the newest data. Nothing removes them by itself. */
  readonly leftVolumes?: readonly {
    readonly id: string;
    readonly sizeGiB: number;
    readonly availabilityZone: string;
  }[];
}

/** Those that something could be built from. */
export function usable(rows: readonly SnapshotRow[]): readonly SnapshotRow[] {
  return rows.filter(({ state }) => state === "completed" || state === "available");
}
