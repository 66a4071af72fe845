/** An alarm as DescribeAlarms shows it now, as a signal. Its key is of its own kind: a read is another thing than a message. */
import { globMatches } from "../domain/glob.ts";
import { clip } from "../domain/limits.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Signal } from "../domain/signal.ts";
import type { InstanceId, Verdict } from "../domain/words.ts";
import type { AlarmView } from "../ports/alarms.ts";
import { guessOfMetric, type Guess } from "../signals/symptom.ts";

const verdicts: Readonly<Record<AlarmView["state"], Verdict>> = {
  ALARM: "bad",
  OK: "good",
  INSUFFICIENT_DATA: "unknown",
};

/** `subject` when it is known under a name of its own (a contributor); default the alarm's name. */
export function signalOfAlarm(view: AlarmView, service: ServiceDefinition | undefined, subject = view.name): Signal {
  const { symptom, evidenceKind } = guessOfView(view, service);
  const instanceId = view.dimensions["InstanceId"] as InstanceId | undefined;
  const acts = awsActsOf(view.alarmActions);
  return {
    key: `reconcile ${subject} ${view.state} ${view.changedAt}`,
    source: "reconcile",
    kind: "alarm",
    subject,
    verdict: verdicts[view.state],
    symptom,
    evidenceKind,
    at: view.changedAt,
    reason: clip(view.reason),
    alarmArn: view.arn,
    ...(instanceId ? { instanceId } : {}),
    ...(acts ? { awsActs: acts } : {}),
    ...(view.metric ? { metric: view.metric } : {}),
    ...(view.spanMs === undefined ? {} : { alarmSpanMs: view.spanMs }),
  };
}

function guessOfView(view: AlarmView, service: ServiceDefinition | undefined): Guess {
  const guess: Guess = view.metric ? guessOfMetric(view.metric) : { symptom: "warning", evidenceKind: "metric" };
  const set = service?.alarms.find((matcher) => globMatches(matcher.name, view.name))?.symptom;
  return set ? { ...guess, symptom: set } : guess;
}

const ec2Action = /:ec2:(recover|reboot|stop|terminate)$|\/AWS_EC2\.InstanceId\.(Recover|Reboot|Stop|Terminate)\//i;

/** EC2's own action among an alarm's actions: `arn:aws:automate:<region>:ec2:recover`, or the older swf form. */
export function awsActsOf(actions: readonly string[]): Signal["awsActs"] {
  for (const action of actions) {
    const found = ec2Action.exec(action);
    const word = (found?.[1] ?? found?.[2])?.toLowerCase();
    if (word === "recover" || word === "reboot" || word === "stop" || word === "terminate") return word;
  }
  return undefined;
}
