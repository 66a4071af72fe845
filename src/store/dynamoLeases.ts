/**
 * `lease#<name>` / `lease`: owner, fence, until. Given back, the item stays without owner, so that its fence never repeats.
 * A takeover is conditioned on exactly what was read: of two takers one is refused, and a holder that renews meanwhile keeps it.
 */
import { CorruptItem } from "../domain/caseSchema.ts";
import { fenceFloorLease, nextFence } from "../domain/fenceFloor.ts";
import { assertKeyFits, assertLeaseName, assertWholeLetters, partitionKeyBytesMax } from "../domain/storedSize.ts";
import type { Lease, Leases } from "../ports/store.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import { fromItem, toItem } from "./tableModel.ts";
import type { TableModel } from "./tableModel.ts";

export const leasePrefix = "lease#";
export const leaseSortKey = "lease";

interface FoundLease {
  readonly owner?: string;
  readonly fence: number;
  readonly until: number;
}

type Condition = ReturnType<TableModel["requests"]["ifAbsent"]>;
type Put = (
  name: string,
  next: FoundLease,
  condition: (requests: TableModel["requests"]) => Condition,
) => Promise<boolean>;

export function dynamoLeases(calls: DynamoCalls, model: () => Promise<TableModel>): Leases {
  const stored = async (name: string): Promise<FoundLease | undefined> => {
    const { models, requests } = await model();
    const { Item } = await calls.getItem(requests.get(leaseKey(name)));
    return Item && foundLease(name, fromItem(models.lease, Item));
  };
  const put: Put = async (name, { owner, fence, until }, condition) => {
    const { models, requests } = await model();
    const Item = await toItem(models.lease, { ...leaseKey(name), owner, fence, until });
    return unlessRefused(() => calls.putItem({ ...condition(requests), Item }));
  };

  return {
    acquire: async (name, owner, { now, leaseMs, takeoverMs }) => {
      assertLeaseName(name);
      assertWholeLetters(`the owner of lease "${name}"`, owner);
      const until = now + leaseMs;
      const found = await stored(name);
      if (found && found.owner === owner) return renewed({ name, owner, fence: found.fence, until }, put);
      if (found?.owner !== undefined && now < found.until + takeoverMs) return undefined;
      const next = { owner, fence: nextFence(found?.fence, (await stored(fenceFloorLease))?.fence), until };
      const condition = (requests: TableModel["requests"]) => (found ? ifAsRead(requests, found) : requests.ifAbsent());
      return (await put(name, next, condition)) ? { name, ...next } : undefined;
    },
    renew: (lease, { now, leaseMs }) => renewed({ ...lease, until: now + leaseMs }, put),
    release: async ({ name, owner, fence }) => {
      await put(name, { fence, until: 0 }, (requests) => requests.ifHeldBy(owner, fence));
    },
    read: async (name) => {
      const found = await stored(name);
      return found?.owner === undefined
        ? undefined
        : { name, owner: found.owner, fence: found.fence, until: found.until };
    },
  };
}

/** A lease that was moved here: its next fence is beyond those of both stores. Without owner, whose fence is another's now. */
export async function raiseFence(
  { name, fence }: Pick<Lease, "name" | "fence">,
  { calls, model }: { calls: DynamoCalls; model: () => Promise<TableModel> },
): Promise<boolean> {
  const { models, requests } = await model();
  const { Item: stored } = await calls.getItem(requests.get(leaseKey(name)));
  const found = stored && foundLease(name, fromItem(models.lease, stored));
  if (found && found.fence >= fence) return false;
  const condition = found ? ifAsRead(requests, found) : requests.ifAbsent();
  const Item = await toItem(models.lease, { ...leaseKey(name), fence, until: 0 });
  return unlessRefused(() => calls.putItem({ ...condition, Item }));
}

async function renewed(lease: Lease, put: Put): Promise<Lease | undefined> {
  const { name, owner, fence, until } = lease;
  return (await put(name, { owner, fence, until }, (requests) => requests.ifHeldBy(owner, fence))) ? lease : undefined;
}

function ifAsRead(requests: TableModel["requests"], { owner, fence, until }: FoundLease): Condition {
  return owner === undefined ? requests.ifFree(fence, until) : requests.ifLeaseAt(fence, until, owner);
}

function foundLease(name: string, { owner, fence, until }: Readonly<Record<string, unknown>>): FoundLease {
  const isLease = typeof fence === "number" && typeof until === "number";
  if (!isLease || (owner !== undefined && typeof owner !== "string"))
    throw new CorruptItem(`lease "${name}"`, "its fence or end is missing or of another type than expected");
  return { fence, until, ...(owner === undefined ? {} : { owner }) };
}

export function leaseKey(name: string): { pk: string; sk: string } {
  const pk = `${leasePrefix}${name}`;
  assertKeyFits(pk, partitionKeyBytesMax);
  return { pk, sk: leaseSortKey };
}
