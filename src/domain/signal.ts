/** One verified, parsed thing that came in, already matched to a service: what `decide` sees of the outside. */
import type { EvidenceKind, InstanceId, Symptom, Verdict } from "./words.ts";

export interface Signal {
  /** Hash of the change itself (not of the message that told it): two messages about one change have one key. */
  readonly key: string;
  readonly source: "sns" | "sqs" | "probe" | "reconcile" | "person";
  readonly kind: "alarm" | "probe" | "instance-state" | "asg" | "health" | "spot" | "other";
  /** What is good or bad: the alarm's name (plus ` · contributor`), "probe", or "instance i-…". Unique within a service. */
  readonly subject: string;
  readonly verdict: Verdict;
  readonly symptom: Symptom;
  readonly evidenceKind: EvidenceKind;
  /** When it changed, by the event's own time (epoch ms). */
  readonly at: number;
  /** One sentence for people, clipped. */
  readonly reason: string;
  /** The instance it speaks of, when it names one: signals about a former placement never make the service bad. */
  readonly instanceId?: InstanceId;
  /** CloudWatch itself ran no action (suppressed, muted): noted, opens nothing. */
  readonly quiet?: "suppressed" | "muted";
  /** The message was older than `oldMessageMs` when it came: it causes a fresh read and nothing else. */
  readonly old?: boolean;
  /** The alarm carries EC2's own recover or reboot action: give AWS room first. */
  readonly awsActs?: "recover" | "reboot" | "stop" | "terminate";
  /** Metric behind an alarm, for the chart: namespace, name, dimensions, statistic, period, threshold. */
  readonly metric?: MetricReference;
  /** period × evaluations of the alarm: how long it may take to say OK after the service is well. */
  readonly alarmSpanMs?: number;
  readonly alarmArn?: string;
}

export interface MetricReference {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodMs: number;
  readonly threshold?: number;
}
