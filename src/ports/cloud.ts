/** One account + region, with everything the bot may ask there. Made once by main; the key is the service's scope. */
import type { Scope } from "../domain/words.ts";
import type { Alarms } from "./alarms.ts";
import type { Compute } from "./compute.ts";
import type { Scaling } from "./scaling.ts";

export interface Cloud {
  readonly compute: Compute;
  readonly alarms: Alarms;
  readonly scaling: Scaling;
}

/** Unknown scopes throw NotFound. */
export type Clouds = (scope: Scope) => Cloud;
