import { DescribeAlarmHistoryCommand, DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { MetricAlarm, MetricDataQuery, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { AlarmNow } from "../../src/memory/accountModel.ts";
import { answer, page, type Answer } from "./sdk-answers.ts";

/** CloudWatch's own defaults and limits. */
const recordsDefault = 50;
const namesMax = 100;

export function cloudWatchAnswers(account: Account): Answer[] {
  return [
    answer(DescribeAlarmsCommand, async (input) => {
      if ((input.AlarmNames ?? []).length > namesMax) {
        throw new AwsRefusal("ValidationError", `At most ${namesMax} alarm names can be asked for at once.`);
      }
      const chosen = (await account.calls.alarms())
        .filter((alarm) => input.AlarmNames === undefined || input.AlarmNames.includes(alarm.definition.name))
        .filter((alarm) => alarm.definition.name.startsWith(input.AlarmNamePrefix ?? ""))
        .filter((alarm) => input.StateValue === undefined || alarm.state === input.StateValue)
        .filter(() => input.AlarmTypes === undefined || input.AlarmTypes.includes("MetricAlarm"));
      const { items, next } = page(chosen, { token: input.NextToken, size: input.MaxRecords ?? recordsDefault });
      return { MetricAlarms: items.map(alarmOf), CompositeAlarms: [], ...next };
    }),
    answer(DescribeAlarmHistoryCommand, async (input) => {
      const lines = (await account.calls.alarms())
        .filter((alarm) => input.AlarmName === undefined || alarm.definition.name === input.AlarmName)
        .flatMap((alarm) => alarm.history.map((each) => ({ alarm, each })))
        .sort((a, b) => b.each.at - a.each.at);
      const { items, next } = page(lines, { token: input.NextToken, size: input.MaxRecords ?? recordsDefault });
      return {
        AlarmHistoryItems: items.map(({ alarm, each }) => ({
          AlarmName: alarm.definition.name,
          AlarmType: "MetricAlarm" as const,
          Timestamp: new Date(each.at),
          HistoryItemType: "StateUpdate" as const,
          HistorySummary: `Alarm updated from ${each.from} to ${each.to}`,
        })),
        ...next,
      };
    }),
    answer(GetMetricDataCommand, async (input) => {
      const from = input.StartTime?.getTime() ?? 0;
      const to = input.EndTime?.getTime() ?? 0;
      const oldestFirst = input.ScanBy === "TimestampAscending";
      const queries = (input.MetricDataQueries ?? []).filter((query) => query.ReturnData !== false);
      return {
        MetricDataResults: await Promise.all(
          queries.map((query) => resultOf(account, query, { from, to, oldestFirst })),
        ),
        Messages: [],
      };
    }),
  ];
}

async function resultOf(
  account: Account,
  query: MetricDataQuery,
  span: { readonly from: number; readonly to: number; readonly oldestFirst: boolean },
): Promise<MetricDataResult> {
  const stat = query.MetricStat;
  if (stat === undefined) {
    throw new AwsRefusal("ValidationError", `The simulated account knows no expressions (query ${query.Id ?? ""}).`);
  }
  const points = await account.calls.metric({
    namespace: stat.Metric?.Namespace ?? "",
    metric: stat.Metric?.MetricName ?? "",
    dimensions: Object.fromEntries((stat.Metric?.Dimensions ?? []).map((each) => [each.Name ?? "", each.Value ?? ""])),
    statistic: stat.Stat ?? "Average",
    periodMs: (stat.Period ?? 60) * 1_000,
    from: span.from,
    to: span.to,
  });
  const ordered = span.oldestFirst ? points : points.toReversed();
  return {
    Id: query.Id,
    Label: query.Label ?? stat.Metric?.MetricName,
    Timestamps: ordered.map((point) => new Date(point.at)),
    Values: ordered.map((point) => point.value),
    StatusCode: "Complete",
  };
}

function alarmOf(alarm: AlarmNow): MetricAlarm {
  const { definition } = alarm;
  return {
    AlarmName: definition.name,
    AlarmArn: alarm.arn,
    ...(definition.description === undefined ? {} : { AlarmDescription: definition.description }),
    ActionsEnabled: true,
    AlarmActions: [...definition.alarmActions],
    OKActions: [...definition.okActions],
    InsufficientDataActions: [],
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: new Date(alarm.changedAt),
    StateTransitionedTimestamp: new Date(alarm.changedAt),
    MetricName: definition.metric,
    Namespace: definition.namespace,
    Statistic: definition.statistic,
    Dimensions: Object.entries(definition.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Period: definition.periodMs / 1_000,
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.datapointsToAlarm,
    Threshold: definition.threshold,
    ComparisonOperator: definition.comparison,
    TreatMissingData: definition.treatMissing,
  };
}
