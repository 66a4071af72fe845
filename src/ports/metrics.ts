/** Counters, gauges and histograms in our words; the adapter is prom-client. Names start with `medic_`, units last. */
export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
}

export const silentMetrics: Metrics = { count: () => undefined, gauge: () => undefined, observe: () => undefined };
