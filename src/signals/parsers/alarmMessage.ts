/**
 * An alarm's change as CloudWatch writes it for SNS, also by itself (raw delivery), for one metric, metric math, anomaly
 * detection, Metrics Insights, PromQL and logs; its contributors; and composite alarms, which have no `Trigger`.
 *
 *   {"AlarmName":"web-1 status","AlarmArn":"arn:aws:cloudwatch:eu-west-2:123456789012:alarm:web-1 status","AWSAccountId":"123456789012",
 *    "NewStateValue":"ALARM","OldStateValue":"OK","NewStateReason":"Threshold Crossed: …","StateChangeTime":"2024-12-06T14:25:39.681+0000",
 *    "Region":"EU (London)","AlarmActions":["arn:aws:automate:eu-west-2:ec2:recover"],
 *    "Trigger":{"MetricName":"StatusCheckFailed_System","Namespace":"AWS/EC2","Statistic":"MAXIMUM","Period":60,"EvaluationPeriods":2,
 *               "Dimensions":[{"value":"i-1234567890abcdef0","name":"InstanceId"}],"Threshold":1.0}}
 *   contributor: {…,"AlarmContributorId":"a1b2c3d4e5f60718","AlarmContributorAttributes":{"InstanceId":"i-…"}}
 *   composite:   {…,"AlarmRule":"ALARM(a) OR ALARM(b)","TriggeringChildren":[{"Arn":"arn:aws:cloudwatch:…:alarm:a","State":{"Value":"ALARM"}}]}
 *
 * Traps: `Region` is a display name; older messages have no AlarmArn; the subject holds no state and is cut: it is never read.
 */
import { alarmNameOf } from "../arn.ts";
import { commonOf } from "../common.ts";
import { instantOf } from "../instant.ts";
import { metricsOfTrigger } from "../metrics.ts";
import type { WatchedMetrics } from "../metrics.ts";
import type { AlarmFacts, AlarmState, AnyAlarm } from "../parsed.ts";
import { isRecord, listAt, numberAt, recordAt, textAt, textAtAny, textsOf, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import { resourcesOfDimensions } from "../resources.ts";
import type { Carried } from "../unwrap.ts";
import { alarmSpanOf, alarmStateOf, ec2ActionsOf, incidentOf, tagsOf } from "./alarmFacts.ts";
import { alarmNamesOfRule } from "./alarmRule.ts";

/** Null when the message is no alarm's change. */
export function parseAlarmMessage(message: JsonRecord, carried: Carried): AnyAlarm | null {
  const name = textAt(message, "AlarmName");
  const newState = alarmStateOf(valueAt(message, "NewStateValue"));
  if (name === null || newState === null) return null;
  const contributorId = textAt(message, "AlarmContributorId");
  const attributes = textsOf(recordAt(message, "AlarmContributorAttributes"));
  const facts = factsOf(message, { carried, name, newState, attributes });
  if (contributorId !== null) {
    return { ...facts, cls: "alarm_contributor", contributorId, contributorAttributes: attributes };
  }
  const alarmRule = textAt(message, "AlarmRule");
  if (alarmRule === null && !Array.isArray(valueAt(message, "TriggeringChildren"))) return { ...facts, cls: "alarm" };
  const ruleChildren = alarmNamesOfRule(alarmRule);
  return { ...facts, cls: "composite_alarm", children: childrenOf(message), alarmRule, ruleChildren };
}

interface Head {
  readonly carried: Carried;
  readonly name: string;
  readonly newState: AlarmState;
  readonly attributes: Readonly<Record<string, string>>;
}

function factsOf(message: JsonRecord, head: Head): AlarmFacts {
  const trigger = recordAt(message, "Trigger");
  const watched = metricsOfTrigger(trigger ?? evaluationOnly(message));
  const evaluation = evaluationOf(message, trigger, watched);
  const alarmArn = textAt(message, "AlarmArn");
  const quiet = { suppressedBy: textAt(message, "ActionsSuppressedBy"), mutedBy: mutedByOf(message) };
  // A spread that stands first is copied in one step by V8, any other key by key: intake reads thousands of these.
  return {
    ...commonOf({
      carried: head.carried,
      arn: alarmArn,
      displayName: textAt(message, "Region"),
      accountId: valueAt(message, "AWSAccountId"),
      at: instantOf(valueAt(message, "StateChangeTime")),
      reason: textAt(message, "NewStateReason"),
      resources: resourcesOfDimensions([head.attributes, ...watched.metrics.map((metric) => metric.dimensions)]),
      incident: incidentOf(head.newState, quiet),
    }),
    alarmName: head.name,
    alarmArn,
    newState: head.newState,
    oldState: alarmStateOf(valueAt(message, "OldStateValue")),
    description: textAt(message, "AlarmDescription"),
    metric: watched.metric,
    expression: watched.expression,
    metrics: watched.metrics,
    threshold: evaluation.threshold,
    comparison: evaluation.comparison,
    alarmSpanMs: evaluation.alarmSpanMs,
    treatMissingData: evaluation.treatMissingData,
    evaluationState: textAtAny(message, ["EvaluationState", "NewEvaluationState"]),
    ec2Actions: ec2ActionsOf(listAt(message, "AlarmActions")),
    alarmTags: tagsOf(valueAt(message, "AlarmTags")),
    suppressedBy: quiet.suppressedBy,
    suppressedBefore: null,
    mutedBy: quiet.mutedBy,
  };
}

/** PromQL's criteria may stand beside the trigger's place instead of in it. */
function evaluationOnly(message: JsonRecord): JsonRecord | null {
  const criteria = recordAt(message, "EvaluationCriteria");
  return criteria === null ? null : { EvaluationCriteria: criteria };
}

function evaluationOf(
  message: JsonRecord,
  trigger: JsonRecord | null,
  watched: WatchedMetrics,
): Pick<AlarmFacts, "threshold" | "comparison" | "alarmSpanMs" | "treatMissingData"> {
  const period = numberAt(trigger, "Period");
  const periodMs = period === null ? (watched.metrics[0]?.periodMs ?? null) : period * 1000;
  return {
    threshold: numberAt(trigger, "Threshold") ?? numberAt(valueAt(message, "NewStateReasonData"), "threshold"),
    comparison: textAt(trigger, "ComparisonOperator"),
    alarmSpanMs: alarmSpanOf(periodMs, numberAt(trigger, "EvaluationPeriods")),
    treatMissingData: missingDataOf(textAt(trigger, "TreatMissingData")),
  };
}

/** `missing`, or between 2017 and 2021 `- TreatMissingData:                    missing`, also `NonBreaching`. */
function missingDataOf(text: string | null): string | null {
  const word = text?.replace(/^-\s*TreatMissingData:\s*/, "").trim() ?? "";
  if (word === "") return null;
  return /^non-?breaching$/i.test(word) ? "notBreaching" : word;
}

function mutedByOf(message: JsonRecord): string | null {
  const detail = recordAt(message, "MuteDetail") ?? recordAt(message, "muteDetail");
  return detail === null ? null : (textAtAny(detail, ["MutedByArn", "mutedByArn"]) ?? "mute rule");
}

function childrenOf(message: JsonRecord): readonly string[] {
  const names = new Set<string>();
  for (const child of listAt(message, "TriggeringChildren")) {
    const arn = isRecord(child) ? textAtAny(child, ["Arn", "arn"]) : null;
    const name = alarmNameOf(arn) ?? textAtAny(child, ["AlarmName", "Name"]);
    if (name !== null) names.add(name);
  }
  return [...names];
}
