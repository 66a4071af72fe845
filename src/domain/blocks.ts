/**
 * Why an automatic run must not start now. Asked when a veto window has ended and once more right before the run is committed.
 * The order is the order in which a person would want to hear it; the first that holds is shown on the card.
 */
import type { Draft } from "./draft.ts";
import { autoRunsPerDayMax, dayMs } from "./limits.ts";
import { reason, type Reason, type ReasonCode } from "./reasons.ts";

/**
 * Blocks that may last for hours: people who read "does not run by itself" then must be told anew, with a fresh veto window, when
 * it would. The others (busy, thin evidence, EC2's own action) pass within minutes and run when they have passed.
 */
const longBlocks: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "blocked-storm",
  "blocked-silence",
  "blocked-switch-off",
  "blocked-stopped-by-person",
  "config-gone",
]);

export function endsWithWindow({ code }: Reason): boolean {
  return longBlocks.has(code);
}

export function automaticBlock(draft: Draft, moment: "veto-ended" | "before-run"): Reason | undefined {
  const { current, facts, now } = draft;
  const { incident, hold } = current;
  if (facts.service === undefined) return reason("config-gone");
  if (hold && now < hold.until) return reason("blocked-hold", { until: hold.until });
  if (incident?.toldAt === undefined) return reason("blocked-not-told");
  if (incident.stoppedByPerson) return reason("blocked-stopped-by-person");
  if (facts.silence && now < facts.silence.until) return reason("blocked-silence", { until: facts.silence.until });
  const recent = current.autoRuns.filter((endedAt) => now - endedAt < dayMs).length;
  if (recent >= autoRunsPerDayMax) return reason("blocked-cap", { count: recent });
  const acts = current.bad.find((b) => b.awsActs !== undefined && now - b.since < facts.timing.awsRoomMs);
  if (acts?.awsActs) return reason("blocked-aws-acts", { action: acts.awsActs });
  return worldBlock(draft, moment);
}

function worldBlock({ current, facts, now }: Draft, moment: "veto-ended" | "before-run"): Reason | undefined {
  if (facts.storm.active) return reason("blocked-storm", { scope: current.placement.scope });
  if (now < facts.warmUntil) return reason("blocked-warm-up");
  if (facts.autopilot.state === "off") return reason("blocked-switch-off");
  // The last look at the switch must be fresh; before that, an older one only spares people a wrong sentence on the card.
  const fresh = moment === "veto-ended" || now - facts.autopilot.readAt <= facts.timing.killSwitchAgeMs;
  if (facts.autopilot.state === "unknown" || !fresh) return reason("blocked-switch-unknown");
  return undefined;
}
