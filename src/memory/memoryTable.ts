/**
 * What several memory stores share, as several workers share one table. Bodies are JSON text; what is read of them is read once, and
 * frozen, so that nobody changes what another one sees.
 */
import { readCase, type CaseReading } from "../domain/caseSchema.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
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
  /** By collection: how often anything in it was written. */
  readonly versions: Map<string, number>;
  readonly leases: Map<string, StoredLease>;
}

export function memoryTable(): MemoryTable {
  return { cases: new Map(), records: new Map(), versions: new Map(), leases: new Map() };
}

const readings = new WeakMap<object, unknown>();

/** What `read` makes of a stored item, made once: the item never changes, a write puts another one in its place. */
function readOnce<Stored extends object, T>(stored: Stored, read: (stored: Stored) => T): T {
  if (readings.has(stored)) return readings.get(stored) as T;
  const reading = frozen(read(stored));
  readings.set(stored, reading);
  return reading;
}

export function bodyOf<T>(stored: StoredBody): T {
  return readOnce(stored, ({ body }) => JSON.parse(body) as T);
}

/** As today's program reads it; undefined: there is none, or a newer program wrote it. Throws CorruptItem. */
export function caseIn(table: MemoryTable, service: string): ServiceCase | undefined {
  const stored = table.cases.get(service);
  const reading = stored && caseReading(service, stored);
  return reading?.kind === "case" ? reading.current : undefined;
}

export function caseReading(service: string, stored: StoredCase): CaseReading {
  return readOnce(stored, ({ body }) => readCase(`case "${service}"`, body));
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

const surrogate = /[\ud800-\udfff]/;

/** DynamoDB sorts keys by their UTF-8 bytes; JavaScript's own order differs beyond the basic plane. */
export function byUtf8(left: string, right: string): number {
  if (!surrogate.test(left) && !surrogate.test(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

export function asLease(name: string, stored: StoredLease | undefined): Lease | undefined {
  if (stored?.owner === undefined) return undefined;
  return { name, owner: stored.owner, fence: stored.fence, until: stored.until };
}
