import {
  AttachVolumeCommand,
  CopySnapshotCommand,
  CreateReplaceRootVolumeTaskCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeImagesCommand,
  DescribeReplaceRootVolumeTasksCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { SnapshotSeen } from "../../src/memory/cloudCalls.ts";
import type { Image, RootTask, Volume } from "../../src/memory/cloudModel.ts";
import { chosen, passesAll, tagListOf, tagsFor } from "./filters.ts";
import { answer, page, type Answer } from "./sdk-answers.ts";

const pageSizeDefault = 1_000;

/** Volumes, snapshots, images and the replacing of root volumes. */
export function diskAnswers(account: Account, who: string): Answer[] {
  return [
    ...volumeAnswers(account, who),
    ...snapshotAnswers(account, who),
    ...imageAnswers(account, who),
    ...rootAnswers(account, who),
  ];
}

const paged = (input: { NextToken?: string | undefined; MaxResults?: number | undefined }) => ({
  token: input.NextToken,
  size: input.MaxResults ?? pageSizeDefault,
});

const notFound = (code: string) => (id: string) => new AwsRefusal(`${code}.NotFound`, `'${id}' does not exist`);

function volumeAnswers(account: Account, who: string): Answer[] {
  return [
    answer(DescribeVolumesCommand, async (input) => {
      const by = { ids: input.VolumeIds, unknown: notFound("InvalidVolume") };
      const found = chosen(await account.calls.volumes(), by, (volume) =>
        passesAll(input.Filters, {
          tags: volume.tags,
          fields: {
            "volume-id": volume.id,
            status: volume.state,
            "attachment.instance-id": volume.attachment?.instanceId,
            "availability-zone": volume.availabilityZone,
          },
        }),
      );
      const { items, next } = page(found, paged(input));
      return { Volumes: items.map(volumeOf), ...next };
    }),
    answer(CreateVolumeCommand, async (input) => {
      const id = await account.calls.createVolume(who, {
        ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
        snapshotId: input.SnapshotId ?? "",
        availabilityZone: input.AvailabilityZone ?? "",
        // EC2's own default.
        type: input.VolumeType ?? "gp2",
        tags: tagsFor(input.TagSpecifications, "volume"),
      });
      return { VolumeId: id, State: "creating" as const };
    }),
    answer(AttachVolumeCommand, async ({ VolumeId = "", InstanceId = "", Device = "" }) => {
      await account.calls.attach(who, VolumeId, { instanceId: InstanceId, device: Device });
      return { VolumeId, InstanceId, Device, State: "attaching" as const };
    }),
    answer(DetachVolumeCommand, async ({ VolumeId = "", InstanceId, Force }) => {
      const holder = account.peek.volumes().find((each) => each.id === VolumeId)?.attachment?.instanceId;
      await account.calls.detach(who, VolumeId, { instanceId: InstanceId ?? holder ?? "", force: Force === true });
      return { VolumeId, InstanceId: InstanceId ?? holder, State: "detaching" as const };
    }),
  ];
}

function volumeOf(volume: Readonly<Volume>) {
  const { attachment } = volume;
  return {
    VolumeId: volume.id,
    State: volume.state,
    AvailabilityZone: volume.availabilityZone,
    Size: volume.sizeGiB,
    VolumeType: volume.type as "gp3",
    Encrypted: volume.encrypted,
    SnapshotId: volume.snapshotId ?? "",
    CreateTime: new Date(volume.createdAt),
    Attachments:
      attachment === undefined
        ? []
        : [
            {
              VolumeId: volume.id,
              InstanceId: attachment.instanceId,
              Device: attachment.device,
              State: attachment.state,
              DeleteOnTermination: attachment.deleteOnTermination,
            },
          ],
    Tags: tagListOf(volume.tags),
  };
}

function snapshotAnswers(account: Account, who: string): Answer[] {
  return [
    answer(DescribeSnapshotsCommand, async (input) => {
      const by = { ids: input.SnapshotIds, unknown: notFound("InvalidSnapshot") };
      const found = chosen(await account.calls.snapshots(), by, (snapshot) =>
        passesAll(input.Filters, {
          tags: snapshot.tags,
          fields: { "snapshot-id": snapshot.id, "volume-id": snapshot.volumeId, status: snapshot.state },
        }),
      );
      const { items, next } = page(found, paged(input));
      return { Snapshots: items.map((snapshot) => snapshotOf(account, snapshot)), ...next };
    }),
    answer(CreateSnapshotCommand, async (input) => {
      const wish = {
        volumeId: input.VolumeId ?? "",
        description: input.Description ?? "",
        tags: tagsFor(input.TagSpecifications, "snapshot"),
      };
      const id = await account.calls.createSnapshot(who, wish, { dryRun: input.DryRun === true });
      return { SnapshotId: id, VolumeId: wish.volumeId, State: "pending" as const };
    }),
    answer(CopySnapshotCommand, async (input) => ({
      SnapshotId: await account.calls.copySnapshot(who, {
        sourceRegion: input.SourceRegion ?? "",
        snapshotId: input.SourceSnapshotId ?? "",
        description: input.Description ?? "",
        tags: tagsFor(input.TagSpecifications, "snapshot"),
      }),
    })),
    answer(DeleteSnapshotCommand, async (input) => {
      await account.calls.deleteSnapshot(who, input.SnapshotId ?? "");
      return {};
    }),
  ];
}

function snapshotOf(account: Account, snapshot: SnapshotSeen) {
  return {
    SnapshotId: snapshot.id,
    OwnerId: account.accountId,
    VolumeId: snapshot.volumeId,
    VolumeSize: snapshot.sizeGiB,
    State: snapshot.state,
    StartTime: new Date(snapshot.startedAt),
    Progress: `${snapshot.progress}%`,
    Encrypted: snapshot.encrypted,
    Description: snapshot.description,
    ...(snapshot.stateMessage === undefined ? {} : { StateMessage: snapshot.stateMessage }),
    Tags: tagListOf(snapshot.tags),
  };
}

function imageAnswers(account: Account, who: string): Answer[] {
  return [
    answer(DescribeImagesCommand, async (input) => {
      const by = { ids: input.ImageIds, unknown: notFound("InvalidAMIID") };
      const found = chosen(await account.calls.images(), by, (image) =>
        passesAll(input.Filters, {
          tags: image.tags,
          fields: { name: image.name, "image-id": image.id, state: image.state },
        }),
      );
      const { items, next } = page(found, paged(input));
      return { Images: items.map((image) => imageOf(account, image)), ...next };
    }),
    answer(RegisterImageCommand, async (input) => ({
      ImageId: await account.calls.registerImage(who, {
        name: input.Name ?? "",
        rootDeviceName: input.RootDeviceName ?? "/dev/sda1",
        snapshots: (input.BlockDeviceMappings ?? []).map(({ DeviceName = "", Ebs }) => ({
          device: DeviceName,
          snapshotId: Ebs?.SnapshotId ?? "",
        })),
        ...(input.Architecture === undefined ? {} : { architecture: input.Architecture as Image["architecture"] }),
        ...(input.VirtualizationType === undefined
          ? {}
          : { virtualization: input.VirtualizationType as Image["virtualization"] }),
        ...(input.EnaSupport === undefined ? {} : { enaSupport: input.EnaSupport }),
        ...(input.BootMode === undefined ? {} : { bootMode: input.BootMode }),
        tags: tagsFor(input.TagSpecifications, "image"),
      }),
    })),
  ];
}

function imageOf(account: Account, image: Readonly<Image>) {
  return {
    ImageId: image.id,
    Name: image.name,
    OwnerId: account.accountId,
    State: image.state,
    CreationDate: new Date(image.createdAt).toISOString(),
    Architecture: image.architecture,
    VirtualizationType: image.virtualization,
    RootDeviceName: image.rootDeviceName,
    RootDeviceType: "ebs" as const,
    EnaSupport: image.enaSupport,
    PlatformDetails: image.platformDetails,
    ...(image.bootMode === undefined ? {} : { BootMode: image.bootMode as "uefi" }),
    BlockDeviceMappings: image.snapshots.map(({ device, snapshotId }) => ({
      DeviceName: device,
      Ebs: { SnapshotId: snapshotId, DeleteOnTermination: true },
    })),
    Tags: tagListOf(image.tags),
  };
}

function rootAnswers(account: Account, who: string): Answer[] {
  return [
    answer(CreateReplaceRootVolumeTaskCommand, async (input) => {
      const id = await account.calls.replaceRoot(who, {
        clientToken: input.ClientToken ?? "",
        instanceId: input.InstanceId ?? "",
        snapshotId: input.SnapshotId ?? "",
        tags: tagsFor(input.TagSpecifications, "replace-root-volume-task"),
      });
      const task = account.peek.rootVolumeTasks().find((each) => each.id === id);
      return { ReplaceRootVolumeTask: task === undefined ? {} : taskOf(task) };
    }),
    answer(DescribeReplaceRootVolumeTasksCommand, async (input) => {
      const by = { ids: input.ReplaceRootVolumeTaskIds, unknown: notFound("InvalidReplaceRootVolumeTaskID") };
      const found = chosen(await account.calls.rootTasks(), by, (task) =>
        passesAll(input.Filters, { tags: task.tags, fields: { "instance-id": task.instanceId } }),
      );
      const { items, next } = page(found, paged(input));
      return { ReplaceRootVolumeTasks: items.map(taskOf), ...next };
    }),
  ];
}

function taskOf(task: Readonly<RootTask>) {
  return {
    ReplaceRootVolumeTaskId: task.id,
    InstanceId: task.instanceId,
    TaskState: task.state,
    StartTime: new Date(task.startedAt).toISOString(),
    SnapshotId: task.snapshotId,
    Tags: tagListOf(task.tags),
  };
}
