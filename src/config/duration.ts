/** Lengths of time as people write them: `90s`, `5m`, `1h30m`, `2d`. */
import { durationMsMin } from "../domain/timing.ts";

/** The order is fixed, each unit at most once, at least one: what an editor can check too. */
export const durationPattern = /^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/;

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** Milliseconds, or undefined when it is not a length in this form. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([dhms])/g))
    ms += Number(count) * unitMs[unit as keyof typeof unitMs];
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The same length the way it would be written: 5400000 → `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(durationMsMin, Math.round(ms / 1000) * 1000);
  let text = "";
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
