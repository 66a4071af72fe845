/**
 * What must survive: cases (one item a service, compare-and-set by `rev`), records (everything else: timeline, journals, audit,
 * inbox, scopes; put if absent or compare-and-set), leases. Reads are strongly consistent unless they say otherwise.
 *
 * Every write may throw `StoreUncertain` when the answer was lost: it may or may not have happened. Callers reload and look.
 */
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import { MedicError } from "../domain/errors.ts";

export class StoreUncertain extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("store-uncertain", `the answer to writing ${what} was lost; it may or may not be stored`, {
      retry: "later",
      next: "It is read again before anything else happens.",
      cause,
    });
  }
}

/** The store cannot be reached or refused: nothing acts, and mail says so. */
export class StoreUnavailable extends MedicError {
  /** `next` where the adapter knows better what helps, for example which command creates the missing table. */
  constructor(what: string, cause?: unknown, next = "check the table and the network") {
    super("store-unavailable", `the store did not take ${what}`, {
      retry: "later",
      next: `Nothing acts until the store answers; ${next}.`,
      cause,
    });
  }
}

/** The item was written by a newer program: left alone. */
export class NewerSchema extends MedicError {
  constructor(what: string, found: number, known: number) {
    super("newer-schema", `${what} has schema ${found}, this program knows up to ${known}`, {
      retry: "never",
      next: "Another worker runs a newer version; update this one.",
    });
  }
}

export interface Cases {
  /** undefined when the service has no case yet. Older schemas are read into today's shape; newer throw NewerSchema. */
  load(service: ServiceName): Promise<ServiceCase | undefined>;
  /**
   * ONE conditional write. `next.rev` must be `expectedRev + 1`; `expectedRev` 0 = put if absent.
   * "conflict" = somebody else was first; nothing is written. Throws when the item is over `caseBytesMax`.
   */
  write(next: ServiceCase, expectedRev: number): Promise<"written" | "conflict">;
  /** Services whose `due` is ≤ now, soonest first, at most `limit`. From an index: a hint, possibly stale or torn. */
  due(now: number, limit: number): Promise<ServiceName[]>;
  /** Every case, for start, repair and digest. */
  all(): AsyncIterable<ServiceCase>;
  /** Compares each item with its index entry and rewrites those that differ from the body. Answers how many. */
  repair(): Promise<number>;
  remove(service: ServiceName): Promise<void>;
}

export interface RecordKey {
  /** For example `timeline/shop-web`, `run/shop-web`, `inbox`, `scope`, `audit/2026-11`. */
  readonly collection: string;
  /** Sorts within the collection. */
  readonly id: string;
}

export interface StoredRecord<T> {
  readonly id: string;
  readonly body: T;
  readonly rev: number;
}

export interface Records {
  get<T>(key: RecordKey): Promise<StoredRecord<T> | undefined>;
  /** true = this call stored it (rev 1); false = the key exists already, whatever its body. */
  putIfAbsent<T>(key: RecordKey, body: T): Promise<boolean>;
  /** Compare-and-set: true = stored with rev + 1; false = rev was another (or the record is gone). */
  replace<T>(key: RecordKey, body: T, rev: number): Promise<boolean>;
  /** A page in id order (or newest first), strongly consistent. */
  list<T>(
    collection: string,
    options: { readonly limit: number; readonly after?: string; readonly newestFirst?: boolean },
  ): Promise<StoredRecord<T>[]>;
  remove(key: RecordKey): Promise<void>;
}

export interface Lease {
  readonly name: string;
  readonly owner: string;
  /** Grows with every change of owner: what is done under an older fence must be refused. */
  readonly fence: number;
  readonly until: number;
}

export interface Leases {
  /** Takes it when free, expired (now ≥ until + takeoverMs) or already ours; undefined when somebody else holds it. */
  acquire(
    name: string,
    owner: string,
    times: { now: number; leaseMs: number; takeoverMs: number },
  ): Promise<Lease | undefined>;
  /** Same owner and fence only; undefined = lost. */
  renew(lease: Lease, times: { now: number; leaseMs: number }): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
  read(name: string): Promise<Lease | undefined>;
}

/**
 * One item as any store holds it, for the way from one store to another: bodies are JSON text, untouched. A lease travels without its
 * owner, so that whoever opens the copy need not wait, but with its fence, so that no fence is ever given out twice.
 */
export type ExportItem =
  | { readonly kind: "case"; readonly service: ServiceName; readonly rev: number; readonly body: string }
  | {
      readonly kind: "record";
      readonly collection: string;
      readonly id: string;
      readonly rev: number;
      readonly body: string;
    }
  | { readonly kind: "lease"; readonly name: string; readonly fence: number };

/** Everything that a store holds, one item after the other: `medic store export` and `import`. */
export interface Transfer {
  /** Every item, strongly read, also those that this program cannot read (a newer schema). Each once; order is the store's own. */
  exportAll(): AsyncIterable<ExportItem>;
  /**
   * Puts it exactly as it is where nothing stands under its key. false = something does; it is left alone. Throws as `assertStorable`
   * (storableItem.ts) does, and then writes nothing.
   */
  importItem(item: ExportItem): Promise<boolean>;
}

export interface Store {
  readonly cases: Cases;
  readonly records: Records;
  readonly leases: Leases;
  readonly transfer: Transfer;
  /** Creates what is missing (table, index); safe to repeat. */
  setUp(): Promise<void>;
  /** Answers when the store can be read now; throws StoreUnavailable. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
