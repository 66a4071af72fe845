/** Pure questions about an incident's frozen ladder. */
import type { Rung } from "./service.ts";
import type { Incident } from "./serviceCase.ts";
import { symptoms, type Recovery, type Symptom } from "./words.ts";

/** True when `a` is worse than `b`; the order stands in words.ts. */
export function isWorse(a: Symptom, b: Symptom): boolean {
  return symptoms.indexOf(a) < symptoms.indexOf(b);
}

export function worstOf(all: readonly Symptom[]): Symptom {
  return all.reduce<Symptom>((worst, s) => (isWorse(s, worst) ? s : worst), "warning");
}

/**
 * The symptom of an incident: the worst, except that a bad host always leads. "Down" says that users notice, "host" says why, and
 * a reboot would stay on that host.
 */
export function leadingSymptom(all: readonly Symptom[]): Symptom {
  return all.includes("host") ? "host" : worstOf(all);
}

/**
 * The first rung above the highest that acted; undefined at the end of the ladder. One that people refused is not skipped: a
 * "no" to a restart is no "yes" to what is harsher, so the caller asks a person.
 */
export function nextRung(incident: Incident): NextRung | undefined {
  const index = incident.highestActed + 1;
  const rung = incident.ladder[index];
  return rung && { index, rung, refused: incident.refusedRungs.includes(index) };
}

export interface NextRung {
  readonly index: number;
  readonly rung: Rung;
  readonly refused: boolean;
}

/** Which rung a person's order stands for: the next one when it is the same recovery; else -1, which does not move the ladder. */
export function rungOf(incident: Incident, recovery: Recovery): number {
  const next = nextRung(incident);
  return next?.rung.recovery === recovery ? next.index : -1;
}

/**
 * How many different people must approve an order: what the ladder asks for this recovery, else the most that it asks for any.
 * Ordering something that stands beside the ladder must not be the way round a second pair of eyes.
 */
export function approvalsForOrder(rungs: readonly Rung[], recovery: Recovery): number {
  const asks = rungs.filter((rung) => rung.mode === "approve");
  const same = asks.filter((rung) => rung.recovery === recovery);
  return Math.max(1, ...(same.length > 0 ? same : asks).map((rung) => rung.approvals));
}

/** The only reasons for which a refused or failed run climbs at once: the world is so, and waiting does not mend it. */
export const worldsReasons = ["instance-gone", "no-capacity", "no-snapshot", "type-not-offered"] as const;

/** A plan may decline to climb for one of these; it cannot climb for anything else, whatever it claims. */
export function mayClimb({ code, climb }: { readonly code: string; readonly climb: boolean }): boolean {
  return climb && (worldsReasons as readonly string[]).includes(code);
}

/** What an order may be that brings no service back: it ends without a proof, and it never runs while something is bad. */
export function isErrand(recovery: Recovery): boolean {
  return recovery === "drill" || recovery === "prune";
}

/** Does it act on the instance itself, so that nothing is left to do when that is terminated? */
export function needsInstance(recovery: Recovery): boolean {
  return (
    recovery === "reboot" || recovery === "restart" || recovery === "stop-start" || recovery === "force-stop-start"
  );
}

/** Ends by the clock and not by the world: whether the effect happened is looked at before anything else is said. */
const timeouts = ["run-overdue", "step-timed-out"];

export function isTimeout(code: string): boolean {
  return timeouts.includes(code);
}

/** A reboot loses nothing but time, scale-out only adds; the last three are ordered by a person and stop nothing that serves. */
const takesNothingAway: readonly Recovery[] = ["reboot", "scale-out", "raise-max", "drill", "prune"];

/**
 * Does it break more than a reboot would? Those need two kinds of evidence before they run by themselves. A restart starts
 * with a reboot, except for a bad host, where a reboot stays on the same host and is skipped.
 */
export function isDestructive(recovery: Recovery, symptom: Symptom): boolean {
  if (recovery === "restart") return symptom === "host";
  return !takesNothingAway.includes(recovery);
}
