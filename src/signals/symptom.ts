/**
 * Guesses what kind of bad a message means, and which kind of evidence it is. A guess: `medic.yaml` may say otherwise per alarm.
 */
import { symptoms } from "../domain/words.ts";
import type { EvidenceKind, Symptom } from "../domain/words.ts";
import type { CompositeChange, Parsed, WatchedMetric } from "./parsed.ts";

export interface Guess {
  readonly symptom: Symptom;
  readonly evidenceKind: EvidenceKind;
}

/** What is known about another alarm by name (config, stored inventory); null when nothing is. */
export type LookUpAlarm = (alarmName: string) => Guess | null;

export type MetricName = Pick<WatchedMetric, "namespace" | "name">;

interface Rule extends Guess {
  readonly namespace?: RegExp;
  readonly name: RegExp;
}

/** The first rule that fits holds. Whatever fits none is a warning from a metric. */
const RULES: readonly Rule[] = [
  { namespace: /^AWS\/EC2$/, name: /^StatusCheckFailed_System$/, symptom: "host", evidenceKind: "ec2" },
  { namespace: /^AWS\/EC2$/, name: /^StatusCheckFailed/, symptom: "os", evidenceKind: "ec2" },
  { namespace: /^CloudWatchSynthetics$/, name: /^Duration$/, symptom: "overloaded", evidenceKind: "canary" },
  {
    namespace: /^CloudWatchSynthetics$/,
    name: /^(?:SuccessPercent|Failed|Failed requests|5xx)$/i,
    symptom: "down",
    evidenceKind: "canary",
  },
  { namespace: /^CloudWatchSynthetics$/, name: /./, symptom: "warning", evidenceKind: "canary" },
  { namespace: /^AWS\/Route53$/, name: /^(?:HealthCheck|ChildHealthCheck)/, symptom: "down", evidenceKind: "target" },
  {
    namespace: /^AWS\/Route53$/,
    name: /^(?:ConnectionTime|TimeToFirstByte|SSLHandshakeTime)$/,
    symptom: "overloaded",
    evidenceKind: "metric",
  },
  { name: /^UnHealthy(?:Host|State)|^HealthyHostCount$|^HealthyState/i, symptom: "targets", evidenceKind: "target" },
  { name: /5xx|_50[0-9]_/i, symptom: "down", evidenceKind: "metric" },
  // Burst credits run out before a machine is overloaded, and a disk's latency is not the service's.
  { name: /^CPU(?:Credit|Surplus)/i, symptom: "warning", evidenceKind: "metric" },
  { namespace: /^AWS\/EBS$/, name: /./, symptom: "warning", evidenceKind: "metric" },
  { name: /^cpu|^(?:\w+_)?cpu_?(?:usage|util)/i, symptom: "overloaded", evidenceKind: "metric" },
  { name: /latency|response_?time|request_?count/i, symptom: "overloaded", evidenceKind: "metric" },
];

const UNKNOWN: Guess = { symptom: "warning", evidenceKind: "metric" };

/** States in which an instance that should serve does not. */
const GONE = new Set(["stopping", "stopped", "shutting-down", "terminated"]);

export function guessOfMetric(metric: MetricName): Guess {
  const rule = RULES.find((one) => (one.namespace?.test(metric.namespace) ?? true) && one.name.test(metric.name));
  return rule ?? UNKNOWN;
}

/** Worst first is the order of `symptoms`; null for none. */
export function worstOf(guesses: readonly Guess[]): Guess | null {
  let worst: Guess | null = null;
  for (const guess of guesses) {
    if (worst === null || symptoms.indexOf(guess.symptom) < symptoms.indexOf(worst.symptom)) worst = guess;
  }
  return worst;
}

/**
 * The guess for one message, or null when it says nothing about a service's health (a hook, a test, an instance that starts).
 * For an alarm it is the same in every state: an OK takes back what its ALARM meant.
 */
export function guessOf(parsed: Parsed, lookUp: LookUpAlarm = () => null): Guess | null {
  switch (parsed.cls) {
    case "alarm":
    case "alarm_contributor":
      return pick(worstOf(parsed.metrics.map(guessOfMetric)));
    case "composite_alarm":
      return guessOfComposite(parsed, lookUp);
    case "canary":
      return parsed.failed === null ? null : { symptom: "down", evidenceKind: "canary" };
    case "ec2_state":
      return GONE.has(parsed.instanceState) ? { symptom: "down", evidenceKind: "ec2" } : null;
    case "spot_interruption":
      return { symptom: "down", evidenceKind: "ec2" };
    case "asg_activity":
      return parsed.failed ? UNKNOWN : null;
    case "instance_refresh":
    case "ebs":
      return parsed.incident === true ? UNKNOWN : null;
    case "health":
      return UNKNOWN;
    case "alarm_config_change":
    case "asg_test":
    case "lifecycle_hook":
    case "rebalance":
    case "subscription_confirmation":
    case "unsubscribe_confirmation":
    case "unrecognised_text":
    case "unrecognised_json":
    case "unrecognised_event":
      return null;
  }
}

/** As bad as the worst child that made it change; when none is named, as the worst in its rule. */
function guessOfComposite(parsed: CompositeChange, lookUp: LookUpAlarm): Guess {
  const names = parsed.children.length > 0 ? parsed.children : parsed.ruleChildren;
  return pick(worstOf(names.map(lookUp).filter((guess) => guess !== null)));
}

function pick(guess: Guess | null): Guess {
  return guess === null ? UNKNOWN : { symptom: guess.symptom, evidenceKind: guess.evidenceKind };
}
