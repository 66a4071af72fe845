/** How the pair of records is built, found at the order: by what is configured first, then by what the records themselves are. */
import { MedicError, RecoveryRefused } from "../domain/errors.ts";
import type { DnsDefinition } from "../domain/service.ts";
import type { AllocationId } from "../domain/words.ts";
import type { Dns, RecordView } from "../ports/dns.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import { controlsAre, type DnsMove } from "./dnsMove.ts";
import { readPair, type Pair } from "./pair.ts";
import { pairTiming, type FenceMode, type PairTiming } from "./pairSteps.ts";

export interface FailoverDnsInputs {
  readonly pair: Pair;
  readonly name: string;
  readonly move: DnsMove;
  /** SetIdentifier of the side that takes over, when the records have one. */
  readonly recordSet?: string;
  /** The record of the side that takes over, when it is plain addresses: they must be its own. */
  readonly leadsTo?: readonly string[];
  /** How long resolvers may hold the old answer. */
  readonly ttlSeconds: number;
  /** Only when the placement names an address today: the one of the side that takes over. */
  readonly allocationId?: AllocationId | null;
  readonly mode: FenceMode;
  readonly byRule: boolean;
  readonly timing: PairTiming;
}

/** Alias records, and names whose record could not be read: what Route 53 itself gives to an alias of AWS. */
const ttlUnknownSeconds = 60;

export async function failoverDnsInputs(asked: Asked | PreviewAsked, ports: RecoveryPorts): Promise<FailoverDnsInputs> {
  const { service, current, timing } = asked;
  if (service.dns === undefined) {
    throw new RecoveryRefused(
      "not-configured",
      `${service.name} has no record in medic.yaml`,
      "Name its zone and record under `dns`.",
    );
  }
  const pair = await readPair(asked, ports);
  const { dns } = service;
  const { move, records } = await moveOf(dns, pair, ports);
  const toSet = pair.toIs === "standby" ? dns.standbySet : dns.primarySet;
  const record = records.find(({ set }) => set === toSet);
  const ttls = records.map(({ ttl }) => ttl ?? ttlUnknownSeconds);
  return {
    pair,
    name: dns.name,
    move,
    ...(toSet === undefined ? {} : { recordSet: toSet }),
    ...(record?.type === "A" && record.alias === undefined ? { leadsTo: record.values } : {}),
    ttlSeconds: Math.max(...ttls, ttls.length === 0 ? ttlUnknownSeconds : 0),
    ...(current.placement.allocationId === undefined ? {} : { allocationId: await allocationOf(pair, ports) }),
    // Where the check follows the old instance, its stop is what moves the name.
    mode: move.kind === "health-check" && move.health !== undefined ? "stop" : service.fence,
    byRule: !pair.orderedByPerson,
    timing: pairTiming(timing),
  };
}

async function allocationOf({ to }: Pair, { compute }: RecoveryPorts): Promise<AllocationId | null> {
  return (await compute.addressOf(to.instanceId))?.allocationId ?? null;
}

interface Found {
  readonly move: DnsMove;
  readonly records: readonly RecordView[];
}

async function moveOf(dns: DnsDefinition, pair: Pair, ports: RecoveryPorts): Promise<Found> {
  if (dns.routing !== undefined) {
    // The way that is there for the day on which us-east-1 is away: reading records is a courtesy here.
    return { move: await routingMove(dns, pair, ports), records: await recordsOf(dns, ports.dns).catch(unlessLater) };
  }
  const records = await recordsOf(dns, ports.dns);
  if (dns.invertHealthCheckId !== undefined) {
    return { move: await checkMove(dns.invertHealthCheckId, pair, ports.dns), records };
  }
  return { move: recordsMove(dns, pair, records), records };
}

function unlessLater(error: unknown): readonly RecordView[] {
  if (error instanceof MedicError && error.retry === "later" && error.code !== "run-abandoned") return [];
  throw error;
}

async function recordsOf(
  { zoneId, name, type, primarySet, standbySet }: DnsDefinition,
  dns: Dns,
): Promise<RecordView[]> {
  const all = await dns.records(zoneId, name);
  const sets = [primarySet, standbySet];
  return all.filter((each) => each.type === type && (each.set === undefined || sets.includes(each.set)));
}

async function routingMove(dns: DnsDefinition, { toIs }: Pair, { routing }: RecoveryPorts): Promise<DnsMove> {
  const { endpoints = [], primaryControlArn = "", standbyControlArn = "" } = dns.routing ?? {};
  const [onArn, offArn] =
    toIs === "standby" ? [standbyControlArn, primaryControlArn] : [primaryControlArn, standbyControlArn];
  if (await controlsAre(routing, { endpoints, onArn, offArn })) throw alreadyThere(dns, "the routing controls say so");
  return { kind: "routing", endpoints, onArn, offArn };
}

/** Of these nothing that happens to an instance changes what they read, and inverted means that the standby serves. */
const switchTypes = ["CALCULATED", "RECOVERY_CONTROL"];

/**
 * A check that watches the primary follows it: stopped it reads unhealthy, started healthy, and inverting it would turn that
 * round. It is left as it is, and only waited for; inverting is for checks that are switches.
 */
async function checkMove(id: string, { toIs }: Pair, dns: Dns): Promise<DnsMove> {
  const view = await dns.healthCheck(id);
  if (view === undefined) {
    throw new RecoveryRefused("not-configured", `health check ${id} does not exist`, "Correct `dns` in medic.yaml.");
  }
  if (view.disabled || view.type === "CLOUDWATCH_METRIC") {
    const why = view.disabled
      ? "is disabled, so that it always says the same"
      : "follows an alarm, which inverting would turn round";
    throw new RecoveryRefused("not-configured", `health check ${id} ${why}`, "Correct it, or move the name by hand.");
  }
  const toStandby = toIs === "standby";
  if (switchTypes.includes(view.type)) return { kind: "health-check", id, inverted: toStandby };
  return { kind: "health-check", id, inverted: false, health: toStandby ? "unhealthy" : "healthy" };
}

function recordsMove(dns: DnsDefinition, { toIs }: Pair, records: readonly RecordView[]): DnsMove {
  const [toSet, fromSet] = toIs === "standby" ? [dns.standbySet, dns.primarySet] : [dns.primarySet, dns.standbySet];
  const to = records.find(({ set }) => set !== undefined && set === toSet);
  const from = records.find(({ set }) => set !== undefined && set === fromSet);
  if (to === undefined || from === undefined) {
    const missing = to === undefined ? toSet : fromSet;
    throw new RecoveryRefused(
      "not-configured",
      `there is no ${dns.type} record ${dns.name} with the set identifier ${missing ?? "(none in medic.yaml)"}`,
      "Make it, or correct `primarySet` and `standbySet` in medic.yaml.",
    );
  }
  return { kind: "records", zoneId: dns.zoneId, before: [from, to], after: changedOver(dns, from, to) };
}

function changedOver(dns: DnsDefinition, from: RecordView, to: RecordView): RecordView[] {
  if (from.weight !== undefined && to.weight !== undefined) {
    if (from.weight === 0 && to.weight > 0) throw alreadyThere(dns, `${from.set} has weight 0`);
    // The most that either had: whoever serves now had it, and the other one's may have been 0.
    return [
      { ...from, weight: 0 },
      { ...to, weight: Math.max(from.weight, to.weight) || 100 },
    ];
  }
  if (from.failover !== undefined && to.failover !== undefined) {
    if (to.failover === "PRIMARY") throw alreadyThere(dns, `${to.set} is the primary`);
    return [
      { ...from, failover: "SECONDARY" },
      { ...to, failover: "PRIMARY" },
    ];
  }
  throw new RecoveryRefused(
    "not-configured",
    `the records ${dns.name} are neither weighted nor failover records`,
    "Build the pair as one of the two, or configure routing controls.",
  );
}

function alreadyThere({ name }: DnsDefinition, why: string): RecoveryRefused {
  return new RecoveryRefused(
    "already-there",
    `${name} leads to the other side already: ${why}`,
    "Somebody has moved it. See whether the service answers there.",
  );
}
