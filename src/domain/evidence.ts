/** Fresh reads about a service, by kind. Unknown alone never runs anything; a good ec2 check does not outvote two bad others. */
import type { EvidenceKind, Verdict } from "./words.ts";

export interface Reading {
  readonly kind: EvidenceKind;
  readonly verdict: Verdict;
  /** When it was read (epoch ms). */
  readonly readAt: number;
  /** One short sentence: "instance check impaired since 14:21". */
  readonly detail: string;
}

export interface Evidence {
  readonly readings: readonly Reading[];
  /** Every alarm of the bad set, read again: what CloudWatch says now. Absent names could not be read. */
  readonly alarms: readonly {
    readonly subject: string;
    readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
    /** When CloudWatch says that it came into this state: an OK from before the known ALARM is a read that lags behind. */
    readonly changedAt?: number;
  }[];
  /** Set when the instance is in this state because a person stopped or terminated it (StateTransitionReason says User). */
  readonly stoppedByPerson?: boolean;
  /** Set when EC2 says that the placement's instance is terminated or on its way there: its own words about it, maybe empty. */
  readonly terminated?: string;
  /** What changed lately, newest first, for the card: launches, state changes, group activities, own runs. */
  readonly changes?: readonly string[];
}

export function kindsThatSay(evidence: Evidence, verdict: Verdict, newerThan = 0): EvidenceKind[] {
  const kinds = evidence.readings.filter((r) => r.verdict === verdict && r.readAt >= newerThan).map((r) => r.kind);
  return [...new Set(kinds)];
}
