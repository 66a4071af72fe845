import { readFileSync } from "node:fs";

/** Seconds by path from the root, as `node scripts/recordDurations.js REPORT` last wrote them. */
export function knownDurations(): Readonly<Record<string, number>> {
  return JSON.parse(readFileSync(new URL("durations.json", import.meta.url), "utf8")) as Record<string, number>;
}
