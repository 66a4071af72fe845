/** From AWS's names of things to ours. Free text is never searched for ids: a finding's title may name another machine. */
import type { Resources } from "./parsed.ts";

const INSTANCE_ID = /^i-[0-9a-f]{6,17}$/;
const VOLUME_ID = /^vol-[0-9a-f]{6,17}$/;
const SNAPSHOT_ID = /^snap-[0-9a-f]{6,17}$/;

/** Dimension → our word. What is not listed says nothing about where to recover and is left out. */
const WORD_OF_DIMENSION = new Map<string, keyof SingleResources>([
  ["InstanceId", "instanceId"],
  ["AutoScalingGroupName", "asgName"],
  ["LoadBalancer", "loadBalancer"],
  ["LoadBalancerName", "loadBalancer"],
  ["TargetGroup", "targetGroup"],
  ["AvailabilityZone", "availabilityZone"],
  ["DBInstanceIdentifier", "dbInstance"],
  ["HealthCheckId", "healthCheckId"],
  ["CanaryName", "canary"],
  ["ClusterName", "cluster"],
]);

type SingleResources = Omit<Resources, "affected" | "snapshotIds">;

export function instanceIdOf(value: string | null): string | null {
  return value !== null && INSTANCE_ID.test(value) ? value : null;
}

export function volumeIdOf(value: string | null): string | null {
  return value !== null && VOLUME_ID.test(value) ? value : null;
}

export function snapshotIdOf(value: string | null): string | null {
  return value !== null && SNAPSHOT_ID.test(value) ? value : null;
}

/** One instance, or several as `affected`. `named` says whether the message had a place for an id at all. */
export function instancesAs(ids: readonly string[], named: boolean): Resources {
  const unique = [...new Set(ids)];
  const [only] = unique;
  if (unique.length > 1) return { affected: unique };
  if (only !== undefined) return { instanceId: only };
  return named ? { instanceId: null } : {};
}

/** Resources of an alarm: all its metrics together. Instances add up; of anything else the first one counts. */
export function resourcesOfDimensions(all: readonly Readonly<Record<string, string>>[]): Resources {
  const instances: string[] = [];
  let named = false;
  const others: { -readonly [Word in keyof SingleResources]: SingleResources[Word] } = {};
  for (const dimensions of all) {
    for (const [name, value] of Object.entries(dimensions)) {
      const word = WORD_OF_DIMENSION.get(name);
      if (word === undefined) continue;
      if (word !== "instanceId") {
        others[word] ??= value;
        continue;
      }
      named = true;
      const id = instanceIdOf(value);
      if (id !== null) instances.push(id);
    }
  }
  return { ...instancesAs(instances, named), ...others };
}
