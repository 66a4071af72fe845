/** A plan in sentences before anyone decides: from what to what, what will be unreachable and for how long, what is lost. */
import type { Recovery } from "./words.ts";

export interface Preview {
  readonly recovery: Recovery;
  /** Epoch ms: when the world was read. */
  readonly readAt: number;
  /** "198.51.100.10 moves from i-0aaa (eu-west-1a) to i-0bbb (eu-west-1b)": the one sentence that must be read. */
  readonly headline: string;
  readonly steps: readonly string[];
  /** "3 to 6 min". */
  readonly downtime: string;
  /** Words for the card's "Data" line: "kept", "as of 02:14 UTC (47 min old)". */
  readonly data: string;
  /** Words for the card's "Public address" line. */
  readonly address: string;
  /** What a person must know: fail-open, a policy that would undo it, an API that lives in us-east-1. */
  readonly mind: readonly string[];
  /** Set when it could not run now, with the reason and the remedy. */
  readonly refused?: {
    readonly code: string;
    readonly why: string;
    readonly remedy: string;
    /** It could not be read, so nobody knows: an order is tried all the same. */
    readonly unread?: true;
  };
  /** Epoch ms of the data that would come back; the card counts its age. */
  readonly dataAsOf?: number;
}
