import type { EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { ec2Storage } from "../../src/aws/storage.ts";
import { NotFound, UnknownFailure, WrongState } from "../../src/domain/errors.ts";
import type { ImageId, InstanceId, SnapshotId, VolumeId } from "../../src/domain/words.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const instanceId = "i-0a1b2c3d4e5f60001" as InstanceId;
const volumeId = "vol-1" as VolumeId;
const snapshotId = "snap-1" as SnapshotId;
const tags = { service: "shop", "aws:backup:source-resource": "x" };
const Tags = [{ Key: "service", Value: "shop" }];

function storage(script: Script) {
  const { client, sent } = scripted<EC2Client>(script);
  return { port: ec2Storage(client), sent };
}

describe("volumes", () => {
  it("are told with what holds them, and with the snapshot that they were made from", async () => {
    const volume = {
      VolumeId: volumeId,
      State: "in-use",
      AvailabilityZone: "eu-west-1a",
      Size: 20,
      VolumeType: "gp3",
      SnapshotId: "",
      Attachments: [
        { InstanceId: "i-old", State: "detached" },
        { InstanceId: instanceId, Device: "/dev/sdf", State: "detaching" },
      ],
      Tags,
    };
    const { port } = storage(() => ({ Volumes: [volume] }));
    expect(await port.volume(volumeId)).toEqual({
      id: volumeId,
      state: "in-use",
      availabilityZone: "eu-west-1a",
      sizeGiB: 20,
      type: "gp3",
      encrypted: false,
      attachment: { instanceId, device: "/dev/sdf", state: "detaching" },
      tags: { service: "shop" },
    });
    expect(await storage(() => awsError("InvalidVolume.NotFound")).port.volume(volumeId)).toBeUndefined();
  });

  it("are made from a snapshot with a token and their tags, and taken off the instance that was named", async () => {
    const { port, sent } = storage(() => ({ VolumeId: volumeId }));
    const wish = { clientToken: "t", snapshotId, availabilityZone: "eu-west-1a", type: "gp3", tags };
    expect(await port.createVolume(wish)).toBe(volumeId);
    await port.attach(volumeId, { instanceId, device: "/dev/sdf" });
    await port.detach(volumeId, { instanceId, force: false });
    await port.detach(volumeId, { instanceId, force: true });
    expect(sent.map(({ input }) => input)).toEqual([
      {
        ClientToken: "t",
        SnapshotId: snapshotId,
        AvailabilityZone: "eu-west-1a",
        VolumeType: "gp3",
        TagSpecifications: [{ ResourceType: "volume", Tags }],
      },
      { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdf" },
      { VolumeId: volumeId, InstanceId: instanceId },
      { VolumeId: volumeId, InstanceId: instanceId, Force: true },
    ]);
    const taken = storage(() => awsError("VolumeInUse")).port.attach(volumeId, { instanceId, device: "/dev/sdf" });
    await expect(taken).rejects.toBeInstanceOf(WrongState);
    await expect(storage(() => ({})).port.createVolume(wish)).rejects.toBeInstanceOf(UnknownFailure);
  });
});

describe("snapshots", () => {
  const one = (id: string, startedAt: number) => ({
    SnapshotId: id,
    State: "completed",
    StartTime: new Date(startedAt),
    VolumeId: volumeId,
    VolumeSize: 20,
    Progress: "100%",
    Encrypted: true,
    Tags,
  });

  it("are searched for among the account's own, over all pages, newest first", async () => {
    const { port, sent } = storage((_one, count) =>
      count === 1
        ? { Snapshots: [one("snap-1", 1000), one("snap-3", 3000)], NextToken: "more" }
        : { Snapshots: [{ ...one("snap-2", 2000), State: "error", Progress: "", StateMessage: "no grant" }] },
    );
    const found = await port.snapshotsByTag("service", "shop");
    expect(found.map((each) => each.id)).toEqual(["snap-3", "snap-2", "snap-1"]);
    expect(found[1]).toMatchObject({ state: "error", progress: 0, stateMessage: "no grant" });
    for (const { input } of sent)
      expect(input).toMatchObject({ OwnerIds: ["self"], Filters: [{ Name: "tag:service", Values: ["shop"] }] });
    expect(sent[1]?.input["NextToken"]).toBe("more");
  });

  it("are made and copied with their tags: AWS copies none", async () => {
    const { port, sent } = storage(() => ({ SnapshotId: "snap-9" }));
    await port.createSnapshot({ volumeId, description: "nightly", tags });
    await port.copySnapshot({ sourceRegion: "eu-west-1", snapshotId, description: "nightly", tags });
    const TagSpecifications = [{ ResourceType: "snapshot", Tags }];
    expect(sent.map(({ input }) => input)).toEqual([
      { VolumeId: volumeId, Description: "nightly", TagSpecifications },
      { SourceRegion: "eu-west-1", SourceSnapshotId: snapshotId, Description: "nightly", TagSpecifications },
    ]);
    const wish = { sourceRegion: "eu-west-1", snapshotId, description: "", tags: {} };
    await expect(storage(() => awsError("ResourceLimitExceeded")).port.copySnapshot(wish)).rejects.toMatchObject({
      code: "busy",
      retry: "later",
    });
  });

  it("that an image needs are not deleted, and one that is gone is told as such", async () => {
    const inUse = storage(() => awsError("InvalidSnapshot.InUse")).port.deleteSnapshot(snapshotId);
    await expect(inUse).rejects.toBeInstanceOf(WrongState);
    const gone = storage(() => awsError("InvalidSnapshot.NotFound"));
    await expect(gone.port.deleteSnapshot(snapshotId)).rejects.toBeInstanceOf(NotFound);
    expect(await gone.port.snapshot(snapshotId)).toBeUndefined();
  });
});

describe("images", () => {
  const request = {
    name: "shop-1",
    rootSnapshotId: snapshotId,
    rootDeviceName: "/dev/xvda",
    architecture: "arm64" as const,
    bootMode: "uefi",
    enaSupport: true,
    tags,
  };

  it("are registered with everything said that AWS would guess wrong", async () => {
    const { port, sent } = storage(() => ({ ImageId: "ami-9" }));
    expect(await port.registerImage(request)).toBe("ami-9");
    expect(sent[0]?.input).toEqual({
      Name: "shop-1",
      Description: "Made by ec2-medic over snap-1",
      Architecture: "arm64",
      VirtualizationType: "hvm",
      EnaSupport: true,
      BootMode: "uefi",
      RootDeviceName: "/dev/xvda",
      BlockDeviceMappings: [
        { DeviceName: "/dev/xvda", Ebs: { SnapshotId: snapshotId, VolumeType: "gp3", DeleteOnTermination: true } },
      ],
      TagSpecifications: [{ ResourceType: "image", Tags }],
    });
    const twice = storage(() => awsError("InvalidAMIName.Duplicate")).port.registerImage(request);
    await expect(twice).rejects.toMatchObject({ code: "exists-already", retry: "never" });
  });

  it("are told as they are, own ones alone, and by exactly the name that was asked for", async () => {
    const image = (Name: string, CreationDate: string) => ({
      ImageId: `ami-${Name}`,
      Name,
      State: "available",
      CreationDate,
      Architecture: "arm64",
      RootDeviceName: "/dev/xvda",
      BlockDeviceMappings: [
        { DeviceName: "/dev/xvda", Ebs: { SnapshotId: snapshotId } },
        { DeviceName: "/dev/sdb", VirtualName: "ephemeral0" },
      ],
      Tags,
    });
    const { port, sent } = storage(() => ({
      Images: [image("old", "2026-11-20T03:00:00.000Z"), image("new", "2026-11-21T03:00:00.000Z")],
    }));
    const found = await port.imagesByTag("service", "shop");
    expect(found.map(({ name }) => name)).toEqual(["new", "old"]);
    expect(found[0]).toMatchObject({
      createdAt: Date.UTC(2026, 10, 21, 3),
      snapshots: [{ device: "/dev/xvda", snapshotId }],
    });
    expect(await port.imageByName("old")).toMatchObject({ id: "ami-old" });
    expect(await port.imageByName("*")).toBeUndefined();
    for (const { input } of sent) expect(input["Owners"]).toEqual(["self"]);
    for (const code of ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"])
      expect(await storage(() => awsError(code)).port.image("ami-1" as ImageId)).toBeUndefined();
  });
});

describe("a replaced root volume", () => {
  it("is asked for with a token, keeps the old one, and is followed newest task first", async () => {
    const { port, sent } = storage(({ name }) =>
      name === "CreateReplaceRootVolumeTaskCommand"
        ? { ReplaceRootVolumeTask: { ReplaceRootVolumeTaskId: "task-1" } }
        : {
            ReplaceRootVolumeTasks: [
              { ReplaceRootVolumeTaskId: "task-0", TaskState: "failed", StartTime: "2026-11-20T03:00:00Z" },
              { ReplaceRootVolumeTaskId: "task-1", TaskState: "in-progress", StartTime: "2026-11-21T03:00:00Z" },
            ],
          },
    );
    expect(await port.replaceRootVolume({ clientToken: "t", instanceId, snapshotId, tags })).toBe("task-1");
    expect(sent[0]?.input).toEqual({
      ClientToken: "t",
      InstanceId: instanceId,
      SnapshotId: snapshotId,
      TagSpecifications: [{ ResourceType: "replace-root-volume-task", Tags }],
    });
    expect(await port.rootVolumeTasks(instanceId)).toEqual([
      { id: "task-1", state: "in-progress" },
      { id: "task-0", state: "failed" },
    ]);
    expect(sent[1]?.input).toEqual({ Filters: [{ Name: "instance-id", Values: [instanceId] }] });
  });
});
