/**
 * Where the data of an asg-ebs service is, when a new instance asks for it. Reads only; the answer is one of few, and anything that
 * could be two things is a person's business: the wrong disk is worse than a late one.
 */
import type { SnapshotId, VolumeId } from "../domain/words.ts";
import type { VolumeView } from "../ports/storage.ts";
import { presentGroup } from "./groupMembers.ts";
import { isFree } from "./hookTerminating.ts";
import type { Handover, HookPorts } from "./hookSteps.ts";

export type Source =
  /** This instance has it already, or it is free in this zone. */
  | { readonly how: "volume"; readonly volumeId: VolumeId }
  /** Free, but in another zone, and saved when its instance left. */
  | { readonly how: "snapshot"; readonly snapshotId: SnapshotId; readonly volumeId?: VolumeId }
  /** Free, in another zone, and nobody has saved it: nothing is lost by saving it now. */
  | { readonly how: "save-first"; readonly volumeId: VolumeId }
  /** The former instance still has it: its own hook lets it go. */
  | { readonly how: "wait"; readonly why: string }
  /** Only an older snapshot is left. */
  | { readonly how: "older"; readonly snapshotId: SnapshotId; readonly startedAt: number }
  | { readonly how: "unknown"; readonly why: string };

export interface Wanted {
  readonly group: string;
  readonly instanceId: string;
  readonly availabilityZone: string;
  readonly tag: { readonly key: string; readonly value: string };
}

export async function findSource(
  { storage, handover, scaling }: Pick<HookPorts, "storage" | "handover" | "scaling">,
  wanted: Wanted,
): Promise<Source> {
  const left = await handover.read();
  const volumes = (await storage.volumesByTag(wanted.tag.key, wanted.tag.value)).filter(
    ({ state }) => state === "available" || state === "in-use" || state === "creating",
  );
  const own = volumes.find(({ attachment }) => attachment?.instanceId === wanted.instanceId);
  if (own) return { how: "volume", volumeId: own.id };
  const named = left?.used?.volumeId ?? left?.volumeId;
  // An older one that somebody looks at elsewhere is in nobody's way.
  const held = volumes.find(({ id, attachment }) => attachment !== undefined && (named === undefined || id === named));
  if (held) return { how: "wait", why: `${held.id} is still on ${held.attachment?.instanceId ?? "another instance"}` };
  const leaving = await leavingBeside(scaling, wanted);
  // It lets go of the volume before it is saved and handed over: taken in between, what is handed over would be older than the volume.
  if (leaving) return { how: "wait", why: `${leaving} still leaves, and its own hook saves the volume first` };
  const newest = newestOf(left, volumes);
  if (newest === "several") {
    const ids = volumes.map(({ id }) => id).join(", ");
    return {
      how: "unknown",
      why: `${volumes.length} volumes carry the tag (${ids}) and nothing tells which one is the newest`,
    };
  }
  if (newest && isFree(newest) && newest.availabilityZone === wanted.availabilityZone)
    return { how: "volume", volumeId: newest.id };
  const snapshotId = await handedOver(storage, left);
  if (snapshotId !== undefined) return { how: "snapshot", snapshotId, ...(newest ? { volumeId: newest.id } : {}) };
  if (newest && isFree(newest)) return { how: "save-first", volumeId: newest.id };
  if (newest) return { how: "wait", why: `${newest.id} is ${newest.state}` };
  return olderSnapshot(storage, wanted);
}

async function leavingBeside(
  scaling: HookPorts["scaling"],
  { group, instanceId }: Wanted,
): Promise<string | undefined> {
  const members = (await presentGroup(scaling, group)).instances;
  const isSaving = (lifecycle: string) => lifecycle === "Terminating" || lifecycle === "Terminating:Wait";
  return members.find(({ id, lifecycle }) => id !== instanceId && isSaving(lifecycle))?.id;
}

/** Used up, it speaks of the former volume and not of the one that was made of it; failed, it holds nothing. */
async function handedOver(storage: HookPorts["storage"], left: Handover | undefined): Promise<SnapshotId | undefined> {
  if (left?.snapshotId === undefined || left.used !== undefined) return undefined;
  const view = await storage.snapshot(left.snapshotId);
  return view === undefined || view.state === "error" ? undefined : left.snapshotId;
}

function newestOf(left: Handover | undefined, volumes: readonly VolumeView[]): VolumeView | "several" | undefined {
  const named = left?.used?.volumeId ?? left?.volumeId;
  if (named !== undefined) return volumes.find(({ id }) => id === named);
  return volumes.length > 1 ? "several" : volumes[0];
}

async function olderSnapshot(storage: HookPorts["storage"], { tag }: Wanted): Promise<Source> {
  const [newest] = (await storage.snapshotsByTag(tag.key, tag.value)).filter(({ state }) => state === "completed");
  if (newest) return { how: "older", snapshotId: newest.id, startedAt: newest.startedAt };
  return { how: "unknown", why: `neither a volume nor a snapshot carries the tag ${tag.key}=${tag.value}` };
}

/** Volumes and snapshots of this service that nothing uses any more: listed for people, removed only by `prune` with consent. */
export interface Leftovers {
  readonly volumes: readonly { readonly id: VolumeId; readonly sizeGiB: number; readonly availabilityZone: string }[];
  /** Older than the newest completed one, and not what the handover names. Newest first. */
  readonly snapshots: readonly { readonly id: SnapshotId; readonly startedAt: number; readonly sizeGiB: number }[];
}

export async function leftoversOf(
  { storage, handover }: Pick<HookPorts, "storage" | "handover">,
  tag: Wanted["tag"],
): Promise<Leftovers> {
  const left = await handover.read();
  const volumes = await storage.volumesByTag(tag.key, tag.value);
  const named = left?.used?.volumeId ?? left?.volumeId;
  const current = volumes.find(({ attachment }) => attachment !== undefined) ?? volumes.find(({ id }) => id === named);
  // Nobody knows which one holds the newest data: then none is left over.
  const free =
    current === undefined ? [] : volumes.filter((each) => isFree(each) && each !== current && each.id !== named);
  const snapshots = (await storage.snapshotsByTag(tag.key, tag.value)).filter(({ state }) => state === "completed");
  return {
    volumes: free.map(({ id, sizeGiB, availabilityZone }) => ({ id, sizeGiB, availabilityZone })),
    snapshots: snapshots
      .slice(1)
      .filter(({ id }) => id !== left?.snapshotId)
      .map(({ id, startedAt, sizeGiB }) => ({ id, startedAt, sizeGiB })),
  };
}
