/**
 * The fleet's heartbeat. When nobody was there for a while, or the queue is old, the bot knows too little: it reads everything for
 * two reconcile periods before anything runs by itself.
 */
import type { Timing } from "../domain/timing.ts";
import type { Records } from "../ports/store.ts";
import type { LoopDefinition, LoopParts } from "./loop.ts";

export interface Heartbeat {
  readonly loop: LoopDefinition;
  /** No automatic run before this instant. */
  warmUntil(): number;
  /** The age of the oldest message that waits, as the queue's door sees it. */
  reportQueueAge(ageMs: number): void;
}

interface Beat {
  readonly at: number;
  readonly worker: string;
  readonly warmUntil: number;
}

export interface HeartbeatParts extends LoopParts {
  readonly records: Records;
  readonly timing: Timing;
  readonly worker: string;
}

const key = { collection: "fleet", id: "heartbeat" } as const;

export function makeHeartbeat(parts: HeartbeatParts): Heartbeat {
  const { records, clock, timing, worker, log } = parts;
  const warmMs = timing.reconcileMs * 2;
  // Until the first beat is read, nothing is known about the fleet.
  let warmUntil = clock.now() + warmMs;
  let fromQueue = 0;

  const beat = async (): Promise<void> => {
    const now = clock.now();
    const stored = await records.get<Beat>(key);
    const silentMs = stored ? now - stored.body.at : Infinity;
    const wasSilent = silentMs > timing.heartbeatSilentMs;
    if (wasSilent) log.warn("fleet-was-silent", { silentMs: stored ? silentMs : "always", warmMs });
    const next: Beat = { at: now, worker, warmUntil: wasSilent ? now + warmMs : (stored?.body.warmUntil ?? now) };
    const done = stored ? await records.replace(key, next, stored.rev) : await records.putIfAbsent(key, next);
    // Lost: another worker has just written the same minute; its word about warming up is read next time.
    warmUntil = done ? next.warmUntil : Math.max(warmUntil, stored?.body.warmUntil ?? 0);
  };

  return {
    loop: { name: "heartbeat", periodMs: Math.max(1_000, timing.heartbeatSilentMs / 4), round: beat },
    warmUntil: () => Math.max(warmUntil, fromQueue),
    reportQueueAge: (ageMs) => {
      if (ageMs > timing.queueAgeMs) fromQueue = clock.now() + warmMs;
    },
  };
}
