/** Elastic IPs: who holds which, who held it when, and what EC2 refuses. */
import { AwsRefusal } from "./accountModel.ts";
import type { ElasticIp } from "./accountModel.ts";
import { release } from "./holdings.ts";
import { machineOf, newPublicIp } from "./instanceLife.ts";
import { newId, remember, say } from "./world.ts";
import type { World } from "./world.ts";

export function allocationOf(world: World, allocationId: string): ElasticIp {
  const found = world.addresses.get(allocationId);
  if (found !== undefined) return found;
  throw new AwsRefusal("InvalidAllocationID.NotFound", `The allocation ID '${allocationId}' does not exist`);
}

export interface AssociateWish {
  readonly allocationId: string;
  readonly instanceId: string;
  /** AWS's own default is true: it takes the address from whoever holds it. */
  readonly allowReassociation: boolean;
}

/** Answers the association's id. An address that the target holds already is let go, but stays allocated. */
export function associate(world: World, wish: AssociateWish): string {
  const address = allocationOf(world, wish.allocationId);
  const machine = machineOf(world, wish.instanceId);
  if (machine.state === "terminated" || machine.state === "shutting-down" || machine.state === "pending") {
    throw new AwsRefusal(
      "InvalidInstanceID",
      `The instance '${machine.id}' is not in a valid state for this operation.`,
    );
  }
  if (machine.build.networkInterfaces > 1) {
    throw new AwsRefusal(
      "InvalidInstanceID",
      `There are multiple interfaces attached to instance '${machine.id}'. Please specify an interface ID for the operation instead.`,
    );
  }
  if (address.instanceId === machine.id && address.associationId !== undefined) return address.associationId;
  if (address.instanceId !== undefined && !wish.allowReassociation) {
    throw new AwsRefusal(
      "Resource.AlreadyAssociated",
      `resource ${address.allocationId} is already associated with associate-id ${address.associationId ?? ""}`,
    );
  }
  release(world, address);
  for (const other of world.addresses.values()) if (other.instanceId === machine.id) release(world, other);
  const associationId = newId(world, "eipassoc");
  address.associationId = associationId;
  address.instanceId = machine.id;
  // The address that AWS had assigned goes back to it.
  machine.ownPublicIp = undefined;
  const { allocationId } = address;
  const from = world.agenda.now();
  world.stock.holdings.push({ allocationId, instanceId: machine.id, associationId, from });
  say(world, "EC2", `${address.publicIp} is now at ${machine.name} (${machine.id})`, "good");
  remember(world, machine);
  return associationId;
}

export function disassociate(world: World, associationId: string): void {
  const address = [...world.addresses.values()].find((each) => each.associationId === associationId);
  if (address === undefined) {
    throw new AwsRefusal("InvalidAssociationID.NotFound", `The association ID '${associationId}' does not exist`);
  }
  const holder = address.instanceId === undefined ? undefined : world.machines.get(address.instanceId);
  release(world, address);
  say(world, "EC2", `${address.publicIp} is at nobody`);
  if (holder === undefined) return;
  // A running machine gets an address of AWS's own again, another one than before.
  holder.ownPublicIp = holder.state === "running" ? newPublicIp(world) : undefined;
  remember(world, holder);
}

/** As a read shows them: as late as the fault says. */
export function addressesSeen(world: World, until: number): ElasticIp[] {
  return [...world.addresses.values()].map((address) => {
    const held = world.stock.holdings.findLast(
      ({ allocationId, from, to }) =>
        allocationId === address.allocationId && from <= until && (to === undefined || to > until),
    );
    const { allocationId, publicIp } = address;
    return { allocationId, publicIp, associationId: held?.associationId, instanceId: held?.instanceId };
  });
}
