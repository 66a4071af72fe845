import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { InstanceId, Scope, ServiceName } from "../../src/domain/words.ts";

export function named(service: string): ServiceName {
  return service as ServiceName;
}

/** A quiet case at revision 1, as its first write stores it. */
export function sampleCase(service: string, changes: Partial<ServiceCase> = {}): ServiceCase {
  return {
    schema: 1,
    service: named(service),
    rev: 1,
    proposalCount: 0,
    readingCount: 0,
    runFence: 0,
    cardVersion: 0,
    placement: {
      scope: "123456789012/eu-west-1" as Scope,
      region: "eu-west-1",
      instanceId: "i-0123456789abcdef0" as InstanceId,
    },
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
    ...changes,
  };
}

/** A case whose JSON has exactly this many bytes. */
export function caseOfBytes(service: string, bytes: number): ServiceCase {
  const padded = (letters: number) => sampleCase(service, { seen: [{ key: "x".repeat(letters), at: 1 }] });
  return padded(bytes - Buffer.byteLength(JSON.stringify(padded(0))));
}
