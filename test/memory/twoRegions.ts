import { createAccount } from "../../src/memory/account.ts";
import type { Account, AccountOptions } from "../../src/memory/account.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { placesOf } from "../../src/memory/places.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createSharedWorld } from "../../src/memory/sharedWorld.ts";
import type { SharedWorldOptions } from "../../src/memory/sharedWorld.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import type { LaunchRequest } from "../../src/ports/compute.ts";
import type { AllocationId, ImageId, InstanceId, Scope, SnapshotId, VolumeId } from "../../src/domain/words.ts";
import { startAt } from "./startingAccount.ts";

export const web = "i-0aaa0000000000001" as InstanceId;
export const spare = "i-0aaa0000000000002" as InstanceId;
export const address = "eipalloc-1" as AllocationId;
export const rootVolume = "vol-0aaa0000000000001" as VolumeId;
export const dataVolume = "vol-0aaa0000000000002" as VolumeId;
export const nightly = "snap-0aaa0000000000001" as SnapshotId;
export const home = placesOf("eu-west-1");
export const away = placesOf("eu-central-1");

/** A web server with a data volume and a stopped spare in another zone, at home; nothing yet in the other region. */
export function twoRegions(over: Partial<AccountOptions> = {}, dns: Omit<SharedWorldOptions, "clock"> = {}) {
  const clock = createVirtualClock({ startAt });
  const shared = createSharedWorld({ clock, ...dns });
  const options = { clock, random: createSeededRandom(7), shared };
  const account = createAccount({
    ...options,
    machines: [
      {
        id: web,
        name: "web",
        tags: { team: "shop" },
        rootVolumeId: rootVolume,
        data: "orders of today",
        volumes: [{ device: "/dev/sdf", id: dataVolume, data: "photos of today" }],
        build: { keyName: "ops", instanceProfile: "web", userData: "IyEvYmluL3No", bootMode: "uefi" },
      },
      { id: spare, name: "spare", availabilityZone: "eu-west-1b", state: "stopped" },
    ],
    addresses: [{ allocationId: address, publicIp: "198.51.100.7", instanceId: web }],
    snapshots: [{ id: nightly, of: { instanceId: web }, data: "orders of yesterday", tags: { service: "web" } }],
    sites: [
      { host: "web.example", via: { kind: "elastic-ip", allocationId: address } },
      { host: "shop.example", via: { kind: "record", zoneId: "Z1", name: "shop.example." } },
    ],
    ...over,
  });
  const dr = createAccount({ ...options, region: "eu-central-1" });
  const clouds = memoryClouds([account, dr]);
  const control = new AbortController();
  void account.run(control.signal);
  void dr.run(control.signal);
  const cloud = clouds(account.scope as Scope);
  const drCloud = clouds(dr.scope as Scope);
  return { clock, shared, account, dr, cloud, drCloud, compute: cloud.compute, storage: cloud.storage };
}

export type TwoRegions = ReturnType<typeof twoRegions>;

export function request(over: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    clientToken: "run-1-launch-1",
    imageId: home.imageId as ImageId,
    type: "t4g.small",
    subnetId: home.subnets.b,
    securityGroupIds: [home.securityGroupId],
    volumes: [],
    tags: { Name: "web" },
    ...over,
  };
}

/** An image over the nightly snapshot, available. */
export async function imageOverNightly({ storage, clock }: TwoRegions): Promise<ImageId> {
  const id = await storage.registerImage({
    name: "web-1",
    rootSnapshotId: nightly,
    rootDeviceName: "/dev/xvda",
    architecture: "arm64",
    bootMode: "uefi",
    enaSupport: true,
    tags: {},
  });
  await clock.advance(10_000);
  return id;
}

/** The code of what a call of a port was refused with; "done" when it was not. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

export function acceptedOf(account: Account, operation: string): number {
  return account.writes.filter((each) => each.operation === operation && each.outcome === "accepted").length;
}
