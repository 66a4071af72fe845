/** A kill switch that a test or a person in the sandbox turns. */
import type { AutopilotSwitch } from "../ports/autopilot.ts";

export interface MemoryAutopilot extends AutopilotSwitch {
  set(state: "on" | "off" | "unknown"): void;
  readonly now: () => "on" | "off" | "unknown";
}

export function memoryAutopilot(initial: "on" | "off" | "unknown" = "on"): MemoryAutopilot {
  let state = initial;
  return {
    read: async () => state,
    now: () => state,
    set: (next) => {
      state = next;
    },
  };
}
