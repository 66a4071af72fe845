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

/**
 * At rest, and so a minute later: what came due in the very last round (an alarm that had waited, a verdict) opens it all once more, and
 * somebody attends until that is over too. false = it never ends within the bound.
 */
export async function rested(parts: Resting): Promise<boolean> {
  const until = parts.clock.now() + restMs;
  while (parts.clock.now() < until) {
    if (!(await comeToRest(parts, until))) return false;
    if (await settle(parts)) return true;
  }
  return false;
}

/** Somebody attends now: says autopilot on, ends holds, approves what is offered on the card. */
async function comeToRest(parts: Resting, until: number): Promise<boolean> {
  const { clock, alive, hire, settings, table, tell, laws } = parts;
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
async function settle({ clock, settings, table }: Resting): Promise<boolean> {
  const all = () => [...settings.services.keys()].every((service) => rests(caseIn(table, service)));
  await clock.advance(minute);
  return clock.runUntil(all, minute);
}

function rests(current: ServiceCase | undefined): boolean {
  if (current === undefined) return true;
  const { phase, owes, entries, incident } = current;
  const still = phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "needs-person";
  const shows = incident === undefined || (current.shown?.version ?? 0) >= current.cardVersion;
  return still && owes.length === 0 && entries.length === 0 && shows;
}
