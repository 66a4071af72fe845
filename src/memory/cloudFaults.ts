/** What may go wrong with launches, disks, regions and names. A list of its own: adding here does not shift what seeds draw. */
import type { StockFaults } from "./cloudModel.ts";
import type { World } from "./world.ts";

export const cloudFaults = [
  /** No free machine in a zone, of a type, or of a type in a zone: `in` says which. */
  "no-capacity-in",
  /** New snapshots end in `error`. */
  "snapshot-fails",
  /** New snapshots and copies take ten times as long. */
  "slow-snapshots",
  /** The key may not be used: machines and volumes from encrypted snapshots end, and the call did not say so. */
  "snapshot-without-grant",
  "copy-fails",
  /** New machines do not come up. */
  "launches-hang",
  "root-volume-task-fails",
  /** A volume stays busy until its detach is forced or its machine is off. */
  "detach-sticks",
  /** SSM knows no machine. */
  "ssm-down",
  /** us-east-1 is down: no call of Route 53 is answered. Names still are, health is checked, ARC works. */
  "dns-api-down",
  /** Route 53's limit of five calls a second is felt. */
  "dns-throttled",
  /** The region is gone: no call is answered, no machine reached. */
  "region-down",
  /** Only its calls: what runs goes on. */
  "region-api-down",
  /** `in` says which zone: its machines are silent, calls that name them or no ids fail, nothing can be launched there. */
  "zone-down",
] as const;
export type CloudFault = (typeof cloudFaults)[number];

export function isCloudFault(fault: string): fault is CloudFault {
  return cloudFaults.some((each) => each === fault);
}

const slowness = 10;

/** Those that are one setting of the account: when they are on, and when off. */
const settings: { readonly [Fault in CloudFault]?: (faults: StockFaults, on: boolean) => void } = {
  "snapshot-fails": (faults, on) => (faults.snapshotsFail = on),
  "slow-snapshots": (faults, on) => (faults.snapshotSlowness = on ? slowness : 1),
  "snapshot-without-grant": (faults, on) => (faults.noGrant = on),
  "copy-fails": (faults, on) => (faults.copiesFail = on),
  "launches-hang": (faults, on) => (faults.launchesHang = on),
  "root-volume-task-fails": (faults, on) => (faults.rootTasksFail = on),
  "detach-sticks": (faults, on) => (faults.detachSticks = on),
  "ssm-down": (faults, on) => (faults.commandsDown = on),
  "region-down": (faults, on) => (faults.regionDark = on),
  "region-api-down": (faults, on) => (faults.apiDown = on),
};

/** `where`: the zone, the type, or `zone/type`; to end a fault without one ends it everywhere. */
export function setCloudFault(
  world: World,
  fault: CloudFault,
  how: { readonly on: boolean; readonly where: string | undefined },
): void {
  const { faults, shared } = world;
  settings[fault]?.(faults, how.on);
  if (fault === "dns-api-down") shared.dns.faults.apiDown = how.on;
  if (fault === "dns-throttled") shared.dns.faults.limited = how.on;
  if (fault === "no-capacity-in") toggle(faults.noCapacityIn, how);
  if (fault === "zone-down") toggle(faults.zonesDown, how);
}

function toggle(
  places: Set<string>,
  { on, where }: { readonly on: boolean; readonly where: string | undefined },
): void {
  if (where === undefined) {
    if (on) throw new Error("this fault needs to be told where: breakAccount(fault, { in: … })");
    return places.clear();
  }
  if (on) places.add(where);
  else places.delete(where);
}

export function hasCloudFault(world: World, fault: CloudFault): boolean {
  const { faults, shared } = world;
  switch (fault) {
    case "no-capacity-in":
      return faults.noCapacityIn.size > 0;
    case "snapshot-fails":
      return faults.snapshotsFail;
    case "slow-snapshots":
      return faults.snapshotSlowness > 1;
    case "snapshot-without-grant":
      return faults.noGrant;
    case "copy-fails":
      return faults.copiesFail;
    case "launches-hang":
      return faults.launchesHang;
    case "root-volume-task-fails":
      return faults.rootTasksFail;
    case "detach-sticks":
      return faults.detachSticks;
    case "ssm-down":
      return faults.commandsDown;
    case "dns-api-down":
      return shared.dns.faults.apiDown;
    case "dns-throttled":
      return shared.dns.faults.limited;
    case "region-down":
      return faults.regionDark;
    case "region-api-down":
      return faults.apiDown;
    case "zone-down":
      return faults.zonesDown.size > 0;
  }
}
