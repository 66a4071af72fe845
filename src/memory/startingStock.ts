/** Disks, snapshots, images and networks as they are when the simulated account opens. */
import type { Machine, MachineDefinition } from "./accountModel.ts";
import type { Content, Image, Snapshot, Stock, StockFaults, Subnet } from "./cloudModel.ts";
import { volumesOf } from "./disks.ts";
import { placesOf } from "./places.ts";
import { addVolume } from "./volumes.ts";
import { newId } from "./world.ts";
import type { World } from "./world.ts";

export interface SnapshotDefinition {
  readonly id: string;
  /** A disk of a machine; the root when no device is said. */
  readonly of?: { readonly instanceId: string; readonly device?: string };
  /** Instead of `of`: a volume of the account, or one that it never had. */
  readonly volumeId?: string;
  /** Default one hour. */
  readonly ageMs?: number;
  /** Default: what the disk holds now. */
  readonly data?: string;
  /** Of a root disk: devices without which its application does not serve. Default: as on the disk now. */
  readonly needs?: readonly string[];
  readonly state?: Snapshot["state"];
  readonly encrypted?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ImageDefinition {
  readonly id: string;
  readonly name: string;
  readonly ageMs?: number;
  readonly architecture?: Image["architecture"];
  readonly bootMode?: string;
  readonly enaSupport?: boolean;
  readonly rootDeviceName?: string;
  readonly platformDetails?: string;
  readonly snapshots?: Image["snapshots"];
  /** What its root holds when no snapshot is named; "" is a bare system that serves nothing. Default: its name. */
  readonly data?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface StockOptions {
  /** Beside one in each of the zones a, b and c. */
  readonly subnets?: readonly {
    readonly id: string;
    readonly availabilityZone: string;
    readonly vpcId?: string;
    readonly freeAddresses?: number;
  }[];
  readonly securityGroups?: readonly string[];
  readonly keyNames?: readonly string[];
  /** Names. */
  readonly instanceProfiles?: readonly string[];
  /** Volumes on no machine. */
  readonly volumes?: readonly {
    readonly id: string;
    readonly availabilityZone: string;
    readonly data?: string;
    readonly tags?: Readonly<Record<string, string>>;
  }[];
  readonly snapshots?: readonly SnapshotDefinition[];
  readonly images?: readonly ImageDefinition[];
  /** Zones by type; a type that is not named is offered everywhere. */
  readonly offerings?: Readonly<Record<string, readonly string[]>>;
  /** Default: none that one could feel. */
  readonly vcpuQuota?: number;
}

const freeAddressesDefault = 240;
const snapshotAgeMsDefault = 3_600_000;
const imageAgeMsDefault = 30 * 24 * 3_600_000;

export function emptyStock(region: string, options: StockOptions): Stock {
  const places = placesOf(region);
  const subnet = (id: string, zone: string): Subnet => ({
    id,
    vpcId: places.vpcId,
    availabilityZone: zone,
    freeAddresses: freeAddressesDefault,
  });
  const all = [
    subnet(places.subnets.a, `${region}a`),
    subnet(places.subnets.b, `${region}b`),
    subnet(places.subnets.c, `${region}c`),
    ...(options.subnets ?? []).map((each) => ({ ...subnet(each.id, each.availabilityZone), ...each })),
  ];
  return {
    volumes: new Map(),
    snapshots: new Map(),
    images: new Map(),
    subnets: new Map(all.map((each) => [each.id, each])),
    securityGroups: new Set([places.securityGroupId, ...(options.securityGroups ?? [])]),
    keyNames: new Set(options.keyNames ?? []),
    instanceProfiles: new Set(options.instanceProfiles ?? []),
    rootTasks: new Map(),
    commands: new Map(),
    holdings: [],
    launches: new Map(),
    volumeTokens: new Map(),
    offerings: options.offerings ?? {},
    vcpuQuota: options.vcpuQuota ?? Number.POSITIVE_INFINITY,
  };
}

export function noStockFaults(): StockFaults {
  return {
    noCapacityIn: new Set(),
    snapshotsFail: false,
    snapshotSlowness: 1,
    noGrant: false,
    copiesFail: false,
    launchesHang: false,
    rootTasksFail: false,
    detachSticks: false,
    commandsDown: false,
    apiDown: false,
    regionDark: false,
    zonesDown: new Set(),
  };
}

/** A machine's own disks, and whatever it names: what exists on it exists in the account. */
export function stockMachine(world: World, machine: Machine, definition: MachineDefinition): void {
  const { build } = machine;
  const { stock } = world;
  const { subnetId: id, vpcId } = build;
  if (!stock.subnets.has(id)) {
    stock.subnets.set(id, {
      id,
      vpcId,
      availabilityZone: machine.availabilityZone,
      freeAddresses: freeAddressesDefault,
    });
  }
  for (const group of build.securityGroupIds) stock.securityGroups.add(group);
  if (build.keyName !== undefined) stock.keyNames.add(build.keyName);
  if (build.instanceProfile !== undefined) stock.instanceProfiles.add(build.instanceProfile);
  const content: Content = {
    marker: definition.data ?? `${machine.name} root`,
    needs: definition.needs ?? [],
    ...(build.bootMode === undefined ? {} : { bootMode: build.bootMode }),
  };
  addVolume(world, {
    at: [machine, build.rootDeviceName],
    content,
    deleteOnTermination: true,
    ...(definition.rootVolumeId === undefined ? {} : { id: definition.rootVolumeId }),
  });
  for (const { device, id: volumeId, data, tags, deleteOnTermination } of definition.volumes ?? []) {
    addVolume(world, {
      at: [machine, device],
      content: { marker: data ?? `${machine.name} ${device}`, needs: [] },
      ...(volumeId === undefined ? {} : { id: volumeId }),
      ...(tags === undefined ? {} : { tags }),
      ...(deleteOnTermination === undefined ? {} : { deleteOnTermination }),
    });
  }
}

/** After the machines: snapshots may be of their disks. */
export function stockRest(world: World, options: StockOptions): void {
  for (const { id, availabilityZone, data = "", tags = {} } of options.volumes ?? []) {
    addVolume(world, { id, zone: availabilityZone, content: { marker: data, needs: [] }, tags });
  }
  for (const definition of options.snapshots ?? []) {
    world.stock.snapshots.set(definition.id, snapshotFrom(world, definition));
  }
  const plain = { id: placesOf(world.region).imageId, name: "plain" };
  const named = [...world.machines.values()].map(({ build }) => ({
    id: build.imageId,
    name: `image of ${build.imageId}`,
    architecture: build.architecture,
    rootDeviceName: build.rootDeviceName,
    platformDetails: build.platformDetails,
    ...(build.bootMode === undefined ? {} : { bootMode: build.bootMode }),
  }));
  for (const definition of [...(options.images ?? []), ...named, plain]) {
    if (!world.stock.images.has(definition.id)) world.stock.images.set(definition.id, imageFrom(world, definition));
  }
}

function snapshotFrom(world: World, definition: SnapshotDefinition): Snapshot {
  const machine = definition.of === undefined ? undefined : world.machines.get(definition.of.instanceId);
  const device = definition.of?.device ?? machine?.build.rootDeviceName;
  const attached = machine === undefined ? [] : volumesOf(world, machine.id);
  const volume =
    attached.find((each) => each.attachment.device === device) ?? world.stock.volumes.get(definition.volumeId ?? "");
  if (definition.of !== undefined && volume === undefined) {
    throw new Error(`snapshot ${definition.id}: ${definition.of.instanceId} has no disk ${device ?? ""}`);
  }
  const startedAt = world.agenda.now() - (definition.ageMs ?? snapshotAgeMsDefault);
  const now = volume?.content ?? { marker: definition.id, needs: [] };
  return {
    id: definition.id,
    state: definition.state ?? "completed",
    startedAt,
    doneAt: startedAt,
    volumeId: volume?.id ?? definition.volumeId ?? newId(world, "vol"),
    sizeGiB: volume?.sizeGiB ?? 20,
    encrypted: definition.encrypted ?? volume?.encrypted ?? false,
    description: "",
    stateMessage: undefined,
    content: { ...now, marker: definition.data ?? now.marker, needs: definition.needs ?? now.needs },
    tags: { ...definition.tags },
  };
}

function imageFrom(world: World, definition: ImageDefinition): Image {
  const { architecture = "arm64", enaSupport = true, rootDeviceName = "/dev/xvda", snapshots = [] } = definition;
  return {
    id: definition.id,
    name: definition.name,
    state: "available",
    createdAt: world.agenda.now() - (definition.ageMs ?? imageAgeMsDefault),
    architecture,
    virtualization: "hvm",
    enaSupport,
    ...(definition.bootMode === undefined ? {} : { bootMode: definition.bootMode }),
    rootDeviceName,
    platformDetails: definition.platformDetails ?? "Linux/UNIX",
    snapshots,
    content: { marker: definition.data ?? definition.name, needs: [] },
    tags: { ...definition.tags },
  };
}
