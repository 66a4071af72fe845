import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DisassociateAddressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { LaunchWish } from "../../src/memory/launch.ts";
import { instanceOf, stateOf } from "./ec2-shapes.ts";
import { chosen, passesAll, tagsFor, tagsFrom } from "./filters.ts";
import { answer, page, type Answer } from "./sdk-answers.ts";

const pageSizeDefault = 1_000;

/** Launches, addresses, tags, and the places where something could be launched. */
export function placeAnswers(account: Account, who: string): Answer[] {
  return [...launchAnswers(account, who), ...addressAnswers(account, who), ...placeReads(account)];
}

function launchAnswers(account: Account, who: string): Answer[] {
  return [
    answer(RunInstancesCommand, async (input) => {
      const id = await account.calls.launch(who, launchWish(input), { dryRun: input.DryRun === true });
      return {
        ReservationId: id.replace("i-", "r-"),
        OwnerId: account.accountId,
        Instances: [instanceOf(account.peek.machine(id), account)],
      };
    }),
    answer(TerminateInstancesCommand, async (input) => {
      const ids = input.InstanceIds ?? [];
      const before = ids.map((id) => account.peek.machines().find((each) => each.id === id)?.state ?? "running");
      await account.calls.terminate(who, ids);
      return {
        TerminatingInstances: ids.map((InstanceId, i) => ({
          InstanceId,
          PreviousState: stateOf(before[i] ?? "running"),
          CurrentState: stateOf(account.peek.machine(InstanceId).state),
        })),
      };
    }),
    answer(DescribeInstanceAttributeCommand, async (input) => {
      const [view] = await account.calls.instancesById([input.InstanceId ?? ""]);
      if (input.Attribute !== "userData") {
        throw new AwsRefusal("InvalidParameterValue", `The attribute ${input.Attribute ?? ""} is not simulated`);
      }
      const Value = view?.build.userData;
      return { InstanceId: input.InstanceId, UserData: Value === undefined ? {} : { Value } };
    }),
    answer(CreateTagsCommand, async (input) => {
      await account.calls.tag(who, input.Resources ?? [], tagsFrom(input.Tags));
      return {};
    }),
  ];
}

function launchWish(input: RunInstancesCommandInput): LaunchWish {
  const { MetadataOptions: metadata } = input;
  const profile = input.IamInstanceProfile?.Arn ?? input.IamInstanceProfile?.Name;
  return {
    ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
    imageId: input.ImageId ?? "",
    type: input.InstanceType ?? "",
    subnetId: input.SubnetId ?? "",
    securityGroupIds: input.SecurityGroupIds ?? [],
    ...(input.KeyName === undefined ? {} : { keyName: input.KeyName }),
    ...(profile === undefined ? {} : { instanceProfile: profile }),
    ...(input.UserData === undefined ? {} : { userData: input.UserData }),
    ...(metadata === undefined
      ? {}
      : {
          metadata: {
            httpTokens: metadata.HttpTokens ?? "required",
            httpEndpoint: metadata.HttpEndpoint ?? "enabled",
            hopLimit: metadata.HttpPutResponseHopLimit ?? 2,
            instanceTags: metadata.InstanceMetadataTags ?? "disabled",
          },
        }),
    ebsOptimized: input.EbsOptimized === true,
    detailedMonitoring: input.Monitoring?.Enabled === true,
    onShutdown: input.InstanceInitiatedShutdownBehavior === "terminate" ? "terminate" : "stop",
    volumes: (input.BlockDeviceMappings ?? []).map(({ DeviceName = "", Ebs }) => ({
      device: DeviceName,
      snapshotId: Ebs?.SnapshotId ?? "",
      // EC2's own default for volumes of a launch.
      deleteOnTermination: Ebs?.DeleteOnTermination ?? true,
    })),
    tags: tagsFor(input.TagSpecifications, "instance"),
    volumeTags: tagsFor(input.TagSpecifications, "volume"),
  };
}

function addressAnswers(account: Account, who: string): Answer[] {
  return [
    answer(AssociateAddressCommand, async (input) => {
      const wish = {
        allocationId: input.AllocationId ?? "",
        instanceId: input.InstanceId ?? "",
        // What is not said takes the address from its holder.
        allowReassociation: input.AllowReassociation ?? true,
      };
      return { AssociationId: await account.calls.associate(who, wish, { dryRun: input.DryRun === true }) };
    }),
    answer(DisassociateAddressCommand, async (input) => {
      await account.calls.disassociate(who, input.AssociationId ?? "");
      return {};
    }),
  ];
}

function placeReads(account: Account): Answer[] {
  return [
    answer(DescribeSubnetsCommand, async (input) => {
      const unknown = (id: string): AwsRefusal =>
        new AwsRefusal("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
      const found = chosen(await account.calls.subnets(), { ids: input.SubnetIds, unknown }, (subnet) =>
        passesAll(input.Filters, {
          fields: { "subnet-id": subnet.id, "vpc-id": subnet.vpcId, "availability-zone": subnet.availabilityZone },
        }),
      );
      return {
        Subnets: found.map((subnet) => ({
          SubnetId: subnet.id,
          VpcId: subnet.vpcId,
          AvailabilityZone: subnet.availabilityZone,
          AvailableIpAddressCount: subnet.freeAddresses,
          State: "available" as const,
        })),
      };
    }),
    answer(DescribeSecurityGroupsCommand, async (input) => {
      const all = (await account.calls.securityGroups()).map((id) => ({ id }));
      const unknown = (id: string): AwsRefusal =>
        new AwsRefusal("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
      const found = chosen(all, { ids: input.GroupIds, unknown }, ({ id }) =>
        passesAll(input.Filters, { fields: { "group-id": id } }),
      );
      return { SecurityGroups: found.map(({ id }) => ({ GroupId: id, GroupName: id, OwnerId: account.accountId })) };
    }),
    answer(DescribeInstanceTypeOfferingsCommand, async (input) => {
      const asked = (name: string): string[] =>
        (input.Filters ?? []).filter((filter) => filter.Name === name).flatMap((filter) => filter.Values ?? []);
      const offerings = await Promise.all(
        asked("location").map(async (zone) =>
          (await account.calls.offered(asked("instance-type"), zone)).map((type) => ({
            InstanceType: type as "t4g.small",
            LocationType: "availability-zone" as const,
            Location: zone,
          })),
        ),
      );
      const wanted = { token: input.NextToken, size: input.MaxResults ?? pageSizeDefault };
      const { items, next } = page(offerings.flat(), wanted);
      return { InstanceTypeOfferings: items, ...next };
    }),
  ];
}
