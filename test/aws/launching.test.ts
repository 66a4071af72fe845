import type { EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { ec2Compute } from "../../src/aws/compute.ts";
import { NoCapacity, NotFound, Throttled, UnknownFailure, WrongState } from "../../src/domain/errors.ts";
import type { AllocationId, ImageId, InstanceId, SnapshotId, VolumeId } from "../../src/domain/words.ts";
import type { LaunchRequest } from "../../src/ports/compute.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const id = "i-0a1b2c3d4e5f60001" as InstanceId;
const allocationId = "eipalloc-1" as AllocationId;

function compute(script: Script) {
  const { client, sent } = scripted<EC2Client>(script);
  return { port: ec2Compute(client), sent };
}

const least: LaunchRequest = {
  clientToken: "token-1",
  imageId: "ami-1" as ImageId,
  type: "t4g.small",
  subnetId: "subnet-a",
  securityGroupIds: ["sg-1"],
  volumes: [],
  tags: {},
};
const everything: LaunchRequest = {
  ...least,
  keyName: "ops",
  instanceProfile: "shop",
  userData: "IyEvYmluL3NoCg==",
  metadata: { httpTokens: "required", httpEndpoint: "enabled", hopLimit: 2, instanceTags: "disabled" },
  ebsOptimized: true,
  detailedMonitoring: false,
  onShutdown: "terminate",
  volumes: [{ device: "/dev/sdf", snapshotId: "snap-2" as SnapshotId, deleteOnTermination: false }],
  tags: { Name: "shop", "ec2-medic:managed": "true", "aws:cloudformation:stack-name": "shop" },
};
const launched = () => ({ Instances: [{ InstanceId: id }] });

describe("a launch", () => {
  it("says everything that it was asked for, and tags the machine, its disks and its interface in the same request", async () => {
    const { port, sent } = compute(launched);
    expect(await port.launch(everything)).toBe(id);
    const Tags = [
      { Key: "Name", Value: "shop" },
      { Key: "ec2-medic:managed", Value: "true" },
    ];
    expect(sent.map(({ name, input }) => [name, input])).toEqual([
      [
        "RunInstancesCommand",
        {
          MinCount: 1,
          MaxCount: 1,
          ClientToken: "token-1",
          ImageId: "ami-1",
          InstanceType: "t4g.small",
          SubnetId: "subnet-a",
          SecurityGroupIds: ["sg-1"],
          KeyName: "ops",
          IamInstanceProfile: { Name: "shop" },
          UserData: "IyEvYmluL3NoCg==",
          MetadataOptions: {
            HttpTokens: "required",
            HttpEndpoint: "enabled",
            HttpPutResponseHopLimit: 2,
            InstanceMetadataTags: "disabled",
          },
          EbsOptimized: true,
          Monitoring: { Enabled: false },
          InstanceInitiatedShutdownBehavior: "terminate",
          BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { SnapshotId: "snap-2", DeleteOnTermination: false } }],
          TagSpecifications: ["instance", "volume", "network-interface"].map((ResourceType) => ({
            ResourceType,
            Tags,
          })),
        },
      ],
    ]);
  });

  it("says nothing that it was not asked for", async () => {
    const { port, sent } = compute(launched);
    await port.launch(least);
    expect(Object.keys(sent[0]?.input ?? {}).sort()).toEqual(
      ["ClientToken", "ImageId", "InstanceType", "MaxCount", "MinCount", "SecurityGroupIds", "SubnetId"].sort(),
    );
    await port.launch({ ...least, instanceProfile: "arn:aws:iam::123456789012:instance-profile/shop" });
    expect(sent[1]?.input["IamInstanceProfile"]).toEqual({ Arn: "arn:aws:iam::123456789012:instance-profile/shop" });
  });

  it("tells no room, no such type and a quota apart: a candidate yields on the first two", async () => {
    const refused = (code: string) => compute(() => awsError(code)).port.launch(least);
    for (const code of ["InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet"])
      await expect(refused(code)).rejects.toBeInstanceOf(NoCapacity);
    await expect(refused("Unsupported")).rejects.toMatchObject({ code: "type-not-offered", retry: "never" });
    await expect(refused("InvalidInstanceType")).rejects.toMatchObject({ code: "type-not-offered" });
    await expect(refused("VcpuLimitExceeded")).rejects.toMatchObject({ code: "quota-reached" });
    await expect(refused("IdempotentParameterMismatch")).rejects.toMatchObject({ code: "invalid-request" });
    await expect(refused("RequestLimitExceeded")).rejects.toBeInstanceOf(Throttled);
    await expect(compute(() => ({ Instances: [] })).port.launch(least)).rejects.toBeInstanceOf(UnknownFailure);
  });
});

describe("an Elastic IP", () => {
  it("is never taken from another holder", async () => {
    const { port, sent } = compute(() => ({ AssociationId: "eipassoc-1" }));
    expect(await port.associate(allocationId, id)).toBe("eipassoc-1");
    expect(sent[0]?.input).toEqual({ AllocationId: allocationId, InstanceId: id, AllowReassociation: false });
    const held = compute(() => awsError("Resource.AlreadyAssociated"));
    await expect(held.port.associate(allocationId, id)).rejects.toBeInstanceOf(WrongState);
  });

  it("is given up by its association, and one that is gone already is told as such", async () => {
    const { port, sent } = compute(() => ({}));
    await port.disassociate("eipassoc-1");
    expect(sent[0]?.input).toEqual({ AssociationId: "eipassoc-1" });
    const gone = compute(() => awsError("InvalidAssociationID.NotFound"));
    await expect(gone.port.disassociate("eipassoc-1")).rejects.toBeInstanceOf(NotFound);
  });
});

describe("a termination", () => {
  const withTags = (Tags: object[]): Script => {
    return ({ name }) =>
      name === "TerminateInstancesCommand" ? {} : { Reservations: [{ Instances: [{ InstanceId: id, Tags }] }] };
  };

  it("reads the tag of a drill from EC2 before it is sent", async () => {
    const { port, sent } = compute(withTags([{ Key: "ec2-medic:drill", Value: "true" }]));
    await port.terminateDrill(id);
    expect(sent.map(({ name }) => name)).toEqual(["DescribeInstancesCommand", "TerminateInstancesCommand"]);
    expect(sent[1]?.input).toEqual({ InstanceIds: [id] });
  });

  it("is refused for everything else, and nothing is sent", async () => {
    for (const tags of [
      [],
      [{ Key: "ec2-medic:drill", Value: "false" }],
      [{ Key: "ec2-medic:managed", Value: "true" }],
    ]) {
      const { port, sent } = compute(withTags(tags));
      await expect(port.terminateDrill(id)).rejects.toMatchObject({ code: "not-a-drill", retry: "never" });
      expect(sent.map(({ name }) => name)).toEqual(["DescribeInstancesCommand"]);
    }
  });
});

describe("a blueprint", () => {
  const machine = {
    InstanceId: id,
    State: { Name: "running" },
    ImageId: "ami-1",
    InstanceType: "t4g.small",
    SubnetId: "subnet-a",
    VpcId: "vpc-1",
    Placement: { AvailabilityZone: "eu-west-1a" },
    SecurityGroups: [{ GroupId: "sg-1" }, {}],
    Architecture: "arm64",
    RootDeviceName: "/dev/xvda",
    BootMode: "uefi",
    EnaSupport: true,
    EbsOptimized: true,
    Monitoring: { State: "pending" },
    PlatformDetails: "Red Hat Enterprise Linux",
    KeyName: "ops",
    IamInstanceProfile: { Arn: "arn:aws:iam::123456789012:instance-profile/shop" },
    MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled", HttpPutResponseHopLimit: 2 },
    NetworkInterfaces: [{}, {}],
    BlockDeviceMappings: [
      { DeviceName: "/dev/xvda", Ebs: { VolumeId: "vol-1", DeleteOnTermination: true, Status: "attached" } },
      { DeviceName: "/dev/sdf", Ebs: { VolumeId: "vol-2", DeleteOnTermination: false, Status: "attached" } },
      { DeviceName: "/dev/sdg", Ebs: { VolumeId: "vol-3", Status: "detaching" } },
    ],
    Tags: [
      { Key: "Name", Value: "shop" },
      { Key: "aws:cloudformation:stack-name", Value: "shop" },
    ],
  };
  const answering =
    (instance: object, userData: unknown): Script =>
    ({ name }) =>
      name === "DescribeInstanceAttributeCommand" ? userData : { Reservations: [{ Instances: [instance] }] };

  it("has all that a new instance must have to be its equal, and no tag that only AWS may write", async () => {
    const { port, sent } = compute(answering(machine, { UserData: { Value: "IyEvYmluL3NoCg==" } }));
    expect(await port.blueprint(id)).toEqual({
      instanceId: id,
      imageId: "ami-1",
      type: "t4g.small",
      subnetId: "subnet-a",
      vpcId: "vpc-1",
      availabilityZone: "eu-west-1a",
      securityGroupIds: ["sg-1"],
      architecture: "arm64",
      rootDeviceName: "/dev/xvda",
      bootMode: "uefi",
      enaSupport: true,
      ebsOptimized: true,
      detailedMonitoring: true,
      platformDetails: "Red Hat Enterprise Linux",
      keyName: "ops",
      instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/shop",
      userData: "IyEvYmluL3NoCg==",
      metadata: { httpTokens: "required", httpEndpoint: "enabled", hopLimit: 2, instanceTags: "disabled" },
      networkInterfaces: 2,
      volumes: [
        { device: "/dev/xvda", volumeId: "vol-1" as VolumeId, deleteOnTermination: true },
        { device: "/dev/sdf", volumeId: "vol-2" as VolumeId, deleteOnTermination: false },
      ],
      tags: { Name: "shop" },
    });
    expect(sent[1]?.input).toEqual({ InstanceId: id, Attribute: "userData" });
  });

  it("of a terminated instance is what EC2 still says, and of an unknown one nothing", async () => {
    const ended = { InstanceId: id, State: { Name: "terminated" }, ImageId: "ami-1", InstanceType: "t4g.small" };
    const found = await compute(answering(ended, awsError("IncorrectInstanceState"))).port.blueprint(id);
    expect(found).toMatchObject({ imageId: "ami-1", subnetId: "", securityGroupIds: [], volumes: [] });
    expect(found).not.toHaveProperty("userData");
    expect(await compute(() => awsError("InvalidInstanceID.NotFound")).port.blueprint(id)).toBeUndefined();
  });

  it("is not made up when user data cannot be read: a machine without it would not be its equal", async () => {
    const { port } = compute(answering(machine, awsError("UnauthorizedOperation", 403)));
    await expect(port.blueprint(id)).rejects.toMatchObject({ code: "not-permitted" });
  });
});

describe("places and tags", () => {
  it("are read by filter, in the order asked for, without what does not exist", async () => {
    const { port, sent } = compute(({ name }) =>
      name === "DescribeSubnetsCommand"
        ? {
            Subnets: [
              { SubnetId: "subnet-b", VpcId: "vpc-1", AvailabilityZone: "eu-west-1b", AvailableIpAddressCount: 0 },
              { SubnetId: "subnet-a", VpcId: "vpc-1", AvailabilityZone: "eu-west-1a", AvailableIpAddressCount: 250 },
            ],
          }
        : { SecurityGroups: [{ GroupId: "sg-1" }] },
    );
    expect(
      (await port.subnets(["subnet-a", "subnet-x", "subnet-b"])).map((each) => [each.id, each.freeAddresses]),
    ).toEqual([
      ["subnet-a", 250],
      ["subnet-b", 0],
    ]);
    expect(await port.securityGroups(["sg-2", "sg-1"])).toEqual(["sg-1"]);
    expect(sent.map(({ input }) => Object.keys(input))).toEqual([["Filters"], ["Filters"]]);
    expect([await port.subnets([]), await port.securityGroups([]), await port.offered([], "eu-west-1a")]).toEqual([
      [],
      [],
      [],
    ]);
    expect(sent).toHaveLength(2);
  });

  it("offerings are asked for by zone, over all pages", async () => {
    const { port, sent } = compute(({ input }) =>
      input["NextToken"] === undefined
        ? { InstanceTypeOfferings: [{ InstanceType: "t3.small" }], NextToken: "more" }
        : { InstanceTypeOfferings: [{ InstanceType: "t4g.small" }] },
    );
    expect(await port.offered(["t4g.small", "m7g.large", "t3.small"], "eu-west-1a")).toEqual(["t4g.small", "t3.small"]);
    expect(sent[0]?.input).toMatchObject({ LocationType: "availability-zone" });
    expect(sent[0]?.input["Filters"]).toContainEqual({ Name: "location", Values: ["eu-west-1a"] });
  });

  it("tags of AWS's own are never sent, and a call without tags is not made", async () => {
    const { port, sent } = compute(() => ({}));
    await port.tag([id], { "aws:autoscaling:groupName": "shop", "ec2-medic:quarantined": "true" });
    await port.tag([id], { "aws:autoscaling:groupName": "shop" });
    await port.tag([], { a: "b" });
    expect(sent.map(({ input }) => input)).toEqual([
      { Resources: [id], Tags: [{ Key: "ec2-medic:quarantined", Value: "true" }] },
    ]);
  });
});

describe("DryRun of what is not about one instance", () => {
  it("sends the same request as the act, marked as a question", async () => {
    const { port, sent } = compute(() => awsError("DryRunOperation", 412));
    const allowed = { allowed: true, detail: "allowed" };
    expect(await port.mayI({ action: "associate", allocationId, instanceId: id })).toEqual(allowed);
    expect(await port.mayI({ action: "launch", request: least })).toEqual(allowed);
    expect(await port.mayI({ action: "snapshot", volumeId: "vol-1" as VolumeId })).toEqual(allowed);
    expect(sent.map(({ name, input }) => [name, input["DryRun"]])).toEqual([
      ["AssociateAddressCommand", true],
      ["RunInstancesCommand", true],
      ["CreateSnapshotCommand", true],
    ]);
    expect(sent[0]?.input["AllowReassociation"]).toBe(false);
    const refused = await compute(() => awsError("UnauthorizedOperation", 403)).port.mayI({
      action: "launch",
      request: least,
    });
    expect(refused).toMatchObject({ allowed: false });
    expect(refused.detail).toContain("DryRun of launch t4g.small in subnet-a");
    const unknown = compute(() => awsError("SomethingBrandNew"));
    await expect(unknown.port.mayI({ action: "launch", request: least })).rejects.toBeInstanceOf(UnknownFailure);
  });
});
