/** Leases of the table in memory: whoever asks first has it until its time is over. */
import { fenceFloorLease, nextFence } from "../domain/fenceFloor.ts";
import { assertLeaseName, assertWholeLetters } from "../domain/storedSize.ts";
import type { Lease, Leases } from "../ports/store.ts";
import type { Call } from "./memoryStore.ts";
import { asLease, type MemoryTable } from "./memoryTable.ts";

export function memoryLeases(table: MemoryTable, call: Call): Leases {
  return {
    acquire: (name, owner, times) =>
      call("leases.acquire", name, () => {
        assertLeaseName(name);
        assertWholeLetters(`the owner of lease "${name}"`, owner);
        if (isTaken(table, { name, owner }, times)) return undefined;
        const stored = table.leases.get(name);
        const first = nextFence(stored?.fence, table.leases.get(fenceFloorLease)?.fence);
        const fence = stored?.owner === owner ? stored.fence : first;
        const next = { owner, fence, until: times.now + times.leaseMs };
        table.leases.set(name, next);
        return { name, ...next };
      }),
    renew: (lease, times) =>
      call("leases.renew", lease.name, () => (isHeld(table, lease) ? renewed(table, lease, times) : undefined)),
    release: (lease) =>
      call("leases.release", lease.name, () => {
        if (isHeld(table, lease)) table.leases.set(lease.name, { fence: lease.fence, until: 0 });
      }),
    read: (name) => call("leases.read", name, () => asLease(name, table.leases.get(name))),
  };
}

/** By somebody else, who may still believe in it. */
export function isTaken(
  { leases }: MemoryTable,
  { name, owner }: Pick<Lease, "name" | "owner">,
  { now, takeoverMs }: { readonly now: number; readonly takeoverMs: number },
): boolean {
  const stored = leases.get(name);
  return stored?.owner !== undefined && stored.owner !== owner && now < stored.until + takeoverMs;
}

/** Since it was given, nobody else has had it. */
export function isHeld({ leases }: MemoryTable, { name, owner, fence }: Lease): boolean {
  const stored = leases.get(name);
  return stored?.owner === owner && stored.fence === fence;
}

/** Of a lease that is held. */
export function renewed(
  { leases }: MemoryTable,
  lease: Lease,
  { now, leaseMs }: { readonly now: number; readonly leaseMs: number },
): Lease {
  const next = { ...lease, until: now + leaseMs };
  leases.set(lease.name, { owner: lease.owner, fence: lease.fence, until: next.until });
  return next;
}
