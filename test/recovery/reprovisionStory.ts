/** A lone server with an Elastic IP, a snapshot of its disk, and what a re-provisioning of it should leave. */
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { AllocationId, InstanceId } from "../../src/domain/words.ts";
import { createAccount, type Account, type AccountOptions } from "../../src/memory/account.ts";
import { createSharedWorld } from "../../src/memory/sharedWorld.ts";
import { placesOf } from "../../src/memory/places.ts";
import { replacedByTag } from "../../src/ports/compute.ts";
import { reprovision } from "../../src/recovery/reprovisionDefinition.ts";
import { serviceOf, type Ended, type Story } from "./planStory.ts";

export const old = "i-0aaa0000000000001" as InstanceId;
export const allocation = "eipalloc-0c0ffee0" as AllocationId;
export const publicIp = "198.51.100.10";
export const places = placesOf("eu-west-1");
export const snapshotTag = { key: "backup", value: "web" };
export const userData = btoa("#!/bin/sh\necho web\n");

export const loneService: ServiceDefinition = serviceOf({
  pattern: "instance",
  target: { kind: "tag", key: "service", value: "web" },
  elasticIp: allocation,
  reprovision: { snapshotTag, subnets: [places.subnets.b, places.subnets.c], types: ["t3.medium"] },
});

export interface LoneWorld {
  readonly machine?: Partial<NonNullable<AccountOptions["machines"]>[number]>;
  readonly account?: Partial<AccountOptions>;
  readonly snapshots?: NonNullable<AccountOptions["snapshots"]>;
  /** Of Route 53. */
  readonly zones?: NonNullable<Parameters<typeof createSharedWorld>[0]["zones"]>;
}

export const freshSnapshot = {
  id: "snap-0aaa0000000000001",
  of: { instanceId: old },
  ageMs: 47 * 60_000,
  data: "web as of the snapshot",
  tags: { [snapshotTag.key]: snapshotTag.value },
} as const;

export function loneAccount(over: LoneWorld = {}): Story["accounts"] {
  return ({ clock, random }): readonly Account[] => [
    createAccount({
      clock,
      random,
      ...(over.zones ? { shared: createSharedWorld({ clock, zones: over.zones }) } : {}),
      machines: [
        {
          id: old,
          name: "web",
          type: "t3.small",
          availabilityZone: "eu-west-1a",
          tags: { Name: "web", service: "web", "ec2-medic:managed": "true" },
          data: "web today",
          build: { userData },
          ...over.machine,
        },
      ],
      snapshots: over.snapshots ?? [freshSnapshot],
      addresses: [{ allocationId: allocation, publicIp, instanceId: old }],
      sites: [{ host: "web.example", via: { kind: "elastic-ip", allocationId: allocation } }],
      ...over.account,
    }),
  ];
}

export function newIdOf({ moved }: Pick<Ended, "moved">): string {
  return moved?.instanceId ?? "none";
}

/** Complaints about a world in which the service should live on a new machine. */
export function livesAnew(ended: Ended, data = freshSnapshot.data): string[] {
  const { account } = ended;
  const id = newIdOf(ended);
  const [address] = account.peek.addresses();
  const answer = account.peek.site("web.example");
  const gone = account.peek.machines().find((machine) => machine.id === old);
  const fresh = account.peek.machines().find((machine) => machine.id === id);
  const said = (what: string, isSo: boolean) => (isSo ? [] : [what]);
  return [
    ...said(`the address is on ${address?.instanceId ?? "nobody"}, not on ${id}`, address?.instanceId === id),
    ...said(`the site is ${answer.kind}`, answer.kind === "answers"),
    ...said(`it serves ${JSON.stringify(account.peek.data(id))}`, Object.values(account.peek.data(id)).includes(data)),
    ...said(`the old one is ${gone?.state}`, gone?.state === "stopped" || gone?.state === "terminated"),
    ...said("the old one is unmarked", gone?.state === "terminated" || gone?.tags[replacedByTag] === id),
    ...said("the new one is not tagged as the old one was", fresh?.tags["service"] === "web"),
  ];
}

export function loneStory(over: Partial<Story> & Pick<Story, "title">): Story {
  return {
    definition: reprovision,
    recovery: "reprovision",
    service: loneService,
    accounts: loneAccount(),
    placement: { instanceId: old, allocationId: allocation },
    break: ({ account }) => account.break("host-fails", old),
    launches: 1,
    fenced: [old],
    promotes: ["compute.launch", "compute.associate"],
    ends: { kind: "done", world: (ended) => livesAnew(ended) },
    ...over,
  };
}
