/** Leases: the owner goes, the fence stays, so that no fence is ever given out twice. */
import { CorruptItem } from "../../domain/caseSchema.ts";
import { fenceFloorLease, nextFence } from "../../domain/fenceFloor.ts";
import { assertLeaseName, assertWholeLetters } from "../../domain/storedSize.ts";
import type { Lease, Leases } from "../../ports/store.ts";
import { isWhole, rowAt } from "./changes.ts";
import type { Change } from "./changes.ts";
import { numberAt } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { SqliteDatabase } from "./database.ts";

interface StoredLease {
  /** Absent = given back. */
  readonly owner?: string;
  readonly fence: number;
  readonly until: number;
  readonly checksum: number;
}

export function sqliteLeases(database: SqliteDatabase): Leases {
  const write = <T>(name: string, work: (change: Change, found: StoredLease | undefined) => T) =>
    database.write(`lease "${name}"`, (change) => work(change, storedLease(change.sql, name)));
  return {
    acquire: async (name, owner, { now, leaseMs, takeoverMs }) => {
      assertLeaseName(name);
      assertWholeLetters(`the owner of lease "${name}"`, owner);
      return write(name, (change, found) => {
        const taken = found?.owner !== undefined && found.owner !== owner;
        if (taken && now < found.until + takeoverMs) return undefined;
        const fence = fenceFor(change.sql, owner, found);
        return put(change, { name, owner, fence, until: Math.ceil(now + leaseMs) }, found);
      });
    },
    renew: (lease, { now, leaseMs }) =>
      write(lease.name, (change, found) =>
        found && holds(lease, found) ? put(change, { ...lease, until: Math.ceil(now + leaseMs) }, found) : undefined,
      ),
    release: (lease) =>
      write(lease.name, ({ update }, found) => {
        if (!found || !holds(lease, found)) return;
        update("leases", [lease.name, null, lease.fence, 0], found.checksum);
      }),
    read: (name) =>
      database.read(`lease "${name}"`, (sql) => {
        const found = storedLease(sql, name);
        if (found?.owner === undefined) return undefined;
        return { name, owner: found.owner, fence: found.fence, until: found.until };
      }),
  };
}

/** A lease that was moved here: its next fence is beyond those of both stores. Without owner, whose fence is another's now. */
export function raiseFence({ sql, insert, update }: Change, { name, fence }: Pick<Lease, "name" | "fence">): boolean {
  const found = storedLease(sql, name);
  if (found && found.fence >= fence) return false;
  const values = [name, null, fence, 0];
  if (found) update("leases", values, found.checksum);
  else insert("leases", values);
  return true;
}

function put({ insert, update }: Change, lease: Lease, found: StoredLease | undefined): Lease {
  const values = [lease.name, lease.owner, lease.fence, lease.until];
  if (found) update("leases", values, found.checksum);
  else insert("leases", values);
  return lease;
}

function fenceFor(sql: Connection, owner: string, found: StoredLease | undefined): number {
  if (found && found.owner === owner) return found.fence;
  return nextFence(found?.fence, storedLease(sql, fenceFloorLease)?.fence);
}

function holds(lease: Lease, found: StoredLease): boolean {
  return found.owner === lease.owner && found.fence === lease.fence;
}

/** A damaged lease is no free lease: its fence would be given out twice. */
function storedLease(sql: Connection, name: string): StoredLease | undefined {
  const row = rowAt(sql, "leases", [name]);
  if (!row) return undefined;
  if (!isWhole(row)) throw new CorruptItem(`lease "${name}"`, "its checksum differs from what was written");
  const owner = row[1];
  return {
    fence: numberAt(row, 2),
    until: numberAt(row, 3),
    checksum: numberAt(row, 4),
    ...(typeof owner === "string" ? { owner: owner } : {}),
  };
}
