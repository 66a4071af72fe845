/** The verbs that order a recovery, but for `restart`, which goes at once. */
import { orderVerb } from "./orderVerb.ts";
import type { Verb } from "./context.ts";

export const orders: readonly Verb[] = [
  orderVerb({
    name: "failover",
    recovery: "failover",
    summary: "Let the standby serve: fence the primary, move address or record.",
  }),
  orderVerb({
    name: "fail-back",
    recovery: "fail-back",
    summary: "The failover walked back: let the original serve again.",
  }),
  orderVerb({ name: "scale-out", recovery: "scale-out", summary: "Add members to the group, within its maximum." }),
  orderVerb({ name: "scale-in", recovery: "scale-in", summary: "Back to the size from before the scale-out." }),
  orderVerb({ name: "raise-max", recovery: "raise-max", summary: "Give the group a higher maximum; it is owed back." }),
  orderVerb({ name: "replace", recovery: "replace", summary: "Let the group replace its unhealthy members." }),
  orderVerb({ name: "refresh", recovery: "refresh", summary: "Instance refresh: every member anew, a few at a time." }),
  orderVerb({
    name: "reprovision",
    recovery: "reprovision",
    variants: { dr: "reprovision-dr" },
    summary: "Build it anew from the newest snapshot, here or (`dr`) in the DR region.",
  }),
  orderVerb({ name: "drill", recovery: "drill", summary: "Build it anew beside the running one, prove it, clean up." }),
  orderVerb({ name: "prune", recovery: "prune", summary: "Delete the snapshots beyond the retention." }),
];
