/** Nothing goes wrong any more, and somebody attends: everything must come to rest. */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import { caseIn, type MemoryTable } from "../../src/memory/memoryTable.ts";
import { attend, switchAutopilot, type Attending } from "./people.ts";

const minute = 60_000;
/** Two rungs with their vetoes, runs, verifications and lagging alarms, after a storm's quiet time. */
const restMs = 240 * minute;
/**
 * What broke in the last moment is no alarm yet: a status check takes a minute to see it, an alarm two more, and its message is late by
 * up to two. Rounds are a minute apart, the first at once.
 */
const restedRoundsMin = 6;

export interface Resting extends Attending {
  readonly table: MemoryTable;
  readonly hire: () => void;
}

/** Somebody attends now: says autopilot on, ends holds, approves what is offered on the card. */
export async function comeToRest(parts: Resting): Promise<boolean> {
  const { clock, alive, hire, settings, table, tell, laws } = parts;
  const until = clock.now() + restMs;
  let restedRounds = 0;
  while (clock.now() < until) {
    // A death that was due already may still come.
    while (alive().length < 2) hire();
    const [worker] = alive();
    const open = [...settings.services.keys()].filter((service) => !rests(caseIn(table, service)));
    restedRounds = open.length === 0 ? restedRounds + 1 : 0;
    if (restedRounds === restedRoundsMin) return true;
    if (worker) {
      switchAutopilot({ tell, laws }, worker, "on");
      for (const service of open) {
        const current = caseIn(table, service);
        if (current) attend(parts, worker, current);
      }
    }
    await clock.advance(minute);
  }
  return false;
}

/** The last cards and records follow within moments; something may have come due in this very one. */
export async function settle({ clock, settings, table }: Resting): Promise<void> {
  await clock.advance(minute);
  await clock.runUntil(() => [...settings.services.keys()].every((service) => rests(caseIn(table, service))), minute);
}

function rests(current: ServiceCase | undefined): boolean {
  if (current === undefined) return true;
  const { phase, owes, entries, incident } = current;
  const still = phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "needs-person";
  const shows = incident === undefined || (current.shown?.version ?? 0) >= current.cardVersion;
  return still && owes.length === 0 && entries.length === 0 && shows;
}
