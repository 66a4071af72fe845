/** Which recoveries are measured, in what trouble, and the least that AWS must be asked for each. */
import type { Recovery } from "../src/domain/words.ts";
import { ids } from "../sandbox/patterns.ts";
import { serviceNamed } from "../sandbox/world.ts";
import type { RecoveryWorld } from "./recoveryWorld.ts";

export interface RecoveryStory {
  readonly name: string;
  readonly service: string;
  readonly recovery: Recovery;
  readonly trouble?: (world: RecoveryWorld) => void;
  /** The writes without which the world cannot become so, in order. Each needs one read that proves it: as many reads. */
  readonly leastWrites: readonly string[];
}

export const recoveryStories: readonly RecoveryStory[] = [
  {
    name: "restart",
    service: "shop-web",
    recovery: "restart",
    trouble: ({ home }) => home.break("kernel-hangs", serviceNamed("shop-web").instanceId),
    leastWrites: ["RebootInstances"],
  },
  {
    name: "failover-eip",
    service: "checkout",
    recovery: "failover",
    trouble: ({ home }) => home.break("host-fails", ids.checkoutPrimary),
    leastWrites: ["StartInstances", "StopInstances", "DisassociateAddress", "AssociateAddress"],
  },
  {
    name: "failover-dns",
    service: "portal",
    recovery: "failover",
    trouble: ({ home }) => home.break("kernel-hangs-for-good", ids.portalPrimary),
    leastWrites: ["StopInstances", "ChangeResourceRecordSets"],
  },
  {
    name: "scale-out",
    service: "search",
    recovery: "scale-out",
    trouble: ({ home }) => home.setLoad("search", 170),
    leastWrites: ["SetDesiredCapacity"],
  },
  {
    name: "replace",
    service: "search",
    recovery: "replace",
    trouble: ({ home }) => home.break("disk-full", ids.searchA),
    leastWrites: ["TerminateInstanceInAutoScalingGroup"],
  },
  {
    name: "reprovision",
    service: "wiki",
    recovery: "reprovision",
    trouble: ({ home }) => home.break("disk-full", ids.wiki),
    leastWrites: ["RegisterImage", "RunInstances", "StopInstances", "DisassociateAddress", "AssociateAddress"],
  },
  {
    name: "reprovision-dr",
    service: "wiki",
    recovery: "reprovision-dr",
    trouble: ({ home }) => home.break("disk-full", ids.wiki),
    leastWrites: ["RegisterImage", "RunInstances", "StopInstances", "ChangeResourceRecordSets"],
  },
  {
    name: "drill",
    service: "wiki",
    recovery: "drill",
    leastWrites: ["RegisterImage", "RunInstances", "TerminateInstances"],
  },
];
