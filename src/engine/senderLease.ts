/** Who speaks: one worker by lease. A takeover looks at every card once. */
import { codeOf } from "../domain/errors.ts";
import { holds, type SenderState } from "./senderState.ts";
import { pump } from "./senderTurn.ts";
import { notTheSender, offerCard } from "./senderWishes.ts";

export const senderLease = "sender";

/** Renews until aborted, then gives the lease back so that the next one need not wait for its end. */
export async function keepLease(state: SenderState, signal: AbortSignal): Promise<void> {
  const { clock, settings, leases, log } = state.parts;
  while (!signal.aborted) {
    await tryLease(state);
    await clock.sleep(settings().timing.leaseRenewMs, signal, () => isSettled(state));
  }
  const { lease } = state;
  // Whoever waits for a message of no service must not wait for ever; cards are found again by the next sender.
  dropEverything(state);
  if (lease === undefined) return;
  try {
    await leases.release(lease);
  } catch (error) {
    log.warn("sender-lease-not-released", { code: codeOf(error), next: "It runs out by itself." });
  }
}

/** What `tryLease` would do, where that is only one more renewal or one more refusal. */
function isSettled(state: SenderState): boolean {
  const { glance, clock, settings, worker } = state.parts;
  if (glance === undefined) return false;
  const { leaseMs, takeoverMs } = settings().timing;
  const now = clock.now();
  if (state.lease === undefined) return glance.isTaken(senderLease, worker, { now, takeoverMs }) && glance.passes(1);
  const lease = glance.renew(state.lease, { now, leaseMs });
  state.lease = lease ?? state.lease;
  return lease !== undefined;
}

async function tryLease(state: SenderState): Promise<void> {
  const { leases, clock, settings, worker, log } = state.parts;
  const { leaseMs, takeoverMs } = settings().timing;
  const now = clock.now();
  try {
    const renewed = state.lease ? await leases.renew(state.lease, { now, leaseMs }) : undefined;
    if (renewed) {
      state.lease = renewed;
      return;
    }
    if (state.lease) dropEverything(state);
    const lease = await leases.acquire(senderLease, worker, { now, leaseMs, takeoverMs });
    if (lease === undefined) return;
    state.lease = lease;
    state.heldSince = clock.now();
    log.info("sender-taken", { worker, fence: lease.fence });
    await sweep(state);
  } catch (error) {
    // Until the store answers, the lease runs out by itself, and with it the right to speak.
    log.warn("sender-lease-unread", { code: codeOf(error) });
  }
}

function dropEverything(state: SenderState): void {
  state.lease = undefined;
  state.cards.forget();
  state.threads.forget();
  for (const job of state.queue.clear()) if (job.kind === "say") job.failed(notTheSender());
}

/** Whoever spoke before may have stopped in the middle of a word. */
async function sweep(state: SenderState): Promise<void> {
  for await (const current of state.parts.cases.all()) {
    if (!holds(state)) return;
    offerCard(state, current);
  }
  pump(state);
}
