/** CloudWatch's metrics: every minute each machine and each canary writes its points, about the minute that has just ended. */
import type { MetricPoint } from "./accountModel.ts";
import { cpuOfMember } from "./groupLoad.ts";
import { siteIsUp } from "./sites.ts";
import type { World } from "./world.ts";

/** Four hours of minutes: the longest look back of any alarm and of the chart on a card. */
const pointsMax = 240;

export function metricKey(namespace: string, metric: string, dimensions: Readonly<Record<string, string>>): string {
  const names = Object.keys(dimensions);
  if (names.length === 1) return `${namespace}|${metric}|${names[0]}=${dimensions[names[0] ?? ""]}`;
  const named = Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  return [namespace, metric, ...named].join("|");
}

export function writePoints(world: World, minute: number): void {
  for (const machine of world.machines.values()) {
    // A machine that does not run writes nothing: its alarms lack data, they do not turn OK.
    if (machine.state !== "running") continue;
    const dimensions = { InstanceId: machine.id };
    const checks = machine.checks;
    const system = checks?.system === "impaired" ? 1 : 0;
    const instance = checks?.instance === "impaired" ? 1 : 0;
    put(world, metricKey("AWS/EC2", "StatusCheckFailed_System", dimensions), { at: minute, value: system });
    put(world, metricKey("AWS/EC2", "StatusCheckFailed_Instance", dimensions), { at: minute, value: instance });
    put(world, metricKey("AWS/EC2", "StatusCheckFailed", dimensions), {
      at: minute,
      value: Math.max(system, instance),
    });
    put(world, metricKey("AWS/EC2", "CPUUtilization", dimensions), {
      at: minute,
      value: cpuOfMember(world, machine) ?? cpu(world, machine.health.kernel),
    });
  }
  for (const site of world.sites) {
    if (site.canary === undefined) continue;
    const value = siteIsUp(world, site) ? 100 : 0;
    put(world, metricKey("CloudWatchSynthetics", "SuccessPercent", { CanaryName: site.canary }), { at: minute, value });
  }
}

function cpu(world: World, kernel: string): number {
  const noise = world.random.int(0, 80) / 10;
  // A soft lockup spins: the hypervisor sees one busy core.
  return kernel === "hung" ? 92 + noise : 11 + noise;
}

export function put(world: World, key: string, point: MetricPoint): void {
  const row = world.points.get(key) ?? [];
  world.points.set(key, row);
  row.push(point);
  if (row.length > pointsMax) row.shift();
}

/** One value per period, oldest first, for the `count` periods that end at `end`; undefined where there is no data. */
export function valuesByPeriod(
  world: World,
  key: string,
  wanted: { readonly statistic: string; readonly periodMs: number; readonly count: number; readonly end: number },
): { readonly at: number; readonly value: number | undefined }[] {
  const row = lastOf(world.points.get(key) ?? [], wanted.end - wanted.count * wanted.periodMs);
  return Array.from({ length: wanted.count }, (_, i) => {
    const at = wanted.end - (wanted.count - i) * wanted.periodMs;
    const inside = row.filter((point) => point.at >= at && point.at < at + wanted.periodMs).map((point) => point.value);
    return { at, value: inside.length === 0 ? undefined : summarise(inside, wanted.statistic) };
  });
}

/** Points come in the order of their time: what is older is not looked through. */
function lastOf(row: readonly MetricPoint[], since: number): readonly MetricPoint[] {
  let first = row.length;
  while (first > 0 && (row[first - 1]?.at ?? 0) >= since) first -= 1;
  return first === 0 ? row : row.slice(first);
}

function summarise(values: readonly number[], statistic: string): number {
  const sum = values.reduce((a, b) => a + b, 0);
  if (statistic === "Maximum") return Math.max(...values);
  if (statistic === "Minimum") return Math.min(...values);
  if (statistic === "SampleCount") return values.length;
  return statistic === "Sum" ? sum : sum / values.length;
}
