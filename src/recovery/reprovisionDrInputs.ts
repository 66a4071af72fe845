/**
 * What a move into the DR region acts on. Everything there was prepared and is named in medic.yaml; nothing but the newest snapshot
 * and the record as it stands is looked up, and nothing at home has to answer.
 */
import { codeOf, RecoveryRefused } from "../domain/errors.ts";
import type { DnsDefinition, DrDefinition } from "../domain/service.ts";
import type { AllocationId, InstanceId, Scope } from "../domain/words.ts";
import type { Blueprint } from "../ports/compute.ts";
import type { RecordView } from "../ports/dns.ts";
import { seenAddress, type SeenAddress } from "./addressSteps.ts";
import { newestSource, type BuildSource } from "./buildSource.ts";
import type { BuildInputs } from "./buildSteps.ts";
import { candidatesOf } from "./candidates.ts";
import { cleanTags } from "./cleanTags.ts";
import { AbandonRun } from "./control.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import { fenceTimes, type FenceInputs } from "./fence.ts";
import { refuseTooOld } from "./lossGate.ts";
import { recordToMove } from "./recordStep.ts";
import { buildTimes, timesOf } from "./reprovisionInputs.ts";
import { wishOf, type Wished } from "./wished.ts";

export interface ReprovisionDrInputs {
  readonly build: BuildInputs;
  readonly region: string;
  readonly home: { readonly scope: Scope; readonly instanceId?: InstanceId; readonly isSilent: boolean };
  /** Absent: there is nobody to fence. */
  readonly fence?: FenceInputs;
  readonly address?: SeenAddress;
  readonly allocationId?: AllocationId;
  readonly record: { readonly scope: Scope; readonly zoneId: string; readonly record: RecordView };
  readonly times: { readonly addressSettleMs: number; readonly dnsSettleMs: number; readonly verifySettleMs: number };
}

interface Home {
  readonly answers: boolean;
  readonly isThere: boolean;
  readonly blueprint?: Blueprint;
}

export async function reprovisionDrInputs(
  asked: Asked | PreviewAsked,
  ports: RecoveryPorts,
): Promise<ReprovisionDrInputs> {
  const { current, service } = asked;
  const wish = wishOf(asked);
  const { dr, dns } = preparedFor(asked);
  const { instanceId, scope } = current.placement;
  const home = await readHome(asked, ports);
  const source = await sourceThere(asked, ports, { dr, home });
  refuseTooOld(source.dataAsOf, { service, wish, now: ports.clock.now() });
  return {
    build: await buildThere(asked, ports, { dr, home, source, wish }),
    region: dr.region,
    home: { scope, ...(instanceId ? { instanceId } : {}), isSilent: !home.answers },
    ...(instanceId !== undefined && home.isThere ? { fence: fenceOf(asked, { home, wish, instanceId }) } : {}),
    ...(await addressThere(ports, dr)),
    record: await recordThere(ports, { dns, scope: dnsScope(scope, dr.scope) }),
    times: timesOf(asked),
  };
}

function preparedFor({ service, current }: Asked | PreviewAsked): { dr: DrDefinition; dns: DnsDefinition } {
  const { dr, dns, name } = service;
  if (dr === undefined || dns === undefined) {
    const missing = [...(dr ? [] : ["`dr`"]), ...(dns ? [] : ["`dns`"])].join(" and ");
    throw new RecoveryRefused(
      "not-configured",
      `medic.yaml has no ${missing} for ${name}: nothing is prepared in another region`,
      "Prepare subnets, security groups and snapshots there, then name them.",
    );
  }
  if (current.placement.scope === dr.scope) {
    throw new RecoveryRefused(
      "already-there",
      `${name} lives in ${dr.region} already`,
      "Restart it there, or build it anew there by hand.",
    );
  }
  return { dr, dns };
}

/**
 * Silence is an answer here: it is why one goes to another region. One lost call is no silence yet, and being throttled is an
 * answer. Only an order waits to be sure; a preview is looked at again.
 */
const tries = 3;
const betweenTriesMs = 5_000;

async function readHome(asked: Asked | PreviewAsked, ports: RecoveryPorts): Promise<Home> {
  const { current, blueprint } = asked;
  const { instanceId } = current.placement;
  const remembered = blueprint ? { blueprint } : {};
  if (instanceId === undefined) return { answers: true, isThere: false, ...remembered };
  const triesMax = "order" in asked ? tries : 1;
  for (let left = triesMax; left > 0; left -= 1) {
    try {
      const view = await ports.compute.instance(instanceId);
      const live = view && (await ports.compute.blueprint(instanceId));
      const isWhole = live !== undefined && live.volumes.length > 0;
      return { answers: true, isThere: view !== undefined, ...(isWhole ? { blueprint: live } : remembered) };
    } catch (error) {
      if (error instanceof AbandonRun || codeOf(error) !== "unreachable") throw error;
      if (left > 1) await ports.clock.sleep(betweenTriesMs);
    }
  }
  return { answers: false, isThere: true, ...remembered };
}

async function sourceThere(
  _asked: Asked | PreviewAsked,
  ports: RecoveryPorts,
  { dr, home }: { dr: DrDefinition; home: Home },
): Promise<BuildSource> {
  const { blueprint } = home;
  const architecture = dr.architecture ?? blueprint?.architecture;
  return newestSource({
    storage: ports.at(dr.scope).storage,
    tag: dr.snapshotTag,
    region: dr.region,
    build: {
      ...(blueprint
        ? {
            volumes: blueprint.volumes,
            rootDeviceName: blueprint.rootDeviceName,
            platformDetails: blueprint.platformDetails,
            ...(blueprint.bootMode ? { bootMode: blueprint.bootMode } : {}),
          }
        : {}),
      ...(architecture ? { architecture } : {}),
      enaSupport: blueprint?.enaSupport ?? true,
    },
  });
}

/** The prepared profile instead of the original's network, role and user data: those belong to its region. */
async function buildThere(
  asked: Asked | PreviewAsked,
  ports: RecoveryPorts,
  parts: { readonly dr: DrDefinition; readonly home: Home; readonly source: BuildSource; readonly wish: Wished },
): Promise<BuildInputs> {
  const { dr, home, source, wish } = parts;
  const { service } = asked;
  const own = service.target.kind === "tag" ? { [service.target.key]: service.target.value } : {};
  const tags = home.blueprint ? cleanTags(home.blueprint.tags) : { Name: service.name, ...own };
  return {
    runId: wish.runId,
    seed: wish.seed,
    scope: dr.scope,
    source,
    candidates: await candidatesOf(ports.at(dr.scope).compute, {
      subnets: dr.subnets,
      types: dr.types,
      source: `\`dr\` of ${service.name} in medic.yaml`,
    }),
    machine: {
      securityGroupIds: dr.securityGroups,
      ...(dr.keyName ? { keyName: dr.keyName } : {}),
      ...(dr.instanceProfile ? { instanceProfile: dr.instanceProfile } : {}),
      ...(home.blueprint?.metadata ? { metadata: home.blueprint.metadata } : {}),
      tags,
    },
    times: buildTimes(asked),
  };
}

/** Two people who approve a move to another region know that the old one may be cut off; one person says so with `force`. */
function fenceOf(
  { current, timing }: Asked | PreviewAsked,
  { home, wish, instanceId }: { readonly home: Home; readonly wish: Wished; readonly instanceId: InstanceId },
): FenceInputs {
  const isForced = wish.options.includes("force");
  const byTwo = wish.approvals >= 2;
  const mayGoOn = isForced || byTwo;
  const isPreview = wish.seed === "preview";
  if (!home.answers && !mayGoOn && !isPreview) {
    throw new RecoveryRefused(
      "home-silent",
      `${current.placement.region} does not answer, so that ${instanceId} cannot be fenced: it may still run and write`,
      "Let a second person approve the move, or order it with `force`; the fence is then owed until the region answers.",
    );
  }
  const kind = mayGoOn || isPreview ? "try" : "must";
  return {
    instanceId,
    scope: current.placement.scope,
    kind,
    ...(kind === "try" ? { consent: isForced ? "ordered with force" : "approved by two people" } : {}),
    byRule: wish.byRule,
    // With a home that answers, the consent is no reason to hurry past its stop.
    ...fenceTimes(timing, home.answers ? "must" : kind),
  };
}

/** Same account: the region that we go to is the one that answers. Another account: the zone belongs to the service's own. */
function dnsScope(home: Scope, dr: Scope): Scope {
  return home.split("/")[0] === dr.split("/")[0] ? dr : home;
}

async function recordThere(
  ports: RecoveryPorts,
  { dns, scope }: { readonly dns: DnsDefinition; readonly scope: Scope },
): Promise<ReprovisionDrInputs["record"]> {
  return { scope, zoneId: dns.zoneId, record: await recordToMove(ports.at(scope).dns, dns) };
}

async function addressThere(
  ports: RecoveryPorts,
  { elasticIp, scope, region }: DrDefinition,
): Promise<Pick<ReprovisionDrInputs, "address" | "allocationId">> {
  if (elasticIp === undefined) return {};
  const address = await ports.at(scope).compute.address(elasticIp);
  if (address === undefined || address.associationId !== undefined) {
    const found = address === undefined ? "does not exist" : `is on ${address.instanceId ?? "something else"}`;
    throw new RecoveryRefused(
      "not-configured",
      `the Elastic IP ${elasticIp} of ${region} ${found}`,
      "Keep one free there for this service, or leave `elasticIp` out of `dr`.",
    );
  }
  return { address: seenAddress(address), allocationId: elasticIp };
}
