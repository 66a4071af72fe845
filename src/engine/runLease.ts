/** The right to act on one service. Renewed in the background; whoever is about to act asks whether enough of it is left. */
import { codeOf, sentenceOf } from "../domain/errors.ts";
import type { Timing } from "../domain/timing.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Lease, Leases } from "../ports/store.ts";
import { AbandonRun } from "../recovery/control.ts";

export interface HeldLease {
  readonly fence: number;
  /** Aborts when the lease is lost or given back. */
  readonly signal: AbortSignal;
  /** Throws AbandonRun unless the lease is ours for longer than the slowest call and the clocks' skew. */
  assertMargin(): Promise<void>;
  release(): Promise<void>;
}

export interface LeaseParts {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly log: Log;
  readonly worker: string;
}

/** undefined: somebody else holds it, or its time has not come. Throws the store's errors. */
export async function takeLease(parts: LeaseParts, name: string): Promise<HeldLease | undefined> {
  const { leases, clock, timing, worker } = parts;
  const { leaseMs, takeoverMs } = timing;
  const lease = await leases.acquire(name, worker, { now: clock.now(), leaseMs, takeoverMs });
  return lease && hold(parts, lease);
}

function hold(parts: LeaseParts, first: Lease): HeldLease {
  const { leases, clock, timing, log } = parts;
  const ended = new AbortController();
  let lease = first;

  const renew = async (): Promise<void> => {
    // Counted from before the call: the store's clock starts no later.
    const renewed = await leases.renew(lease, { now: clock.now(), leaseMs: timing.leaseMs });
    if (renewed) lease = renewed;
    else lose("another worker took it");
  };
  const lose = (why: string) => {
    if (ended.signal.aborted) return;
    log.warn("lease-lost", { lease: lease.name, why });
    ended.abort();
  };
  const keepRenewing = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await clock.sleep(timing.leaseRenewMs, ended.signal);
      if (ended.signal.aborted) return;
      try {
        await renew();
      } catch (error) {
        log.warn("lease-not-renewed", { lease: lease.name, code: codeOf(error), detail: sentenceOf(error) });
        if (clock.now() >= lease.until) lose("it expired and could not be renewed");
      }
    }
  };
  void keepRenewing();

  const marginMs = timing.awsCallMs + timing.clockSkewMs;
  const hasMargin = () => !ended.signal.aborted && lease.until - clock.now() >= marginMs;
  return {
    fence: first.fence,
    signal: ended.signal,
    assertMargin: async () => {
      if (!hasMargin() && !ended.signal.aborted) await renew();
      if (!hasMargin()) throw new AbandonRun(`its lease ${lease.name} has too little time left`);
    },
    release: async () => {
      ended.abort();
      await leases.release(lease);
    },
  };
}
