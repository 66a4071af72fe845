/**
 * `lease#<name>` / `lease`: owner, fence, until. Given back, the item stays without owner, so that its fence never repeats.
 * A takeover is conditioned on exactly what was read: of two takers one is refused, and a holder that renews meanwhile keeps it.
 */
import dynamoose from "dynamoose";
import { assertKeyFits, partitionKeyBytesMax } from "../domain/storedSize.ts";
import type { Lease, Leases } from "../ports/store.ts";
import { unlessRefused } from "./dynamoErrors.ts";
import type { LeaseItem } from "./itemModels.ts";
import type { TableModel } from "./tableModel.ts";

export function dynamoLeases(model: () => Promise<TableModel>): Leases {
  const leases = async () => (await model()).models.lease;
  const stored = async (name: string): Promise<LeaseItem | undefined> =>
    (await leases()).get(leaseKey(name), { consistent: true });
  const update = async (name: string, change: Change, condition: Condition): Promise<boolean> =>
    unlessRefused(async () => (await leases()).update(leaseKey(name), change, { condition }));

  return {
    acquire: async (name, owner, { now, leaseMs, takeoverMs }) => {
      const until = now + leaseMs;
      const found = await stored(name);
      if (!found) {
        const first = { owner, fence: 1, until };
        const taken = await unlessRefused(async () =>
          (await leases()).create({ ...leaseKey(name), ...first }, { overwrite: false }),
        );
        return taken ? { name, ...first } : undefined;
      }
      if (found.owner === owner) return renewed({ name, owner, fence: found.fence ?? 0, until }, update);
      if (found.owner !== undefined && now < (found.until ?? 0) + takeoverMs) return undefined;
      const next = { owner, fence: (found.fence ?? 0) + 1, until };
      return (await update(name, { $SET: next }, asRead(found))) ? { name, ...next } : undefined;
    },
    renew: (lease, { now, leaseMs }) => renewed({ ...lease, until: now + leaseMs }, update),
    release: async (lease) => {
      await update(lease.name, { $SET: { until: 0 }, $REMOVE: ["owner"] }, heldBy(lease));
    },
    read: async (name) => {
      const found = await stored(name);
      if (found?.owner === undefined) return undefined;
      return { name, owner: found.owner, fence: found.fence ?? 0, until: found.until ?? 0 };
    },
  };
}

type Condition = InstanceType<typeof dynamoose.Condition>;
interface Change {
  readonly $SET: Partial<LeaseItem>;
  readonly $REMOVE?: string[];
}
type Update = (name: string, change: Change, condition: Condition) => Promise<boolean>;

async function renewed(lease: Lease, update: Update): Promise<Lease | undefined> {
  return (await update(lease.name, { $SET: { until: lease.until } }, heldBy(lease))) ? lease : undefined;
}

function heldBy({ owner, fence }: Lease): Condition {
  return new dynamoose.Condition().where("owner").eq(owner).and().where("fence").eq(fence);
}

function asRead({ owner, fence, until }: LeaseItem): Condition {
  const unchanged = new dynamoose.Condition().where("fence").eq(fence).and().where("until").eq(until).and();
  return owner === undefined ? unchanged.where("owner").not().exists() : unchanged.where("owner").eq(owner);
}

export const leasePrefix = "lease#";
export const leaseSortKey = "lease";

export function leaseKey(name: string): { pk: string; sk: string } {
  const pk = `${leasePrefix}${name}`;
  assertKeyFits(pk, partitionKeyBytesMax);
  return { pk, sk: leaseSortKey };
}
