/** The alarms port over CloudWatch (SDK v3): alarms as they are now, in pages, slowly. */
import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type CompositeAlarm,
  type Dimension,
  type MetricAlarm,
  type DescribeAlarmsCommandInput,
  type DescribeAlarmsCommandOutput,
} from "@aws-sdk/client-cloudwatch";
import { clip } from "../domain/limits.ts";
import type { MetricReference } from "../domain/signal.ts";
import type { AlarmView, Alarms } from "../ports/alarms.ts";
import type { Clock } from "../ports/clock.ts";
import { silentLog, type Log } from "../ports/log.ts";
import type { RegionClients } from "./clients.ts";
import { namesTogether } from "./namesTogether.ts";
import { slotsEvery } from "./slots.ts";
import { asked } from "./translate.ts";

type CloudWatch = RegionClients["cloudwatch"];

/** DescribeAlarms gives at most 100 alarms a page. */
const pageSize = 100;
/** 20,000 alarms; what lies beyond it is not read, and the log says so. */
const pagesMax = 200;
/** Reconcile shares CloudWatch's 9 calls/s with everybody else in the account: two of them are ours. */
const callGapMs = 500;

export function cloudWatchAlarms(cloudwatch: CloudWatch, clock: Clock, log: Log = silentLog): Alarms {
  const slot = slotsEvery(callGapMs, clock);
  const ask = (input: DescribeAlarmsCommandInput) =>
    asked("DescribeAlarms", () => cloudwatch.send(new DescribeAlarmsCommand(input)));
  const inPages = (query: DescribeAlarmsCommandInput) =>
    pages({
      ask: async (input) => {
        await slot();
        return ask(input);
      },
      query,
      onTruncated: (found) =>
        log.warn("alarms-truncated", { found, next: `only the first ${pagesMax * pageSize} alarms are read` }),
    });
  return {
    // At most 100 names a call are one page by nature.
    byName: namesTogether(slot, async (names) => viewsOf(await ask({ AlarmNames: [...names], ...bothTypes }))),
    inAlarm: () => inPages({ StateValue: "ALARM" }),
    byPrefix: (prefix) => inPages(prefix === "" ? {} : { AlarmNamePrefix: prefix }),
    points: (metric, points, now) => metricPoints(cloudwatch, metric, { points, now }),
  };
}

/** CloudWatch answers with metric alarms alone unless composite ones are asked for. */
const bothTypes = {
  AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
  MaxRecords: pageSize,
} satisfies DescribeAlarmsCommandInput;

interface Pages {
  readonly ask: (input: DescribeAlarmsCommandInput) => Promise<DescribeAlarmsCommandOutput>;
  readonly query: DescribeAlarmsCommandInput;
  readonly onTruncated: (found: number) => void;
}

async function pages({ ask, query, onTruncated }: Pages): Promise<AlarmView[]> {
  const found: AlarmView[] = [];
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await ask({ ...query, ...bothTypes, ...(token ? { NextToken: token } : {}) });
    found.push(...viewsOf(answer));
    token = answer.NextToken;
    if (!token) return found;
  }
  onTruncated(found.length);
  return found;
}

function viewsOf(answer: DescribeAlarmsCommandOutput): AlarmView[] {
  return [
    ...(answer.MetricAlarms ?? []).map(metricAlarmView),
    ...(answer.CompositeAlarms ?? []).map(compositeAlarmView),
  ];
}

const stateOf = (value: string | undefined): AlarmView["state"] =>
  value === "ALARM" || value === "OK" ? value : "INSUFFICIENT_DATA";

function shared(alarm: MetricAlarm | CompositeAlarm) {
  return {
    name: alarm.AlarmName ?? "",
    arn: alarm.AlarmArn ?? "",
    state: stateOf(alarm.StateValue),
    changedAt: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0,
    reason: clip(alarm.StateReason ?? ""),
    alarmActions: alarm.AlarmActions ?? [],
    okActions: alarm.OKActions ?? [],
  };
}

function compositeAlarmView(alarm: CompositeAlarm): AlarmView {
  return { ...shared(alarm), composite: true, dimensions: {}, ...(alarm.AlarmRule ? { rule: alarm.AlarmRule } : {}) };
}

function metricAlarmView(alarm: MetricAlarm): AlarmView {
  const stat = alarm.Metrics?.find((query) => query.MetricStat !== undefined)?.MetricStat;
  // An expression's alarm has an empty list of its own; what it is about stands in its first metric.
  const dimensions = dimensionsOf((alarm.MetricName ? alarm.Dimensions : stat?.Metric?.Dimensions) ?? []);
  const periodS = alarm.Period ?? stat?.Period;
  const metric = metricOf(alarm, dimensions, periodS);
  return {
    ...shared(alarm),
    composite: false,
    dimensions,
    ...(metric ? { metric } : {}),
    ...(periodS === undefined ? {} : { spanMs: periodS * 1000 * (alarm.EvaluationPeriods ?? 1) }),
  };
}

function metricOf(
  alarm: MetricAlarm,
  dimensions: Record<string, string>,
  periodS: number | undefined,
): MetricReference | undefined {
  const stat = alarm.Metrics?.find((query) => query.MetricStat !== undefined)?.MetricStat;
  const namespace = alarm.Namespace ?? stat?.Metric?.Namespace;
  const name = alarm.MetricName ?? stat?.Metric?.MetricName;
  if (namespace === undefined || name === undefined || periodS === undefined) return undefined;
  return {
    namespace,
    name,
    dimensions,
    statistic: alarm.Statistic ?? alarm.ExtendedStatistic ?? stat?.Stat ?? "Average",
    periodMs: periodS * 1000,
    ...(alarm.Threshold === undefined ? {} : { threshold: alarm.Threshold }),
  };
}

function dimensionsOf(dimensions: readonly Dimension[]): Record<string, string> {
  return Object.fromEntries(dimensions.flatMap((d) => (d.Name && d.Value ? [[d.Name, d.Value]] : [])));
}

/** SNS spells statistics in capitals, the API in mixed case. */
const statistics: Readonly<Record<string, string>> = {
  AVERAGE: "Average",
  MAXIMUM: "Maximum",
  MINIMUM: "Minimum",
  SUM: "Sum",
  SAMPLE_COUNT: "SampleCount",
  SAMPLECOUNT: "SampleCount",
};

/** Points closer than this are kept for hours only; a card needs none. */
const periodSMin = 60;

async function metricPoints(cloudwatch: CloudWatch, metric: MetricReference, want: { points: number; now: number }) {
  const periodS = Math.max(periodSMin, Math.round(metric.periodMs / 1000));
  const input = {
    StartTime: new Date(want.now - periodS * 1000 * (want.points + 1)),
    EndTime: new Date(want.now),
    ScanBy: "TimestampAscending" as const,
    MetricDataQueries: [
      {
        Id: "m1",
        MetricStat: {
          Metric: {
            Namespace: metric.namespace,
            MetricName: metric.name,
            Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: periodS,
          Stat: statistics[metric.statistic.toUpperCase()] ?? metric.statistic,
        },
      },
    ],
  };
  const answer = await asked(`GetMetricData ${metric.name}`, () => cloudwatch.send(new GetMetricDataCommand(input)));
  const [result] = answer.MetricDataResults ?? [];
  const values = result?.Values ?? [];
  const found = (result?.Timestamps ?? []).map((at, index) => ({ at: at.getTime(), value: values[index] ?? 0 }));
  return found.sort((a, b) => a.at - b.at).slice(-want.points);
}
