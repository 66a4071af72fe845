/**
 * Re-provisioning here: the service is built anew from its newest snapshot or image, and takes over the address.
 *
 * The order is the safety argument.
 * - Gates: what it is built from, its subnets and security groups still exist, the address is where it was seen. Nothing is touched.
 * - The image comes before the fence: registering one hurts nobody, and when it fails the old machine has not been stopped for it.
 * - The fence comes before the launch. The new machine has the name, the role and the data of the old one: the two together would
 *   both write, answer and send. From the fence on there is no place to end before the service has moved; that the old one is
 *   stopped is a debt until then. Every launch and every move looks once more whether somebody has started the old one again.
 * - Each launch is one candidate with its own client token; a machine counts once it runs, not once EC2 accepted it.
 * - The address moves last, to a machine that runs, by compare-and-swap; it is the only way that people's traffic takes.
 * - The old machine is kept, stopped, and marked with its successor. Nothing is terminated, no disk and no snapshot is deleted:
 *   what was written since the snapshot is still on the old disks.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { PlacementMove } from "../domain/serviceCase.ts";
import { addressMoved, addressObjection } from "./addressSteps.ts";
import { canBeBuilt } from "./buildGates.ts";
import { buildSteps, hasRun, imageRegistered, launched, launchedId, mayBeLaunched, newInstance } from "./buildSteps.ts";
import { passesChecks, runs } from "./newInstanceSteps.ts";
import { ageWords } from "./buildSource.ts";
import type { RecoveryPorts } from "./definition.ts";
import { afterFence, afterFenceEach, fence, fencedDebtId, firstOf } from "./fence.ts";
import { answersThere, markedReplaced, targetMoved, targetName } from "./handover.ts";
import { factOf, provedBy, type Objection, type Plan, type Step, type StepEntry } from "./plan.ts";
import { forgotten, inSyncName, recordMoved } from "./recordStep.ts";
import type { ReprovisionInputs } from "./reprovisionInputs.ts";

/** Names are stored in journals: renaming one is a new version of the recovery. */
export const reprovisionSteps = {
  address: "the Elastic IP is on the new instance",
  record: "the DNS record names the new instance",
} as const;

type ReprovisionStep = Step<RecoveryPorts>;

export function reprovisionPlan(inputs: ReprovisionInputs): Plan<RecoveryPorts> {
  const { build, oldId, fence: old } = inputs;
  const to = (entries: readonly StepEntry[]) => newInstance(build, entries);
  const marked = { oldId, to, scope: build.scope };
  const well = { to, scope: build.scope, settleMs: inputs.times.verifySettleMs };
  return {
    title: `re-provision ${oldId}`,
    gates: [canBeBuilt(build), addressIsThere(inputs)],
    steps: [
      ...imageRegistered(build),
      ...(old ? fence(old).map((step) => ({ ...step, guard: firstOf(mayBeLaunched(build), step.guard) })) : []),
      ...launched(build).map((step) => afterFence(old, step)),
      runs(build),
      passesChecks(build),
      ...waysIn(inputs),
      ...(old ? [markedReplaced(marked)] : []),
      answersThere({ ...well, left: "The new instance has taken over; whether the service answers was not awaited." }),
    ],
    summary: (entries) => summary(inputs, entries),
    moved: (entries) => moved(inputs, entries),
  };
}

function addressIsThere({ address }: ReprovisionInputs): Objection<RecoveryPorts> {
  return async ({ compute }) => (address ? addressObjection(compute, address) : undefined);
}

function waysIn(inputs: ReprovisionInputs): ReprovisionStep[] {
  const { build, address, record, oldId, times, targetGroups } = inputs;
  const to = (entries: readonly StepEntry[]) => newInstance(build, entries);
  const steps: ReprovisionStep[] = [];
  const rest: ReprovisionStep[] = [];
  if (address) {
    steps.push(
      addressMoved({
        name: reprovisionSteps.address,
        address,
        settleMs: times.addressSettleMs,
        cloud: (ports) => ports.at(build.scope),
        to,
        alsoRepays: [fencedDebtId(oldId)],
      }),
    );
  }
  if (record) {
    const value = (entries: readonly StepEntry[]) => publicIpOf(entries);
    const settleMs = times.dnsSettleMs;
    const moving = { name: reprovisionSteps.record, ...record, value, settleMs, safePoint: false };
    const [named, ...synced] = recordMoved<RecoveryPorts>(moving);
    if (named) steps.push({ ...named, alsoRepays: [fencedDebtId(oldId)] });
    rest.push(...synced, forgotten(record.record, inSyncName));
  }
  const targets = targetGroups.map((arn) => targetMoved(arn, { oldId, to, settleMs: times.addressSettleMs }));
  const moves = afterFenceEach(inputs.fence, [...steps, ...targets]);
  return [...moves.slice(0, steps.length), ...rest, ...moves.slice(steps.length)];
}

function publicIpOf(entries: readonly StepEntry[]): string {
  const publicIp = factOf(entries, buildSteps.runs, "publicIp");
  if (publicIp !== undefined) return publicIp;
  throw new RecoveryRefused(
    "no-public-address",
    "the new instance has no public address that the DNS record could name",
    "Use a subnet that gives one, or an Elastic IP, then point the record by hand.",
  );
}

/** By what people come: the first of these that is so means that the service lives there now. */
function moved(inputs: ReprovisionInputs, entries: readonly StepEntry[]): PlacementMove | undefined {
  const instanceId = launchedId(inputs.build, entries);
  if (instanceId === undefined) return undefined;
  const { address, record, targetGroups } = inputs;
  const [group] = targetGroups;
  const way = address ? reprovisionSteps.address : record ? reprovisionSteps.record : group && targetName(group);
  const isThere = way === undefined ? hasRun(entries) : provedBy(entries, way) !== undefined;
  return isThere ? { instanceId } : undefined;
}

function summary(inputs: ReprovisionInputs, entries: readonly StepEntry[]): string {
  const { oldId, build, address, alarms } = inputs;
  const id = launchedId(build, entries) ?? "nothing";
  const at = provedBy(entries, buildSteps.runs)?.at ?? 0;
  const data = `with data ${ageWords(build.source.dataAsOf, at)}`;
  const ip = address ? `, and ${address.publicIp} moved to it` : "";
  const watch = alarms.length === 0 ? "" : `. These alarms still watch ${oldId}: ${alarms.join(", ")}`;
  return `${id} took the place of ${oldId} ${data}${ip}${watch}`;
}
