/** The metrics behind an alarm, from SNS's `Trigger` and from the `configuration` of EventBridge and Lambda actions. */
import { recordAt, listAt, numberAt, textAt, textAtAny, textsOf, isRecord } from "./read.ts";
import type { JsonRecord } from "./read.ts";
import type { WatchedMetric } from "./parsed.ts";

export interface WatchedMetrics {
  /** Those with a statistic of their own, in the message's order, then those named in Metrics Insights SQL. */
  readonly metrics: readonly WatchedMetric[];
  readonly metric: string | null;
  readonly expression: string | null;
}

/** SELECT MAX(StatusCheckFailed) FROM SCHEMA("AWS/EC2", InstanceId) … and FROM "AWS/EC2" … */
const INSIGHTS = /^\s*SELECT\s+[A-Z]+\(\s*"?([\w.:/-]{1,255})"?\s*\)\s+FROM\s+(?:SCHEMA\(\s*)?"?([\w.:/#-]{1,255})"?/i;

/** At most this many metrics are looked at; CloudWatch allows ten in an alarm. */
const METRICS_MAX = 32;

/** `Trigger`: one metric by itself, or a list; dimensions are pairs in either key order. */
export function metricsOfTrigger(trigger: JsonRecord | null): WatchedMetrics {
  const single = metricOf(trigger, trigger);
  const entries = listAt(trigger, "Metrics");
  return gather(entries, single, promqlOf(trigger));
}

/** `configuration`: always a list; dimensions are an object. */
export function metricsOfConfiguration(configuration: JsonRecord | null): WatchedMetrics {
  return gather(listAt(configuration, "metrics"), null, promqlOf(configuration));
}

/** Dimensions in all three forms: [{name,value}], [{Name,Value}], {InstanceId: "…"}. */
export function dimensionsOf(value: unknown): Record<string, string> {
  if (isRecord(value)) return textsOf(value);
  if (!Array.isArray(value)) return {};
  const pairs: [string, string][] = [];
  for (const entry of value.slice(0, METRICS_MAX) as unknown[]) {
    const name = textAtAny(entry, ["name", "Name"]);
    const text = textAtAny(entry, ["value", "Value"]);
    if (name !== null && text !== null) pairs.push([name, text]);
  }
  return Object.fromEntries(pairs);
}

function gather(entries: readonly unknown[], single: WatchedMetric | null, promql: string | null): WatchedMetrics {
  const stats: WatchedMetric[] = single === null ? [] : [single];
  const named: WatchedMetric[] = [];
  let expression: string | null = null;
  for (const entry of entries.slice(0, METRICS_MAX)) {
    const stat = recordAt(entry, "MetricStat") ?? recordAt(entry, "metricStat");
    const metric = metricOf(recordAt(stat, "Metric") ?? recordAt(stat, "metric"), stat);
    if (metric !== null) stats.push(metric);
    const text = textAtAny(entry, ["Expression", "expression"]);
    const fromSql = text === null ? null : insightsMetric(text);
    if (fromSql !== null) named.push(fromSql);
    expression ??= text;
  }
  const [first] = stats;
  return {
    metrics: [...stats, ...named],
    metric: first === undefined ? null : `${first.namespace}${first.namespace === "" ? "" : "/"}${first.name}`,
    expression: expression ?? promql,
  };
}

function metricOf(metric: JsonRecord | null, stat: JsonRecord | null): WatchedMetric | null {
  const name = textAtAny(metric, ["MetricName", "metricName", "name", "Name"]);
  if (metric === null || name === null) return null;
  const period = numberAt(stat, "Period") ?? numberAt(stat, "period");
  return {
    namespace: textAtAny(metric, ["Namespace", "namespace"]) ?? "",
    name,
    dimensions: dimensionsOf(metric["Dimensions"] ?? metric["dimensions"]),
    statistic: statisticOf(textAtAny(stat, ["Stat", "stat", "ExtendedStatistic", "Statistic"])),
    periodMs: period === null ? null : period * 1000,
  };
}

/** AVERAGE, SAMPLE_COUNT → Average, SampleCount, as the API wants them back; p99, tm90, IQM stay. */
function statisticOf(text: string | null): string | null {
  if (text === null || !/^[A-Z]+(?:_[A-Z]+)*$/.test(text) || text.length < 4) return text;
  return text
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
}

function insightsMetric(sql: string): WatchedMetric | null {
  const [, name, namespace] = INSIGHTS.exec(sql) ?? [];
  if (name === undefined || namespace === undefined) return null;
  return { namespace, name, dimensions: {}, statistic: null, periodMs: null };
}

/** PromQL alarms have no metric, only a query. */
function promqlOf(holder: JsonRecord | null): string | null {
  const criteria = recordAt(holder, "EvaluationCriteria") ?? recordAt(holder, "evaluationCriteria");
  for (const key of ["PromQLCriteria", "promQLCriteria", "promQlCriteria", "promqlCriteria"]) {
    const query = textAtAny(recordAt(criteria, key), ["Query", "query"]);
    if (query !== null) return query;
  }
  return textAt(holder, "promQLQuery");
}
