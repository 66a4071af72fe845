/** What one case cannot see, handed in with the time it was read. The core asks nobody. */
import type { ServiceDefinition } from "./service.ts";
import type { Timing } from "./timing.ts";

export interface Facts {
  /** undefined: gone from medic.yaml. */
  readonly service: ServiceDefinition | undefined;
  readonly timing: Timing;
  /** Autopilot: "unknown" when parameter or store could not be read, which counts as off. */
  readonly autopilot: { readonly state: "on" | "off" | "unknown"; readonly readAt: number; readonly by?: string };
  readonly storm: { readonly active: boolean; readonly why?: string; readonly readAt: number };
  readonly silence?: { readonly until: number; readonly by: string; readonly why: string };
  /** No automatic run before this instant: the fleet was away or its queue is old. */
  readonly warmUntil: number;
  /** Is there a mail topic, so that mail can tell people when Slack cannot? */
  readonly mailConfigured: boolean;
}
