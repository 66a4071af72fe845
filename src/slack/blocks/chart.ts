/** The metric around an alarm. Slack renders it natively since June 2026; the type is ours until @slack/types has it. */
import type { Block, ContextBlock } from "@slack/types";
import type { ChartModel } from "../../domain/cardModel.ts";
import { blockLimits as limits, cut } from "./limits.ts";
import { context } from "./parts.ts";

interface ChartSeries {
  readonly name: string;
  readonly data: readonly { readonly label: string; readonly value: number }[];
}

export interface DataVisualizationBlock extends Block {
  type: "data_visualization";
  title: string;
  chart: {
    readonly type: "line";
    readonly series: readonly ChartSeries[];
    readonly axis_config: { readonly categories: readonly string[]; readonly x_label: string };
  };
}

export function chartBlock(id: string, chart: ChartModel): DataVisualizationBlock {
  const points = labelled(chart);
  const series: ChartSeries[] = [{ name: "value", data: points }];
  const { threshold } = chart;
  if (threshold !== undefined) {
    series.push({ name: "threshold", data: points.map(({ label }) => ({ label, value: threshold })) });
  }
  return {
    type: "data_visualization",
    block_id: id,
    title: cut(chart.title, limits.chartTitle),
    chart: { type: "line", series, axis_config: { categories: points.map(({ label }) => label), x_label: "UTC" } },
  };
}

/** Categories must differ, or Slack refuses the chart; two readings of one minute get a mark. */
function labelled(chart: ChartModel): { label: string; value: number }[] {
  const seen = new Map<string, number>();
  return chart.points.slice(-limits.chartPoints).map(({ label, value }) => {
    // The axis says UTC once.
    const name = label.replace(/ UTC$/, "");
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return { label: cut(times > 1 ? `${name} (${times})` : name, limits.chartLabel), value };
  });
}

const bars = "▁▂▃▄▅▆▇█";

/** The same curve as one line of text. */
export function chartLine(id: string, chart: ChartModel): ContextBlock {
  const points = chart.points.slice(-limits.chartPoints);
  const values = points.map(({ value }) => value);
  const low = Math.min(...values, chart.threshold ?? Infinity);
  const high = Math.max(...values, chart.threshold ?? -Infinity);
  const step = (value: number) => (high === low ? 0 : Math.round(((value - low) / (high - low)) * (bars.length - 1)));
  const line = values.map((value) => bars[step(value)] ?? "▁").join("");
  const time = (label = "") => label.replace(/ UTC$/, "");
  const last = points.at(-1);
  const limit = chart.threshold === undefined ? "" : `, threshold ${chart.threshold}`;
  return context(id, [
    [
      { bold: chart.title },
      `: ${line} ${time(points[0]?.label)} to ${time(last?.label)} UTC, now ${last?.value ?? "unknown"}${limit}`,
    ],
  ]);
}
