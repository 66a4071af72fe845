/**
 * The shape of the one DynamoDB table. The store and the infrastructure read these same constants, so that a table made
 * by `ec2-medic setup`, by the CDK app or by a test can never differ in a name.
 */
export const tableShape = {
  /** Which case, run, chore, lease or list an item belongs to (string). */
  partitionKey: "pk",
  /** What the item is within its partition (string). */
  sortKey: "sk",
  /** The sparse index of everything that has a time at which the due loop must look at it again. */
  dueIndex: {
    name: "due",
    /** Only items that carry this attribute stand in the index: `dueShardName(0)` to `dueShardName(dueShardCount - 1)` (string). */
    partitionKey: "dueShard",
    /** When the due loop must look, epoch ms (number); the case's column of this name. */
    sortKey: "due",
    /** The index is a hint: the item is always read strongly afterwards, so that copying more than keys buys nothing. */
    projection: "KEYS_ONLY",
  },
  /** From when on DynamoDB may delete an item, epoch seconds (number). Records only: `recordLife.ts` says which and when. */
  expiry: "expiresAt",
  /** A bot is idle for weeks and then has a storm within a minute: capacity by request fits both. */
  billingMode: "PAY_PER_REQUEST",
} as const;

/**
 * One index partition takes 1,000 writes/s. Eight take a storm of several thousand services, and eight queries each
 * second are still cheap. Raising it is safe (old shards must be asked until empty), lowering it loses items from sight.
 */
export const dueShardCount = 8;

/** The index partition number `shard`, which is from 0 to `dueShardCount - 1`, as it is stored: "0" to "7". */
export function dueShardName(shard: number): string {
  return String(shard);
}
