/**
 * Failover and fail-back of pattern `standby`: the other instance of the pair takes over the Elastic IP.
 *
 * The order is the safety argument.
 * - The gates come before anything is touched: the other one exists, is whole and in another zone (a person may say that the zone
 *   does not matter), holds no address that it would lose, and the service's address is on the old one or on nobody.
 * - The other one runs before anything is taken from the old one: no capacity for it costs nothing.
 * - The old one is fenced before the address moves, so that two never serve at once; in between nobody serves, which is the outage
 *   that there is already. Only EC2's word is a fence; without it nothing moves, unless a person orders with `force`. The start of
 *   the old one is a debt from before its stop until the move is proved.
 * - `fence: address` turns this round for services declared stateless: the move is the fence, and the stop follows it as a debt.
 * - A rule leaves a service alone that answers again by the time of the stop.
 * - The address moves as a compare-and-swap, in one step without a place to end: whatever a person has moved meanwhile stays there.
 *   Right before it the old one is still off, and the other one still runs. With `force` an old one that was started again is asked
 *   to stop again, which is owed; so it is for what moves after the address.
 * - Nothing is undone and nothing terminated. The old one stays off until a person orders it back; failing back is this same plan.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { Asked, PreviewAsked, RecoveryDefinition, RecoveryPorts } from "./definition.ts";
import { addressMoved, addressObjection, seenAddress, type SeenAddress } from "./addressSteps.ts";
import { failoverStandbyPermissions } from "./failoverPermissions.ts";
import { downtimeOf, failoverPreview, pairMind, pairSentences, type PreviewWords } from "./failoverPreview.ts";
import { holdsNoOther, oldIsNoMember, placeOf, readPair, standbyIsFit, type Pair } from "./pair.ts";
import {
  fenceAfter,
  fenceBefore,
  movesAfterFence,
  otherAnswers,
  otherRuns,
  otherStillRuns,
  pairTiming,
  serviceAnswers,
  type FailoverStep,
  type FenceMode,
  type PairTiming,
} from "./pairSteps.ts";
import { provedBy, type Objection, type Plan, type StepEntry } from "./plan.ts";
import { leavesTargetGroups, joinsTargetGroups, targetSteps } from "./targetSteps.ts";

export interface FailoverStandbyInputs {
  readonly pair: Pair;
  /** Absent: the service has none and lives behind target groups alone. */
  readonly address?: SeenAddress;
  readonly targetGroups: readonly string[];
  readonly mode: FenceMode;
  readonly byRule: boolean;
  readonly timing: PairTiming;
}

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const failoverSteps = { moved: "the address is on the other instance" } as const;

export const failoverStandby: RecoveryDefinition = {
  id: "failover-standby@1",
  serves: ["failover", "fail-back"],
  patterns: ["standby"],
  permissions: failoverStandbyPermissions,
  estimateMs: () => 3 * 60_000,
  resolve: (asked, ports) => resolve(asked, ports),
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => failoverStandbyPlan(inputs as FailoverStandbyInputs),
  preview: (asked, ports) =>
    failoverPreview(asked, ports, { resolve: () => resolve(asked, ports), words: wordsOf, gates: gatesOf }),
};

async function resolve(asked: Asked | PreviewAsked, ports: RecoveryPorts): Promise<FailoverStandbyInputs> {
  const { service, timing } = asked;
  const pair = await readPair(asked, ports);
  const address = await addressOf(asked, pair, ports);
  if (address === undefined && service.targetGroups.length === 0) {
    throw new RecoveryRefused(
      "not-configured",
      `${service.name} has neither an Elastic IP nor target groups: there is nothing that could move`,
      "Name what people reach the service by in medic.yaml.",
    );
  }
  return {
    pair,
    ...(address ? { address } : {}),
    targetGroups: service.targetGroups,
    mode: service.fence,
    byRule: !pair.orderedByPerson,
    timing: pairTiming(timing),
  };
}

async function addressOf(
  { current, service }: Asked | PreviewAsked,
  { from, to }: Pair,
  { compute }: RecoveryPorts,
): Promise<SeenAddress | undefined> {
  const allocationId = current.placement.allocationId ?? service.elasticIp;
  if (allocationId === undefined) return undefined;
  const view = await compute.address(allocationId);
  if (view === undefined) {
    throw new RecoveryRefused(
      "address-gone",
      `the Elastic IP ${allocationId} of ${service.name} does not exist any more`,
      "Check the allocation id in medic.yaml.",
    );
  }
  const { publicIp, instanceId: holder, associationId } = view;
  if (holder === to.instanceId) {
    throw new RecoveryRefused(
      "already-there",
      `${publicIp} is on ${to.instanceId} already`,
      "Somebody has moved it. See whether the service answers there; the bot's placement is corrected by `medic check`.",
    );
  }
  if (holder !== from.instanceId && associationId !== undefined) {
    throw new RecoveryRefused(
      "address-elsewhere",
      `${publicIp} is on ${holder ?? "a network interface"}, which is neither ${from.instanceId} nor ${to.instanceId}`,
      "Somebody else is moving it. Agree who owns the recovery, then order again.",
    );
  }
  return seenAddress(view);
}

function gatesOf({ pair, address }: FailoverStandbyInputs): Objection<RecoveryPorts>[] {
  const ofAddress: Objection<RecoveryPorts>[] = address
    ? [({ compute }) => addressObjection(compute, address), holdsNoOther(pair, address.allocationId)]
    : [];
  return [standbyIsFit(pair), oldIsNoMember(pair), ...ofAddress];
}

export function failoverStandbyPlan(inputs: FailoverStandbyInputs): Plan<RecoveryPorts> {
  const { pair, address, targetGroups, mode, byRule, timing } = inputs;
  const fencing = { pair, mode, timing, wellIsLeftAlone: byRule };
  // The first thing that moves is guarded, the last one proves that the service has left the old instance.
  const moves: FailoverStep[] = [
    ...(address ? [addressStep(inputs, address)] : []),
    ...(targetGroups.length > 0
      ? [
          leavesTargetGroups({ targetGroups, instanceId: pair.from.instanceId, settleMs: timing.addressSettleMs }),
          joinsTargetGroups({ targetGroups, instanceId: pair.to.instanceId, settleMs: timing.addressSettleMs }),
        ]
      : []),
  ];
  return {
    title: `move to ${pair.to.instanceId}`,
    gates: gatesOf(inputs),
    steps: [
      otherRuns(pair, timing),
      otherAnswers(pair, timing),
      ...fenceBefore(fencing),
      ...movesAfterFence(guarded(moves, inputs), fencing),
      ...fenceAfter(fencing),
      serviceAnswers(pair, timing),
    ],
    summary: (entries) => summary(inputs, entries),
    moved: (entries) => (hasMoved(inputs, entries) ? { instanceId: pair.to.instanceId } : undefined),
  };
}

function addressStep({ pair, timing }: FailoverStandbyInputs, address: SeenAddress): FailoverStep {
  return addressMoved<RecoveryPorts>({
    name: failoverSteps.moved,
    address,
    settleMs: timing.addressSettleMs,
    cloud: (ports) => ports.at(pair.scope),
    to: () => pair.to.instanceId,
  });
}

/** Before the first thing moves: who is to get it still runs, and nobody has taken it. */
function guarded(moves: readonly FailoverStep[], { pair, address }: FailoverStandbyInputs): FailoverStep[] {
  const guard: Objection<RecoveryPorts> = async (ports) =>
    (await otherStillRuns(pair, ports)) ?? (address && (await takenElsewhere(address, pair, ports)));
  return moves.map((step, index) => (index === 0 ? { ...step, guard } : step));
}

/** While the old one was stopping somebody may have taken the address. On its way to us it is ours. */
async function takenElsewhere(address: SeenAddress, { to }: Pair, { compute }: RecoveryPorts) {
  const objection = await addressObjection(compute, address);
  if (objection === undefined) return undefined;
  return (await compute.address(address.allocationId))?.instanceId === to.instanceId ? undefined : objection;
}

function hasMoved({ address }: FailoverStandbyInputs, entries: readonly StepEntry[]): boolean {
  return provedBy(entries, address ? failoverSteps.moved : targetSteps.joined) !== undefined;
}

function summary(inputs: FailoverStandbyInputs, entries: readonly StepEntry[]): string {
  const { pair, address } = inputs;
  const what = address?.publicIp ?? "the service";
  if (!hasMoved(inputs, entries)) return `${what} did not move`;
  return `${what} moved from ${pair.from.instanceId} to ${pair.to.instanceId}`;
}

function wordsOf({ pair, address, targetGroups, mode, timing }: FailoverStandbyInputs): PreviewWords {
  const what = address?.publicIp ?? "The service";
  const move = address
    ? `Move ${address.publicIp} to ${pair.to.instanceId}${targetGroups.length > 0 ? ", and its place in the target groups" : ""}`
    : `Register ${pair.to.instanceId} in the target groups in place of ${pair.from.instanceId}`;
  return {
    headline: `${what} moves from ${placeOf(pair.from)} to ${placeOf(pair.to)}`,
    steps: pairSentences(pair, mode, move),
    downtime: downtimeOf(pair, mode, timing),
    data: `as ${pair.to.instanceId} has it: nothing is copied`,
    address: address ? `${address.publicIp} is kept and moves` : "kept: the load balancer's",
    mind: [...pairMind(pair), "Open connections break."],
  };
}
