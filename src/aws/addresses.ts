/** Elastic IPs: who holds one, and moving it without ever taking it from another holder. */
import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  type Address,
  type DescribeAddressesCommandInput,
} from "@aws-sdk/client-ec2";
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { AddressView } from "../ports/compute.ts";
import type { RegionClients } from "./clients.ts";
import { asked } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

export const addressById = (ec2: Ec2, id: AllocationId): Promise<AddressView | undefined> =>
  address(ec2, `DescribeAddresses ${id}`, { AllocationIds: [id] });

export const addressOf = (ec2: Ec2, id: InstanceId): Promise<AddressView | undefined> =>
  address(ec2, `DescribeAddresses of ${id}`, { Filters: [{ Name: "instance-id", Values: [id] }] });

async function address(ec2: Ec2, what: string, query: DescribeAddressesCommandInput): Promise<AddressView | undefined> {
  const answer = await asked(what, () => ec2.send(new DescribeAddressesCommand(query)));
  const [found] = answer.Addresses ?? [];
  return found === undefined ? undefined : addressView(found);
}

function addressView(found: Address): AddressView | undefined {
  if (found.AllocationId === undefined || found.PublicIp === undefined) return undefined;
  return {
    allocationId: found.AllocationId as AllocationId,
    publicIp: found.PublicIp,
    ...(found.AssociationId ? { associationId: found.AssociationId } : {}),
    ...(found.InstanceId ? { instanceId: found.InstanceId as InstanceId } : {}),
  };
}

/** By default EC2 would take the address from whoever holds it: it is told not to, and says no instead. */
export const associateInput = (allocationId: AllocationId, to: InstanceId) => ({
  AllocationId: allocationId,
  InstanceId: to,
  AllowReassociation: false,
});

export async function associate(ec2: Ec2, allocationId: AllocationId, to: InstanceId): Promise<string> {
  const answer = await asked(`AssociateAddress ${allocationId} to ${to}`, () =>
    ec2.send(new AssociateAddressCommand(associateInput(allocationId, to))),
  );
  return answer.AssociationId ?? "";
}

/** By the association, not by the address: what somebody associated meanwhile has another id and stays. */
export async function disassociate(ec2: Ec2, associationId: string): Promise<void> {
  await asked(`DisassociateAddress ${associationId}`, () =>
    ec2.send(new DisassociateAddressCommand({ AssociationId: associationId })),
  );
}
