/** `timing` in medic.yaml: one key for each duration of the domain, so that none can be forgotten. */
import { z } from "zod";
import { defaultTiming } from "../domain/timing.ts";
import type { Timing } from "../domain/timing.ts";
import { formatDuration } from "./duration.ts";
import { duration, explained } from "./schemaParts.ts";
import { timingWords } from "./timingWords.ts";

const timingShape = Object.fromEntries(
  Object.entries(defaultTiming).map(([key, value]: [string, number | readonly number[]]) => {
    const words = timingWords[key as keyof Timing];
    if (typeof value !== "number") {
      const list = z.array(duration).min(1, "at least one length of time").max(10, "at most 10");
      return [timingName(key), explained(list, words, value.map(formatDuration)).optional()];
    }
    return [
      timingName(key),
      explained(duration, `${words} Default ${formatDuration(value)}.`, formatDuration(value)).optional(),
    ];
  }),
) as Record<string, z.ZodOptional<typeof duration> | z.ZodOptional<z.ZodArray<typeof duration>>>;

/** `vetoRestartMs` is written `vetoRestart`: in YAML the value carries its unit. */
export function timingName(key: string): string {
  return key.replace(/Ms$/, "");
}

export const timingSchema = z.strictObject(timingShape);
