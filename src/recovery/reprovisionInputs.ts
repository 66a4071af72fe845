/** What a re-provisioning here acts on, resolved once at the order: from what, where, for whom, and who stands in the way. */
import { MedicError, RecoveryRefused } from "../domain/errors.ts";
import type { InstanceId, Scope } from "../domain/words.ts";
import type { Blueprint, InstanceView } from "../ports/compute.ts";
import type { RecordView } from "../ports/dns.ts";
import { seenAddress, type SeenAddress } from "./addressSteps.ts";
import { blueprintOf, cannotRebuild, refuseUnknownBuild } from "./blueprint.ts";
import { newestSource, type BuildSource } from "./buildSource.ts";
import type { BuildInputs } from "./buildSteps.ts";
import { candidatesOf } from "./candidates.ts";
import { cleanTags } from "./cleanTags.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import { AbandonRun } from "./control.ts";
import { fencedDebtId, fenceTimes, type FenceInputs } from "./fence.ts";
import { stopIsPossible } from "./restartGates.ts";
import { refuseTooOld } from "./lossGate.ts";
import { recordToMove } from "./recordStep.ts";
import { alarmsOf } from "./instanceAlarms.ts";
import { wishOf, type Wished } from "./wished.ts";
import { findReplaceable, type ReplaceRootInputs } from "./replaceRootInputs.ts";

export interface ReprovisionInputs {
  readonly kind: "new-instance";
  readonly build: BuildInputs;
  /** Who served until now. */
  readonly oldId: InstanceId;
  /** Absent: EC2 does not know it any more. */
  readonly fence?: FenceInputs;
  readonly address?: SeenAddress;
  /** Only where no Elastic IP leads to the service. */
  readonly record?: { readonly scope: Scope; readonly zoneId: string; readonly record: RecordView };
  readonly targetGroups: readonly string[];
  /** Per-instance alarms that watch the old one. */
  readonly alarms: readonly string[];
  readonly times: { readonly addressSettleMs: number; readonly dnsSettleMs: number; readonly verifySettleMs: number };
}

export type ReprovisionHereInputs = ReprovisionInputs | ReplaceRootInputs;

export async function reprovisionInputs(
  asked: Asked | PreviewAsked,
  ports: RecoveryPorts,
): Promise<ReprovisionHereInputs> {
  const wish = wishOf(asked);
  const { oldId, tag } = whatAndFrom(asked);
  const old = await readOld(ports, oldId, wish);
  if (old !== "silent") refuseForeign(asked, old, wish);
  const blueprint = old === "silent" ? asked.blueprint : await blueprintOf(ports.compute, oldId, asked.blueprint);
  const replaced = old === "silent" ? undefined : await findReplaceable(asked, ports, { wish, old, blueprint, tag });
  if (replaced) return replaced;
  if (blueprint === undefined) throw refuseUnknownBuild(oldId);
  const impossible = cannotRebuild(blueprint);
  if (impossible) throw impossible;
  const region = asked.current.placement.region;
  const source = await newestSource({ storage: ports.storage, tag, region, build: blueprint });
  refuseTooOld(source.dataAsOf, { service: asked.service, wish, now: ports.clock.now() });
  return {
    kind: "new-instance",
    build: await buildOf(asked, ports, { wish, blueprint, source }),
    oldId,
    ...(old ? { fence: fenceOf(asked, wish, oldId) } : {}),
    ...(await waysIn(asked, ports)),
    targetGroups: asked.service.targetGroups,
    alarms: await alarmsOf(ports.alarms, { ...asked, instanceId: oldId }),
    times: timesOf(asked),
  };
}

function whatAndFrom({ current, service }: Asked | PreviewAsked) {
  const { instanceId, scope } = current.placement;
  if (instanceId === undefined) {
    throw new RecoveryRefused(
      "no-instance",
      `the bot does not know on which instance ${service.name} lives`,
      "Check the target of this service in medic.yaml and the instance's tag.",
    );
  }
  if (scope !== service.scope) {
    throw new RecoveryRefused(
      "not-configured",
      `${service.name} lives in ${scope}, and \`reprovision\` in medic.yaml is about ${service.scope}`,
      "Bring it back to its own region by hand, or build it anew there by hand.",
    );
  }
  if (service.reprovision === undefined) {
    throw new RecoveryRefused(
      "not-configured",
      `medic.yaml does not say from which snapshots ${service.name} is built`,
      "Add `reprovision` with a snapshot tag to this service.",
    );
  }
  return { oldId: instanceId, tag: service.reprovision.snapshotTag };
}

/**
 * While a zone is out EC2 fails every read that names an instance in it. Who orders with `force` knows better than EC2; for
 * everybody else this is no answer, and it is asked again.
 */
async function readOld(
  { compute }: RecoveryPorts,
  id: InstanceId,
  { options }: Wished,
): Promise<InstanceView | undefined | "silent"> {
  try {
    return await compute.instance(id);
  } catch (error) {
    const isSilent = error instanceof MedicError && error.retry === "later" && !(error instanceof AbandonRun);
    if (isSilent && options.includes("force")) return "silent";
    throw error;
  }
}

function refuseForeign(
  { current, service }: Asked | PreviewAsked,
  old: InstanceView | undefined,
  { byRule, options }: Wished,
): void {
  if (old === undefined) return;
  if (old.asgName !== undefined) {
    throw new RecoveryRefused(
      "group-member",
      `${old.id} belongs to Auto Scaling group ${old.asgName}, which replaces it by itself`,
      "Order `replace`, and correct the pattern of this service in medic.yaml.",
    );
  }
  const byUser = old.state === "stopped" && /user[ .-]?initiated/i.test(old.stateReason ?? "");
  const byUs = current.debts.some(({ id }) => id === fencedDebtId(old.id));
  if (byRule && byUser && !byUs) {
    throw new RecoveryRefused(
      "stopped-by-person",
      `${old.id} was stopped by a person; the bot asks before it takes its place`,
      "Start it, or order the re-provisioning yourself.",
    );
  }
  if (old.state !== "running" || service.fence === "address" || options.includes("force")) return;
  const objection = stopIsPossible(old);
  if (objection) {
    throw new RecoveryRefused(
      "cannot-fence",
      `${objection.detail}, so that it would go on beside its successor`,
      "Take it off the net by hand and order with `force`.",
    );
  }
}

async function buildOf(
  asked: Asked | PreviewAsked,
  { compute }: RecoveryPorts,
  { wish, blueprint, source }: { wish: Wished; blueprint: Blueprint; source: BuildSource },
): Promise<BuildInputs> {
  const { service, current } = asked;
  const { subnets = [], types = [] } = service.reprovision ?? {};
  const candidates = await candidatesOf(compute, {
    subnets: [blueprint.subnetId, ...subnets],
    types: [blueprint.type, ...types],
    source: `\`reprovision\` of ${service.name} in medic.yaml`,
  });
  return {
    runId: wish.runId,
    seed: wish.seed,
    scope: current.placement.scope,
    source,
    candidates,
    machine: machineOf(blueprint),
    times: buildTimes(asked),
  };
}

export function buildTimes({ timing }: Asked | PreviewAsked): BuildInputs["times"] {
  const { imageSettleMs, launchSettleMs, verifySettleMs, lagMs } = timing;
  return { imageSettleMs, launchSettleMs, checksSettleMs: launchSettleMs + verifySettleMs, lagMs };
}

/** Its equal: everything that EC2 tells about the original, except what only one may have. */
function machineOf(blueprint: Blueprint): BuildInputs["machine"] {
  const { securityGroupIds, keyName, instanceProfileArn, userData, metadata, ebsOptimized, detailedMonitoring } =
    blueprint;
  return {
    securityGroupIds,
    ...(keyName ? { keyName } : {}),
    ...(instanceProfileArn ? { instanceProfile: instanceProfileArn } : {}),
    ...(userData ? { userData } : {}),
    ...(metadata ? { metadata } : {}),
    ebsOptimized,
    detailedMonitoring,
    tags: cleanTags(blueprint.tags),
  };
}

function fenceOf(
  { service, timing, current }: Asked | PreviewAsked,
  wish: Wished,
  instanceId: InstanceId,
): FenceInputs {
  const isForced = wish.options.includes("force");
  const kind = isForced || service.fence === "address" ? "try" : "must";
  return {
    instanceId,
    scope: current.placement.scope,
    kind,
    ...(kind === "must" ? {} : { consent: isForced ? "ordered with force" : "declared stateless (fence: address)" }),
    byRule: wish.byRule,
    ...fenceTimes(timing, kind),
  };
}

/** The address by which people come; the record only where there is no address. */
async function waysIn(
  { service, current }: Asked | PreviewAsked,
  { compute, dns }: RecoveryPorts,
): Promise<Pick<ReprovisionInputs, "address" | "record">> {
  const { allocationId } = current.placement;
  if (allocationId !== undefined) {
    const address = await compute.address(allocationId);
    if (address?.associationId !== undefined && address.instanceId !== current.placement.instanceId) {
      throw new RecoveryRefused(
        "address-elsewhere",
        `the Elastic IP ${address.publicIp} is on ${address.instanceId ?? "something else"}, not on ${current.placement.instanceId}`,
        "See who moved it there; the bot takes an address from nobody but the old instance.",
      );
    }
    if (address !== undefined) return { address: seenAddress(address) };
    throw new RecoveryRefused(
      "not-configured",
      `the Elastic IP ${allocationId} of ${service.name} does not exist`,
      "Correct `elasticIp` in medic.yaml.",
    );
  }
  if (service.dns === undefined || service.pattern !== "instance") return {};
  const { scope } = current.placement;
  return { record: { scope, zoneId: service.dns.zoneId, record: await recordToMove(dns, service.dns) } };
}

export function timesOf({ timing }: Asked | PreviewAsked): ReprovisionInputs["times"] {
  const { addressSettleMs, dnsSettleMs, verifySettleMs, launchSettleMs } = timing;
  // A restored disk reads its blocks on first touch: booting it takes longer than booting a warm one.
  return { addressSettleMs, dnsSettleMs, verifySettleMs: launchSettleMs + verifySettleMs };
}
