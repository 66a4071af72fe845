/** Going on with what can be read: every whole row of a damaged file, copied into a new one. The damaged file is only read. */
import { fenceFloorLease, floorAfterLoss } from "../../domain/fenceFloor.ts";
import { changing, isWhole, rowAt } from "./changes.ts";
import type { Changing } from "./changes.ts";
import { numberAt } from "./connection.ts";
import type { Connection, SqlRow } from "./connection.ts";
import { raiseFence } from "./leases.ts";
import { rowidsOf, rowOfId } from "./rescue.ts";
import { columnsOf, keyColumns, tableNames } from "./rows.ts";
import type { TableName } from "./rows.ts";

const fenceColumn = columnsOf.leases.indexOf("fence");
const bodyColumn = columnsOf.records.indexOf("body");
/** A damaged byte may have made any number of a fence: one beyond this was never given out, and counting on from it would end. */
const plausibleFence = 2 ** 50;

/**
 * How many rows were copied. `to` has the tables of today and is empty; everything is one transaction. `countedLeases`: how many the
 * damaged file says there were; undefined = nobody can tell. Where some are missing, new owners get fences above all that were seen.
 */
export function salvage(from: Connection, to: Connection, countedLeases: number | undefined): number {
  let copied = 0;
  let leases = 0;
  let highestFence = 0;
  to.exec("BEGIN IMMEDIATE");
  const change = changing(to);
  for (const table of tableNames)
    for (const rowid of rowidsOf(from, table)) {
      const row = rowOfId(from, table, rowid);
      if (!row) continue;
      highestFence = Math.max(highestFence, fenceIn(table, row));
      if (!copyRow(change, table, row)) continue;
      copied += 1;
      if (table === "leases") leases += 1;
    }
  if (countedLeases === undefined || leases < countedLeases)
    raiseFence(change, { name: fenceFloorLease, fence: floorAfterLoss(highestFence) });
  change.account();
  to.exec("COMMIT");
  return copied;
}

/** false = it is not whole, or was copied before: a damaged page can show a row twice. */
function copyRow(change: Changing, table: TableName, row: SqlRow): boolean {
  if (!isWhole(row)) return false;
  const values = row.slice(0, -1);
  if (rowAt(change.sql, table, values.slice(0, keyColumns[table]))) return false;
  change.insert(table, values);
  return true;
}

/** Of a lease, also of one that is not whole; and what its holder wrote into a record, which refuses every lower one for good. */
function fenceIn(table: TableName, row: SqlRow): number {
  const fence = table === "leases" ? numberAt(row, fenceColumn) : table === "records" ? fenceInRecord(row) : 0;
  return Number.isSafeInteger(fence) && fence <= plausibleFence ? fence : 0;
}

function fenceInRecord(row: SqlRow): number {
  const body = row[bodyColumn];
  if (typeof body !== "string" || !body.includes('"fence":') || !isWhole(row)) return 0;
  const { fence } = Object(JSON.parse(body)) as { fence?: unknown };
  return typeof fence === "number" ? fence : 0;
}
