/**
 * The one voice of the bot in a workspace. Slack's limits are the workspace's, so one sender at a time (a lease) posts and updates;
 * any worker may hold it. It waits for nothing but Slack: the first card of an incident goes out in the same turn in which its
 * case was committed.
 */
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { MessageRef } from "../ports/chat.ts";
import { createPace } from "./pace.ts";
import { createCardSender } from "./senderCard.ts";
import { keepLease } from "./senderLease.ts";
import { createSenderQueue } from "./senderQueue.ts";
import { holds, type SenderParts, type SenderState } from "./senderState.ts";
import { createThreadSender } from "./senderThread.ts";
import { pump } from "./senderTurn.ts";
import { offerCard, wishSaid, type SaidMessage } from "./senderWishes.ts";

export type { SaidMessage } from "./senderWishes.ts";
export type { SenderParts } from "./senderState.ts";

export interface Sender {
  /**
   * A case as just committed or read: its card is brought up to date. Returns at once, never throws. Without the lease it does
   * nothing: the holder finds the case through its `due`.
   */
  offer(current: ServiceCase): void;
  /** Cards of no service: digest, unmatched alarm, storm. Resolves when Slack has it; rejects when this worker is not the sender. */
  send(message: SaidMessage): Promise<MessageRef>;
  /** Is this worker the sender now? */
  holds(): boolean;
  /** Runs until aborted; then gives the lease back. */
  run(signal: AbortSignal): Promise<void>;
  /** What waits or is being sent. */
  pending(): number;
}

/** Nothing waits for time: look again at the latest then (the lease is renewed on its own). */
const idleMs = 60_000;

export function createSender(parts: SenderParts): Sender {
  const state: SenderState = {
    parts,
    queue: createSenderQueue(),
    pace: createPace(),
    cards: createCardSender(parts),
    threads: createThreadSender(parts),
    lease: undefined,
    heldSince: Infinity,
    running: 0,
    failures: 0,
    nextAt: undefined,
    wake: new AbortController(),
    lookedAt: -Infinity,
  };
  return {
    holds: () => holds(state),
    pending: () => state.queue.jobs.size,
    offer(current) {
      if (!holds(state)) return;
      offerCard(state, current);
      pump(state);
    },
    send(message) {
      const sent = wishSaid(state, message);
      pump(state);
      return sent;
    },
    run: (signal) => run(state, signal),
  };
}

async function run(state: SenderState, signal: AbortSignal): Promise<void> {
  const { clock } = state.parts;
  const stop = () => state.wake.abort();
  signal.addEventListener("abort", stop, { once: true });
  const leasing = keepLease(state, signal);
  while (!signal.aborted) {
    pump(state);
    state.wake = new AbortController();
    const waitMs = state.nextAt === undefined ? idleMs : Math.max(state.nextAt - clock.now(), 1);
    await clock.sleep(waitMs, state.wake.signal);
  }
  signal.removeEventListener("abort", stop);
  await leasing;
}
