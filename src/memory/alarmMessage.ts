/** The JSON text and the subject that CloudWatch hands to SNS when an alarm changes. */
import type { AlarmNow, AlarmState } from "./accountModel.ts";

/** How CloudWatch calls regions in messages; the rest reads as it is. */
const regionNames: Readonly<Record<string, string>> = {
  "eu-west-1": "EU (Ireland)",
  "eu-west-2": "EU (London)",
  "eu-central-1": "EU (Frankfurt)",
  "us-east-1": "US East (N. Virginia)",
  "us-west-2": "US West (Oregon)",
};

/** SNS takes subjects below 100 characters; CloudWatch cuts the alarm's name. */
const subjectNameMax = 60;

function regionName(region: string): string {
  return regionNames[region] ?? region;
}

export function alarmSubject(region: string, alarm: AlarmNow): string {
  const { name, metric } = alarm.definition;
  const cut = name.length > subjectNameMax ? `${name.slice(0, subjectNameMax - 3)}...` : name;
  const kind = metric.startsWith("StatusCheckFailed") ? "Status Check Alarm" : alarm.state;
  return `${kind}: "${cut}" in ${regionName(region)}`;
}

/** `2026-11-21T03:00:05.000+0000`: CloudWatch writes the offset without a colon. */
function cloudWatchTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}

export function alarmMessage(
  account: { readonly accountId: string; readonly region: string },
  alarm: AlarmNow,
  from: AlarmState,
): string {
  const { definition } = alarm;
  return JSON.stringify({
    AlarmName: definition.name,
    AlarmDescription: definition.description ?? null,
    AWSAccountId: account.accountId,
    AlarmConfigurationUpdatedTimestamp: "2026-05-04T09:12:01.118+0000",
    NewStateValue: alarm.state,
    NewStateReason: alarm.reason,
    StateChangeTime: cloudWatchTime(alarm.changedAt),
    Region: regionName(account.region),
    AlarmArn: alarm.arn,
    OldStateValue: from,
    OKActions: definition.okActions,
    AlarmActions: definition.alarmActions,
    InsufficientDataActions: [],
    Trigger: {
      MetricName: definition.metric,
      Namespace: definition.namespace,
      StatisticType: "Statistic",
      Statistic: definition.statistic.toUpperCase(),
      Unit: null,
      Dimensions: Object.entries(definition.dimensions).map(([name, value]) => ({ value, name })),
      Period: definition.periodMs / 1000,
      EvaluationPeriods: definition.evaluationPeriods,
      DatapointsToAlarm: definition.datapointsToAlarm,
      ComparisonOperator: definition.comparison,
      Threshold: definition.threshold,
      TreatMissingData: definition.treatMissing,
      EvaluateLowSampleCountPercentile: "",
    },
  });
}
