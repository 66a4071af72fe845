/** One alarm, one machine, one address: one service. Two services that claim the same would both act on it. */
import { globContains, globsOverlap, literalPrefix } from "../domain/glob.ts";
import type { Target } from "../domain/service.ts";
import type { Scope, Symptom } from "../domain/words.ts";
import { servicePath } from "./findings.ts";
import type { CheckedService, Finding } from "./findings.ts";

export function checkClaims(services: readonly CheckedService[]): Finding[] {
  return [...targetClaims(services), ...alarmClaims(services)];
}

function targetClaims(services: readonly CheckedService[]): Finding[] {
  const owners = new Map<string, CheckedService>();
  const findings: Finding[] = [];
  const claim = (service: CheckedService, claimed: Claim) => {
    const first = owners.get(claimed.key);
    if (first === undefined) owners.set(claimed.key, service);
    // A primary that is its own standby is said where pairs are checked.
    else if (first !== service) {
      findings.push({
        severity: "error",
        path: servicePath(service, claimed.setting),
        message: `${claimed.what} is claimed by ${first.definition.name} already; needed: one service for each`,
        fix: `Give ${service.definition.name} its own, or make the two one service with all their alarms.`,
      });
    }
  };
  for (const service of services) for (const claimed of claimsOf(service)) claim(service, claimed);
  return findings;
}

interface Claim {
  readonly what: string;
  readonly key: string;
  readonly setting: string;
}

function claimsOf({ definition, broken }: CheckedService): Claim[] {
  const { target, standby, elasticIp, scope, dns, dr, volume } = definition;
  const claims: Claim[] = broken.has("target") ? [] : [machine(target, scope, "target")];
  if (standby !== undefined) claims.push(machine(standby, scope, "standby"));
  if (elasticIp !== undefined) claims.push({ what: elasticIp, key: elasticIp, setting: "elasticIp" });
  if (dr?.elasticIp !== undefined) claims.push({ what: dr.elasticIp, key: dr.elasticIp, setting: "dr" });
  if (dns !== undefined) {
    const what = `the record ${dns.name} ${dns.type}`;
    claims.push({ what, key: `${dns.zoneId} ${what}`, setting: "dns" });
  }
  if (volume !== undefined) {
    const what = `the volume tag ${volume.tag.key}=${volume.tag.value}`;
    claims.push({ what, key: `${scope} ${what}`, setting: "volume" });
  }
  return claims;
}

/** Instance ids are unique in all of AWS; tags and group names only within account and region. */
function machine(target: Target, scope: Scope, setting: string): Claim {
  if (target.kind === "instance") return { what: target.instanceId, key: target.instanceId, setting };
  const what = target.kind === "tag" ? `the tag ${target.key}=${target.value}` : `the group ${target.asgName}`;
  return { what, key: `${scope} ${what}`, setting };
}

interface AlarmClaim {
  readonly service: CheckedService;
  readonly index: number;
  readonly name: string;
  readonly prefix: string;
  readonly symptom: Symptom | undefined;
}

/**
 * Compares only what can overlap: sorted by the part before the first `*`, everything that an entry can overlap with follows it
 * at once. Ten thousand services stay fast.
 */
function alarmClaims(services: readonly CheckedService[]): Finding[] {
  const claims = services
    .flatMap((service) =>
      service.definition.alarms.map(({ name, symptom }, index): AlarmClaim => {
        return { service, index, name, prefix: literalPrefix(name), symptom };
      }),
    )
    .sort((a, b) => (a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : 0));
  const findings: Finding[] = [];
  for (const [i, first] of claims.entries()) {
    for (let j = i + 1; j < claims.length; j += 1) {
      const second = claims[j];
      if (second === undefined || !second.prefix.startsWith(first.prefix)) break;
      const finding = compare(first, second);
      if (finding !== undefined) findings.push(finding);
    }
  }
  return findings;
}

function compare(a: AlarmClaim, b: AlarmClaim): Finding | undefined {
  if (a.service === b.service) return sameService(a, b);
  if (a.service.definition.scope !== b.service.definition.scope) return undefined;
  if (!globsOverlap(a.name, b.name)) return undefined;
  const [first, second] = inFileOrder(a, b);
  const path = servicePath(second.service, "alarms", second.index);
  const other = `"${first.name}" of ${first.service.definition.name}`;
  const sure = globContains(a.name, b.name) || globContains(b.name, a.name);
  if (sure) {
    return {
      severity: "error",
      path,
      message: `"${second.name}" claims alarms that ${other} claims too; needed: each alarm belongs to one service`,
      fix: `Narrow one of the two, for example "${first.service.definition.name}-*" and "${second.service.definition.name}-*", or name the alarms one by one.`,
    };
  }
  return {
    severity: "warning",
    path,
    message: `"${second.name}" and ${other} could both match one alarm`,
    fix: "If no such alarm exists all is well; such an alarm would go to neither. Narrow one of the two.",
  };
}

function sameService(a: AlarmClaim, b: AlarmClaim): Finding | undefined {
  if (a.name !== b.name || a.symptom === b.symptom) return undefined;
  const [, second] = inFileOrder(a, b);
  return {
    severity: "error",
    path: servicePath(second.service, "alarms", second.index),
    message: `"${second.name}" stands here twice with different symptoms`,
    fix: "Keep one of the two lines.",
  };
}

function inFileOrder(a: AlarmClaim, b: AlarmClaim): readonly [AlarmClaim, AlarmClaim] {
  if (a.service === b.service) return a.index < b.index ? [a, b] : [b, a];
  return a.service.definition.name < b.service.definition.name ? [a, b] : [b, a];
}
