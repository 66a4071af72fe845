/**
 * Failover and fail-back of pattern `dns-pair`: the name by which people find the service leads to the other instance.
 *
 * The order is the safety argument.
 * - The gates come before anything is touched: the other instance exists and is whole, and the record really leads to it.
 * - The other one runs, and answers as far as the bot can reach it, before anything is taken from the old one.
 * - Right before the old one is stopped the record API has answered once more: where names cannot be changed nobody is switched off.
 * - The old one is fenced before the name moves, because resolvers go on sending people to it for as long as they remember: two
 *   would serve at once. Without EC2's word nothing moves, unless a person orders with `force`. `fence: address` declares the
 *   service stateless: then the name moves first, and the stop follows as a debt.
 * - The name moves in one atomic change, and never over what somebody else has changed since the order.
 * - INSYNC and the old time to live are waited for, because only then has everybody moved; both may be given up, as nothing of it
 *   can be lost any more.
 * - Nothing is undone and nothing terminated; failing back is this same plan, ordered by a person.
 */
import type { RecoveryDefinition, RecoveryPorts } from "./definition.ts";
import { dnsSteps, moveInWords, nameMoved, nameObjection, resolversForgot, ttlInWords } from "./dnsMove.ts";
import { failoverDnsInputs, type FailoverDnsInputs } from "./failoverDnsInputs.ts";
import { failoverDnsPermissions } from "./failoverPermissions.ts";
import { failoverPreview, pairMind, pairSentences, type PreviewWords } from "./failoverPreview.ts";
import { oldIsNoMember, placeOf, standbyIsFit } from "./pair.ts";
import {
  fenceAfter,
  fenceBefore,
  movesAfterFence,
  otherAnswers,
  otherRuns,
  otherStillRuns,
  serviceAnswers,
  type FailoverStep,
} from "./pairSteps.ts";
import { provedBy, type Objection, type Plan, type StepEntry } from "./plan.ts";

export const failoverDns: RecoveryDefinition = {
  id: "failover-dns@1",
  serves: ["failover", "fail-back"],
  patterns: ["dns-pair"],
  permissions: failoverDnsPermissions,
  estimateMs: () => 5 * 60_000,
  resolve: (asked, ports) => failoverDnsInputs(asked, ports),
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => failoverDnsPlan(inputs as FailoverDnsInputs),
  preview: (asked, ports) =>
    failoverPreview(asked, ports, { resolve: () => failoverDnsInputs(asked, ports), words: wordsOf, gates: gatesOf }),
};

function gatesOf({ pair, leadsTo, move }: FailoverDnsInputs): Objection<RecoveryPorts>[] {
  return [
    standbyIsFit(pair),
    oldIsNoMember(pair),
    ...(leadsTo ? [recordIsTheirs(pair.to.instanceId, leadsTo)] : []),
    (ports) => nameObjection(move, ports),
  ];
}

/** An address that AWS gave at the start is another one after the next start: a record that names it would lead to nobody. */
function recordIsTheirs(
  id: FailoverDnsInputs["pair"]["to"]["instanceId"],
  values: readonly string[],
): Objection<RecoveryPorts> {
  return async ({ compute }) => {
    const view = await compute.instance(id);
    if (view?.privateIp !== undefined && values.includes(view.privateIp)) return undefined;
    const fixed = (await compute.addressOf(id))?.publicIp;
    const publicIp = fixed ?? (view?.state === "running" ? view.publicIp : undefined);
    if (publicIp !== undefined && values.includes(publicIp)) return undefined;
    const has = publicIp ?? "no address that outlives its stop";
    const detail = `the record leads to ${values.join(", ")}, and ${id} has ${has}`;
    return { code: "record-elsewhere", detail, climb: false };
  };
}

export function failoverDnsPlan(inputs: FailoverDnsInputs): Plan<RecoveryPorts> {
  const { pair, mode, byRule, timing, move, ttlSeconds } = inputs;
  const fencing = { pair, mode, timing, wellIsLeftAlone: byRule };
  const apiAnswers: Objection<RecoveryPorts> = (ports) => nameObjection(move, ports);
  const fences = fenceBefore(fencing).map((step): FailoverStep => {
    const guard: Objection<RecoveryPorts> = async (ports) => (await apiAnswers(ports)) ?? step.guard?.(ports);
    return { ...step, guard };
  });
  return {
    title: `move ${inputs.name} to ${pair.to.instanceId}`,
    gates: gatesOf(inputs),
    steps: [
      otherRuns(pair, timing),
      otherAnswers(pair, timing),
      ...fences,
      ...moves(inputs, (step) => movesAfterFence([step], fencing)),
      ...fenceAfter(fencing),
      resolversForgot(move, ttlSeconds),
      serviceAnswers(pair, timing),
    ],
    summary: (entries) => summary(inputs, entries),
    moved: (entries) => movedBy(inputs, entries),
  };
}

/** What comes after the first only waits for what it has changed. */
function moves(
  { move, pair, timing }: FailoverDnsInputs,
  afterFence: (step: FailoverStep) => FailoverStep[],
): FailoverStep[] {
  const [first, ...rest] = nameMoved(move, timing.dnsSettleMs);
  if (first === undefined) return rest;
  const guard: Objection<RecoveryPorts> = async (ports) =>
    (await otherStillRuns(pair, ports)) ?? nameObjection(move, ports);
  return [...afterFence({ ...first, guard }), ...rest];
}

function movedBy({ pair, recordSet, allocationId }: FailoverDnsInputs, entries: readonly StepEntry[]) {
  if (provedBy(entries, dnsSteps.moved) === undefined) return undefined;
  return {
    instanceId: pair.to.instanceId,
    ...(recordSet === undefined ? {} : { recordSet }),
    ...(allocationId === undefined ? {} : { allocationId }),
  };
}

function summary({ name, pair }: FailoverDnsInputs, entries: readonly StepEntry[]): string {
  if (provedBy(entries, dnsSteps.moved) === undefined) return `${name} did not move`;
  return `${name} leads to ${pair.to.instanceId} instead of ${pair.from.instanceId}`;
}

function wordsOf({ pair, name, move, mode, ttlSeconds }: FailoverDnsInputs): PreviewWords {
  const { from, to } = pair;
  const off = `${from.instanceId} is not reachable by any of its names and addresses from its stop on`;
  return {
    headline: `${name} leads to ${placeOf(to)} instead of ${placeOf(from)}`,
    steps: pairSentences(pair, mode, moveInWords(move, to.instanceId)),
    downtime: `${name} is unreachable for some people for ${ttlInWords(ttlSeconds)}`,
    data: `as ${to.instanceId} has it: nothing is copied`,
    address: `another one: people follow ${name}`,
    mind: [
      ...pairMind(pair),
      ...(move.kind === "routing"
        ? []
        : ["The API for records and health checks lives in us-east-1: while that region is out, this cannot run."]),
      ...(move.kind === "health-check" && move.health !== undefined && pair.toIs === "standby"
        ? [`The health check follows ${from.instanceId}: whoever starts it again sends people back to it.`]
        : []),
      ...(mode === "stop" ? [`${off}.`] : []),
      ...(ttlSeconds > 60
        ? [`The time to live of ${ttlSeconds} s is long for a name that must fail over; 60 s is advised.`]
        : []),
    ],
  };
}
