/** One account + region, with everything the bot may ask there. Made once by main; the key is the service's scope. */
import type { RunId, Scope } from "../domain/words.ts";
import type { Alarms } from "./alarms.ts";
import type { Compute } from "./compute.ts";
import type { Commands, Dns, Routing } from "./dns.ts";
import type { Scaling } from "./scaling.ts";
import type { Storage } from "./storage.ts";

export interface Cloud {
  readonly compute: Compute;
  readonly storage: Storage;
  readonly alarms: Alarms;
  readonly scaling: Scaling;
  readonly dns: Dns;
  readonly routing: Routing;
  readonly commands: Commands;
}

/**
 * On whose behalf the calls are made. In accounts that are entered by a role it becomes the session: its name, its source identity
 * (CloudTrail shows who pressed) and a policy for exactly these actions.
 */
export interface OnBehalf {
  readonly runId: RunId;
  /** Slack user id, or the rule. */
  readonly who: string;
  /** IAM actions that the plan declares. */
  readonly actions: readonly string[];
}

/** Unknown scopes throw NotFound. */
export type Clouds = (scope: Scope, onBehalf?: OnBehalf) => Cloud;
