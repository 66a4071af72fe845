/**
 * The snapshot keeper: for services that ask for it, tagged snapshots of every disk on a schedule, and copies in the DR region.
 *
 * - It never deletes anything: what is beyond the retention is listed, and pruned by a person's order.
 * - One worker does it, by lease. What is due follows from the newest snapshot that AWS shows, so that a crash or a lost answer is
 *   answered by the next look, which comes later than reads may lag.
 * - A service that is bad is not snapshotted: the newest snapshot is what a service is built from, and must not hold what broke it.
 * - A snapshot or copy that fails does so minutes later, by itself (a key that may not be used): that is told, and tried again rarely.
 */
import { codeOf, sentenceOf } from "../domain/errors.ts";
import type { KeeperDefinition, ServiceDefinition, Tag } from "../domain/service.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { BlueprintVolume } from "../ports/compute.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { SnapshotView } from "../ports/storage.ts";
import type { Lease, Leases } from "../ports/store.ts";
import { managedTag } from "../recovery/permissions.ts";
import { copyOfTag, deviceTag, takenAt, takenAtTag } from "../recovery/snapshotTags.ts";
import type { EventHandler } from "./handleEvent.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";

export interface KeeperParts extends LoopParts {
  readonly worker: string;
  readonly leases: Leases;
  readonly handler: Pick<EventHandler, "known">;
  readonly clouds: Clouds;
  readonly settings: Settings;
}

/** Long after reads have caught up with what the last round made, short against any schedule. */
export const keeperMs = 5 * 60_000;
/** What failed by itself is not made again sooner than this. */
const afterFailureMs = 60 * 60_000;
/** Disks of one service; EC2 attaches no more to most types. */
const disksMax = 28;
const width = 4;

export function keeperLoop(parts: KeeperParts): LoopDefinition {
  const { leases, worker, clock, settings } = parts;
  const kept = [...settings.services.values()].filter(({ keeper }) => keeper !== undefined);
  let lease: Lease | undefined;
  return {
    name: "keeper",
    periodMs: keeperMs,
    idle: () => kept.length === 0,
    round: async () => {
      if (kept.length === 0) return;
      const times = { now: clock.now(), leaseMs: keeperMs * 2, takeoverMs: settings.timing.takeoverMs };
      lease = await leases.acquire("keeper", worker, times);
      if (lease === undefined) return;
      await eachGuarded(parts, { name: "keeper", items: kept, width }, (service) => keep(parts, service));
    },
    end: async () => {
      if (lease) await leases.release(lease);
    },
  };
}

interface Kept {
  readonly service: ServiceDefinition;
  readonly keeper: KeeperDefinition;
  readonly tag: Tag;
}

async function keep(parts: KeeperParts, service: ServiceDefinition): Promise<void> {
  const { keeper, reprovision, volume } = service;
  const tag = reprovision?.snapshotTag ?? volume?.tag;
  const current = parts.handler.known(service.name);
  if (keeper === undefined || tag === undefined || current === undefined) return;
  const kept = { service, keeper, tag };
  const all = await parts.clouds(service.scope).storage.snapshotsByTag(tag.key, tag.value);
  tellAge(parts, kept, all);
  if (isWellAtHome(service, current)) await makeDue(parts, kept, { current, all });
  // What is there is worth copying whatever the service does meanwhile.
  if (keeper.copyToDr) await copyDue(parts, kept, all);
}

function isWellAtHome({ scope }: ServiceDefinition, { bad, phase, placement }: ServiceCase): boolean {
  return placement.scope === scope && bad.length === 0 && (phase.kind === "idle" || phase.kind === "resolved");
}

async function makeDue(
  parts: KeeperParts,
  kept: Kept,
  { current, all }: { readonly current: ServiceCase; readonly all: readonly SnapshotView[] },
): Promise<void> {
  const { service, keeper, tag } = kept;
  const { instanceId } = current.placement;
  if (instanceId === undefined) return;
  const { compute, storage } = parts.clouds(service.scope);
  const blueprint = await compute.blueprint(instanceId);
  const wanted = (blueprint?.volumes ?? []).filter(({ device }) => isKept(service, device)).slice(0, disksMax);
  const now = parts.clock.now();
  const due = wanted.filter((disk) => isDue(ofDisk(all, disk), { now, everyMs: keeper.everyMs }));
  await eachGuarded(parts, { name: "keeper", items: due, width: 1 }, async ({ device, volumeId }) => {
    const tags = {
      [tag.key]: tag.value,
      [managedTag.key]: managedTag.value,
      [deviceTag]: device,
      [takenAtTag]: String(now),
    };
    const description = `ec2-medic: ${device} of ${service.name}`;
    const id = await attempt(parts, kept, () => storage.createSnapshot({ volumeId, description, tags }));
    parts.log.info("snapshot-begun", { service: service.name, device, volumeId, snapshot: id });
  });
}

/** Pattern `asg-ebs` is about its one volume; the members' own disks come from their template. */
function isKept({ reprovision, volume }: ServiceDefinition, device: string): boolean {
  return reprovision !== undefined || volume?.device === device;
}

function ofDisk(all: readonly SnapshotView[], { device, volumeId }: BlueprintVolume): SnapshotView[] {
  return all.filter(({ tags, volumeId: of }) => (tags[deviceTag] ?? (of === volumeId ? device : "")) === device);
}

function isDue(
  snapshots: readonly SnapshotView[],
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): boolean {
  const [newest] = [...snapshots].sort((a, b) => b.startedAt - a.startedAt);
  if (newest === undefined) return true;
  const age = now - newest.startedAt;
  if (newest.state === "error") return age >= Math.min(afterFailureMs, everyMs);
  // One that takes longer than the schedule is waited for: a second one beside it would only be slower.
  return newest.state !== "pending" && age >= everyMs;
}

/** The newest finished snapshot of each disk, where the DR region has no copy of it yet; one copy of a disk at a time. */
async function copyDue(parts: KeeperParts, kept: Kept, all: readonly SnapshotView[]): Promise<void> {
  const { service } = kept;
  const { dr } = service;
  if (dr === undefined) return;
  const { storage } = parts.clouds(dr.scope);
  const there = await storage.snapshotsByTag(dr.snapshotTag.key, dr.snapshotTag.value);
  const now = parts.clock.now();
  const newest = newestFinished(all).filter((each) => isToCopy(each, there, now));
  await eachGuarded(parts, { name: "keeper", items: newest, width: 1 }, async (source) => {
    const device = source.tags[deviceTag];
    const tags = {
      [dr.snapshotTag.key]: dr.snapshotTag.value,
      [managedTag.key]: managedTag.value,
      [copyOfTag]: source.id,
      [takenAtTag]: String(takenAt(source)),
      ...(device === undefined ? {} : { [deviceTag]: device }),
    };
    const description = `ec2-medic: copy of ${source.id} of ${service.name}`;
    const wish = { sourceRegion: service.region, snapshotId: source.id, description, tags };
    const id = await attempt(parts, kept, () => storage.copySnapshot(wish));
    parts.log.info("snapshot-copy-begun", { service: service.name, region: dr.region, of: source.id, snapshot: id });
  });
}

function newestFinished(all: readonly SnapshotView[]): SnapshotView[] {
  const newest = new Map<string, SnapshotView>();
  for (const each of all) {
    if (each.state !== "completed") continue;
    const disk = each.tags[deviceTag] ?? each.volumeId;
    const held = newest.get(disk);
    if (held === undefined || takenAt(each) > takenAt(held)) newest.set(disk, each);
  }
  return [...newest.values()];
}

function isToCopy(source: SnapshotView, there: readonly SnapshotView[], now: number): boolean {
  const device = source.tags[deviceTag];
  const isUnderWay = there.some(
    ({ state, tags }) => state === "pending" && tags[copyOfTag] !== undefined && tags[deviceTag] === device,
  );
  const copies = there.filter(({ tags }) => tags[copyOfTag] === source.id);
  const failedLately = copies.some(({ state, startedAt }) => state === "error" && now - startedAt < afterFailureMs);
  return !isUnderWay && !failedLately && copies.every(({ state }) => state === "error");
}

/** Refusals are told with the service's name; the loop counts them too and goes on with the next disk. */
async function attempt<T>({ log, metrics }: KeeperParts, { service }: Kept, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const code = codeOf(error);
    metrics.count("medic_snapshot_failures_total", { service: service.name, code });
    log.error("snapshot-failed", { service: service.name, code, detail: sentenceOf(error) });
    throw error;
  }
}

function tellAge({ clock, metrics, log }: KeeperParts, { service }: Kept, all: readonly SnapshotView[]): void {
  const labels = { service: service.name, region: service.region };
  const [newest] = newestFinished(all).sort((a, b) => takenAt(b) - takenAt(a));
  if (newest) metrics.gauge("medic_snapshot_age_seconds", (clock.now() - takenAt(newest)) / 1000, labels);
  const [last] = [...all].sort((a, b) => b.startedAt - a.startedAt);
  if (last?.state !== "error" || clock.now() - last.startedAt > keeperMs * 2) return;
  metrics.count("medic_snapshot_failures_total", { service: service.name, code: "snapshot-error" });
  log.error("snapshot-failed", {
    service: service.name,
    snapshot: last.id,
    detail: last.stateMessage ?? "no reason given",
  });
}
