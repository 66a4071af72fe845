/**
 * Where the fences of leases that are not there begin. A lease that was lost with a damaged page would begin at 1 again, below what its
 * holders have written into records; the floor is beyond everything that it can have given out. It is stored as a lease of its own that
 * nobody can acquire, so that it travels with every export and a merge takes the higher of two.
 */
export const fenceFloorLease = "fence-floor";

/** Far more changes of owner than any lease sees: one every 30 s for a year. */
const beyondLost = 1_000_000;

/** The first fence of a lease that is not stored. `floor`: the fence of `fenceFloorLease`; undefined = nothing was ever lost. */
export function firstFence(floor: number | undefined): number {
  return (floor ?? 0) + 1;
}

/** The floor once leases were lost. `highest`: of all fences that can still be read, 0 = none. */
export function floorAfterLoss(highest: number): number {
  return highest + beyondLost;
}
