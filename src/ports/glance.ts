/**
 * What a store in this very process can say at once, without being asked. Only a simulation has one: its clock asks a loop whether
 * its next round would find anything, and does not wake it for nothing. Whoever asks over a network must look.
 */
import type { Lease, RecordKey } from "./store.ts";

export interface Glance {
  /**
   * Would these reads, made now, be answered as usual: no fault, no worker that dies or hangs in between? True counts as if they
   * had been made. `others`: calls of other ports than the store.
   */
  passes(reads: number, others?: number): boolean;
  /** Has any case a due time until `now` (epoch ms)? */
  isDue(now: number): boolean;
  /** Revision of a record, 0 where there is none. */
  revOf(key: RecordKey): number;
  /** Changes with every write in this collection. */
  versionOf(collection: string): number;
  isEmpty(collection: string): boolean;
  /** Would `acquire` be refused, because another one holds this lease? */
  isTaken(lease: string, owner: string, times: { readonly now: number; readonly takeoverMs: number }): boolean;
  /** Renews as the store would, at once, if that call passes; undefined: it does not, or this is not its lease any more. */
  renew(lease: Lease, times: { readonly now: number; readonly leaseMs: number }): Lease | undefined;
  /** What the outside kill switch reads as. */
  outsideSwitch(): "on" | "off" | "unknown";
}
