/** Which durations cannot stand together: the relations that the rest of the program relies on, asserted at start. */
import { limitOf, stepsMs, waitsOf } from "./rungDefaults.ts";
import type { Timing } from "./timing.ts";
import { recoveries } from "./words.ts";

export interface BrokenRelation {
  /** The settings that cannot stand together, as they are named in `Timing`. */
  readonly fields: readonly (keyof Timing)[];
  /** What must hold, with the numbers found. */
  readonly message: string;
}

/** The relations that the rest of the program relies on; an empty list means that all of them hold. */
export function brokenRelations(timing: Timing): BrokenRelation[] {
  const broken: BrokenRelation[] = [];
  const need = (holds: boolean, fields: readonly (keyof Timing)[], message: string) => {
    if (!holds) broken.push({ fields, message });
  };
  const t = timing;
  const slowestAct = t.leaseRenewMs + t.awsCallMs + t.clockSkewMs;
  need(
    t.leaseMs >= slowestAct,
    ["leaseMs", "leaseRenewMs", "awsCallMs", "clockSkewMs"],
    `lease (${seconds(t.leaseMs)}) must be at least renew + longest AWS call + clock skew (${seconds(slowestAct)}), else two workers may act at once`,
  );
  need(
    t.approvalWarnMs < t.approvalLapsesMs,
    ["approvalWarnMs", "approvalLapsesMs"],
    `the warning (${seconds(t.approvalWarnMs)} before) must come before the approval lapses (${seconds(t.approvalLapsesMs)})`,
  );
  need(
    t.confirmMs <= t.approvalLapsesMs,
    ["confirmMs", "approvalLapsesMs"],
    `confirming (${seconds(t.confirmMs)}) must end before the approval lapses (${seconds(t.approvalLapsesMs)})`,
  );
  need(
    t.mentionAfterMs <= t.escalateAfterMs,
    ["mentionAfterMs", "escalateAfterMs"],
    `the mention (${seconds(t.mentionAfterMs)}) must not come after the escalation (${seconds(t.escalateAfterMs)})`,
  );
  need(
    t.verifyPollMs * 2 <= t.verifySettleMs + t.verifySpanMs,
    ["verifyPollMs", "verifySettleMs", "verifySpanMs"],
    `two polls (${seconds(t.verifyPollMs * 2)}) must fit into verifying (${seconds(t.verifySettleMs + t.verifySpanMs)})`,
  );
  need(
    t.windowMs >= t.restartLimitMs,
    ["windowMs", "restartLimitMs"],
    `the window (${seconds(t.windowMs)}) must be at least one restart (${seconds(t.restartLimitMs)}), else the ladder never climbs`,
  );
  need(
    t.holdMs <= t.holdMaxMs,
    ["holdMs", "holdMaxMs"],
    `a plain hold (${seconds(t.holdMs)}) must not exceed the longest one (${seconds(t.holdMaxMs)})`,
  );
  need(
    t.dedupeMs >= t.oldMessageMs,
    ["dedupeMs", "oldMessageMs"],
    `dedupe (${seconds(t.dedupeMs)}) must outlive old messages (${seconds(t.oldMessageMs)}), else one change acts twice`,
  );
  return [...broken, ...brokenLimits(t), ...brokenLags(t)];
}

const seconds = (ms: number) => `${ms / 1000} s`;

/** A whole run's limit below the sum of its waits would cut a healthy plan off. One message for each setting. */
function brokenLimits(timing: Timing): BrokenRelation[] {
  const seen = new Set<string>();
  return recoveries.flatMap((recovery): BrokenRelation[] => {
    const limit = limitOf[recovery];
    const parts = stepsMs(recovery, timing);
    if (limit === undefined || timing[limit] >= parts || seen.has(limit)) return [];
    seen.add(limit);
    const words = `${recovery} limit (${seconds(timing[limit])}) must be at least the sum of its steps (${seconds(parts)})`;
    return [{ fields: [limit, ...waitsOf[recovery]], message: `${words}, else a healthy plan is cut off` }];
  });
}

/** What is found again by its tag may stay hidden for the lag; a wait that ends before the lag would call it missing. */
function brokenLags(timing: Timing): BrokenRelation[] {
  const made = ["imageSettleMs", "launchSettleMs", "attachSettleMs", "snapshotSettleMs", "addressSettleMs"] as const;
  return made
    .filter((wait) => timing[wait] <= timing.lagMs)
    .map((wait) => ({
      fields: ["lagMs", wait],
      message: `the lag of reads (${seconds(timing.lagMs)}) must be shorter than ${wait.replace(/Ms$/, "")} (${seconds(timing[wait])}), else what was made counts as missing before it can be seen`,
    }));
}
