/**
 * An Elastic IP moves to another instance, as a compare-and-swap, because AWS has none.
 *
 * - What is given up is the association that was seen at the order, by its id. Anybody's newer one is left alone: then the run
 *   ends and a person looks.
 * - What is taken is only ever a free address: `associate` never reassociates. Between the two calls the address is on nobody;
 *   that is a debt on the case before the first call, and no place to end.
 * - Who is to get it holds no other address, which EC2 would silently take off it.
 * - A read that lags behind our own disassociation only makes us ask for it again, which finds nothing and hurts nobody.
 */
import { codeOf, RecoveryRefused, Unreachable } from "../domain/errors.ts";
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { AddressView } from "../ports/compute.ts";
import type { Refusal, Step, StepEntry } from "./plan.ts";

/** An address and who had it when the run was ordered; plain data for a run's inputs. */
export interface SeenAddress {
  readonly allocationId: AllocationId;
  readonly publicIp: string;
  /** Absent: it was on nobody. */
  readonly associationId?: string;
  readonly holder?: InstanceId;
}

export function seenAddress({ allocationId, publicIp, associationId, instanceId }: AddressView): SeenAddress {
  return {
    allocationId,
    publicIp,
    ...(associationId === undefined ? {} : { associationId }),
    ...(instanceId === undefined ? {} : { holder: instanceId }),
  };
}

export interface AddressMove<Ports> {
  /** The step's name: "the Elastic IP 198.51.100.10 is on the new instance". */
  readonly name: string;
  readonly address: SeenAddress;
  readonly settleMs: number;
  readonly cloud: (ports: Ports) => Pick<Cloud, "compute">;
  /** Who is to get it: known at the order, or proved by an earlier step of this run. */
  readonly to: (entries: readonly StepEntry[]) => InstanceId;
  readonly guard?: Step<Ports>["guard"];
  readonly skip?: Step<Ports>["skip"];
  /** Debts for the sake of this move: the stop of the old instance. */
  readonly alsoRepays?: readonly string[];
}

export function addressDebtId(allocationId: AllocationId): string {
  return `address/${allocationId}`;
}

export function addressMoved<Ports>(move: AddressMove<Ports>): Step<Ports> {
  const { address, cloud } = move;
  const id = addressDebtId(address.allocationId);
  return {
    name: move.name,
    waitsFor: "EC2 to show the address there, usually seconds",
    settleMs: move.settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: false,
    borrows: {
      id,
      kind: "address",
      what: `${address.publicIp} is between two instances and may be on nobody`,
      data: { allocationId: address.allocationId },
    },
    repays: id,
    ...(move.alsoRepays ? { alsoRepays: move.alsoRepays } : {}),
    ...(move.guard ? { guard: move.guard } : {}),
    ...(move.skip ? { skip: move.skip } : {}),
    check: async (ports, { entries }) => {
      const now = await present(cloud(ports), address);
      const to = move.to(entries);
      if (now.instanceId !== to) return undefined;
      return { instanceId: to, associationId: now.associationId ?? "", publicIp: now.publicIp };
    },
    act: async (ports, { entries }) => {
      const { compute } = cloud(ports);
      const to = move.to(entries);
      await refuseIfItHoldsAnother(compute, to, address);
      await giveUp(compute, address, to);
      await compute.associate(address.allocationId, to);
    },
  };
}

/** For gates: the address is still where it was seen, or on nobody. */
export async function addressObjection(
  compute: Pick<Cloud["compute"], "address">,
  seen: SeenAddress,
): Promise<Refusal | undefined> {
  const now = await compute.address(seen.allocationId);
  if (now === undefined) {
    return { code: "address-gone", detail: `the Elastic IP ${seen.publicIp} does not exist any more`, climb: false };
  }
  if (now.associationId === undefined || now.associationId === seen.associationId) return undefined;
  return { code: "address-elsewhere", detail: elsewhere(seen, now), climb: false };
}

async function giveUp(compute: Cloud["compute"], seen: SeenAddress, to: InstanceId): Promise<void> {
  const now = await present({ compute }, seen);
  if (now.associationId === undefined || now.instanceId === to) return;
  if (now.associationId !== seen.associationId) {
    throw new RecoveryRefused("address-elsewhere", elsewhere(seen, now), "See who moved it, then order again.");
  }
  try {
    await compute.disassociate(now.associationId);
  } catch (error) {
    // Gone already: by an earlier try of ours that a lagging read hides. Who is still there makes `associate` refuse.
    if (codeOf(error) !== "not-found") throw error;
  }
}

async function refuseIfItHoldsAnother(
  compute: Cloud["compute"],
  to: InstanceId,
  { allocationId, publicIp }: SeenAddress,
): Promise<void> {
  const held = await compute.addressOf(to);
  if (held === undefined || held.allocationId === allocationId) return;
  throw new RecoveryRefused(
    "holds-another-address",
    `${to} holds the Elastic IP ${held.publicIp}, which it would lose to ${publicIp}`,
    "Take that address off it by hand if nobody needs it, then order again.",
  );
}

async function present({ compute }: Pick<Cloud, "compute">, seen: SeenAddress): Promise<AddressView> {
  const now = await compute.address(seen.allocationId);
  // The gates have seen it. A read that lags may miss it once, so absence is unknown until the step's time is over.
  if (now === undefined) throw new Unreachable(`address ${seen.allocationId} (EC2 says that it does not exist)`);
  return now;
}

function elsewhere(seen: SeenAddress, now: AddressView): string {
  const was = seen.holder === undefined ? "on nobody" : `on ${seen.holder}`;
  return `${seen.publicIp} was ${was} when this was ordered and is now on ${now.instanceId ?? "something else"}`;
}
