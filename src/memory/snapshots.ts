/** Snapshots: a disk as it was at one instant, ready a while later; copies of them in other regions. */
import { AwsRefusal } from "./accountModel.ts";
import type { Content, Snapshot } from "./cloudModel.ts";
import { snapshotOf } from "./images.ts";
import { volumeOf } from "./volumes.ts";
import { newId, say } from "./world.ts";
import type { World } from "./world.ts";

export interface SnapshotWish {
  readonly volumeId: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function createSnapshot(world: World, wish: SnapshotWish): string {
  const volume = volumeOf(world, wish.volumeId);
  if (volume.state !== "in-use" && volume.state !== "available") {
    throw new AwsRefusal("IncorrectState", `Volume '${volume.id}' is in the '${volume.state}' state.`);
  }
  return begin(world, {
    ...wish,
    sizeGiB: volume.sizeGiB,
    encrypted: volume.encrypted,
    content: volume.content,
    tookMs: world.timings.snapshotMs * world.faults.snapshotSlowness,
    error: world.faults.snapshotsFail ? "The snapshot could not be completed." : undefined,
  }).id;
}

/** A volume id that no volume has: what AWS gives a copy. */
export const copiedVolumeId = "vol-ffffffff";
const copiesAtOnceMax = 20;

/** Called in the region where it shall be. Tags are not copied. */
export function copySnapshot(
  world: World,
  wish: {
    readonly sourceRegion: string;
    readonly snapshotId: string;
    readonly description: string;
    readonly tags: Readonly<Record<string, string>>;
  },
): string {
  const source = [...world.shared.worlds].find(
    ({ accountId, region }) => accountId === world.accountId && region === wish.sourceRegion,
  );
  if (source === undefined || source.faults.apiDown || source.faults.regionDark) {
    throw new AwsRefusal(
      "InvalidParameterValue",
      `The region ${wish.sourceRegion} cannot be reached or does not exist.`,
    );
  }
  const original = snapshotOf(source, wish.snapshotId);
  if (original.state !== "completed") {
    throw new AwsRefusal("IncorrectState", `Snapshot '${original.id}' is in the '${original.state}' state.`);
  }
  const running = [...world.stock.snapshots.values()].filter(
    ({ volumeId, state }) => volumeId === copiedVolumeId && state === "pending",
  );
  if (running.length >= copiesAtOnceMax) {
    throw new AwsRefusal("ResourceLimitExceeded", "Too many snapshot copies are in progress to this region.");
  }
  const refusedKey = original.encrypted && world.faults.noGrant ? "Given key ID is not accessible" : undefined;
  return begin(world, {
    volumeId: copiedVolumeId,
    description: wish.description,
    tags: wish.tags,
    sizeGiB: original.sizeGiB,
    encrypted: original.encrypted,
    content: original.content,
    tookMs: world.timings.copyMs * world.faults.snapshotSlowness,
    error: refusedKey ?? (world.faults.copiesFail ? "The copy could not be completed." : undefined),
  }).id;
}

function begin(
  world: World,
  start: SnapshotWish & {
    readonly sizeGiB: number;
    readonly encrypted: boolean;
    readonly content: Content;
    readonly tookMs: number;
    readonly error: string | undefined;
  },
): Snapshot {
  const now = world.agenda.now();
  const snapshot: Snapshot = {
    id: newId(world, "snap"),
    state: "pending",
    startedAt: now,
    doneAt: now + start.tookMs,
    volumeId: start.volumeId,
    sizeGiB: start.sizeGiB,
    encrypted: start.encrypted,
    description: start.description,
    stateMessage: undefined,
    content: start.content,
    tags: { ...start.tags },
  };
  world.stock.snapshots.set(snapshot.id, snapshot);
  world.agenda.at(now + start.tookMs, () => {
    if (snapshot.state !== "pending") return;
    snapshot.state = start.error === undefined ? "completed" : "error";
    snapshot.stateMessage = start.error;
    say(world, "EC2", `snapshot ${snapshot.id} is ${snapshot.state}`, start.error === undefined ? "good" : "bad");
  });
  return snapshot;
}

export function deleteSnapshot(world: World, id: string): void {
  snapshotOf(world, id);
  const user = [...world.stock.images.values()].find((image) => image.snapshots.some((each) => each.snapshotId === id));
  if (user !== undefined) {
    throw new AwsRefusal("InvalidSnapshot.InUse", `The snapshot ${id} is currently in use by ${user.id}`);
  }
  world.stock.snapshots.delete(id);
}

/** 0 to 100. */
export function progressOf(world: World, snapshot: Snapshot): number {
  if (snapshot.state === "completed") return 100;
  if (snapshot.doneAt === undefined || snapshot.doneAt === snapshot.startedAt) return 0;
  const part = (world.agenda.now() - snapshot.startedAt) / (snapshot.doneAt - snapshot.startedAt);
  return Math.min(99, Math.floor(part * 100));
}
