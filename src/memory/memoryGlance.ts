/** The table in memory at a glance. What may go wrong with a read is said by whoever injects the faults. */
import type { Glance } from "../ports/glance.ts";
import { isHeld, isTaken, renewed } from "./memoryLeases.ts";
import type { MemoryTable } from "./memoryTable.ts";

export function memoryGlance(table: MemoryTable, of: Pick<Glance, "passes" | "outsideSwitch">): Glance {
  return {
    passes: of.passes,
    outsideSwitch: of.outsideSwitch,
    isDue: (now) => {
      for (const { due } of table.cases.values()) if (due !== undefined && due <= now) return true;
      return false;
    },
    revOf: ({ collection, id }) => table.records.get(collection)?.get(id)?.rev ?? 0,
    versionOf: (collection) => table.versions.get(collection) ?? 0,
    isTaken: (name, owner, times) => isTaken(table, { name, owner }, times),
    renew: (lease, times) => (isHeld(table, lease) && of.passes(1) ? renewed(table, lease, times) : undefined),
    isEmpty: (collection) => (table.records.get(collection)?.size ?? 0) === 0,
  };
}
