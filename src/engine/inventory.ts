/**
 * Where each service lives, as AWS says, refreshed now and then and stored, so that intake can match a message without asking
 * AWS. When AWS does not answer, the last good copy stays.
 */
import type { ServiceDefinition } from "../domain/service.ts";
import type { Placement, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { AllocationId, InstanceId, ServiceName } from "../domain/words.ts";
import type { Cloud, Clouds } from "../ports/cloud.ts";
import type { Handle } from "../ports/handle.ts";
import { replacedByTag } from "../ports/compute.ts";
import type { Records } from "../ports/store.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";

export interface Place {
  readonly readAt: number;
  readonly instanceId?: InstanceId;
  readonly asgName?: string;
  readonly allocationId?: AllocationId;
  /** Every instance that belongs to it now: of a group, all members. */
  readonly instanceIds: readonly InstanceId[];
  /** Instances that it lived on before; a message about one of them is still about this service. */
  readonly formerIds: readonly InstanceId[];
  readonly targetGroupArns: readonly string[];
  /** The machine that waits: a message about it is this service's, and says nothing about its health. */
  readonly standbyIds?: readonly InstanceId[];
}

export interface Inventory {
  place(service: ServiceName): Place | undefined;
  /** For a service that has no case yet; undefined when it is not in medic.yaml. */
  firstPlacement(service: ServiceName): Placement | undefined;
  /** The stored copy, so that a fresh worker can match before AWS has answered. */
  restore(): Promise<void>;
  readonly loop: LoopDefinition;
  /** Now, for a message that nothing matched. */
  refresh(): Promise<void>;
  /** Services whose runs took them to this instance: medic.yaml does not name it. */
  movedTo(id: string): readonly ServiceDefinition[];
  /** A case was committed or read: where it lives now is matched at once. */
  learn(current: ServiceCase): void;
}

export interface InventoryParts extends LoopParts {
  readonly settings: Settings;
  readonly records: Records;
  readonly clouds: Clouds;
  readonly handle: Handle;
  /** The case as this worker last saw it: a service that has none needs no event, its first placement comes from here. */
  readonly known: (service: ServiceName) => ServiceCase | undefined;
}

export const inventoryMs = 5 * 60 * 1000;
const width = 4;
const formerMax = 16;
const collection = "inventory";
const listMax = 1_000;

export function makeInventory(parts: InventoryParts): Inventory {
  const { settings, records } = parts;
  const places = new Map<ServiceName, Place>();
  const moved = new Map<string, ServiceName>();

  const refreshOne = async (service: ServiceDefinition): Promise<void> => {
    const before = places.get(service.name);
    const cloud = parts.clouds(service.scope);
    const [lives, standbyIds] = await Promise.all([
      placeOf(cloud, service, parts.clock.now()),
      standbyOf(cloud, service),
    ]);
    const found = standbyIds.length > 0 ? { ...lives, standbyIds } : lives;
    const place = withFormer(found, before);
    places.set(service.name, place);
    // An instance by its id stands in medic.yaml: nothing was learned that a fresh worker would miss.
    const isLearned = service.target.kind !== "instance";
    if (isLearned && (before === undefined || !samePlace(before, place))) await store(records, service.name, place);
    await tellCase(parts, service.name, place);
  };
  const refresh = () =>
    eachGuarded(parts, { name: "inventory", items: [...settings.services.values()], width }, refreshOne);

  return {
    place: (service) => livesToo(places.get(service), parts.known(service)),
    movedTo: (id) => {
      const name = moved.get(id);
      const service = name === undefined ? undefined : settings.services.get(name);
      return service ? [service] : [];
    },
    learn: ({ service, placement }) => {
      if (placement.sinceRun && placement.instanceId) moved.set(placement.instanceId, service);
    },
    firstPlacement: (name) => {
      const service = settings.services.get(name);
      return service && placementOf(service, places.get(name));
    },
    restore: async () => {
      for (const stored of await records.list<Place>(collection, { limit: listMax })) {
        const name = stored.id as ServiceName;
        if (settings.services.has(name) && !places.has(name)) places.set(name, stored.body);
      }
    },
    loop: { name: "inventory", periodMs: inventoryMs, round: refresh },
    refresh,
  };
}

/** Only a difference is an event: thousands of services that stay where they are cost nothing. */
async function tellCase({ known, handle }: InventoryParts, service: ServiceName, place: Place): Promise<void> {
  const current = known(service);
  const { instanceId, asgName, allocationId } = place;
  if (current === undefined || (instanceId === undefined && asgName === undefined)) return;
  const { placement } = current;
  const isSame =
    placement.instanceId === instanceId && placement.asgName === asgName && placement.allocationId === allocationId;
  // What a run has left is no news; the case would answer that it is drift.
  const isDrift = placement.sinceRun !== undefined && current.former.some((f) => f.instanceId === instanceId);
  if (isSame || isDrift) return;
  await handle(service, {
    kind: "placement",
    ...(instanceId ? { instanceId } : {}),
    ...(asgName ? { asgName } : {}),
    ...(allocationId ? { allocationId } : {}),
  });
}

function placementOf(service: ServiceDefinition, place: Place | undefined): Placement {
  const { target, elasticIp, scope, region } = service;
  const instanceId = place?.instanceId ?? (target.kind === "instance" ? target.instanceId : undefined);
  const asgName = place?.asgName ?? (target.kind === "asg" ? target.asgName : undefined);
  const allocationId = elasticIp ?? place?.allocationId;
  return {
    scope,
    region,
    ...(instanceId ? { instanceId } : {}),
    ...(asgName ? { asgName } : {}),
    ...(allocationId ? { allocationId } : {}),
  };
}

/** Throws what the ports throw; the caller keeps the last good copy then. */
async function placeOf(cloud: Cloud, service: ServiceDefinition, readAt: number): Promise<Place> {
  const { target } = service;
  const elasticIp = service.elasticIp ? { allocationId: service.elasticIp } : {};
  switch (target.kind) {
    case "instance":
      return { readAt, instanceId: target.instanceId, ...elasticIp, ...one(target.instanceId) };
    case "tag": {
      const tagged = await cloud.compute.instancesByTag(target.key, target.value);
      // A successor carries the tags of the instance that it was built after; the old one is kept and says so.
      const found = tagged.filter((view) => view.tags[replacedByTag] === undefined);
      const [first] = found.length === 1 ? found : found.filter((view) => view.state === "running");
      const ids = found.map((view) => view.id);
      return {
        readAt,
        ...elasticIp,
        ...(first ? { instanceId: first.id } : {}),
        instanceIds: ids,
        formerIds: [],
        targetGroupArns: [],
      };
    }
    case "asg":
      return placeOfGroup(cloud, service, target.asgName, readAt);
  }
}

async function standbyOf({ compute }: Cloud, { standby }: ServiceDefinition): Promise<InstanceId[]> {
  if (standby === undefined) return [];
  if (standby.kind === "instance") return [standby.instanceId];
  return (await compute.instancesByTag(standby.key, standby.value)).map((view) => view.id);
}

/** The service on a group of one lives on its one member; on a larger group it lives on the group. */
async function placeOfGroup(
  cloud: Cloud,
  { pattern, elasticIp }: ServiceDefinition,
  asgName: string,
  readAt: number,
): Promise<Place> {
  const group = await cloud.scaling.group(asgName);
  const members = group?.instances ?? [];
  const isOne = pattern === "asg" || pattern === "asg-ebs";
  const serving = members.filter(({ lifecycle }) => lifecycle === "InService");
  const [member] = serving.length > 0 ? serving : members;
  return {
    readAt,
    asgName,
    ...(elasticIp ? { allocationId: elasticIp } : {}),
    ...(isOne && member ? { instanceId: member.id } : {}),
    instanceIds: members.map(({ id }) => id),
    formerIds: [],
    targetGroupArns: group?.targetGroupArns ?? [],
  };
}

/** What a run did counts at once, not only when AWS is read again. */
function livesToo(place: Place | undefined, current: ServiceCase | undefined): Place | undefined {
  const id = current?.placement.instanceId;
  if (current?.placement.sinceRun === undefined || id === undefined) return place;
  const left = current.former.map((f) => f.instanceId);
  const known = place ?? { readAt: 0, instanceIds: [], formerIds: [], targetGroupArns: [] };
  const instanceIds = [id, ...known.instanceIds.filter((each) => each !== id && !left.includes(each))];
  return { ...known, instanceId: id, instanceIds, formerIds: [...new Set([...known.formerIds, ...left])] };
}

const one = (id: InstanceId) => ({ instanceIds: [id], formerIds: [], targetGroupArns: [] });

/** An answer without any instance (all terminated, or a lagging read) does not make the bot forget where the service was. */
function withFormer(found: Place, before: Place | undefined): Place {
  if (before === undefined) return found;
  const left = [...before.formerIds, ...before.instanceIds].filter((id) => !found.instanceIds.includes(id));
  const formerIds = [...new Set(left)].slice(-formerMax);
  const keep = found.instanceId === undefined && found.asgName === undefined && before.instanceId !== undefined;
  return { ...found, formerIds, ...(keep ? { instanceId: before.instanceId } : {}) };
}

function samePlace(a: Place, b: Place): boolean {
  return JSON.stringify({ ...a, readAt: 0 }) === JSON.stringify({ ...b, readAt: 0 });
}

async function store(records: Records, service: ServiceName, place: Place): Promise<void> {
  const key = { collection, id: service };
  const stored = await records.get<Place>(key);
  // Whoever loses this race has read the same world; the next refresh writes what differs.
  if (stored) await records.replace(key, place, stored.rev);
  else await records.putIfAbsent(key, place);
}
