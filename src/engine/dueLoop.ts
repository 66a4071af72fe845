/**
 * Time made into events. The index says which cases may be due; each is read strongly before anything is believed. A case that is
 * due only because it owes something (Slack is down) is looked at less and less often, so that an outage does not become a storm of
 * writes.
 */
import { hasPassed } from "../ports/clock.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Glance } from "../ports/glance.ts";
import type { Cases } from "../ports/store.ts";
import type { EventHandler } from "./handleEvent.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";

export interface DueParts extends LoopParts {
  readonly cases: Cases;
  readonly glance: Glance | undefined;
  readonly handler: EventHandler;
  /** The sender sees every due case at once, whoever committed it: only one worker speaks. */
  readonly onSeen: (current: ServiceCase) => void;
  /** The relay looks at what this committed case owes. */
  readonly onLook: (current: ServiceCase) => void;
}

export const dueMs = 1_000;
/** More than a storm brings in one second; the rest is due in the next one. */
const dueLimit = 500;
const width = 16;
/** The worker that committed a case goes first; others step in when it has not within this. */
const othersWaitMs = 3_000;
const pauseMostMs = 5_000;

interface Watched {
  readonly rev: number;
  readonly at: number;
  readonly pauseMs: number;
}

export function dueLoop(parts: DueParts): LoopDefinition {
  const watched = new Map<ServiceName, Watched>();
  return {
    name: "due",
    periodMs: dueMs,
    idle: () =>
      parts.glance !== undefined &&
      watched.size === 0 &&
      !parts.glance.isDue(parts.clock.now()) &&
      parts.glance.passes(1),
    round: async () => {
      const now = parts.clock.now();
      const due = await parts.cases.due(now, dueLimit);
      const rested = (each?: Watched) => each === undefined || hasPassed(parts.clock, each.at, each.pauseMs);
      const open = due.filter((service) => rested(watched.get(service)));
      await eachGuarded(parts, { name: "due", items: open, width }, (service) => look(parts, watched, service));
      // What is not due any more needs no memory.
      for (const service of watched.keys()) if (!due.includes(service)) watched.delete(service);
    },
  };
}

async function look(parts: DueParts, watched: Map<ServiceName, Watched>, service: ServiceName): Promise<void> {
  const { clock, handler } = parts;
  const known = handler.known(service);
  const current = await handler.load(service);
  const now = clock.now();
  if (current?.due === undefined || current.due > now) return;
  parts.onSeen(current);
  const isOurs = known?.rev === current.rev;
  const moved = watched.get(service)?.rev !== current.rev;
  if (!isOurs && moved && now - current.due < othersWaitMs) return;
  parts.onLook(current);
  const handled = await handler.handle(service, { kind: "due" });
  const after = handled.kind === "changed" ? handled.current : current;
  if (after.due === undefined || after.due > now) return void watched.delete(service);
  const before = watched.get(service);
  const pauseMs = Math.min((before?.pauseMs ?? dueMs / 2) * 2, pauseMostMs);
  watched.set(service, { rev: after.rev, at: now, pauseMs });
}

/** At start and every hour: every case is looked at, and torn index entries are written anew. */
export const scanMs = 60 * 60 * 1000;

export function scanLoop(parts: DueParts): LoopDefinition {
  return {
    name: "scan",
    periodMs: scanMs,
    round: async () => {
      const repaired = await parts.cases.repair();
      if (repaired > 0) {
        parts.metrics.count("medic_index_repaired_total", {}, repaired);
        parts.log.warn("index-repaired", { entries: repaired });
      }
      for await (const current of parts.cases.all()) {
        parts.handler.learn(current);
        if (current.due === undefined) continue;
        parts.onSeen(current);
        parts.onLook(current);
      }
    },
  };
}
