/** A pair of machines in two zones, as the stories of both kinds of failover tell it. */
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { AllocationId, InstanceId } from "../../src/domain/words.ts";
import { createAccount, type Account, type AccountOptions } from "../../src/memory/account.ts";
import { failoverStandby } from "../../src/recovery/failoverStandby.ts";
import { fenceSteps } from "../../src/recovery/fence.ts";
import { pairSteps } from "../../src/recovery/pairSteps.ts";
import { provedBy } from "../../src/recovery/plan.ts";
import { serviceOf, type Ended, type PlanWorld, type Story } from "./planStory.ts";

export const primary = "i-0aaa0000000000001" as InstanceId;
export const standby = "i-0bbb0000000000002" as InstanceId;
export const allocation = "eipalloc-0c0ffee0" as AllocationId;
export const publicIp = "198.51.100.10";

export const pairService: ServiceDefinition = serviceOf({
  pattern: "standby",
  target: { kind: "instance", instanceId: primary },
  standby: { kind: "instance", instanceId: standby },
  elasticIp: allocation,
});

export function pairAccount(
  over: {
    readonly primary?: Partial<NonNullable<AccountOptions["machines"]>[number]>;
    readonly standby?: Partial<NonNullable<AccountOptions["machines"]>[number]>;
    readonly account?: Partial<AccountOptions>;
    readonly holder?: InstanceId | null;
  } = {},
): Story["accounts"] {
  const holder = over.holder === undefined ? primary : over.holder;
  return ({ clock, random }): readonly Account[] => [
    createAccount({
      clock,
      random,
      machines: [
        { id: primary, name: "blue", availabilityZone: "eu-west-1a", privateIp: "10.0.1.10", ...over.primary },
        { id: standby, name: "green", availabilityZone: "eu-west-1b", privateIp: "10.0.2.10", ...over.standby },
      ],
      addresses: [{ allocationId: allocation, publicIp, ...(holder === null ? {} : { instanceId: holder }) }],
      sites: [{ host: "web.example", via: { kind: "elastic-ip", allocationId: allocation } }],
      ...over.account,
    }),
  ];
}

/** The whole of a failover that went well, and nothing else. */
export const moveOf = (from: InstanceId, to: InstanceId): Pick<Story, "fenced" | "ends"> => ({
  fenced: [from],
  ends: {
    kind: "done",
    moved: { instanceId: to },
    world: (ended) => [...heldBy(ended, to), ...sawItAnswer(ended)],
  },
});

/** The last thing that a run sees is the service itself. */
export function sawItAnswer({ entries }: Pick<Ended, "entries">): string[] {
  const last = entries.at(-1);
  const isSeen = last?.step === pairSteps.well && provedBy(entries, pairSteps.well) !== undefined;
  return isSeen ? [] : [`the last step was "${last?.step}"`];
}

/** One that was started gets time to come up before anything is taken from the old one. */
export function waitedForIt({ entries }: Pick<Ended, "entries">): string[] {
  const up = provedBy(entries, pairSteps.answers)?.at;
  const stopAt = entries.find((entry) => entry.step === fenceSteps.stopped)?.begun?.at;
  return up !== undefined && stopAt !== undefined && up <= stopAt
    ? []
    : ["the old one was stopped before the other answered"];
}

/** Complaints about who has the address, and whether people get an answer. */
export function heldBy({ account }: Pick<Ended, "account">, id: InstanceId): string[] {
  const [address] = account.peek.addresses();
  const answer = account.peek.site("web.example");
  return [
    ...(address?.instanceId === id ? [] : [`the address is on ${address?.instanceId ?? "nobody"}`]),
    ...(answer.kind === "answers" ? [] : [`the site is ${answer.kind}`]),
  ];
}

export function standbyStory(over: Partial<Story> & Pick<Story, "title">): Story {
  return {
    definition: failoverStandby,
    recovery: "failover",
    service: pairService,
    accounts: pairAccount(),
    placement: { instanceId: primary, allocationId: allocation },
    break: ({ account }) => account.break("host-fails", primary),
    ...moveOf(primary, standby),
    ...over,
  };
}

/** Once in each world, right before this call for the n-th time. */
export function onceAt(
  name: string,
  nth: number,
  happens: (world: PlanWorld) => unknown,
): NonNullable<Story["meanwhile"]> {
  const seen = new WeakMap<PlanWorld, number>();
  return (call, world) => {
    if (call.name !== name) return;
    const times = (seen.get(world) ?? 0) + 1;
    seen.set(world, times);
    if (times === nth) happens(world);
  };
}
