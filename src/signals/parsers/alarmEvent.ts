/**
 * An alarm's change as EventBridge and CloudWatch's Lambda action tell it: the same facts under other keys, dimensions as an
 * object, `reasonData` as JSON in a string. Metric, composite and contributor alike.
 *
 *   EventBridge: {"detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch","region":"us-east-1","resources":["arn:aws:cloudwatch:…:alarm:x"],
 *                 "detail":{"alarmName":"x","state":{"value":"ALARM","reason":"…","timestamp":"2019-10-02T17:04:40.989+0000"},
 *                 "previousState":{"value":"OK"},"configuration":{"metrics":[{"metricStat":{"metric":{"namespace":"AWS/EC2","name":"CPUUtilization",
 *                 "dimensions":{"InstanceId":"i-…"}},"period":300,"stat":"Average"}}]},"muteDetail":{"mutedByArn":"…"}}}
 *   Lambda:      {"source":"aws.cloudwatch","alarmArn":"arn:…","accountId":"…","time":"…","region":"us-east-1","alarmData":{ as `detail` }}
 *   contributor: "detail":{…,"alarmContributor":{"id":"6d442278dba546f6","attributes":{"InstanceId":"i-…"}}}
 *
 * Trap: when a suppressor's wait ends, state and previousState are equal. That is the only message that asks for action.
 */
import { alarmNameOf } from "../arn.ts";
import { commonOf, knownOfEvent } from "../common.ts";
import type { Known } from "../common.ts";
import { instantOf } from "../instant.ts";
import { metricsOfConfiguration } from "../metrics.ts";
import type { AlarmConfigChange, AlarmFacts, AlarmState, AnyAlarm } from "../parsed.ts";
import { isRecord, jsonOf, listAt, numberAt, recordAt, textAt, textAtAny, textOf, textsOf, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import { resourcesOfDimensions } from "../resources.ts";
import type { Carried } from "../unwrap.ts";
import { alarmSpanOf, alarmStateOf, ec2ActionsOf, incidentOf, tagsOf } from "./alarmFacts.ts";
import { alarmNamesOfRule } from "./alarmRule.ts";

type Told = Pick<Known, "carried" | "eventRegion" | "accountId" | "eventId"> & {
  readonly arn: string | null;
  readonly time: unknown;
};

/** From EventBridge. Null when state or name is missing. */
export function parseAlarmEvent(event: JsonRecord, carried: Carried): AnyAlarm | null {
  return changeOf(recordAt(event, "detail"), toldByEvent(event, carried));
}

/** From CloudWatch's Lambda action. Null when it is none. */
export function parseAlarmAction(event: JsonRecord, carried: Carried): AnyAlarm | null {
  return changeOf(recordAt(event, "alarmData"), {
    carried,
    arn: textAt(event, "alarmArn"),
    eventRegion: textAt(event, "region"),
    accountId: valueAt(event, "accountId"),
    eventId: null,
    time: valueAt(event, "time"),
  });
}

/**
 * `CloudWatch Alarm Configuration Change`: somebody created, updated or deleted an alarm. `detail.state` is there, but nothing
 * changed in the world.
 */
export function parseAlarmConfigChange(event: JsonRecord, carried: Carried): AlarmConfigChange | null {
  const detail = recordAt(event, "detail");
  const told = toldByEvent(event, carried);
  const alarmName = textAt(detail, "alarmName") ?? alarmNameOf(told.arn);
  if (detail === null || alarmName === null) return null;
  const newState = alarmStateOf(valueAt(recordAt(detail, "state"), "value"));
  const { oldState: _, ...facts } = factsOf(detail, {
    told,
    alarmName,
    newState: newState ?? "INSUFFICIENT_DATA",
    attributes: {},
  });
  const at = instantOf(told.time) ?? facts.at;
  return {
    cls: "alarm_config_change",
    ...facts,
    at,
    newState,
    operation: textAt(detail, "operation"),
    incident: false,
  };
}

function toldByEvent(event: JsonRecord, carried: Carried): Told {
  const arn = listAt(event, "resources")
    .map(textOf)
    .find((text) => alarmNameOf(text) !== null);
  return { ...knownOfEvent(event, carried), arn: arn ?? null, time: valueAt(event, "time") };
}

function changeOf(detail: JsonRecord | null, told: Told): AnyAlarm | null {
  const alarmName = textAt(detail, "alarmName") ?? alarmNameOf(told.arn);
  const newState = alarmStateOf(valueAt(recordAt(detail, "state"), "value"));
  if (detail === null || alarmName === null || newState === null) return null;
  const contributor = recordAt(detail, "alarmContributor");
  const contributorId = textAt(contributor, "id");
  const attributes = textsOf(recordAt(contributor, "attributes"));
  const facts = factsOf(detail, { told, alarmName, newState, attributes });
  if (contributorId !== null) {
    return { ...facts, cls: "alarm_contributor", contributorId, contributorAttributes: attributes };
  }
  const configuration = recordAt(detail, "configuration");
  const alarmRule = textAt(configuration, "alarmRule");
  const reasonData = dataOf(valueAt(recordAt(detail, "state"), "reasonData"));
  if (alarmRule === null && !Array.isArray(valueAt(reasonData, "triggeringAlarms"))) return { ...facts, cls: "alarm" };
  return {
    ...facts,
    cls: "composite_alarm",
    children: childrenOf(reasonData),
    alarmRule,
    ruleChildren: alarmNamesOfRule(alarmRule),
  };
}

interface Head {
  readonly told: Told;
  readonly alarmName: string;
  readonly newState: AlarmState;
  readonly attributes: Readonly<Record<string, string>>;
}

function factsOf(detail: JsonRecord, head: Head): AlarmFacts {
  const state = recordAt(detail, "state");
  const before = recordAt(detail, "previousState");
  const configuration = recordAt(detail, "configuration");
  const watched = metricsOfConfiguration(configuration);
  const quiet = { suppressedBy: textAt(state, "actionsSuppressedBy"), mutedBy: mutedByOf(detail, state) };
  return {
    ...commonOf({
      ...head.told,
      at: instantOf(valueAt(state, "timestamp")) ?? instantOf(head.told.time),
      reason: textAt(state, "reason"),
      resources: resourcesOfDimensions([head.attributes, ...watched.metrics.map((metric) => metric.dimensions)]),
      incident: incidentOf(head.newState, quiet),
    }),
    alarmName: head.alarmName,
    alarmArn: head.told.arn,
    newState: head.newState,
    oldState: alarmStateOf(valueAt(before, "value")),
    description: textAt(configuration, "description"),
    metric: watched.metric,
    expression: watched.expression,
    metrics: watched.metrics,
    threshold: numberAt(configuration, "threshold") ?? numberAt(dataOf(valueAt(state, "reasonData")), "threshold"),
    comparison: textAt(configuration, "comparisonOperator"),
    alarmSpanMs: alarmSpanOf(watched.metrics[0]?.periodMs ?? null, numberAt(configuration, "evaluationPeriods")),
    treatMissingData: textAt(configuration, "treatMissingData"),
    evaluationState: textAt(state, "evaluationState"),
    ec2Actions: ec2ActionsOf(listAt(configuration, "alarmActions")),
    alarmTags: tagsOf(valueAt(detail, "alarmTags") ?? valueAt(detail, "tags")),
    suppressedBy: quiet.suppressedBy,
    suppressedBefore: textAt(before, "actionsSuppressedBy"),
    mutedBy: quiet.mutedBy,
  };
}

function mutedByOf(detail: JsonRecord, state: JsonRecord | null): string | null {
  const mute = recordAt(detail, "muteDetail") ?? recordAt(state, "muteDetail");
  return mute === null ? null : (textAtAny(mute, ["mutedByArn", "mutedBy"]) ?? "mute rule");
}

/** `reasonData` is JSON in a string; a log alarm's is an object. */
function dataOf(value: unknown): JsonRecord | null {
  const data = typeof value === "string" ? jsonOf(value) : value;
  return isRecord(data) ? data : null;
}

function childrenOf(reasonData: JsonRecord | null): readonly string[] {
  const names = new Set<string>();
  for (const child of listAt(reasonData, "triggeringAlarms")) {
    const name = alarmNameOf(textAt(child, "arn")) ?? textAt(child, "alarmName");
    if (name !== null) names.add(name);
  }
  return [...names];
}
