/** How Route 53 keeps, publishes and answers records, and how long resolvers go on believing what they heard. */
import type { RecordView } from "../ports/dns.ts";
import type { Agenda } from "./agenda.ts";
import { dnsKey } from "./dnsModel.ts";
import type { DnsAnswer, DnsDefinitions, DnsWorld, HealthCheck, RecordDefinition, Zone } from "./dnsModel.ts";
import { healthCheckFrom, watchHealth } from "./healthChecks.ts";
import type { World } from "./world.ts";

const insyncMsDefault = 40_000;
/** An alias has no TTL of its own; Route 53 answers with this one. */
const aliasTtlMs = 60_000;

export function openDns(
  definitions: DnsDefinitions,
  place: { readonly agenda: Agenda; readonly worlds: ReadonlySet<World> },
): DnsWorld {
  const dns: DnsWorld = {
    ...place,
    zones: new Map(),
    checks: new Map(),
    changes: new Map(),
    believed: new Map(),
    insyncMs: definitions.insyncMs ?? insyncMsDefault,
    faults: { apiDown: false, limited: false, priorRequests: 0, checkersSilent: false },
    routing: {
      controls: new Map((definitions.routingControls ?? []).map(({ arn, state }) => [arn, state])),
      oneOfIsOn: definitions.oneOfIsOn ?? [],
      endpointsDown: new Set(),
    },
    calls: [],
  };
  for (const { id, records } of definitions.zones ?? []) {
    const all = records.map(recordFrom);
    dns.zones.set(id, { id, listed: all, published: all });
  }
  for (const definition of definitions.healthChecks ?? []) dns.checks.set(definition.id, healthCheckFrom(definition));
  watchHealth(dns, () => republish(dns));
  republish(dns);
  return dns;
}

function recordFrom(definition: RecordDefinition): RecordView {
  return { ...definition, values: definition.values ?? [], rest: definition.rest ?? {} };
}

/** Name, type and set make a record set: an UPSERT replaces all of it, what it does not name is lost. */
export function upserted(records: readonly RecordView[], changes: readonly RecordView[]): RecordView[] {
  const same = (a: RecordView, b: RecordView): boolean => a.name === b.name && a.type === b.type && a.set === b.set;
  const kept = records.filter((record) => !changes.some((change) => same(record, change)));
  return [...kept, ...changes];
}

/** The name servers know them only when the change is INSYNC. */
export function publishLater(dns: DnsWorld, zone: Zone, changes: readonly RecordView[], insync: () => void): void {
  dns.agenda.at(dns.agenda.now() + dns.insyncMs, () => {
    zone.published = upserted(zone.published, changes);
    insync();
    republish(dns);
  });
}

/** To be called after everything that may change an answer. */
export function republish(dns: DnsWorld): void {
  for (const zone of dns.zones.values()) {
    const keys = new Set(zone.published.map((record) => dnsKey(zone.id, record.name, record.type)));
    for (const key of keys) {
      const [, name = "", type = ""] = key.split("|");
      believe(dns, key, () => answerNow(dns, zone, { name, type }));
    }
  }
}

function believe(dns: DnsWorld, key: string, ask: () => DnsAnswer | undefined): void {
  const known = dns.believed.get(key);
  if (known === undefined) {
    dns.believed.set(key, { answer: ask(), refreshAt: undefined });
    return;
  }
  // It asked right before this change: the old answer lives for its whole TTL, whatever changes meanwhile.
  if (known.refreshAt !== undefined || same(known.answer, ask())) return;
  const at = dns.agenda.now() + (known.answer?.ttlMs ?? 0);
  known.refreshAt = at;
  dns.agenda.at(at, () => {
    known.refreshAt = undefined;
    known.answer = ask();
  });
}

function same(a: DnsAnswer | undefined, b: DnsAnswer | undefined): boolean {
  return a?.values.join() === b?.values.join() && a?.set === b?.set && a?.ttlMs === b?.ttlMs;
}

/** What the name servers say now. */
export function answerNow(
  dns: DnsWorld,
  zone: Zone,
  question: { readonly name: string; readonly type: string },
): DnsAnswer | undefined {
  const candidates = zone.published.filter(({ name, type }) => name === question.name && type === question.type);
  const chosen = choose(dns, candidates);
  if (chosen === undefined) return undefined;
  const set = chosen.set === undefined ? {} : { set: chosen.set };
  if (chosen.alias === undefined) return { values: chosen.values, ttlMs: (chosen.ttl ?? 0) * 1_000, ...set };
  const target = answerNow(dns, zone, { name: chosen.alias.dnsName, type: question.type });
  return { values: target?.values ?? [], ttlMs: target?.ttlMs ?? aliasTtlMs, ...set };
}

/** When all are unhealthy Route 53 answers as if all were healthy. */
function choose(dns: DnsWorld, candidates: readonly RecordView[]): RecordView | undefined {
  const healthy = candidates.filter((record) => isHealthy(dns, record));
  const pool = healthy.length > 0 ? healthy : candidates;
  const primary = pool.find((record) => record.failover === "PRIMARY");
  if (primary !== undefined) return primary;
  const weight = (record: RecordView): number => record.weight ?? 0;
  // Real resolvers share by weight; the heaviest stands for most of them.
  return pool.toSorted((a, b) => weight(b) - weight(a) || ((a.set ?? "") < (b.set ?? "") ? -1 : 1))[0];
}

function isHealthy(dns: DnsWorld, record: RecordView): boolean {
  const check = record.healthCheckId === undefined ? undefined : dns.checks.get(record.healthCheckId);
  return check === undefined || countsAsHealthy(check);
}

/** A disabled check counts as healthy; inverted turns even that round. */
export function countsAsHealthy(check: HealthCheck): boolean {
  const healthy = check.effective.disabled || check.healthy;
  return check.effective.inverted ? !healthy : healthy;
}
