/** Which service is a message about? By the alarms that medic.yaml names, else by what the message's dimensions name. Pure. */
import { globMatches } from "../domain/glob.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceName, Symptom } from "../domain/words.ts";
import { isAlarm, type Parsed, type Resources } from "../signals/parsed.ts";
import { guessOf, type Guess, type LookUpAlarm } from "../signals/symptom.ts";
import type { Place } from "./inventory.ts";

export interface Matched {
  readonly service: ServiceName | null;
  /** Why nothing matched, or by what it did: "alarm name", "instance i-0abc". */
  readonly why: string;
  /** null: the message says nothing about a service's health. */
  readonly guess: Guess | null;
  /** Further services that claim it too; `check` refuses such a configuration, a wider glob may still overlap later. */
  readonly others: readonly ServiceName[];
}

export interface Known {
  readonly services: Iterable<ServiceDefinition>;
  place(
    service: ServiceName,
  ): Pick<Place, "instanceIds" | "formerIds" | "targetGroupArns" | "asgName" | "standbyIds"> | undefined;
  readonly lookUpAlarm?: LookUpAlarm;
}

interface Claim {
  readonly service: ServiceDefinition;
  readonly by: string;
  /** Exact names before globs before dimensions. */
  readonly weight: number;
  readonly symptom?: Symptom;
}

export function matchService(parsed: Parsed, known: Known): Matched {
  const guess = guessOf(parsed, known.lookUpAlarm);
  const claims: Claim[] = [];
  for (const service of known.services) {
    if (!isWithin(parsed, service)) continue;
    const claim = byAlarm(parsed, service) ?? byResource(parsed.resources, service, known);
    if (claim) claims.push(claim);
  }
  claims.sort((a, b) => b.weight - a.weight || (a.service.name < b.service.name ? -1 : 1));
  const [first, ...rest] = claims;
  if (first === undefined) return { service: null, why: whyNot(parsed), guess, others: [] };
  const settled = first.symptom && guess ? { ...guess, symptom: first.symptom } : guess;
  const others = rest.filter((claim) => claim.weight === first.weight).map((claim) => claim.service.name);
  return { service: first.service.name, why: first.by, guess: settled, others };
}

/** Namespaces whose metrics exist in one region only, wherever the service lives. */
const globalNamespaces = new Set(["AWS/Route53", "AWS/CloudFront"]);

function isWithin(parsed: Parsed, service: ServiceDefinition): boolean {
  const { accountId, region } = parsed;
  if (accountId !== null && service.account !== "" && accountId !== service.account) return false;
  if (region === null || region === service.region || region === service.dr?.region) return true;
  return isAlarm(parsed) && parsed.metrics.some((metric) => globalNamespaces.has(metric.namespace));
}

function byAlarm(parsed: Parsed, service: ServiceDefinition): Claim | undefined {
  if (!isAlarm(parsed)) return undefined;
  const exact = service.alarms.find(({ name }) => name === parsed.alarmName);
  const matcher = exact ?? service.alarms.find(({ name }) => globMatches(name, parsed.alarmName));
  if (matcher === undefined) return undefined;
  return {
    service,
    by: exact ? `alarm ${matcher.name}` : `alarm pattern ${matcher.name}`,
    weight: exact ? 4 : 3,
    ...(matcher.symptom ? { symptom: matcher.symptom } : {}),
  };
}

function byResource(resources: Resources, service: ServiceDefinition, known: Known): Claim | undefined {
  const place = known.place(service.name);
  const { target } = service;
  const claim = (by: string, weight = 2): Claim => ({ service, by, weight });
  const ids = [resources.instanceId, ...(resources.affected ?? [])].filter((id) => typeof id === "string");
  for (const id of ids) {
    if (target.kind === "instance" && target.instanceId === id) return claim(`instance ${id}`);
    if (place?.instanceIds.some((own) => own === id)) return claim(`instance ${id}`);
    if (place?.formerIds.some((own) => own === id)) return claim(`former instance ${id}`, 1);
    if (place?.standbyIds?.some((own) => own === id)) return claim(`standby ${id}`, 1);
  }
  const { asgName, targetGroup } = resources;
  const ownGroup = target.kind === "asg" ? target.asgName : place?.asgName;
  if (asgName && asgName === ownGroup) return claim(`group ${asgName}`);
  if (targetGroup && place?.targetGroupArns.some((arn) => arn.endsWith(`:${targetGroup}`))) {
    return claim(`target group ${targetGroup}`);
  }
  return undefined;
}

function whyNot(parsed: Parsed): string {
  const { resources } = parsed;
  const named = [resources.instanceId, resources.asgName, resources.targetGroup, resources.loadBalancer].filter(
    Boolean,
  );
  const about = named.length > 0 ? `names ${named.join(", ")}` : "names no instance or group";
  const where = [parsed.accountId, parsed.region].filter(Boolean).join(" ") || "an unknown place";
  if (isAlarm(parsed)) return `no service lists alarm "${parsed.alarmName}", and it ${about}, in ${where}`;
  return `it ${about}, in ${where}, which belongs to no service`;
}
