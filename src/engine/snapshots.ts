/** Reads what a service could be built anew from, in its own region and in the DR region, for whoever asks. */
import { sentenceOf } from "../domain/errors.ts";
import type { ServiceDefinition, Tag } from "../domain/service.ts";
import type { SnapshotRow, SnapshotsInRegion, SnapshotsReport } from "../domain/snapshots.ts";
import type { Settings } from "../domain/settings.ts";
import type { Scope, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { Records } from "../ports/store.ts";
import { leftoversOf } from "../recovery/hookSource.ts";
import { takenAt } from "../recovery/snapshotTags.ts";
import { handoverOf } from "./chorePorts.ts";

export interface SnapshotsParts {
  readonly settings: Settings;
  readonly clouds: Clouds;
  readonly clock: Clock;
  readonly store: { readonly records: Records };
}

/** undefined: the service is gone from medic.yaml. Never throws: a region that does not answer is said to be unread. */
export type ReadSnapshots = (service: ServiceName) => Promise<SnapshotsReport | undefined>;

interface Place {
  readonly region: string;
  readonly scope: Scope;
  readonly role: SnapshotsInRegion["role"];
  readonly tag: Tag;
}

export function makeReadSnapshots(parts: SnapshotsParts): ReadSnapshots {
  return async (service) => {
    const defined = parts.settings.services.get(service);
    if (defined === undefined) return undefined;
    const regions = await Promise.all(placesOf(defined).map((place) => readRegion(parts, place)));
    const { keeper, rpoMaxMs } = defined;
    const leftVolumes = await leftVolumesOf(parts, defined);
    return {
      service,
      readAt: parts.clock.now(),
      regions,
      ...(leftVolumes.length > 0 ? { leftVolumes } : {}),
      ...(keeper ? { keeper } : {}),
      ...(rpoMaxMs === undefined ? {} : { rpoMaxMs }),
    };
  };
}

/** What replacements have left behind; [] where that cannot be read, because the rows beside it say so already. */
async function leftVolumesOf({ clouds, store }: SnapshotsParts, { name, scope, volume }: ServiceDefinition) {
  if (volume === undefined) return [];
  const ports = { storage: clouds(scope).storage, handover: handoverOf(store.records, name) };
  return leftoversOf(ports, volume.tag).then(
    (left) => left.volumes,
    () => [],
  );
}

function placesOf({ region, scope, reprovision, dr, volume }: ServiceDefinition): Place[] {
  return [
    ...(volume ? [{ region, scope, role: "home" as const, tag: volume.tag }] : []),
    ...(reprovision ? [{ region, scope, role: "home" as const, tag: reprovision.snapshotTag }] : []),
    ...(dr ? [{ region: dr.region, scope: dr.scope, role: "dr" as const, tag: dr.snapshotTag }] : []),
  ];
}

async function readRegion({ clouds }: SnapshotsParts, { region, scope, role, tag }: Place): Promise<SnapshotsInRegion> {
  const said = { region, role, tag: `${tag.key}=${tag.value}` };
  try {
    const { storage } = clouds(scope);
    const [snapshots, images] = await Promise.all([
      storage.snapshotsByTag(tag.key, tag.value),
      storage.imagesByTag(tag.key, tag.value),
    ]);
    const rows: SnapshotRow[] = [
      ...snapshots.map((each): SnapshotRow => {
        const { id, state, sizeGiB, progress } = each;
        // A copy starts later than the data that it holds.
        return { id, kind: "snapshot", at: takenAt(each), state, sizeGiB, progress };
      }),
      ...images.map(({ id, createdAt, state }): SnapshotRow => ({ id, kind: "image", at: createdAt, state })),
    ];
    return { ...said, rows: rows.sort((a, b) => b.at - a.at) };
  } catch (error) {
    return { ...said, rows: [], unread: sentenceOf(error) };
  }
}
