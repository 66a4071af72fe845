/** Prometheus through prom-client. A name is registered at its first use, with the labels of that use. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Metrics } from "../ports/metrics.ts";

/** From a card that is up at once to a recovery that took half an hour. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];
/** Labels come from closed lists; more than this many series of one name is a bug that would eat memory. */
const seriesMax = 2000;

type Labels = Readonly<Record<string, string>>;

export interface PromMetrics extends Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

export function promMetrics(): PromMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = new Map<string, Counter | Gauge | Histogram>();
  const series = new Map<string, Set<string>>();
  const admit = (name: string, labels: Labels) => {
    const known = series.get(name) ?? new Set<string>();
    series.set(name, known);
    const key = Object.values(labels).join("\u0000");
    if (known.has(key)) return true;
    if (known.size >= seriesMax) return false;
    known.add(key);
    return true;
  };
  const get = <M extends Counter | Gauge | Histogram>(name: string, make: () => M): M => {
    const known = made.get(name) as M | undefined;
    if (known) return known;
    const fresh = make();
    made.set(name, fresh);
    return fresh;
  };
  const config = (name: string, labels: Labels) => ({
    name,
    help: name.replaceAll("_", " "),
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count: (name, labels = {}, by = 1) => {
      if (admit(name, labels)) get(name, () => new Counter(config(name, labels))).inc({ ...labels }, by);
    },
    gauge: (name, value, labels = {}) => {
      if (admit(name, labels)) get(name, () => new Gauge(config(name, labels))).set({ ...labels }, value);
    },
    observe: (name, value, labels = {}) => {
      if (!admit(name, labels)) return;
      get(name, () => new Histogram({ ...config(name, labels), buckets: secondsBuckets })).observe(
        { ...labels },
        value,
      );
    },
  };
}
