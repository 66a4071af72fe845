/** A kill switch that a test or a person in the sandbox turns. */
import type { AutopilotSwitch } from "../ports/autopilot.ts";

export interface MemoryAutopilot extends AutopilotSwitch {
  set(state: "on" | "off" | "unknown"): void;
}

export function memoryAutopilot(initial: "on" | "off" | "unknown" = "on"): MemoryAutopilot {
  let state = initial;
  return {
    read: async () => state,
    set: (next) => {
      state = next;
    },
  };
}
