import { AllocateAddressCommand, DescribeSecurityGroupsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { ec2Compute } from "../../src/aws/compute.ts";
import { NotFound, WrongState } from "../../src/domain/errors.ts";
import type { AllocationId, ImageId, InstanceId, VolumeId } from "../../src/domain/words.ts";
import type { LaunchRequest } from "../../src/ports/compute.ts";
import { motoImage, motoStage, withMoto } from "./motoStage.ts";

withMoto("launching and addresses over the wire (moto)", () => {
  const stage = motoStage();
  const compute = () => ec2Compute(stage.clients().ec2);
  const nobody = "i-0fffffffffffffff0" as InstanceId;

  const groups = async () => {
    const { SecurityGroups } = await stage.ec2().send(new DescribeSecurityGroupsCommand({}));
    return (SecurityGroups ?? []).slice(0, 1).map(({ GroupId = "" }) => GroupId);
  };
  const request = async (token: string, tags: Record<string, string>): Promise<LaunchRequest> => ({
    clientToken: token,
    imageId: motoImage as ImageId,
    type: "t3.micro",
    subnetId: (await stage.subnets())[0]?.id ?? "",
    securityGroupIds: await groups(),
    userData: Buffer.from("#!/bin/sh\necho hello\n").toString("base64"),
    metadata: { httpTokens: "required", httpEndpoint: "enabled", hopLimit: 2, instanceTags: "disabled" },
    ebsOptimized: false,
    detailedMonitoring: true,
    onShutdown: "terminate",
    volumes: [],
    tags,
  });
  const allocate = async () => {
    const made = await stage.ec2().send(new AllocateAddressCommand({ Domain: "vpc" }));
    return (made.AllocationId ?? "") as AllocationId;
  };

  it("an instance is launched with its tags on it and on its volume, and is found by them", async () => {
    const tags = { "ec2-medic:managed": "true", "ec2-medic:run": "shop/1", "aws:not": "ours" };
    const id = await compute().launch(await request("token-1", tags));
    const found = await compute().instancesByTag("ec2-medic:run", "shop/1");
    expect(found.map((each) => each.id)).toEqual([id]);
    expect(found[0]?.tags).toEqual({ "ec2-medic:managed": "true", "ec2-medic:run": "shop/1" });
    const volumes = await stage
      .ec2()
      .send(new DescribeVolumesCommand({ Filters: [{ Name: "attachment.instance-id", Values: [id] }] }));
    expect(volumes.Volumes?.[0]?.Tags).toContainEqual({ Key: "ec2-medic:managed", Value: "true" });
  });

  it("a blueprint says how a launched instance is built, user data unchanged", async () => {
    const wish = await request("token-2", { Name: "drawn" });
    const id = await compute().launch(wish);
    const drawn = await compute().blueprint(id);
    expect(drawn).toMatchObject({
      instanceId: id,
      imageId: wish.imageId,
      type: "t3.micro",
      subnetId: wish.subnetId,
      architecture: "x86_64",
      userData: wish.userData,
      metadata: { httpTokens: "required", hopLimit: 2 },
      tags: { Name: "drawn" },
      networkInterfaces: 1,
    });
    expect(drawn?.volumes).toMatchObject([{ device: drawn?.rootDeviceName, deleteOnTermination: true }]);
    expect(wish.securityGroupIds).toHaveLength(1);
    expect(drawn?.securityGroupIds).toEqual(wish.securityGroupIds);
    expect(await compute().blueprint(nobody)).toBeUndefined();
  });

  it("the same token twice is two instances in moto, one in AWS (so that moto cannot prove at-most-once)", async () => {
    const wish = await request("token-3", { Name: "twice" });
    const [first, second] = [await compute().launch(wish), await compute().launch(wish)];
    expect(first).not.toBe(second);
  });

  it("an address goes to one, is refused to a second holder, and is given up by its association", async () => {
    const [one, two] = [await stage.launch("one"), await stage.launch("two")];
    const allocationId = await allocate();
    const association = await compute().associate(allocationId, one);
    expect(await compute().address(allocationId)).toMatchObject({ instanceId: one, associationId: association });
    await expect(compute().associate(allocationId, two)).rejects.toBeInstanceOf(WrongState);
    expect(await compute().addressOf(one)).toMatchObject({ allocationId });
    await compute().disassociate(association);
    expect(await compute().addressOf(one)).toBeUndefined();
    await expect(compute().disassociate(association)).rejects.toBeInstanceOf(NotFound);
    await compute().associate(allocationId, two);
    expect(await compute().address(allocationId)).toMatchObject({ instanceId: two });
  });

  it("only what a drill launched is terminated", async () => {
    const drill = await compute().launch(await request("token-4", { "ec2-medic:drill": "true" }));
    const other = await stage.launch("other");
    await expect(compute().terminateDrill(other)).rejects.toMatchObject({ code: "not-a-drill" });
    await compute().terminateDrill(drill);
    await expect(compute().terminateDrill(nobody)).rejects.toBeInstanceOf(NotFound);
    expect((await compute().instance(drill))?.state).toBe("terminated");
    expect((await compute().instance(other))?.state).toBe("running");
    expect(await compute().blueprint(drill)).toMatchObject({ imageId: motoImage, volumes: [] });
  });

  it("tags are written on what exists", async () => {
    const id = await stage.launch("tagged");
    await compute().tag([id], { "ec2-medic:quarantined": "true" });
    expect((await compute().instance(id))?.tags).toEqual({ Name: "tagged", "ec2-medic:quarantined": "true" });
    // AWS says InvalidInstanceID.NotFound; this moto takes tags for anything.
    await expect(compute().tag([nobody], { a: "b" })).resolves.toBeUndefined();
  });

  it("subnets, security groups and offerings are told as far as they exist", async () => {
    const [first, second] = await stage.subnets();
    const views = await compute().subnets([second?.id ?? "", "subnet-0fffffffffffffff0", first?.id ?? ""]);
    expect(views.map((each) => [each.id, each.availabilityZone])).toEqual([
      [second?.id, second?.zone],
      [first?.id, first?.zone],
    ]);
    expect(views[0]?.freeAddresses).toBeGreaterThan(1000);
    const [group = ""] = await groups();
    expect(await compute().securityGroups(["sg-0fffffffffffffff0", group])).toEqual([group]);
    expect(await compute().offered(["t3.micro", "x99.huge"], "eu-west-1a")).toEqual(["t3.micro"]);
    expect(await compute().offered(["t3.micro"], "eu-west-1z")).toEqual([]);
  });

  describe("a DryRun", () => {
    it("of a launch, an association and a snapshot changes nothing", async () => {
      const id = await stage.launch("questioned");
      const allowed = { allowed: true, detail: "allowed" };
      const allocationId = await allocate();
      const drawn = await compute().blueprint(id);
      expect(await compute().mayI({ action: "associate", allocationId, instanceId: id })).toEqual(allowed);
      expect(await compute().address(allocationId)).not.toHaveProperty("instanceId");
      expect(await compute().mayI({ action: "launch", request: await request("token-5", { Name: "dry" }) })).toEqual(
        allowed,
      );
      expect(await compute().instancesByTag("Name", "dry")).toEqual([]);
      const volumeId = drawn?.volumes[0]?.volumeId ?? ("" as VolumeId);
      expect(await compute().mayI({ action: "snapshot", volumeId })).toEqual(allowed);
    });
  });
});
