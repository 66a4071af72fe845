/**
 * From what a machine is built anew: the newest finished image or set of snapshots that carries the owner's tag.
 *
 * What is newer wins, because its loss is smaller; of equal age the image, because it says by itself what a bare snapshot cannot
 * (billing, boot mode, all disks). A snapshot belongs to a disk when it was taken of that very volume or says so by tag. When it
 * cannot be told which of several snapshots is the root disk, nothing is guessed.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { Tag } from "../domain/service.ts";
import { length, utc } from "../domain/text.ts";
import type { ImageId, SnapshotId } from "../domain/words.ts";
import type { Blueprint } from "../ports/compute.ts";
import type { ImageRequest, ImageView, SnapshotView, Storage } from "../ports/storage.ts";
import { deviceTag, takenAt } from "./snapshotTags.ts";

export interface SourceDisk {
  readonly device: string;
  readonly snapshotId: SnapshotId;
  /** Epoch ms: the data is as old as this. */
  readonly startedAt: number;
}

interface SourceParts {
  /** Epoch ms: the oldest of what it is built from. */
  readonly dataAsOf: number;
  /** Data disks that the image itself does not bring. */
  readonly data: readonly (SourceDisk & { readonly deleteOnTermination: boolean })[];
}

export type BuildSource = SourceParts &
  (
    | { readonly kind: "image"; readonly imageId: ImageId; readonly name: string }
    | { readonly kind: "snapshot"; readonly root: SourceDisk; readonly image: Omit<ImageRequest, "name" | "tags"> }
  );

/** What is known about the machine; in the DR region maybe nothing but its architecture. */
export type KnownBuild = Partial<Pick<Blueprint, "volumes" | "rootDeviceName" | "bootMode" | "platformDetails">> & {
  readonly architecture?: string;
  readonly enaSupport: boolean;
};

/** A bare snapshot says nothing about it, and any name serves on today's machines as long as it is one. */
const usualRootDevice = "/dev/xvda";
const plainBilling = "Linux/UNIX";

interface Looked {
  readonly storage: Pick<Storage, "snapshotsByTag" | "imagesByTag">;
  readonly tag: Tag;
  readonly build: KnownBuild;
  /** "eu-west-1", for sentences. */
  readonly region: string;
}

/** Throws RecoveryRefused `no-snapshot` (climbs) when there is nothing to build from. */
export async function newestSource(looked: Looked): Promise<BuildSource> {
  const { storage, tag, build, region } = looked;
  const [snapshots, images] = await Promise.all([
    storage.snapshotsByTag(tag.key, tag.value),
    storage.imagesByTag(tag.key, tag.value),
  ]);
  const finished = snapshots.filter(({ state }) => state === "completed").sort((a, b) => takenAt(b) - takenAt(a));
  const image = newestImage(images, build);
  const root = newestRoot(finished, build);
  const isPlain = build.platformDetails === undefined || build.platformDetails === plainBilling;
  if (image && (root === undefined || root === "unclear" || !isPlain || image.createdAt >= takenAt(root))) {
    return fromImage(image, finished, build);
  }
  if (root === "unclear") throw unclear(finished);
  if (root === undefined) throw noSnapshot({ tag, region, found: snapshots });
  if (!isPlain) throw billingLost(build.platformDetails ?? "");
  return fromSnapshot(root, finished, build);
}

function fromImage(image: ImageView, finished: readonly SnapshotView[], build: KnownBuild): BuildSource {
  const brings = new Set(image.snapshots.map(({ device }) => device));
  const data = dataDisks(finished, build).filter(({ device }) => !brings.has(device));
  const dataAsOf = Math.min(image.createdAt, ...data.map(({ startedAt }) => startedAt));
  return { kind: "image", imageId: image.id, name: image.name, data, dataAsOf };
}

function fromSnapshot(root: SnapshotView, finished: readonly SnapshotView[], build: KnownBuild): BuildSource {
  const { architecture, bootMode, enaSupport } = build;
  if (architecture !== "x86_64" && architecture !== "arm64") {
    throw new RecoveryRefused(
      "not-configured",
      `nobody knows for which architecture ${root.id} was made (found: ${architecture ?? "nothing"}, needed: x86_64 or arm64)`,
      "State `architecture` in the `dr` section of medic.yaml, or keep AMIs instead of bare snapshots.",
    );
  }
  const device = build.rootDeviceName || root.tags[deviceTag] || usualRootDevice;
  const data = dataDisks(finished, build);
  const dataAsOf = Math.min(takenAt(root), ...data.map(({ startedAt }) => startedAt));
  const image = {
    rootSnapshotId: root.id,
    rootDeviceName: device,
    architecture,
    ...(bootMode === undefined ? {} : { bootMode }),
    enaSupport,
  } as const;
  return { kind: "snapshot", root: { device, snapshotId: root.id, startedAt: takenAt(root) }, image, data, dataAsOf };
}

function newestImage(images: readonly ImageView[], { architecture }: KnownBuild): ImageView | undefined {
  return images
    .filter(({ state }) => state === "available")
    .filter((image) => architecture === undefined || image.architecture === architecture)
    .sort((a, b) => b.createdAt - a.createdAt)[0];
}

function newestRoot(finished: readonly SnapshotView[], build: KnownBuild): SnapshotView | "unclear" | undefined {
  const [newest] = finished;
  if (newest === undefined) return undefined;
  const sure = finished.find((each) => isOf(each, build, build.rootDeviceName));
  if (sure) return sure;
  const known = new Set(dataDevices(build));
  const open = finished.filter((each) => each.tags[deviceTag] === undefined && !isOfKnownDisk(each, build));
  // One disk alone: its snapshots can only be of that one.
  const single = (build.volumes === undefined || build.volumes.length <= 1) && oneVolume(open) ? open[0] : undefined;
  if (single) return single;
  // Without a blueprint a device tag still tells, as long as it names one disk only.
  const tagged = finished.filter(({ tags }) => tags[deviceTag] !== undefined && !known.has(tags[deviceTag]));
  const devices = new Set(tagged.map(({ tags }) => tags[deviceTag]));
  if (build.rootDeviceName === undefined) {
    const root = devices.size === 1 ? tagged[0] : tagged.find(({ tags }) => isRootName(tags[deviceTag] ?? ""));
    if (root) return root;
  }
  return open.length > 0 || devices.size > 0 ? "unclear" : undefined;
}

/** The names that AMIs of all makers use for their root disk. */
function isRootName(device: string): boolean {
  return device === "/dev/xvda" || device === "/dev/sda1";
}

/** Copies in another region all carry one made-up volume id; their size still tells two disks apart. */
function oneVolume(snapshots: readonly SnapshotView[]): boolean {
  return new Set(snapshots.map(({ volumeId, sizeGiB }) => `${volumeId}/${sizeGiB}`)).size === 1;
}

function isOf(snapshot: SnapshotView, { volumes }: KnownBuild, device: string | undefined): boolean {
  if (device === undefined) return false;
  if (snapshot.tags[deviceTag] !== undefined) return snapshot.tags[deviceTag] === device;
  return volumes?.some((volume) => volume.device === device && volume.volumeId === snapshot.volumeId) ?? false;
}

function isOfKnownDisk(snapshot: SnapshotView, { volumes }: KnownBuild): boolean {
  return volumes?.some(({ volumeId }) => volumeId === snapshot.volumeId) ?? false;
}

function dataDevices({ volumes, rootDeviceName }: KnownBuild): string[] {
  return (volumes ?? []).map(({ device }) => device).filter((device) => device !== rootDeviceName);
}

/** The newest snapshot of each data disk. A disk that is known and has none is missing data: that refuses. */
function dataDisks(finished: readonly SnapshotView[], build: KnownBuild): SourceParts["data"] {
  if (build.volumes === undefined) return taggedDisks(finished, build);
  return dataDevices(build).map((device) => {
    const newest = finished.find((each) => isOf(each, build, device));
    if (newest === undefined) {
      throw new RecoveryRefused(
        "no-snapshot",
        `there is no finished snapshot of the data disk ${device}`,
        `Snapshot it with the service's tag and ${deviceTag}=${device}; the next rung of the ladder is proposed.`,
      );
    }
    const volume = build.volumes?.find((each) => each.device === device);
    const deleteOnTermination = volume?.deleteOnTermination ?? false;
    return { device, snapshotId: newest.id, startedAt: takenAt(newest), deleteOnTermination };
  });
}

function taggedDisks(finished: readonly SnapshotView[], build: KnownBuild): SourceParts["data"] {
  const newest = new Map<string, SnapshotView>();
  for (const each of finished) {
    const device = each.tags[deviceTag];
    const isRoot = device === undefined || device === build.rootDeviceName || isRootName(device);
    if (!isRoot && !newest.has(device)) newest.set(device, each);
  }
  return [...newest].map(([device, snapshot]) => {
    return { device, snapshotId: snapshot.id, startedAt: takenAt(snapshot), deleteOnTermination: false };
  });
}

function noSnapshot({
  tag,
  region,
  found,
}: {
  tag: Tag;
  region: string;
  found: readonly SnapshotView[];
}): RecoveryRefused {
  const states = found.length === 0 ? "there is none" : `none of ${found.length} is finished (${found[0]?.state})`;
  return new RecoveryRefused(
    "no-snapshot",
    `no snapshot or image tagged ${tag.key}=${tag.value} can be used in ${region}: ${states}`,
    "The next rung of the ladder is proposed. Make snapshots on a schedule (`keeper`, or DLM) so that the next time finds one.",
  );
}

function unclear(finished: readonly SnapshotView[]): RecoveryRefused {
  return new RecoveryRefused(
    "not-configured",
    `it cannot be told which of the snapshots is the root disk (newest: ${finished[0]?.id})`,
    `Tag the service's snapshots with ${deviceTag}=<device>, or keep AMIs.`,
  );
}

function billingLost(platform: string): RecoveryRefused {
  return new RecoveryRefused(
    "not-configured",
    `an image made of a bare snapshot would lose the billing of "${platform}"`,
    "Keep AMIs (CreateImage, DLM image policies) of this service with the same tag.",
  );
}

/** "as of 02:14 UTC (47 min old)". */
export function ageWords(dataAsOf: number, now: number): string {
  return `as of ${utc(dataAsOf, now - dataAsOf > 20 * 3_600_000)} (${length(Math.max(0, now - dataAsOf))} old)`;
}
