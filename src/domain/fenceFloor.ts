/**
 * What every fence that is given out is above. A lease that was lost with a damaged page would begin at 1 again, below what its holders
 * have written into records, and one that is there in an older version would go on from what it was; the floor is beyond everything
 * that they can have given out. It is stored as a lease of its own that nobody can acquire, so that it travels with every export and a
 * merge takes the higher of two: also for leases of a store that lost none.
 */
export const fenceFloorLease = "fence-floor";

/** Far more changes of owner than any lease sees: one every 30 s for a year. */
const beyondLost = 1_000_000;

/**
 * For a new owner. `former`: the fence of the lease as it is stored; undefined = it is not. `floor`: the fence of `fenceFloorLease`;
 * undefined = nothing was ever lost.
 */
export function nextFence(former: number | undefined, floor: number | undefined): number {
  return Math.max(former ?? 0, floor ?? 0) + 1;
}

/** The floor once leases were lost. `highest`: of all fences that can still be read, 0 = none. */
export function floorAfterLoss(highest: number): number {
  return highest + beyondLost;
}
