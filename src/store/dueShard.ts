import { dueShardCount, dueShardName } from "../domain/tableShape.ts";

/** The index partition of a service: FNV-1a of its name, so that every worker and every version agrees. */
export function dueShardOf(service: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < service.length; at += 1) {
    hash ^= service.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return dueShardName((hash >>> 0) % dueShardCount);
}

export const dueShards: readonly string[] = Array.from({ length: dueShardCount }, (_, shard) => dueShardName(shard));
