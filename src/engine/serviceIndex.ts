/**
 * Which services can a message be about at all? A superset, found without walking through thousands; `matchService` decides among
 * them. What only the inventory knows (tags, groups) is not indexed: these services are candidates whenever a resource is named.
 */
import { literalPrefix } from "../domain/glob.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import { isAlarm, type Parsed } from "../signals/parsed.ts";

export type Candidates = (parsed: Parsed) => Iterable<ServiceDefinition>;

export function indexServices(
  services: Iterable<ServiceDefinition>,
  /** A service that a run has taken to this instance. */
  movedTo: (id: string) => readonly ServiceDefinition[] = () => [],
): Candidates {
  const byPrefix = new Map<string, ServiceDefinition[]>();
  const byInstance = new Map<string, ServiceDefinition[]>();
  const others: ServiceDefinition[] = [];
  for (const service of services) {
    // An exact name is its own prefix.
    for (const { name } of service.alarms) push(byPrefix, literalPrefix(name), service);
    if (service.standby?.kind === "instance") push(byInstance, service.standby.instanceId, service);
    if (service.target.kind === "instance") push(byInstance, service.target.instanceId, service);
    else others.push(service);
  }
  return (parsed) => {
    const { instanceId, affected, asgName, targetGroup } = parsed.resources;
    const ids = [instanceId, ...(affected ?? [])].filter((id) => typeof id === "string");
    const found = new Set(ids.flatMap((id) => [...(byInstance.get(id) ?? []), ...movedTo(id)]));
    if (isAlarm(parsed)) {
      const { alarmName } = parsed;
      for (let end = 0; end <= alarmName.length; end += 1)
        for (const service of byPrefix.get(alarmName.slice(0, end)) ?? []) found.add(service);
    }
    if (ids.length > 0 || asgName || targetGroup) for (const service of others) found.add(service);
    return found;
  };
}

function push(map: Map<string, ServiceDefinition[]>, key: string, service: ServiceDefinition): void {
  const there = map.get(key);
  if (there) there.push(service);
  else map.set(key, [service]);
}
