/** What several memory stores share, as several workers share one table. Bodies are JSON text, so that nothing is aliased. */
import type { Lease } from "../ports/store.ts";

export interface StoredBody {
  readonly rev: number;
  readonly body: string;
}

export interface StoredCase extends StoredBody {
  readonly schema: number;
  readonly due?: number;
}

export interface StoredLease {
  readonly fence: number;
  readonly until: number;
  /** Absent once given back; the fence stays, so that it never repeats. */
  readonly owner?: string;
}

export interface MemoryTable {
  readonly cases: Map<string, StoredCase>;
  /** Collection, then id. */
  readonly records: Map<string, Map<string, StoredBody>>;
  readonly leases: Map<string, StoredLease>;
}

export function memoryTable(): MemoryTable {
  return { cases: new Map(), records: new Map(), leases: new Map() };
}

/** DynamoDB sorts keys by their UTF-8 bytes; JavaScript's own order differs beyond the basic plane. */
export function byUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

export function asLease(name: string, stored: StoredLease | undefined): Lease | undefined {
  if (stored?.owner === undefined) return undefined;
  return { name, owner: stored.owner, fence: stored.fence, until: stored.until };
}
