/** All of `medic.yaml` after checking. Frozen for the life of a process; an incident freezes its ladder on top of that. */
import type { AccountDefinition, ServiceDefinition } from "./service.ts";
import type { Timing } from "./timing.ts";
import type { ServiceName } from "./words.ts";

export interface Settings {
  readonly services: ReadonlyMap<ServiceName, ServiceDefinition>;
  readonly timing: Timing;
  /** By account id: other accounts than the bot's own. */
  readonly accounts: ReadonlyMap<string, AccountDefinition>;
  /** Where unmatched alarms, storm cards and what has no channel of its own go. */
  readonly defaultChannel: string;
  /** SNS topic ARN for e-mail; absent: no mail. */
  readonly mailTopic?: string;
  readonly digest: { readonly cron: string; readonly timeZone: string; readonly enabled: boolean };
  /** Probes count only while this answers: it tells "the site is down" from "we are offline". */
  readonly controlUrl?: string;
  readonly killSwitch?:
    { readonly kind: "ssm"; readonly parameter: string } | { readonly kind: "file"; readonly path: string };
}
