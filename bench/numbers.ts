/** What is printed: one JSON object a line, and the arithmetic behind it. */

export interface Line {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly [more: string]: unknown;
}

const lines: Line[] = [];

/** Prints at once, so that a run that is cut off has shown what it knew. */
export function say(
  name: string,
  value: number | null,
  unit: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const line = { name, value: value === null ? null : rounded(value), unit, ...more };
  lines.push(line);
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function said(name: string): number | undefined {
  return lines.find((line) => line.name === name)?.value ?? undefined;
}

export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Four digits say enough. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}

/** Milliseconds of the machine's monotonic clock: the same in every process. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks until it is so or the time is over; answers whether it was so. */
export async function until(isSo: () => boolean | Promise<boolean>, msMax: number, stepMs = 20): Promise<boolean> {
  const end = nowMs() + msMax;
  while (nowMs() < end) {
    if (await isSo()) return true;
    await pause(stepMs);
  }
  return isSo();
}
