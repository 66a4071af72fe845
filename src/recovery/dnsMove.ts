/**
 * The three ways in which a pair of records is told who serves, and one step for each.
 *
 * - ARC routing controls: a data plane of its own in five regions; both controls change at once.
 * - A health check that is inverted: Route 53 believes the primary to be unhealthy, or well again.
 * - The records themselves: roles swapped or weights given over, in one atomic batch that sends back everything that was read.
 *
 * All but the first are asked of an API that lives in us-east-1 alone. Each step says the wanted end state, so that the same act
 * twice is one act; what somebody else has changed since the order is not overwritten.
 */
import { length } from "../domain/text.ts";
import type { Dns, Endpoints, RecordView, Routing } from "../ports/dns.ts";
import { provedBy, type Refusal } from "./plan.ts";
import type { FailoverStep } from "./pairSteps.ts";

export type DnsMove =
  | {
      readonly kind: "records";
      readonly zoneId: string;
      /** Both, as they were at the order. */
      readonly before: readonly RecordView[];
      readonly after: readonly RecordView[];
    }
  | {
      readonly kind: "health-check";
      readonly id: string;
      readonly inverted: boolean;
      /** What its checkers say once the old instance is out of the way; absent for a switch, which has none that could be asked. */
      readonly health?: "healthy" | "unhealthy";
    }
  | { readonly kind: "routing"; readonly endpoints: Endpoints; readonly onArn: string; readonly offArn: string };

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const dnsSteps = {
  moved: "the name leads to the other instance",
  inSync: "every name server of Route 53 answers so",
  forgotten: "resolvers have forgotten the old address",
} as const;

/** What the name's servers answer is the world; whether resolvers have heard of it is for later steps. */
export function nameMoved(move: DnsMove, settleMs: number): FailoverStep[] {
  const base = { name: dnsSteps.moved, settleMs, again: "safe", onTimeout: "fail", safePoint: false } as const;
  switch (move.kind) {
    case "routing":
      return [{ ...base, waitsFor: "the routing controls to change", ...controlsSet(move) }];
    case "health-check":
      return [{ ...base, waitsFor: "Route 53's checkers to agree", ...checkSet(move) }];
    case "records":
      return recordsSet(move, base);
  }
}

type Doing = Pick<FailoverStep, "check" | "act">;

function controlsSet({ endpoints, onArn, offArn }: Extract<DnsMove, { kind: "routing" }>): Doing {
  return {
    check: async ({ routing }) =>
      (await controlsAre(routing, { endpoints, onArn, offArn })) ? { on: onArn, off: offArn } : undefined,
    act: ({ routing }) =>
      routing.set(endpoints, [
        { controlArn: onArn, state: "On" },
        { controlArn: offArn, state: "Off" },
      ]),
  };
}

export async function controlsAre(
  routing: Routing,
  { endpoints, onArn, offArn }: Pick<Extract<DnsMove, { kind: "routing" }>, "endpoints" | "onArn" | "offArn">,
): Promise<boolean> {
  return (await routing.state(endpoints, onArn)) === "On" && (await routing.state(endpoints, offArn)) === "Off";
}

function checkSet({ id, inverted, health }: Extract<DnsMove, { kind: "health-check" }>): Doing {
  return {
    check: async ({ dns }) => {
      const now = await dns.healthCheck(id);
      if (now?.inverted !== inverted) return undefined;
      if (health !== undefined && (await dns.healthOf(id)) !== health) return undefined;
      return { healthCheck: id, inverted, ...(health === undefined ? {} : { health }) };
    },
    act: async ({ dns }) => {
      const now = await dns.healthCheck(id);
      if (now !== undefined && now.inverted !== inverted) await dns.setInverted(id, inverted, now.version);
    },
  };
}

type Records = Extract<DnsMove, { kind: "records" }>;

function recordsSet(
  move: Records,
  base: Pick<FailoverStep, "name" | "settleMs" | "again" | "onTimeout" | "safePoint">,
): FailoverStep[] {
  const { zoneId, after } = move;
  const name = after[0]?.name ?? "";
  // By this Route 53 says INSYNC, and no read finds it again: another worker sends the same records once more and gets its own.
  let changeId: string | undefined;
  const send = async (dns: Dns): Promise<void> => {
    changeId = await dns.upsert(zoneId, after, `ec2-medic: ${name} changes over`);
  };
  const isSet = async (dns: Dns): Promise<boolean> => {
    const now = await dns.records(zoneId, name);
    return after.every((each) => now.some((other) => sameRecord(each, other)));
  };
  return [
    {
      ...base,
      waitsFor: "Route 53 to take the change (its record API lives in us-east-1)",
      check: async ({ dns }) => {
        return (await isSet(dns)) ? { records: rolesOf(after) } : undefined;
      },
      act: ({ dns }) => send(dns),
    },
    {
      ...base,
      name: dnsSteps.inSync,
      waitsFor: "Route 53 to be in sync, usually within 60 s",
      // The change is made and cannot be lost; servers that are late answer the old one a little longer.
      onTimeout: "go-on",
      safePoint: true,
      leftWhileWaiting: "The record has moved; some name servers may still give the old answer for a minute.",
      check: async ({ dns }) => {
        if (changeId === undefined || (await dns.change(changeId)) !== "INSYNC") return undefined;
        return { changeId };
      },
      // Sent once more only to hear of INSYNC: over records that somebody has changed back meanwhile nothing is sent.
      act: async ({ dns }) => {
        if (changeId === undefined && (await isSet(dns))) await send(dns);
      },
    },
  ];
}

/** Long ones are not waited out: the run would only hold its place while the service answers most people already. */
const ttlWaitMsMax = 5 * 60_000;

/** Until Route 53 is in sync its servers still hand out the old answer: from then on the old time to live runs down. */
export function resolversForgot({ kind }: DnsMove, ttlSeconds: number): FailoverStep {
  const waitMs = Math.min(ttlSeconds * 1000, ttlWaitMsMax);
  const after = kind === "records" ? dnsSteps.inSync : dnsSteps.moved;
  return {
    name: dnsSteps.forgotten,
    waitsFor: `the record's old time to live, ${length(waitMs)}`,
    settleMs: waitMs + 60_000,
    again: "safe",
    onTimeout: "go-on",
    safePoint: true,
    leftWhileWaiting: "The record has moved; some resolvers still give the old address for a while.",
    check: async ({ clock }, { entries }) => {
      const since = provedBy(entries, after)?.at;
      return since === undefined || clock.now() - since < waitMs ? undefined : { waitedMs: clock.now() - since };
    },
  };
}

/** "blue PRIMARY, green SECONDARY", "blue weight 0, green weight 100". */
function rolesOf(records: readonly RecordView[]): string {
  return records.map(({ set, failover, weight }) => `${set} ${failover ?? `weight ${weight}`}`).join(", ");
}

/**
 * Asked before anything is taken from the old instance, and again right before the move: the record API answers, and nobody has
 * changed the records since they were read.
 */
export async function nameObjection(move: DnsMove, { dns }: { readonly dns: Dns }): Promise<Refusal | undefined> {
  if (move.kind !== "records") return undefined;
  const now = await dns.records(move.zoneId, move.before[0]?.name ?? "");
  const isKnown = (each: RecordView): boolean =>
    [...move.before, ...move.after].some((known) => sameRecord(known, each));
  const strange = now.filter(({ type }) => type === move.before[0]?.type).find((each) => !isKnown(each));
  const gone = move.before.find((each) => !now.some((other) => other.set === each.set && other.type === each.type));
  if (strange === undefined && gone === undefined) return undefined;
  const what = strange ? `${strange.set ?? "a simple one"} has changed` : `${gone?.set} is gone`;
  return {
    code: "record-changed",
    detail: `the record ${move.before[0]?.name} is not as it was when this was ordered: ${what}`,
    climb: false,
  };
}

/** Read again by the same adapter, so that equal records are equal JSON but for the order of their values. */
function sameRecord(one: RecordView, other: RecordView): boolean {
  const text = (record: RecordView): string => {
    const sorted = { ...record, values: record.values.toSorted() };
    return JSON.stringify(
      Object.entries(sorted)
        .filter(([, value]) => value !== undefined)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  };
  return text(one) === text(other);
}

/** In one sentence for the preview. */
export function moveInWords(move: DnsMove, to: string): string {
  switch (move.kind) {
    case "routing":
      return `Switch both ARC routing controls, so that the name leads to ${to}`;
    case "health-check":
      return move.health === undefined
        ? `Set health check ${move.id} to ${move.inverted ? "inverted" : "not inverted"}, so that Route 53 answers ${to}`
        : `Wait until health check ${move.id} reads ${move.health}, so that Route 53 answers ${to}`;
    case "records":
      return `Change both records in one batch (${rolesOf(move.after)}), so that Route 53 answers ${to}, and wait until it is in sync`;
  }
}

/** How long resolvers may hold the old answer. */
export function ttlInWords(ttlSeconds: number): string {
  return `about ${length(60_000 + ttlSeconds * 1000)} (60 s for Route 53, then the record's time to live of ${ttlSeconds} s)`;
}
