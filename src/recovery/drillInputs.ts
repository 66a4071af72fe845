/** What a drill acts on: the same source as a re-provisioning here, in a closed place, as nobody in particular. */
import { isErrand } from "../domain/ladder.ts";
import { MedicError, RecoveryRefused } from "../domain/errors.ts";
import { worldsReasons } from "../domain/ladder.ts";
import type { DrillProfile } from "../domain/service.ts";
import { drillTag, type Blueprint } from "../ports/compute.ts";
import { blueprintOf, cannotRebuild, refuseUnknownBuild } from "./blueprint.ts";
import { newestSource } from "./buildSource.ts";
import type { BuildInputs } from "./buildSteps.ts";
import { candidatesOf } from "./candidates.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import { buildTimes } from "./reprovisionInputs.ts";
import { wishOf } from "./wished.ts";
import { personOnly } from "./previewed.ts";

export interface DrillInputs {
  readonly build: BuildInputs;
  readonly service: string;
  readonly cleanUpAfterMs: number;
  readonly hasProbe: boolean;
  readonly times: { readonly proofSettleMs: number; readonly endSettleMs: number };
}

export async function drillInputs(asked: Asked | PreviewAsked, ports: RecoveryPorts): Promise<DrillInputs> {
  try {
    return await resolve(asked, ports);
  } catch (error) {
    // A drill that cannot be built is news, and no reason to climb any ladder.
    if (!(error instanceof MedicError) || !(worldsReasons as readonly string[]).includes(error.code)) throw error;
    throw new RecoveryRefused(`drill-${error.code}`, error.message, error.next);
  }
}

async function resolve(asked: Asked | PreviewAsked, ports: RecoveryPorts): Promise<DrillInputs> {
  const { service, current, timing } = asked;
  const wish = wishOf(asked);
  if (wish.byRule) throw personOnly("a drill");
  refuseMeanwhile(asked);
  const { profile, instanceId, tag } = preparedFor(asked);
  const blueprint = await blueprintOf(ports.compute, instanceId, asked.blueprint);
  if (blueprint === undefined) throw refuseUnknownBuild(instanceId);
  const impossible = cannotRebuild(blueprint);
  if (impossible) throw impossible;
  const { region, scope } = current.placement;
  const source = await newestSource({ storage: ports.storage, tag, region, build: blueprint });
  return {
    build: {
      runId: wish.runId,
      seed: wish.seed,
      scope,
      // Nothing of a drill outlives it: its data disks go with it.
      source: { ...source, data: source.data.map((disk) => ({ ...disk, deleteOnTermination: true })) },
      candidates: await candidatesOf(ports.compute, {
        subnets: [profile.subnet],
        types: [blueprint.type, ...(service.reprovision?.types ?? [])],
        source: `\`drill\` of ${service.name} in medic.yaml`,
      }),
      machine: machineOf(profile, blueprint, service.name),
      times: buildTimes(asked),
    },
    service: service.name,
    cleanUpAfterMs: profile.cleanUpAfterMs,
    hasProbe: service.probe !== undefined,
    times: {
      proofSettleMs: timing.launchSettleMs + timing.verifySettleMs,
      endSettleMs: timing.stopSettleMs + timing.forceStopSettleMs,
    },
  };
}

/** Storm and silences are the engine's to know; what the case itself says is looked at here. */
function refuseMeanwhile({ current }: Asked | PreviewAsked): void {
  const { incident, bad, phase } = current;
  const isOwn = phase.kind === "recovering" && isErrand(phase.order.recovery);
  const isTroubled = bad.length > 0 || (incident !== undefined && incident.orderedWhileHealthy !== true && !isOwn);
  if (!isTroubled) return;
  throw new RecoveryRefused(
    "incident-open",
    `${current.service} has an incident; a drill must not compete with it`,
    "Order the drill when the service is healthy.",
  );
}

function preparedFor({ service, current }: Asked | PreviewAsked) {
  const { drill: profile, reprovision, name } = service;
  const { instanceId, scope } = current.placement;
  const missing = [...(profile ? [] : ["`drill`"]), ...(reprovision ? [] : ["`reprovision`"])].join(" and ");
  if (profile === undefined || reprovision === undefined) {
    throw new RecoveryRefused(
      "not-configured",
      `medic.yaml has no ${missing} for ${name}: nobody knows where a copy could run without reaching anything`,
      "Name a subnet and a security group without egress under `drill`, and the snapshots under `reprovision`.",
    );
  }
  if (instanceId === undefined || scope !== service.scope) {
    throw new RecoveryRefused(
      "not-configured",
      `${name} lives in ${scope} ${instanceId ?? "on an unknown instance"}, and its drill is prepared for ${service.scope}`,
      "Order the drill when it is back home.",
    );
  }
  return { profile, instanceId, tag: reprovision.snapshotTag };
}

/**
 * No role, no key, no tags of the original and no user data of its own: a copy that starts must be able to do nothing. The
 * clean-up timer takes the place of the user data, and shutting down ends the machine for good.
 */
function machineOf(
  { subnet: _subnet, securityGroup, cleanUpAfterMs }: DrillProfile,
  { platformDetails, metadata }: Blueprint,
  service: string,
): BuildInputs["machine"] {
  const minutes = Math.max(1, Math.ceil(cleanUpAfterMs / 60_000));
  return {
    securityGroupIds: [securityGroup],
    userData: btoa(platformDetails.startsWith("Windows") ? windowsTimer(minutes) : linuxTimer(minutes)),
    ...(metadata ? { metadata } : {}),
    onShutdown: "terminate",
    tags: { Name: `drill of ${service}`, [drillTag.key]: drillTag.value },
  };
}

function linuxTimer(minutes: number): string {
  return [
    "#!/bin/sh",
    "# The bot's drill ends by itself, also when the bot does not.",
    `shutdown -h +${minutes}`,
    "",
  ].join("\n");
}

function windowsTimer(minutes: number): string {
  return `<powershell>\nshutdown /s /f /t ${minutes * 60}\n</powershell>\n`;
}
