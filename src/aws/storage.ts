/** The storage port over EC2 (SDK v3): volumes and root volume tasks; snapshots and images have files of their own. */
import {
  AttachVolumeCommand,
  CreateReplaceRootVolumeTaskCommand,
  CreateVolumeCommand,
  DescribeReplaceRootVolumeTasksCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type CreateVolumeCommandInput,
  type ReplaceRootVolumeTask,
  type Volume,
} from "@aws-sdk/client-ec2";
import type { InstanceId, SnapshotId, VolumeId } from "../domain/words.ts";
import type { RootVolumeTask, Storage, VolumeView } from "../ports/storage.ts";
import type { RegionClients } from "./clients.ts";
import { image, imageByName, imagesByTag, registerImage } from "./images.ts";
import { inPages } from "./inPages.ts";
import { named } from "./named.ts";
import { copySnapshot, createSnapshot, deleteSnapshot, snapshot, snapshotsByTag } from "./snapshots.ts";
import { tagged, tagsOf } from "./tags.ts";
import { asked, orGone } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

export function ec2Storage(ec2: Ec2): Storage {
  return {
    volume: (id) => orGone(() => volume(ec2, id)),
    volumesByTag: (key, value) => volumesByTag(ec2, key, value),
    createVolume: (wish) => createVolume(ec2, wish),
    attach: async (volumeId, { instanceId, device }) => {
      const input = { VolumeId: volumeId, InstanceId: instanceId, Device: device };
      await asked(`AttachVolume ${volumeId} to ${instanceId}`, () => ec2.send(new AttachVolumeCommand(input)));
    },
    detach: async (volumeId, { instanceId, force }) => {
      // The instance is named too: a volume that meanwhile hangs on another one is not pulled from there.
      const input = { VolumeId: volumeId, InstanceId: instanceId, ...(force ? { Force: true } : {}) };
      await asked(`DetachVolume ${volumeId} from ${instanceId}`, () => ec2.send(new DetachVolumeCommand(input)));
    },
    snapshot: (id) => orGone(() => snapshot(ec2, id)),
    snapshotsByTag: (key, value) => snapshotsByTag(ec2, key, value),
    createSnapshot: (wish) => createSnapshot(ec2, wish),
    copySnapshot: (wish) => copySnapshot(ec2, wish),
    deleteSnapshot: (id) => deleteSnapshot(ec2, id),
    image: (id) => orGone(() => image(ec2, id)),
    imagesByTag: (key, value) => imagesByTag(ec2, key, value),
    imageByName: (name) => imageByName(ec2, name),
    registerImage: (request) => registerImage(ec2, request),
    replaceRootVolume: (wish) => replaceRootVolume(ec2, wish),
    rootVolumeTasks: (instanceId) => rootVolumeTasks(ec2, instanceId),
  };
}

async function volume(ec2: Ec2, id: VolumeId): Promise<VolumeView | undefined> {
  const answer = await asked(`DescribeVolumes ${id}`, () => ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] })));
  const found = answer.Volumes?.find((each) => each.VolumeId === id);
  return found && volumeView(found);
}

async function volumesByTag(ec2: Ec2, key: string, value: string): Promise<VolumeView[]> {
  const query = { Filters: [{ Name: `tag:${key}`, Values: [value] }], MaxResults: 100 };
  return inPages(async (page) => {
    const answer = await asked(`DescribeVolumes tag ${key}=${value}`, () =>
      ec2.send(new DescribeVolumesCommand({ ...query, ...page })),
    );
    return { items: (answer.Volumes ?? []).map(volumeView), next: answer.NextToken };
  });
}

/** EC2 names a figure for gp2 too, which nobody may ask for. */
const provisioned: ReadonlySet<string> = new Set(["io1", "io2", "gp3"]);

function volumeView(found: Volume): VolumeView {
  const attachment = attachmentOf(found);
  return {
    id: (found.VolumeId ?? "") as VolumeId,
    state: found.State ?? "error",
    availabilityZone: found.AvailabilityZone ?? "unknown zone",
    sizeGiB: found.Size ?? 0,
    type: found.VolumeType ?? "unknown type",
    ...(provisioned.has(found.VolumeType ?? "") && found.Iops ? { iops: found.Iops } : {}),
    ...(found.Throughput ? { throughputMiBps: found.Throughput } : {}),
    encrypted: found.Encrypted === true,
    // EC2 says "" for a volume that was made empty.
    ...(found.SnapshotId ? { snapshotId: found.SnapshotId as SnapshotId } : {}),
    ...(attachment ? { attachment } : {}),
    tags: tagsOf(found.Tags),
  };
}

/** Multi-attach volumes are nobody's pattern here: the first attachment is the attachment. */
function attachmentOf(found: Volume): VolumeView["attachment"] {
  const held = found.Attachments?.find(({ State }) => State !== "detached");
  if (held?.InstanceId === undefined) return undefined;
  const state = held.State === undefined || held.State === "detached" ? "attached" : held.State;
  return { instanceId: held.InstanceId as InstanceId, device: held.Device ?? "", state };
}

async function createVolume(ec2: Ec2, wish: Parameters<Storage["createVolume"]>[0]): Promise<VolumeId> {
  const what = `CreateVolume from ${wish.snapshotId} in ${wish.availabilityZone}`;
  const input = {
    ClientToken: wish.clientToken,
    SnapshotId: wish.snapshotId,
    AvailabilityZone: wish.availabilityZone,
    VolumeType: wish.type as NonNullable<CreateVolumeCommandInput["VolumeType"]>,
    ...(wish.iops === undefined ? {} : { Iops: wish.iops }),
    ...(wish.throughputMiBps === undefined ? {} : { Throughput: wish.throughputMiBps }),
    ...tagged(["volume"], wish.tags),
  };
  const answer = await asked(what, () => ec2.send(new CreateVolumeCommand(input)));
  return named(what, answer.VolumeId) as VolumeId;
}

/** What was replaced is kept: DeleteReplacedRootVolume is never sent. */
async function replaceRootVolume(ec2: Ec2, wish: Parameters<Storage["replaceRootVolume"]>[0]): Promise<string> {
  const what = `CreateReplaceRootVolumeTask ${wish.instanceId} from ${wish.snapshotId}`;
  const input = {
    ClientToken: wish.clientToken,
    InstanceId: wish.instanceId,
    SnapshotId: wish.snapshotId,
    ...tagged(["replace-root-volume-task"], wish.tags),
  };
  const answer = await asked(what, () => ec2.send(new CreateReplaceRootVolumeTaskCommand(input)));
  return named(what, answer.ReplaceRootVolumeTask?.ReplaceRootVolumeTaskId);
}

/** Newest first. */
async function rootVolumeTasks(ec2: Ec2, instanceId: InstanceId): Promise<RootVolumeTask[]> {
  const query = { Filters: [{ Name: "instance-id", Values: [instanceId] }] };
  const found = await inPages(async (page) => {
    const answer = await asked(`DescribeReplaceRootVolumeTasks ${instanceId}`, () =>
      ec2.send(new DescribeReplaceRootVolumeTasksCommand({ ...query, ...page })),
    );
    return { items: answer.ReplaceRootVolumeTasks ?? [], next: answer.NextToken };
  });
  const startOf = (task: ReplaceRootVolumeTask) => task.StartTime ?? "";
  return found
    .sort((a, b) => startOf(b).localeCompare(startOf(a)))
    .map((task) => ({ id: task.ReplaceRootVolumeTaskId ?? "", state: task.TaskState ?? "pending" }));
}
