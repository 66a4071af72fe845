/** Where an instance could be launched. Asked by filter, so that one id that does not exist leaves the others readable. */
import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import type { SubnetView } from "../ports/compute.ts";
import type { RegionClients } from "./clients.ts";
import { inPages } from "./inPages.ts";
import { asked } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

/** In the order asked for; those that do not exist are left out. */
export async function subnets(ec2: Ec2, ids: readonly string[]): Promise<SubnetView[]> {
  if (ids.length === 0) return [];
  const input = { Filters: [{ Name: "subnet-id", Values: [...ids] }] };
  const answer = await asked(`DescribeSubnets ${ids.join(", ")}`, () => ec2.send(new DescribeSubnetsCommand(input)));
  const found = (answer.Subnets ?? []).map((subnet) => ({
    id: subnet.SubnetId ?? "",
    vpcId: subnet.VpcId ?? "",
    availabilityZone: subnet.AvailabilityZone ?? "unknown zone",
    freeAddresses: subnet.AvailableIpAddressCount ?? 0,
  }));
  return ids.flatMap((id) => found.filter((subnet) => subnet.id === id));
}

export async function securityGroups(ec2: Ec2, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const input = { Filters: [{ Name: "group-id", Values: [...ids] }] };
  const what = `DescribeSecurityGroups ${ids.join(", ")}`;
  const answer = await asked(what, () => ec2.send(new DescribeSecurityGroupsCommand(input)));
  const found = new Set((answer.SecurityGroups ?? []).map((group) => group.GroupId));
  return ids.filter((id) => found.has(id));
}

/** In the order asked for. */
export async function offered(ec2: Ec2, types: readonly string[], availabilityZone: string): Promise<string[]> {
  if (types.length === 0) return [];
  const query = {
    LocationType: "availability-zone" as const,
    Filters: [
      { Name: "location", Values: [availabilityZone] },
      { Name: "instance-type", Values: [...types] },
    ],
  };
  const found = await inPages(async (page) => {
    const answer = await asked(`DescribeInstanceTypeOfferings ${availabilityZone}`, () =>
      ec2.send(new DescribeInstanceTypeOfferingsCommand({ ...query, ...page })),
    );
    return { items: answer.InstanceTypeOfferings ?? [], next: answer.NextToken };
  });
  const there = new Set(found.map((offering) => offering.InstanceType as string | undefined));
  return types.filter((type) => there.has(type));
}
