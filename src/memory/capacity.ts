/** Whether AWS has a machine to give: offerings, quota, addresses of the subnet, and free hosts. */
import { AwsRefusal } from "./accountModel.ts";
import type { Subnet } from "./cloudModel.ts";
import { vcpusOf } from "./places.ts";
import type { World } from "./world.ts";

export function hasCapacity(world: World, type: string, zone: string): boolean {
  const { noCapacity, noCapacityIn, zonesDown } = world.faults;
  if (noCapacity || zonesDown.has(zone)) return false;
  return ![zone, type, `${zone}/${type}`].some((what) => noCapacityIn.has(what));
}

export function refuseCapacity(world: World, type: string, zone: string): void {
  if (hasCapacity(world, type, zone)) return;
  throw new AwsRefusal(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}).`,
    500,
  );
}

export function isOffered(world: World, type: string, zone: string): boolean {
  return world.stock.offerings[type]?.includes(zone) ?? true;
}

export function refuseOffering(world: World, type: string, zone: string): void {
  if (isOffered(world, type, zone)) return;
  throw new AwsRefusal(
    "Unsupported",
    `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}).`,
  );
}

/** The quota counts what runs or is about to. */
export function refuseQuota(world: World, type: string): void {
  const used = [...world.machines.values()]
    .filter(({ state }) => state === "pending" || state === "running")
    .reduce((sum, machine) => sum + vcpusOf(machine.type), 0);
  if (used + vcpusOf(type) <= world.stock.vcpuQuota) return;
  throw new AwsRefusal(
    "VcpuLimitExceeded",
    `You have requested more vCPU capacity than your current vCPU limit of ${world.stock.vcpuQuota} allows for the instance bucket that the specified instance type belongs to.`,
  );
}

export function refuseFullSubnet(subnet: Subnet): void {
  if (subnet.freeAddresses > 0) return;
  throw new AwsRefusal(
    "InsufficientFreeAddressesInSubnet",
    `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
  );
}
