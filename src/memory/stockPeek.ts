/** The truth about disks, snapshots, images, addresses and names: without lag, without a call being counted. */
import type { RecordView } from "../ports/dns.ts";
import type { Holding, Image, RootTask, SentCommand, Snapshot, Subnet, Volume } from "./cloudModel.ts";
import { volumesOf } from "./disks.ts";
import { resolve } from "./resolver.ts";
import type { World } from "./world.ts";

export interface StockPeek {
  /** Deleted ones too. */
  volumes(): Readonly<Volume>[];
  snapshots(): Readonly<Snapshot>[];
  images(): Readonly<Image>[];
  subnets(): Readonly<Subnet>[];
  rootVolumeTasks(): Readonly<RootTask>[];
  commands(): Readonly<SentCommand>[];
  /** Who held each Elastic IP, in order. */
  addressHistory(allocationId?: string): Readonly<Holding>[];
  /** Markers by device. */
  data(instanceId: string): Readonly<Record<string, string>>;
  /** As the API lists them. */
  records(zoneId: string): readonly RecordView[];
  /** What a user's resolver says; undefined: no such name. */
  resolve(zoneId: string, name: string): readonly string[] | undefined;
}

export function peekingStock(world: World, caught: <T>(answer: () => T) => T): StockPeek {
  const { stock, shared } = world;
  const copies = <T>(all: Iterable<T>): T[] => caught(() => [...all].map((each) => ({ ...each })));
  return {
    volumes: () => copies(stock.volumes.values()),
    snapshots: () => copies(stock.snapshots.values()),
    images: () => copies(stock.images.values()),
    subnets: () => copies(stock.subnets.values()),
    rootVolumeTasks: () => copies(stock.rootTasks.values()),
    commands: () => copies(stock.commands.values()),
    addressHistory: (id) => copies(stock.holdings.filter((each) => id === undefined || each.allocationId === id)),
    data: (id) =>
      caught(() =>
        Object.fromEntries(volumesOf(world, id).map(({ attachment, content }) => [attachment.device, content.marker])),
      ),
    records: (zoneId) => caught(() => [...(shared.dns.zones.get(zoneId)?.listed ?? [])]),
    resolve: (zoneId, name) => caught(() => resolve(shared.dns, zoneId, name)),
  };
}
