/** What the sender's parts share. Lives in memory only: after a crash everything is found again from cases, records and Slack. */
import type { Glance } from "../ports/glance.ts";
import type { Cases, Lease, Leases, Records } from "../ports/store.ts";
import type { Pace } from "./pace.ts";
import type { CardSender, CardSenderParts } from "./senderCard.ts";
import type { SenderQueue } from "./senderQueue.ts";
import type { ThreadSender } from "./senderThread.ts";

export interface SenderParts extends CardSenderParts {
  readonly cases: Pick<Cases, "load" | "all">;
  readonly records: Records;
  readonly leases: Leases;
  readonly glance?: Glance | undefined;
  /** Names this worker to the lease. */
  readonly worker: string;
}

export interface SenderState {
  readonly parts: SenderParts;
  readonly queue: SenderQueue;
  readonly pace: Pace;
  readonly cards: CardSender;
  readonly threads: ThreadSender;
  lease: Lease | undefined;
  /** Since when this worker has been the sender without a break. */
  heldSince: number;
  running: number;
  /** Calls in a row that Slack did not answer. */
  failures: number;
  /** When something that waits may go; undefined: nothing waits for time. */
  nextAt: number | undefined;
  wake: AbortController;
  /** When it was last looked what may go (epoch ms). */
  lookedAt: number;
}

export function holds({ lease, parts }: SenderState): boolean {
  return lease !== undefined && parts.clock.now() < lease.until - parts.settings().timing.clockSkewMs;
}
