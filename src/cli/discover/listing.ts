/** Lists what lives in a region. The bot itself reads by id only; whoever drafts a file wants to see everything. */
import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import type { RegionClients } from "../../aws/clients.ts";
import { instanceView } from "../../aws/instances.ts";
import { asked } from "../../aws/translate.ts";
import type { InstanceView } from "../../ports/compute.ts";

/** 20,000 instances: beyond it a file by hand is the smaller problem. */
const pagesMax = 20;
const pageSize = 1000;

/** With a tag: whatever carries it and still exists. Without: what runs now. */
export async function liveInstances(ec2: RegionClients["ec2"], tag: string | undefined): Promise<InstanceView[]> {
  const states = tag === undefined ? ["running"] : ["pending", "running", "stopping", "stopped"];
  const filters = [
    { Name: "instance-state-name", Values: states },
    ...(tag === undefined ? [] : [{ Name: "tag-key", Values: [tag] }]),
  ];
  const found: InstanceView[] = [];
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const input: DescribeInstancesCommandInput = {
      Filters: filters,
      MaxResults: pageSize,
      ...(token ? { NextToken: token } : {}),
    };
    const answer = await asked("DescribeInstances", () => ec2.send(new DescribeInstancesCommand(input)));
    const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
    found.push(...instances.flatMap((instance) => instanceView(instance, undefined) ?? []));
    token = answer.NextToken;
    if (!token) break;
  }
  return found;
}

/** Allocation id by the instance that holds it. */
export async function heldAddresses(ec2: RegionClients["ec2"]): Promise<ReadonlyMap<string, string>> {
  const answer = await asked("DescribeAddresses", () => ec2.send(new DescribeAddressesCommand({})));
  const held = (answer.Addresses ?? []).flatMap(({ InstanceId, AllocationId }) =>
    InstanceId && AllocationId ? [[InstanceId, AllocationId] as const] : [],
  );
  return new Map(held);
}
