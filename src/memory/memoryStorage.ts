/** Volumes, snapshots and images as the port wants them, over the simulated account. */
import type { ImageId, InstanceId, SnapshotId, VolumeId } from "../domain/words.ts";
import type { ImageView, SnapshotView, Storage, VolumeView } from "../ports/storage.ts";
import type { Account } from "./account.ts";
import { withHooks } from "./callHooks.ts";
import type { SnapshotSeen } from "./cloudCalls.ts";
import type { Image, Volume } from "./cloudModel.ts";
import type { MemoryPortOptions } from "./memoryCompute.ts";
import { inOurWords } from "./translateRefusal.ts";

export function memoryStorage(account: Account, options: MemoryPortOptions = {}): Storage {
  const who = options.who ?? "medic";
  const storage: Storage = { ...volumePart(account, who), ...snapshotPart(account, who), ...imagePart(account, who) };
  return withHooks({ name: "storage", of: storage, mutating: storageWrites }, options.hooks);
}

const storageWrites = [
  "createVolume",
  "attach",
  "detach",
  "createSnapshot",
  "copySnapshot",
  "deleteSnapshot",
  "registerImage",
  "replaceRootVolume",
] as const satisfies readonly (keyof Storage)[];

const tagged =
  (key: string, value: string) =>
  (each: { readonly tags: Readonly<Record<string, string>> }): boolean =>
    each.tags[key] === value;

type VolumePart = "volume" | "volumesByTag" | "createVolume" | "attach" | "detach";

function volumePart({ calls }: Account, who: string): Pick<Storage, VolumePart> {
  const volumes = async (): Promise<VolumeView[]> => (await calls.volumes()).map(volumeView);
  return {
    volume: (id) => inOurWords(`reading ${id}`, async () => (await volumes()).find((each) => each.id === id)),
    volumesByTag: (key, value) =>
      inOurWords("reading volumes by tag", async () => (await volumes()).filter(tagged(key, value))),
    createVolume: (wish) =>
      inOurWords(
        `making a volume of ${wish.snapshotId}`,
        async () => (await calls.createVolume(who, wish)) as VolumeId,
      ),
    attach: (id, to) => inOurWords(`attaching ${id} to ${to.instanceId}`, () => calls.attach(who, id, to)),
    detach: (id, from) => inOurWords(`detaching ${id} from ${from.instanceId}`, () => calls.detach(who, id, from)),
  };
}

type SnapshotPart = "snapshot" | "snapshotsByTag" | "createSnapshot" | "copySnapshot" | "deleteSnapshot";

function snapshotPart({ calls }: Account, who: string): Pick<Storage, SnapshotPart> {
  const snapshots = async (): Promise<SnapshotView[]> => (await calls.snapshots()).map(snapshotView);
  return {
    snapshot: (id) => inOurWords(`reading ${id}`, async () => (await snapshots()).find((each) => each.id === id)),
    snapshotsByTag: (key, value) =>
      inOurWords("reading snapshots by tag", async () =>
        (await snapshots()).filter(tagged(key, value)).sort((a, b) => b.startedAt - a.startedAt),
      ),
    createSnapshot: (wish) =>
      inOurWords(`snapshot of ${wish.volumeId}`, async () => (await calls.createSnapshot(who, wish)) as SnapshotId),
    copySnapshot: (wish) =>
      inOurWords(
        `copying ${wish.snapshotId} from ${wish.sourceRegion}`,
        async () => (await calls.copySnapshot(who, wish)) as SnapshotId,
      ),
    deleteSnapshot: (id) => inOurWords(`deleting ${id}`, () => calls.deleteSnapshot(who, id)),
  };
}

type ImagePart = Exclude<keyof Storage, VolumePart | SnapshotPart>;

function imagePart({ calls }: Account, who: string): Pick<Storage, ImagePart> {
  const images = async (): Promise<ImageView[]> => (await calls.images()).map(imageView);
  return {
    image: (id) => inOurWords(`reading ${id}`, async () => (await images()).find((each) => each.id === id)),
    imagesByTag: (key, value) =>
      inOurWords("reading images by tag", async () =>
        (await images()).filter(tagged(key, value)).sort((a, b) => b.createdAt - a.createdAt),
      ),
    imageByName: (name) =>
      inOurWords(`reading image ${name}`, async () => (await images()).find((each) => each.name === name)),
    registerImage: ({ name, rootSnapshotId, rootDeviceName, architecture, bootMode, enaSupport, tags }) =>
      inOurWords(
        `registering image ${name}`,
        async () =>
          (await calls.registerImage(who, {
            name,
            rootDeviceName,
            snapshots: [{ device: rootDeviceName, snapshotId: rootSnapshotId }],
            architecture,
            virtualization: "hvm",
            enaSupport,
            ...(bootMode === undefined ? {} : { bootMode }),
            tags,
          })) as ImageId,
      ),
    replaceRootVolume: (wish) =>
      inOurWords(`replacing the root volume of ${wish.instanceId}`, () => calls.replaceRoot(who, wish)),
    rootVolumeTasks: (instanceId) =>
      inOurWords(`reading the root volume tasks of ${instanceId}`, async () =>
        (await calls.rootTasks())
          .filter((task) => task.instanceId === instanceId)
          .map(({ id, state }) => ({ id, state }))
          .reverse(),
      ),
  };
}

function volumeView(volume: Readonly<Volume>): VolumeView {
  const { attachment } = volume;
  return {
    id: volume.id as VolumeId,
    state: volume.state,
    availabilityZone: volume.availabilityZone,
    sizeGiB: volume.sizeGiB,
    type: volume.type,
    encrypted: volume.encrypted,
    ...(volume.snapshotId === undefined ? {} : { snapshotId: volume.snapshotId as SnapshotId }),
    ...(attachment === undefined
      ? {}
      : {
          attachment: {
            instanceId: attachment.instanceId as InstanceId,
            device: attachment.device,
            state: attachment.state,
          },
        }),
    tags: { ...volume.tags },
  };
}

function snapshotView(snapshot: SnapshotSeen): SnapshotView {
  return {
    id: snapshot.id as SnapshotId,
    state: snapshot.state,
    startedAt: snapshot.startedAt,
    volumeId: snapshot.volumeId as VolumeId,
    sizeGiB: snapshot.sizeGiB,
    encrypted: snapshot.encrypted,
    progress: snapshot.progress,
    ...(snapshot.stateMessage === undefined ? {} : { stateMessage: snapshot.stateMessage }),
    tags: { ...snapshot.tags },
  };
}

function imageView(image: Readonly<Image>): ImageView {
  return {
    id: image.id as ImageId,
    name: image.name,
    state: image.state,
    createdAt: image.createdAt,
    architecture: image.architecture,
    rootDeviceName: image.rootDeviceName,
    snapshots: image.snapshots.map((each) => ({ ...each, snapshotId: each.snapshotId as SnapshotId })),
    tags: { ...image.tags },
  };
}
