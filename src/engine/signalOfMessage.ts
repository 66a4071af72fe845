/** A parsed and matched message as the signal that a case decides on. What cannot make a service bad or good is still told. */
import { clip } from "../domain/limits.ts";
import type { Signal } from "../domain/signal.ts";
import type { InstanceId, Verdict } from "../domain/words.ts";
import { changeKey } from "../signals/changeKey.ts";
import { isAlarm, type AnyAlarm, type Parsed } from "../signals/parsed.ts";
import type { Guess } from "../signals/symptom.ts";

export interface Arrival {
  readonly source: Signal["source"];
  readonly now: number;
  /** Beyond this age a message only causes a fresh read. */
  readonly oldMessageMs: number;
}

export function signalOfMessage(parsed: Parsed, guess: Guess | null, arrival: Arrival): Signal {
  // A clock ahead of ours must not make later changes look old.
  const at = Math.min(parsed.at ?? parsed.sentAt ?? arrival.now, arrival.now);
  const about = aboutOf(parsed);
  const instanceId = parsed.resources.instanceId as InstanceId | null | undefined;
  return {
    key: changeKey(parsed),
    source: arrival.source,
    symptom: guess?.symptom ?? "warning",
    evidenceKind: guess?.evidenceKind ?? "metric",
    at,
    reason: clip(parsed.reason ?? about.subject),
    ...about,
    ...(instanceId ? { instanceId } : {}),
    ...(parsed.incident === "suppressed" || parsed.incident === "muted" ? { quiet: parsed.incident } : {}),
    ...(arrival.now - at > arrival.oldMessageMs ? { old: true } : {}),
    ...(isAlarm(parsed) ? alarmParts(parsed) : {}),
  };
}

type About = Pick<Signal, "kind" | "subject" | "verdict">;

/** EC2 states in which an instance that should serve does not. */
const goneStates = new Set(["stopping", "stopped", "shutting-down", "terminated"]);

function aboutOf(parsed: Parsed): About {
  const { resources } = parsed;
  const group = `group ${resources.asgName ?? "unknown"}`;
  switch (parsed.cls) {
    case "alarm":
    case "composite_alarm":
      return { kind: "alarm", subject: parsed.alarmName, verdict: alarmVerdict(parsed) };
    case "alarm_contributor":
      return { kind: "alarm", subject: `${parsed.alarmName} · ${parsed.contributorId}`, verdict: alarmVerdict(parsed) };
    case "ec2_state":
      return { kind: "instance-state", ...instance(resources.instanceId, stateVerdict(parsed.instanceState)) };
    case "spot_interruption":
      return { kind: "spot", ...instance(resources.instanceId, "bad") };
    case "canary":
      return { kind: "other", subject: `canary ${resources.canary ?? "unknown"}`, verdict: whether(parsed.failed) };
    case "asg_activity":
    case "instance_refresh":
      return { kind: "asg", subject: group, verdict: whether(parsed.failed) };
    case "health":
      // A scheduled event is news, not a failure: it never starts a ladder.
      return { kind: "health", subject: `health ${parsed.eventTypeCode}`, verdict: "unknown" };
    case "ebs":
    case "alarm_config_change":
    case "asg_test":
    case "lifecycle_hook":
    case "rebalance":
    case "subscription_confirmation":
    case "unsubscribe_confirmation":
    case "unrecognised_text":
    case "unrecognised_json":
    case "unrecognised_event":
      return { kind: "other", subject: parsed.cls.replaceAll("_", " "), verdict: "unknown" };
  }
}

const instance = (id: string | null | undefined, verdict: Verdict) => ({
  subject: `instance ${id ?? "unknown"}`,
  verdict,
});

function stateVerdict(state: string): Verdict {
  if (goneStates.has(state)) return "bad";
  return state === "running" ? "good" : "unknown";
}

function whether(failed: boolean | null): Verdict {
  if (failed === null) return "unknown";
  return failed ? "bad" : "good";
}

function alarmVerdict({ newState }: AnyAlarm): Verdict {
  if (newState === "ALARM") return "bad";
  return newState === "OK" ? "good" : "unknown";
}

function alarmParts(parsed: AnyAlarm): Partial<Signal> {
  const [metric] = parsed.metrics;
  const [action] = parsed.ec2Actions;
  return {
    ...(parsed.alarmArn ? { alarmArn: parsed.alarmArn } : {}),
    ...(parsed.alarmSpanMs === null ? {} : { alarmSpanMs: parsed.alarmSpanMs }),
    ...(action ? { awsActs: action } : {}),
    ...(metric && metric.namespace !== "" && metric.periodMs !== null
      ? {
          metric: {
            namespace: metric.namespace,
            name: metric.name,
            dimensions: metric.dimensions,
            statistic: metric.statistic ?? "Average",
            periodMs: metric.periodMs,
            ...(parsed.threshold === null ? {} : { threshold: parsed.threshold }),
          },
        }
      : {}),
  };
}
