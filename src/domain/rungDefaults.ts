/** What a rung says when nobody said otherwise, and the ladder of a service that has none. */
import type { Ladders, Rung } from "./service.ts";
import type { Timing } from "./timing.ts";
import type { Mode, Pattern, Recovery, Symptom } from "./words.ts";

/** The sum of a plan's waits: a limit below it would cut a healthy plan off. */
export function stepsMs(recovery: Recovery, timing: Timing): number {
  const t = timing;
  switch (recovery) {
    case "reboot":
      return t.rebootSettleMs + t.verifySettleMs;
    case "stop-start":
      // A stop that is stuck is forced.
      return t.stopSettleMs + t.forceStopSettleMs + t.startSettleMs + t.verifySettleMs;
    case "force-stop-start":
      return t.forceStopSettleMs + t.startSettleMs + t.verifySettleMs;
    case "restart":
      return t.rebootSettleMs + t.stopSettleMs + t.forceStopSettleMs + t.startSettleMs + t.verifySettleMs;
  }
}

export function defaultRung(recovery: Recovery, mode: Mode, timing: Timing): Rung {
  const limitMs = recovery === "restart" ? timing.restartLimitMs : stepsMs(recovery, timing);
  return { recovery, mode, vetoMs: timing.vetoRestartMs, approvals: 1, limitMs };
}

/** The recoveries that act on one instance by its id; a member of a group would be replaced while it is stopped. */
export function runsOnPattern(_recovery: Recovery, pattern: Pattern): boolean {
  return pattern === "instance" || pattern === "standby" || pattern === "dns-pair";
}

/** Everything but a reboot takes the machine away for a while: it needs two kinds of evidence before it runs by itself. */
export function isDestructive(recovery: Recovery): boolean {
  return recovery !== "reboot";
}

/** A new service starts in `observe`: it shows what it would do until its owner trusts it with more. */
export function defaultLadders(pattern: Pattern, timing: Timing): Ladders {
  if (!runsOnPattern("restart", pattern)) return {};
  const rungs = [defaultRung("restart", "observe", timing)];
  const restartable: readonly Symptom[] = ["down", "host", "os", "targets"];
  return Object.fromEntries(restartable.map((symptom) => [symptom, rungs]));
}
