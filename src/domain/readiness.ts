/** Could it be brought back now? Per service and per rung: green, amber or red, with the reason and what mends it. */
import type { ServiceName } from "./words.ts";

/** Worst first. */
export const lights = ["red", "amber", "green"] as const;
export type Light = (typeof lights)[number];

export interface ReadinessLine {
  /** A recovery by its code word, or what beside it was looked at: "alarms", "probe", "hooks", "group", "drill", "permissions". */
  readonly about: string;
  readonly light: Light;
  /** What was found, as a person would say it. */
  readonly reason: string;
  /** What to do about it; absent when it is green. */
  readonly remedy?: string;
}

export interface ServiceReadiness {
  readonly service: ServiceName;
  /** Epoch ms. */
  readonly readAt: number;
  readonly light: Light;
  readonly lines: readonly ReadinessLine[];
  /** The newest drill, when there was one. */
  readonly drill?: DrillResult;
}

export interface DrillResult {
  /** Epoch ms of its end. */
  readonly at: number;
  readonly good: boolean;
  readonly tookMs: number;
  readonly said: string;
}

export function worstLight(lines: readonly Pick<ReadinessLine, "light">[]): Light {
  return lights.find((light) => lines.some((line) => line.light === light)) ?? "green";
}

/** Lines whose light is another one than before; what is new and green is no news. Reasons alone may flicker and are none either. */
export function changedLines(
  before: Pick<ServiceReadiness, "lines"> | undefined,
  now: Pick<ServiceReadiness, "lines">,
): ReadinessLine[] {
  const was = new Map(before?.lines.map((line) => [line.about, line.light]));
  return now.lines.filter((line) => line.light !== (was.get(line.about) ?? "green"));
}
