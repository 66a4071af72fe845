/** CloudWatch in our words: alarms as they are now, and the few points of a metric that a card shows. */
import type { MetricReference } from "../domain/signal.ts";

export interface AlarmView {
  readonly name: string;
  readonly arn: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** StateTransitionedTimestamp, else StateUpdatedTimestamp (epoch ms). */
  readonly changedAt: number;
  readonly reason: string;
  readonly composite: boolean;
  readonly metric?: MetricReference;
  /** period × evaluations. */
  readonly spanMs?: number;
  /** For composite alarms: the rule's text. */
  readonly rule?: string;
  /** ARNs of actions on ALARM and on OK. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Alarms {
  /** By exact name, metric and composite; what does not exist is left out. Chunks by 100. */
  byName(names: readonly string[]): Promise<AlarmView[]>;
  /** Every alarm in ALARM, metric and composite, paginated, at most 2 calls/s. */
  inAlarm(): Promise<AlarmView[]>;
  /** Every alarm whose name starts with this, for discover and readiness. */
  byPrefix(prefix: string): Promise<AlarmView[]>;
  /** At most `points` newest values, oldest first; [] when there is no data. */
  points(
    metric: MetricReference,
    points: number,
    now: number,
  ): Promise<{ readonly at: number; readonly value: number }[]>;
}
