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

/** The first rung above the highest that acted, leaving out what people refused; undefined at the end of the ladder. */
export function nextRung(incident: Incident): { readonly index: number; readonly rung: Rung } | undefined {
  for (let index = incident.highestActed + 1; index < incident.ladder.length; index += 1) {
    const rung = incident.ladder[index];
    if (rung !== undefined && !incident.refusedRungs.includes(index)) return { index, rung };
  }
  return undefined;
}

/** Which rung a person's order stands for: the first not yet acted one of that name; -1 beside the ladder. */
export function rungOf(incident: Incident, recovery: Recovery): number {
  return incident.ladder.findIndex((rung, index) => index > incident.highestActed && rung.recovery === recovery);
}

/**
 * Does it break more than a reboot would? Those need two kinds of evidence before they run by themselves. A restart starts
 * with a reboot, except for a bad host, where a reboot stays on the same host and is skipped.
 */
export function isDestructive(recovery: Recovery, symptom: Symptom): boolean {
  switch (recovery) {
    case "reboot":
      return false;
    case "restart":
      return symptom === "host";
    case "stop-start":
    case "force-stop-start":
      return true;
  }
}
