/** The kill switch as a file: `on` or `off`. Missing or unreadable is unknown, which keeps automatic runs off. */
import { readFile } from "node:fs/promises";
import type { AutopilotSwitch } from "../ports/autopilot.ts";

export function fileSwitch(path: string): AutopilotSwitch {
  return {
    read: async () => {
      try {
        return (await readFile(path, "utf8")).trim().toLowerCase() === "on" ? "on" : "off";
      } catch {
        return "unknown";
      }
    },
  };
}

/** No switch is configured outside the store: the store's own word decides. */
export const noSwitch: AutopilotSwitch = { read: async () => "on" };
