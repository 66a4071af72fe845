/**
 * The Elastic IP of a group of one: user data of the new instance takes it, and the plan takes it there when user data does not.
 *
 * - The machine's own user data comes first: it is what the owner built, and two that move one address would only cross each other.
 * - An address is never taken from a live other holder. The former member is fenced when it does not run any more; until then the
 *   step waits. Somebody else's instance that holds the address is a reason to ask a person.
 * - Disassociate by the association that was read, then associate without reassociation, is the compare-and-swap: whoever takes it
 *   in between wins, and this one is refused.
 * - From the disassociation on the address may be on nobody: a debt on the case before the call.
 */
import { NotFound, Unreachable } from "../domain/errors.ts";
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { AddressView, InstanceView } from "../ports/compute.ts";
import type { GroupPorts } from "./groupMembers.ts";
import type { GroupTiming } from "./groupSteps.ts";
import { provedBy, type Refusal, type Step, type StepEntry } from "./plan.ts";

export interface GroupAddress {
  readonly allocationId: AllocationId;
  /** Members that the address may be taken from once they do not run any more. */
  readonly formerIds: readonly InstanceId[];
  /** The new member, as far as the journal knows it. */
  readonly to: (entries: readonly StepEntry[]) => InstanceId | undefined;
  readonly timing: GroupTiming;
}

export const addressSteps = {
  arrived: "user data brought the address",
  moved: "the address is on the new instance",
} as const;

/** User data runs once the machine has booted; that long after it is in service it had its chance. */
const userDataMs = 90_000;

export function takeAddress(wish: GroupAddress): Step<GroupPorts>[] {
  return [arrived(wish), moved(wish)];
}

function arrived(wish: GroupAddress): Step<GroupPorts> {
  return {
    name: addressSteps.arrived,
    waitsFor: "the new instance's user data to take the Elastic IP",
    settleMs: userDataMs,
    again: "safe",
    onTimeout: "go-on",
    safePoint: true,
    check: async (ports, { entries }) => held(await addressOf(ports, wish), wish.to(entries)),
  };
}

function moved(wish: GroupAddress): Step<GroupPorts> {
  const { allocationId } = wish;
  return {
    name: addressSteps.moved,
    waitsFor: "EC2 to show the address on it",
    onlyIf: "only if user data does not bring the address",
    // Long enough for a former member that still drains or waits in its hook.
    settleMs: wish.timing.inServiceSettleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: true,
    borrows: {
      id: `address/${allocationId}`,
      kind: "address",
      what: `${allocationId} is being moved and may be on nobody`,
    },
    repays: `address/${allocationId}`,
    skip: async (_ports, { entries }) => (provedBy(entries, addressSteps.arrived) ? "user data brought it" : undefined),
    guard: (ports) => mayTake(ports, wish),
    check: async (ports, { entries }) => held(await addressOf(ports, wish), wish.to(entries)),
    act: async (ports, { entries }) => {
      const to = wish.to(entries);
      const address = await addressOf(ports, wish);
      if (to === undefined || address.instanceId === to) return;
      // User data or somebody else may have been at it since the guard.
      if ((await mayTake(ports, wish)) !== undefined) return;
      if (address.associationId !== undefined) await disassociateOnce(ports, address.associationId);
      await ports.compute.associate(allocationId, to);
    },
  };
}

function held(address: AddressView, to: InstanceId | undefined) {
  if (to === undefined || address.instanceId !== to) return undefined;
  return { publicIp: address.publicIp, instance: to };
}

async function addressOf(
  { compute }: Pick<GroupPorts, "compute">,
  { allocationId }: GroupAddress,
): Promise<AddressView> {
  const address = await compute.address(allocationId);
  if (address === undefined) throw new Unreachable(`address ${allocationId} (EC2 says that it does not exist)`);
  return address;
}

export function isOff(view: InstanceView | undefined): boolean {
  return view === undefined || view.state === "terminated" || view.state === "stopped";
}

/** Throws Unreachable while a former member that holds it still runs: that is waited for. */
async function mayTake(ports: GroupPorts, wish: GroupAddress): Promise<Refusal | undefined> {
  const { instanceId: holder } = await addressOf(ports, wish);
  if (holder === undefined) return undefined;
  const view = await ports.compute.instance(holder);
  if (isOff(view)) return undefined;
  if (wish.formerIds.includes(holder))
    throw new Unreachable(`the end of ${holder} (${view?.state ?? "gone"}, it still holds the address)`);
  return {
    code: "address-held",
    detail: `${wish.allocationId} is on ${holder}, which is ${view?.state ?? "there"} and no former member of the group; it is not taken from a machine that may serve`,
    climb: false,
  };
}

async function disassociateOnce({ compute }: GroupPorts, associationId: string): Promise<void> {
  try {
    await compute.disassociate(associationId);
  } catch (error) {
    // It went by itself with its machine.
    if (!(error instanceof NotFound)) throw error;
  }
}
