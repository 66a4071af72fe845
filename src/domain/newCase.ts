import { caseSchema, type Placement, type ServiceCase } from "./serviceCase.ts";
import type { ServiceName } from "./words.ts";

/** A case that was never stored: nothing is wrong, nothing is owed. */
export function newCase(service: ServiceName, placement: Placement): ServiceCase {
  return {
    schema: caseSchema,
    service,
    rev: 0,
    proposalCount: 0,
    readingCount: 0,
    runFence: 0,
    cardVersion: 0,
    placement,
    former: [],
    bad: [],
    latest: {},
    seen: [],
    phase: { kind: "idle" },
    debts: [],
    autoRuns: [],
    owes: [],
    entries: [],
    entryCount: 0,
  };
}
