/**
 * Prune: snapshots beyond the retention are deleted, once, because a person said so.
 *
 * - What goes is a list of ids, made at the order and stored; nothing that is made later is ever on it.
 * - Never the newest finished snapshots of a disk (as many as the retention says, and at least one), never one that is not
 *   finished, never one that an image of ours is made of. EC2 itself refuses those that any other image uses.
 * - Only snapshots that carry both the service's tag and the managed tag; the bot's role can delete no others.
 * - Right before the act each is looked at again. Deleting twice is deleting once.
 * - It cannot be undone, so no rule orders it.
 */
import { codeOf, RecoveryRefused } from "../domain/errors.ts";
import type { Tag } from "../domain/service.ts";
import type { Scope, SnapshotId } from "../domain/words.ts";
import type { SnapshotView, Storage } from "../ports/storage.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import { managedTag } from "./permissions.ts";
import type { Plan, Step } from "./plan.ts";
import { personOnly } from "./previewed.ts";
import { deviceTag, takenAt } from "./snapshotTags.ts";
import { wishOf } from "./wished.ts";

export interface PruneInputs {
  readonly service: string;
  readonly retain: number;
  readonly places: readonly PrunePlace[];
  readonly settleMs: number;
}

export interface PrunePlace {
  readonly scope: Scope;
  readonly region: string;
  readonly tag: Tag;
  /** All of them are of one disk, whatever volume it was at the time: that of pattern `asg-ebs` is made anew again and again. */
  readonly isOneDisk: boolean;
  /** Oldest first. */
  readonly snapshotIds: readonly SnapshotId[];
  readonly kept: number;
}

/** One order deletes no more; the next one goes on. */
export const prunedMax = 100;

type PrunePorts = Pick<RecoveryPorts, "at">;

export async function pruneInputs(asked: Asked | PreviewAsked, ports: PrunePorts): Promise<PruneInputs> {
  const { service, timing } = asked;
  if (wishOf(asked).byRule) throw personOnly("pruning");
  const { keeper, name } = service;
  if (keeper === undefined) {
    throw new RecoveryRefused(
      "not-configured",
      `medic.yaml does not say how many snapshots of ${name} are kept`,
      "State `keeper.retain` for this service; snapshots of DLM or AWS Backup have their own retention.",
    );
  }
  const retain = Math.max(1, keeper.retain);
  const found = await Promise.all(placesOf(asked).map((place) => readPlace(place, ports, retain)));
  const places = found.filter(({ snapshotIds }) => snapshotIds.length > 0);
  if (places.length === 0) {
    throw new RecoveryRefused(
      "nothing-to-prune",
      `no snapshot of ${name} is beyond the retention of ${retain} for each disk`,
      "Nothing needs to be done.",
    );
  }
  return { service: name, retain, places, settleMs: timing.snapshotSettleMs };
}

type Place = Omit<PrunePlace, "snapshotIds" | "kept">;

/** By the service's own places, not by where it happens to live now: the snapshots are where they were made. */
function placesOf({ service }: Asked | PreviewAsked): Place[] {
  const { scope, region, reprovision, volume, dr } = service;
  return [
    ...(reprovision ? [{ scope, region, tag: reprovision.snapshotTag, isOneDisk: false }] : []),
    ...(volume ? [{ scope, region, tag: volume.tag, isOneDisk: true }] : []),
    ...(dr ? [{ scope: dr.scope, region: dr.region, tag: dr.snapshotTag, isOneDisk: false }] : []),
  ];
}

async function readPlace(place: Place, ports: PrunePorts, retain: number): Promise<PrunePlace> {
  const { storage } = ports.at(place.scope);
  const all = await storage.snapshotsByTag(place.tag.key, place.tag.value);
  const used = await usedByImages(storage, place.tag);
  const doomed = prunable(all, { retain, ...place }).filter(({ id }) => !used.has(id));
  const snapshotIds = doomed.slice(0, prunedMax).map(({ id }) => id);
  return { ...place, snapshotIds, kept: all.length - snapshotIds.length };
}

/** Beyond the newest `retain` finished ones of each disk; managed, finished, oldest first. */
export function prunable(
  all: readonly SnapshotView[],
  { retain, isOneDisk }: { readonly retain: number; readonly isOneDisk: boolean },
): SnapshotView[] {
  const finished = all.filter(({ state }) => state === "completed").sort((a, b) => takenAt(b) - takenAt(a));
  const seen = new Map<string, number>();
  const beyond = finished.filter((each) => {
    const disk = isOneDisk ? "" : (each.tags[deviceTag] ?? each.volumeId);
    const rank = (seen.get(disk) ?? 0) + 1;
    seen.set(disk, rank);
    return rank > retain;
  });
  return beyond.filter(({ tags }) => tags[managedTag.key] === managedTag.value).reverse();
}

async function usedByImages(storage: Pick<Storage, "imagesByTag">, tag: Tag): Promise<Set<SnapshotId>> {
  const images = await Promise.all([
    storage.imagesByTag(tag.key, tag.value),
    storage.imagesByTag(managedTag.key, managedTag.value),
  ]);
  return new Set(images.flat().flatMap(({ snapshots }) => snapshots.map(({ snapshotId }) => snapshotId)));
}

export function pruneStepName({ region, tag, snapshotIds }: PrunePlace): string {
  return `${countOf(snapshotIds.length)} of ${tag.key}=${tag.value} in ${region} are deleted`;
}

export function prunePlan(inputs: PruneInputs): Plan<RecoveryPorts> {
  return {
    title: `prune snapshots of ${inputs.service}`,
    gates: inputs.places.map((place) => async (ports: RecoveryPorts) => {
      const still = await doomedStill(place, ports, inputs.retain);
      const spared = place.snapshotIds.filter((id) => !still.has(id));
      if (spared.length === 0) return undefined;
      const detail = `${spared.join(", ")} must be kept by now (in use, or among the newest ${inputs.retain})`;
      return { code: "must-be-kept", detail, climb: false };
    }),
    steps: inputs.places.map((place) => deleted(place, inputs)),
    summary: () => inputs.places.map((place) => `${pruneStepName(place)}, ${place.kept} kept`).join("; "),
  };
}

/** Of the list, what may go by today's look, and what is gone. */
async function doomedStill(place: PrunePlace, ports: PrunePorts, retain: number): Promise<Set<SnapshotId>> {
  const { storage } = ports.at(place.scope);
  const all = await storage.snapshotsByTag(place.tag.key, place.tag.value);
  const used = await usedByImages(storage, place.tag);
  const there = new Set(all.map(({ id }) => id));
  const gone = place.snapshotIds.filter((id) => !there.has(id));
  return new Set([...gone, ...prunable(all, { retain, ...place }).flatMap(({ id }) => (used.has(id) ? [] : [id]))]);
}

function deleted(place: PrunePlace, { retain, settleMs }: PruneInputs): Step<RecoveryPorts> {
  const left = async (ports: PrunePorts): Promise<SnapshotId[]> => {
    const all = await ports.at(place.scope).storage.snapshotsByTag(place.tag.key, place.tag.value);
    const there = new Set(all.map(({ id }) => id));
    return place.snapshotIds.filter((id) => there.has(id));
  };
  return {
    name: pruneStepName(place),
    waitsFor: "EC2 to forget them",
    settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    leftWhileWaiting: "Some of the listed snapshots may be deleted already, others not.",
    check: async (ports) => ((await left(ports)).length === 0 ? { deleted: place.snapshotIds.length } : undefined),
    act: async (ports) => {
      const may = await doomedStill(place, ports, retain);
      for (const id of await left(ports)) {
        if (!may.has(id)) {
          const why = `${id} must be kept by now (in use, or among the newest ${retain})`;
          throw new RecoveryRefused("must-be-kept", why, "Order prune again: it makes a new list.");
        }
        await deleteOne(ports.at(place.scope).storage, id);
      }
    },
    progress: async (ports) => `${(await left(ports)).length} of ${place.snapshotIds.length} left`,
  };
}

async function deleteOne(storage: Pick<Storage, "deleteSnapshot">, id: SnapshotId): Promise<void> {
  try {
    await storage.deleteSnapshot(id);
  } catch (error) {
    if (codeOf(error) !== "not-found") throw error;
  }
}

export function countOf(n: number): string {
  return n === 1 ? "1 snapshot" : `${n} snapshots`;
}
