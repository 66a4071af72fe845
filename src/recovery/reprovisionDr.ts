/**
 * Re-provisioning in the DR region: the service is built anew there from that region's newest snapshot or image, and its DNS record
 * names the new machine.
 *
 * The order is the safety argument.
 * - Nothing is computed on the day: subnets, groups, types and role were prepared and named. The gates see that they exist.
 * - The old machine is fenced when its region answers. When it does not, two approvals (or `force`) let the run go on, and that it
 *   may still run is a debt, paid when the region answers again: until then two machines may hold the service's data, but only
 *   one is named by the record. Stopped once is not off for good: every launch and move looks again, and owes the stop again.
 * - The record moves last, to a machine that runs. It is the only way people take: an Elastic IP cannot change its region.
 * - UPSERT sends the record whole; INSYNC and the old TTL are waited for, because until then resolvers still lead to the old place.
 *   The record API lives in us-east-1 alone: when that is away, the run ends in words with a machine that is ready.
 * - The old machine is kept. Nothing is terminated.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { PlacementMove } from "../domain/serviceCase.ts";
import { addressMoved, addressObjection } from "./addressSteps.ts";
import { canBeBuilt } from "./buildGates.ts";
import { ageWords } from "./buildSource.ts";
import { buildSteps, imageRegistered, launched, launchedId, mayBeLaunched, newInstance } from "./buildSteps.ts";
import { passesChecks, runs } from "./newInstanceSteps.ts";
import type { RecoveryPorts } from "./definition.ts";
import { afterFence, fence, fencedDebtId, firstOf, isFenced } from "./fence.ts";
import { answersThere } from "./handover.ts";
import { factOf, provedBy, type Plan, type Step, type StepEntry } from "./plan.ts";
import { forgotten, inSyncName, recordMoved } from "./recordStep.ts";
import type { ReprovisionDrInputs } from "./reprovisionDrInputs.ts";

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const reprovisionDrSteps = {
  address: "the Elastic IP of the DR region is on the new instance",
  record: "the DNS record names the new instance",
} as const;

export function reprovisionDrPlan(inputs: ReprovisionDrInputs): Plan<RecoveryPorts> {
  const { build, home, region, fence: old, address, times } = inputs;
  const to = (entries: readonly StepEntry[]) => newInstance(build, entries);
  const left = `The record names the new instance in ${region}; whether the service answers was not awaited.`;
  return {
    title: `re-provision ${home.instanceId ?? "the service"} in ${region}`,
    gates: [
      canBeBuilt(build),
      async (ports) => (address ? addressObjection(ports.at(build.scope).compute, address) : undefined),
    ],
    steps: [
      ...imageRegistered(build),
      ...(old ? fence(old).map((step) => ({ ...step, guard: firstOf(mayBeLaunched(build), step.guard) })) : []),
      ...launched(build).map((step) => afterFence(old, step)),
      runs(build),
      passesChecks(build),
      ...(address ? [afterFence(old, addressThere(inputs))] : []),
      ...recordThere(inputs),
      answersThere({ to, scope: build.scope, settleMs: times.verifySettleMs, left }),
    ],
    summary: (entries) => summary(inputs, entries),
    moved: (entries) => moved(inputs, entries),
  };
}

function recordThere(inputs: ReprovisionDrInputs): Step<RecoveryPorts>[] {
  const { record, times, home } = inputs;
  const [named, ...synced] = recordMoved<RecoveryPorts>({
    name: reprovisionDrSteps.record,
    ...record,
    value: (entries) => publicIpOf(inputs, entries),
    settleMs: times.dnsSettleMs,
    safePoint: false,
  });
  if (named === undefined) return [];
  const repays = home.instanceId ? { repays: fencedDebtId(home.instanceId) } : {};
  return [afterFence(inputs.fence, { ...named, ...repays }), ...synced, forgotten(record.record, inSyncName)];
}

function addressThere({ build, address, times }: ReprovisionDrInputs): Step<RecoveryPorts> {
  if (address === undefined)
    throw new RecoveryRefused("no-address", "there is no Elastic IP to move", "Order it again.");
  return addressMoved({
    name: reprovisionDrSteps.address,
    address,
    settleMs: times.addressSettleMs,
    cloud: (ports) => ports.at(build.scope),
    to: (entries) => newInstance(build, entries),
  });
}

function publicIpOf({ address, region }: ReprovisionDrInputs, entries: readonly StepEntry[]): string {
  const publicIp = address?.publicIp ?? factOf(entries, buildSteps.runs, "publicIp");
  if (publicIp !== undefined) return publicIp;
  throw new RecoveryRefused(
    "no-public-address",
    `the new instance in ${region} has no public address that the DNS record could name`,
    "Name subnets that give one, or an Elastic IP, in `dr`; point the record by hand meanwhile.",
  );
}

function moved(inputs: ReprovisionDrInputs, entries: readonly StepEntry[]): PlacementMove | undefined {
  const instanceId = launchedId(inputs.build, entries);
  if (instanceId === undefined || provedBy(entries, reprovisionDrSteps.record) === undefined) return undefined;
  return { scope: inputs.build.scope, region: inputs.region, instanceId, allocationId: inputs.allocationId ?? null };
}

function summary(inputs: ReprovisionDrInputs, entries: readonly StepEntry[]): string {
  const { build, home, region, record, fence: old } = inputs;
  const id = launchedId(build, entries) ?? "nothing";
  const at = provedBy(entries, buildSteps.runs)?.at ?? 0;
  const value = factOf(entries, reprovisionDrSteps.record, "value") ?? "it";
  const owed = old && !isFenced(entries) ? `; ${old.instanceId} could not be fenced yet, which is owed` : "";
  return `${id} in ${region} took the place of ${home.instanceId ?? "the old instance"} with data ${ageWords(build.source.dataAsOf, at)}; ${record.record.name} names ${value}${owed}`;
}
