/**
 * A DNS record gets another value, and is otherwise left exactly as it was.
 *
 * - UPSERT replaces the whole record set, so what was read is sent again with nothing but its value changed: TTL, health check,
 *   weight, routing.
 * - The same UPSERT twice leaves the same record. A record that somebody else has changed since the order is left alone.
 * - That the record names the new value is the move, and is read. INSYNC is a step of its own, which only takes time.
 * - INSYNC means that every name server answers so. Resolvers hold what they have heard for as long as the old TTL: until then
 *   some people still go to the old place, which is off.
 * - The record API lives in us-east-1 alone: when that is away, this step waits and fails in words; no address has moved yet.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { DnsDefinition } from "../domain/service.ts";
import { length } from "../domain/text.ts";
import type { Scope } from "../domain/words.ts";
import type { Dns, RecordView } from "../ports/dns.ts";
import type { Step, StepEntry } from "./plan.ts";

interface RecordPorts {
  readonly clock: { now(): number };
  readonly at: (scope: Scope) => { readonly dns: Dns };
}

export interface RecordMove {
  readonly name: string;
  /** Through whose clients Route 53 is asked. It is one for all regions, but a region that is down takes its own clients along. */
  readonly scope: Scope;
  readonly zoneId: string;
  /** As it was read at the order. */
  readonly record: RecordView;
  readonly value: (entries: readonly StepEntry[]) => string;
  readonly settleMs: number;
  readonly safePoint: boolean;
}

/** The one record by which people find the service; throws RecoveryRefused when it is not one that can be pointed at an address. */
export async function recordToMove(dns: Dns, wanted: DnsDefinition): Promise<RecordView> {
  const all = await dns.records(wanted.zoneId, wanted.name);
  const named = all.filter((each) => each.type === wanted.type && each.set === wanted.primarySet);
  const [record] = named;
  const where = `${wanted.type} record ${wanted.name} in zone ${wanted.zoneId}`;
  if (record === undefined) {
    throw new RecoveryRefused("not-configured", `there is no ${where}`, "Make it, or correct `dns` in medic.yaml.");
  }
  if (record.alias !== undefined || record.type !== "A") {
    const found = record.alias ? `an alias of ${record.alias.dnsName}` : `of type ${record.type}`;
    throw new RecoveryRefused(
      "not-configured",
      `the ${where} is ${found} and cannot be pointed at an address`,
      "Use a plain A record for this service, or move it by hand.",
    );
  }
  return record;
}

/** Two steps: the record names the new value, which is the move; then every name server says so. */
export function recordMoved<Ports extends RecordPorts>(
  move: RecordMove & { readonly guard?: Step<Ports>["guard"] },
): Step<Ports>[] {
  // What this worker has sent. Another one cannot ask for it, and waits as long as Route 53 usually takes.
  let changeId: string | undefined;
  const { scope, zoneId, record } = move;
  const named: Step<Ports> = {
    name: move.name,
    waitsFor: "Route 53 to take the change (its record API lives in us-east-1)",
    settleMs: move.settleMs,
    again: "safe",
    onTimeout: "fail",
    safePoint: move.safePoint,
    ...(move.guard ? { guard: move.guard } : {}),
    check: async (ports, { entries, begun }) => {
      if (begun === undefined) return undefined;
      const value = move.value(entries);
      const now = await valuesNow(ports.at(scope).dns, move);
      return now === value ? { value } : undefined;
    },
    act: async (ports, { entries }) => {
      const { dns } = ports.at(scope);
      const value = move.value(entries);
      await refuseIfElsewhere(dns, move, value);
      const comment = `ec2-medic: ${record.name} to ${value}`;
      changeId = await dns.upsert(zoneId, [{ ...record, values: [value] }], comment);
    },
  };
  const inSync: Step<Ports> = {
    name: inSyncName,
    waitsFor: "Route 53 to be in sync, usually within 60 s",
    settleMs: move.settleMs,
    again: "safe",
    // The record has moved; name servers that lag behind are no reason to say that it has not.
    onTimeout: "go-on",
    safePoint: false,
    check: async (ports, { begun }) => {
      if (changeId !== undefined) {
        return (await ports.at(scope).dns.change(changeId)) === "INSYNC" ? { changeId } : undefined;
      }
      const waited = begun === undefined ? 0 : ports.clock.now() - begun.at;
      return waited >= usualSyncMs ? { waitedMs: waited } : undefined;
    },
  };
  return [named, inSync];
}

export const inSyncName = "Route 53 is in sync";
/** "Generally within 60 seconds." */
const usualSyncMs = 60_000;

async function valuesNow(dns: Dns, { zoneId, record }: RecordMove): Promise<string | undefined> {
  const all = await dns.records(zoneId, record.name);
  return all.find((each) => each.type === record.type && each.set === record.set)?.values.join(", ");
}

/** Route 53 has no compare-and-swap: what somebody else has changed since the order is seen here, or not at all. */
async function refuseIfElsewhere(dns: Dns, move: RecordMove, value: string): Promise<void> {
  const { record } = move;
  const said = await valuesNow(dns, move);
  if (said === undefined || said === value || said === record.values.join(", ")) return;
  throw new RecoveryRefused(
    "record-elsewhere",
    `${record.name} said ${record.values.join(", ")} when this was ordered and says ${said} now`,
    "See who changed it, then order again.",
  );
}

/** Long TTLs are not waited out: the run would only hold its place while the service answers most people already. */
const ttlWaitMsMax = 5 * 60_000;

export function forgotten<Ports extends RecordPorts>(record: Pick<RecordView, "ttl">, after: string): Step<Ports> {
  const waitMs = Math.min((record.ttl ?? 0) * 1000, ttlWaitMsMax);
  return {
    name: "resolvers have forgotten the old address",
    waitsFor: `the record's old time to live, ${length(waitMs)}`,
    settleMs: waitMs + 60_000,
    again: "safe",
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: "The record has moved; some resolvers still give the old address for a while.",
    check: async ({ clock }, { entries }) => {
      const since = entries.find(({ step }) => step === after)?.done?.at;
      return since === undefined || clock.now() - since < waitMs ? undefined : { waitedMs: clock.now() - since };
    },
  };
}
