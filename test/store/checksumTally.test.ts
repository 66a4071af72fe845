/** The sum of all checksums that `meta` keeps: exact however many rows one transaction writes. */
import { expect, it } from "vitest";
import { changing, checksumModulus } from "../../src/store/sqlite/changes.ts";
import type { Connection, SqlRow, SqlValue } from "../../src/store/sqlite/connection.ts";
import { checksumOf } from "../../src/store/sqlite/rows.ts";

/** What `account` hands to SQLite as the change of the sum; nothing is stored. */
function accounted(work: (change: ReturnType<typeof changing>) => void): number {
  let sum: SqlValue | undefined;
  const sql = {
    run: () => 1,
    all: (_text: string, ...values: SqlValue[]) => {
      sum = values.at(-1);
      return [[1]];
    },
  } as unknown as Connection;
  const change = changing(sql);
  work(change);
  change.account();
  return Number(sum);
}

it("stays exact beyond 2^53, as four million rows in one transaction add up to it, in both directions", () => {
  const row: SqlRow = ["sender", "worker", 1, 2];
  // Each stands for a million rows: what was there before is as far below zero as they are above.
  for (const former of [-(2 ** 52 - 1), -(2 ** 52 - 3), 2 ** 52 - 5]) {
    const times = 9;
    const sum = accounted(({ update }) => {
      for (let at = 0; at < times; at += 1) update("leases", row, former);
    });
    const exact = BigInt(times) * (BigInt(checksumOf(row)) - BigInt(former));
    expect(sum, String(former)).toBe(Number(BigInt.asUintN(48, exact)));
  }
  expect(checksumModulus).toBe(2 ** 48);
});
