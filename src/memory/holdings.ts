/** An Elastic IP leaves its holder: the one place where a holding ends. */
import type { ElasticIp } from "./accountModel.ts";
import type { World } from "./world.ts";

export function release(world: World, address: ElasticIp): void {
  if (address.associationId === undefined) return;
  const open = world.stock.holdings.find((each) => each.associationId === address.associationId);
  if (open !== undefined) open.to = world.agenda.now();
  address.associationId = undefined;
  address.instanceId = undefined;
}
