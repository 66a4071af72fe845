import type { ReactNode } from "react";
import { listOf, objectOf, objectsOf, plainOf, textOf, type Json } from "./block-json.ts";
import { UnsupportedBlock } from "./unsupported-block.tsx";

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** The drawing's own coordinates; the SVG scales to its place. */
const frame = { width: 520, height: 190, left: 40, right: 24, top: 10, bottom: 26 } as const;
const colours = [
  "var(--chart-1)",
  "var(--chart-2)",
  "var(--chart-3)",
  "var(--chart-4)",
  "var(--chart-5)",
  "var(--chart-6)",
];
const labelsMost = 7;
/** Half of a long label, such as "14:22 UTC" in the phone's larger letters. */
const edgePx = 45;

/** The data_visualization block: lines, bars or areas over categories. */
export function Chart({ block }: { readonly block: Json }): ReactNode {
  const chart = objectOf(block["chart"]) ?? {};
  const type = textOf(chart["type"]) ?? "none";
  if (!["line", "bar", "area"].includes(type)) return <UnsupportedBlock type={`${type} chart`} />;
  const axis = objectOf(chart["axis_config"]) ?? {};
  const categories = listOf(axis["categories"]).map(String);
  const series = objectsOf(chart["series"]).map((each): Series => ({
    name: textOf(each["name"]) ?? "",
    values: objectsOf(each["data"]).map((point) => Number(point["value"] ?? 0)),
  }));
  const title = plainOf(block["title"]);
  const scale = scaleFor(series, categories.length, type === "bar");
  return (
    <figure className="chart" data-testid="chart">
      {title !== "" && <figcaption>{title}</figcaption>}
      <svg viewBox={`0 0 ${frame.width} ${frame.height}`} role="img" aria-label={spoken(title, series, categories)}>
        <Axes scale={scale} categories={categories} />
        {series.map((each, index) => (
          <Marks key={index} series={each} type={type} scale={scale} place={{ index, count: series.length }} />
        ))}
      </svg>
      <div className="chart-legend">
        {series.map((each, index) => (
          <span key={index}>
            <i style={{ background: colours[index % colours.length] }} aria-hidden="true" />
            {each.name}
          </span>
        ))}
        <span className="chart-axis-names">
          {[textOf(axis["y_label"]), textOf(axis["x_label"])].filter(Boolean).join(" · ")}
        </span>
      </div>
    </figure>
  );
}

interface Scale {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  readonly step: number;
  readonly ticks: readonly number[];
  readonly floor: number;
}

function scaleFor(series: readonly Series[], count: number, isBar: boolean): Scale {
  const values = series.flatMap((each) => each.values).filter(Number.isFinite);
  const low = Math.min(0, ...values);
  const high = Math.max(...values, low + 1);
  const tick = niceStep((high - low) / 4);
  const top = Math.ceil(high / tick) * tick;
  const bottom = Math.floor(low / tick) * tick;
  const width = frame.width - frame.left - frame.right;
  const height = frame.height - frame.top - frame.bottom;
  const step = width / Math.max(1, isBar ? count : count - 1);
  const ticks = Array.from({ length: Math.round((top - bottom) / tick) + 1 }, (_each, index) => bottom + index * tick);
  const y = (value: number): number => frame.top + height - ((value - bottom) / (top - bottom)) * height;
  return {
    x: (index) => frame.left + (isBar ? step * (index + 0.5) : step * index),
    y,
    step,
    ticks,
    floor: y(Math.max(0, bottom)),
  };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const found = [1, 2, 5, 10].find((factor) => raw <= factor * power) ?? 10;
  return found * power;
}

function Axes({ scale, categories }: { readonly scale: Scale; readonly categories: readonly string[] }): ReactNode {
  const every = Math.ceil(categories.length / labelsMost);
  return (
    <g className="chart-axes">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={frame.left} x2={frame.width - frame.right} y1={scale.y(tick)} y2={scale.y(tick)} />
          <text x={frame.left - 6} y={scale.y(tick) + 4} textAnchor="end">
            {tickText(tick)}
          </text>
        </g>
      ))}
      {categories.map((category, index) =>
        index % every === 0 ? (
          <text key={index} {...labelPlace(scale.x(index))} y={frame.height - 8}>
            {category}
          </text>
        ) : null,
      )}
    </g>
  );
}

/** Words at the edges lean inwards, or the edge would cut them. */
function labelPlace(x: number): { readonly x: number; readonly textAnchor: "middle" | "end" } {
  return x > frame.width - edgePx ? { x: frame.width, textAnchor: "end" } : { x, textAnchor: "middle" };
}

function Marks(props: {
  readonly series: Series;
  readonly type: string;
  readonly scale: Scale;
  readonly place: { readonly index: number; readonly count: number };
}): ReactNode {
  const { series, scale, place } = props;
  const colour = colours[place.index % colours.length];
  if (props.type === "bar") {
    const width = (scale.step * 0.7) / place.count;
    return series.values.map((value, index) => (
      <rect
        key={index}
        x={scale.x(index) - scale.step * 0.35 + width * place.index}
        y={Math.min(scale.y(value), scale.floor)}
        width={Math.max(1, width - 1)}
        height={Math.abs(scale.floor - scale.y(value))}
        rx={1.5}
        fill={colour}
      />
    ));
  }
  const points = series.values.map((value, index) => `${scale.x(index)},${scale.y(value)}`);
  const last = scale.x(series.values.length - 1);
  return (
    <>
      {props.type === "area" && (
        <polygon
          points={`${frame.left},${scale.floor} ${points.join(" ")} ${last},${scale.floor}`}
          fill={colour}
          opacity={0.18}
        />
      )}
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke={colour}
        strokeWidth={2.5}
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      {series.values.length <= 12 &&
        series.values.map((value, index) => (
          <circle key={index} cx={scale.x(index)} cy={scale.y(value)} r={3} fill={colour} />
        ))}
    </>
  );
}

function tickText(value: number): string {
  return Math.abs(value) >= 1_000 ? `${Number((value / 1_000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

/** What a screen reader says instead of the picture. */
function spoken(title: string, series: readonly Series[], categories: readonly string[]): string {
  const parts = series.map((each) => `${each.name}: last ${each.values.at(-1) ?? "unknown"}`);
  return `${title}, ${categories[0] ?? ""} to ${categories.at(-1) ?? ""}. ${parts.join(". ")}`;
}
