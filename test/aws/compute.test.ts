import type { EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { ec2Compute } from "../../src/aws/compute.ts";
import { NotPermitted, Throttled, Unreachable, WrongState } from "../../src/domain/errors.ts";
import type { AllocationId, InstanceId } from "../../src/domain/words.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const id = "i-0a1b2c3d4e5f60001" as InstanceId;
const launched = new Date("2026-11-20T10:00:00Z");

const machine = {
  InstanceId: id,
  State: { Name: "running" },
  LaunchTime: launched,
  InstanceType: "c6gd.large",
  Placement: { AvailabilityZone: "eu-west-1a" },
  RootDeviceType: "ebs",
  StateTransitionReason: "",
  Tags: [
    { Key: "Name", Value: "shop-web" },
    { Key: "aws:autoscaling:groupName", Value: "shop" },
  ],
};
const reservations = (...instances: object[]) => ({ Reservations: [{ Instances: instances }] });

function compute(script: Script) {
  const { client, sent } = scripted<EC2Client>(script);
  return { compute: ec2Compute(client), sent };
}

describe("EC2 as the compute port", () => {
  it("reads one instance by its id and says in our words what it is", async () => {
    const { compute: port, sent } = compute(({ name }) =>
      name === "DescribeInstanceTypesCommand"
        ? { InstanceTypes: [{ InstanceStorageSupported: true }] }
        : reservations(machine),
    );
    expect(await port.instance(id)).toEqual({
      id,
      state: "running",
      launchTime: launched.getTime(),
      type: "c6gd.large",
      availabilityZone: "eu-west-1a",
      name: "shop-web",
      asgName: "shop",
      rootDeviceType: "ebs",
      hasInstanceStore: true,
      spot: false,
      tags: { Name: "shop-web", "aws:autoscaling:groupName": "shop" },
    });
    await port.instance(id);
    expect(sent[0]?.input).toEqual({ InstanceIds: [id] });
    const types = sent.filter(({ name }) => name === "DescribeInstanceTypesCommand");
    expect(types, "what a type can do is asked once").toHaveLength(1);
  });

  it("knows no instance that EC2 does not know, but an answer that did not come is no absence", async () => {
    for (const code of ["InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"])
      expect(await compute(() => awsError(code)).compute.instance(id)).toBeUndefined();
    expect(await compute(() => ({ Reservations: [] })).compute.instance(id)).toBeUndefined();
    await expect(compute(() => awsError("RequestLimitExceeded", 503)).compute.instance(id)).rejects.toBeInstanceOf(
      Throttled,
    );
    await expect(compute(() => awsError("TimeoutError")).compute.instance(id)).rejects.toBeInstanceOf(Unreachable);
  });

  it("says why a launch ended although no transition has a reason, and makes none up for one that lives", async () => {
    const StateReason = { Code: "Client.InternalError", Message: "Client.InternalError: Client error on launch" };
    const ended = { ...machine, State: { Name: "terminated" }, StateReason };
    const told = async (instance: object) =>
      (await compute(() => reservations(instance)).compute.instance(id))?.stateReason;
    expect(await told(ended)).toBe("Client.InternalError: Client error on launch");
    expect(
      await told({ ...ended, StateReason: { Code: "Client.InvalidKMSKey.InvalidState", Message: "disabled" } }),
    ).toBe("Client.InvalidKMSKey.InvalidState: disabled");
    expect(await told({ ...ended, StateTransitionReason: "User initiated" })).toBe("User initiated");
    expect(await told({ ...machine, StateReason: { Code: "pending", Message: "pending" } })).toBeUndefined();
  });

  it("shows the instance also when its type cannot be asked about", async () => {
    const { compute: port } = compute(({ name }) =>
      name === "DescribeInstanceTypesCommand" ? awsError("UnauthorizedOperation") : reservations(machine),
    );
    expect(await port.instance(id)).toMatchObject({ state: "running", hasInstanceStore: false });
  });

  it("follows every page of a tagged search and asks only for instances that still exist", async () => {
    const { compute: port, sent } = compute(({ name, input }) => {
      if (name === "DescribeInstanceTypesCommand") return {};
      return input["NextToken"] === undefined
        ? { ...reservations(machine), NextToken: "more" }
        : reservations({ ...machine, InstanceId: "i-0a1b2c3d4e5f60002" });
    });
    expect((await port.instancesByTag("Name", "shop-web")).map((view) => view.id)).toEqual([id, "i-0a1b2c3d4e5f60002"]);
    const filters = sent[0]?.input["Filters"];
    expect(filters).toContainEqual({ Name: "tag:Name", Values: ["shop-web"] });
    expect(filters).toContainEqual({
      Name: "instance-state-name",
      Values: ["pending", "running", "stopping", "stopped"],
    });
  });

  it("tells status checks of running instances, with the time since when they fail", async () => {
    const since = new Date("2026-11-21T03:00:00Z");
    const status = {
      InstanceId: id,
      InstanceState: { Name: "running" },
      SystemStatus: { Status: "ok" },
      InstanceStatus: { Status: "impaired", Details: [{ ImpairedSince: since }] },
      AttachedEbsStatus: { Status: "not-applicable" },
    };
    expect(await compute(() => ({ InstanceStatuses: [status] })).compute.checks(id)).toEqual({
      system: "ok",
      instance: "impaired",
      ebs: "unknown",
      impairedSince: since.getTime(),
    });
    const stopped = { ...status, InstanceState: { Name: "stopped" } };
    expect(await compute(() => ({ InstanceStatuses: [stopped] })).compute.checks(id)).toBeUndefined();
    expect(await compute(() => ({ InstanceStatuses: [] })).compute.checks(id)).toBeUndefined();
  });

  it("finds an address by its id and by its holder", async () => {
    const allocationId = "eipalloc-1" as AllocationId;
    const found = { AllocationId: allocationId, PublicIp: "198.51.100.1", AssociationId: "eipassoc-1", InstanceId: id };
    const view = { allocationId, publicIp: "198.51.100.1", associationId: "eipassoc-1", instanceId: id };
    expect(await compute(() => ({ Addresses: [found] })).compute.address(allocationId)).toEqual(view);
    expect(await compute(() => ({ Addresses: [found] })).compute.addressOf(id)).toEqual(view);
    expect(await compute(() => ({ Addresses: [] })).compute.addressOf(id)).toBeUndefined();
    expect(await compute(() => awsError("InvalidAllocationID.NotFound")).compute.address(allocationId)).toBeUndefined();
  });

  it("shows the newest lines of the console without colours, and falls back where only old output is kept", async () => {
    const text = Array.from({ length: 40 }, (_, line) => `\u001b[1;32mline ${line}\u001b[0m\r`).join("\n");
    const output = { Output: Buffer.from(text).toString("base64") };
    const nitro = compute(() => output);
    const tail = await nitro.compute.consoleTail(id);
    expect(tail.split("\n")).toEqual(Array.from({ length: 20 }, (_, line) => `line ${line + 20}`));
    expect(nitro.sent[0]?.input).toEqual({ InstanceId: id, Latest: true });
    const old = compute(({ input }) => (input["Latest"] === true ? awsError("UnsupportedOperation") : output));
    expect(await old.compute.consoleTail(id)).toBe(tail);
    expect(await compute(() => ({})).compute.consoleTail(id)).toBe("");
    const throttled = compute(() => awsError("RequestLimitExceeded", 503));
    await expect(throttled.compute.consoleTail(id)).rejects.toBeInstanceOf(Throttled);
    expect(throttled.sent).toHaveLength(1);
  });

  it("forces a stop only when force was asked for", async () => {
    const { compute: port, sent } = compute(() => ({}));
    await port.stop(id, { force: false });
    await port.stop(id, { force: true });
    await port.start(id);
    await port.reboot(id);
    expect(sent.map(({ name, input }) => [name, input])).toEqual([
      ["StopInstancesCommand", { InstanceIds: [id] }],
      ["StopInstancesCommand", { InstanceIds: [id], Force: true }],
      ["StartInstancesCommand", { InstanceIds: [id] }],
      ["RebootInstancesCommand", { InstanceIds: [id] }],
    ]);
    await expect(compute(() => awsError("IncorrectInstanceState")).compute.start(id)).rejects.toBeInstanceOf(
      WrongState,
    );
    await expect(compute(() => awsError("UnauthorizedOperation", 403)).compute.reboot(id)).rejects.toBeInstanceOf(
      NotPermitted,
    );
  });

  it("asks for permission with DryRun alone, and never takes silence for a no", async () => {
    for (const action of ["reboot", "stop", "start"] as const) {
      const allowed = compute(() => awsError("DryRunOperation", 412));
      expect(await allowed.compute.mayI({ action, instanceId: id })).toEqual({ allowed: true, detail: "allowed" });
      expect(allowed.sent.map(({ input }) => input["DryRun"])).toEqual([true]);
      const refused = await compute(() => awsError("UnauthorizedOperation", 403)).compute.mayI({
        action,
        instanceId: id,
      });
      expect(refused).toMatchObject({ allowed: false });
      expect(refused.detail).toContain(`DryRun of ${action} ${id} (UnauthorizedOperation) is not permitted`);
      expect(
        await compute(() => awsError("InvalidInstanceID.NotFound")).compute.mayI({ action, instanceId: id }),
      ).toMatchObject({
        allowed: false,
      });
      await expect(
        compute(() => awsError("RequestLimitExceeded", 503)).compute.mayI({ action, instanceId: id }),
      ).rejects.toBeInstanceOf(Throttled);
    }
  });
});
