/** From what was written about recoveries to what the program reads. */
import type {
  AccountDefinition,
  DnsDefinition,
  DrDefinition,
  ServiceDefinition,
  StandbyTarget,
  Tag,
} from "../domain/service.ts";
import type { AllocationId, InstanceId, Scope } from "../domain/words.ts";
import { parseDuration } from "./duration.ts";
import type { RawAccount, RawDns, RawDr, RawRecovering, RawStandby } from "./recoverySchema.ts";

/** Longer than a whole drill; the check compares it with the drill's own limit. */
const cleanUpAfterMs = 60 * 60_000;
/** A week of daily snapshots. */
const retainDefault = 7;

const ms = (text: string | undefined, otherwise: number): number =>
  (text === undefined ? undefined : parseDuration(text)) ?? otherwise;

/** Only the keys that have a value: absent and undefined differ under exactOptionalPropertyTypes. */
export function present<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

export function toTag(text: string): Tag {
  const [key = "", ...rest] = text.split("=");
  return { key, value: rest.join("=") };
}

type Recovering = Pick<
  ServiceDefinition,
  "standby" | "targetGroups" | "dns" | "reprovision" | "dr" | "drill" | "keeper" | "volume" | "scaleStep" | "quarantine"
>;

/** `scope` is asked for the DR region: same account, other region. */
export function toRecovering(raw: Partial<RawRecovering>, scopeIn: (region: string) => Scope): Recovering {
  const { standby, dns, reprovision, dr, drillProfile: drill, keeper, volume } = raw;
  const optional = present<Omit<Recovering, "targetGroups" | "scaleStep" | "quarantine">>({
    standby: standby && toStandby(standby),
    dns: dns && toDns(dns),
    reprovision: reprovision && {
      snapshotTag: toTag(reprovision.snapshotTag),
      subnets: reprovision.subnets ?? [],
      types: reprovision.types ?? [],
    },
    dr: dr && toDr(dr, { scope: scopeIn(dr.region), snapshotTag: dr.snapshotTag ?? reprovision?.snapshotTag ?? "" }),
    drill: drill && {
      subnet: drill.subnet,
      securityGroup: drill.securityGroup,
      cleanUpAfterMs: ms(drill.cleanUpAfter, cleanUpAfterMs),
    },
    keeper: keeper && {
      everyMs: ms(keeper.every, 0),
      retain: keeper.retain ?? retainDefault,
      copyToDr: keeper.copyToDr ?? dr !== undefined,
    },
    volume:
      volume &&
      present<NonNullable<Recovering["volume"]>>({
        tag: toTag(volume.tag),
        device: volume.device,
        terminatingHook: volume.terminatingHook,
        launchingHook: volume.launchingHook,
        stopWriter: volume.stopWriter,
      }),
  });
  return {
    ...optional,
    targetGroups: raw.targetGroups ?? [],
    scaleStep: raw.scaleStep ?? 1,
    quarantine: raw.quarantine ?? "tell",
  };
}

function toStandby({ instance, tag }: RawStandby): StandbyTarget {
  if (instance !== undefined) return { kind: "instance", instanceId: instance as InstanceId };
  return { kind: "tag", ...toTag(tag ?? "") };
}

/** Route 53 answers names in small letters and with their final dot, and ids without their prefix where we use them. */
function toDns(raw: RawDns): DnsDefinition {
  const { routing } = raw;
  return present<DnsDefinition>({
    zoneId: raw.zone.replace("/hostedzone/", ""),
    name: `${raw.name.toLowerCase().replace(/\.$/, "")}.`,
    type: raw.type,
    primarySet: raw.primarySet,
    standbySet: raw.standbySet,
    invertHealthCheckId: raw.invertHealthCheck,
    routing: routing && {
      endpoints: routing.endpoints,
      primaryControlArn: routing.primaryControl,
      standbyControlArn: routing.standbyControl,
    },
  });
}

function toDr(raw: RawDr, { scope, snapshotTag }: { scope: Scope; snapshotTag: string }): DrDefinition {
  return present<DrDefinition>({
    region: raw.region,
    scope,
    snapshotTag: toTag(snapshotTag),
    subnets: raw.subnets,
    securityGroups: raw.securityGroups,
    types: raw.types,
    instanceProfile: raw.instanceProfile,
    keyName: raw.keyName,
    elasticIp: raw.elasticIp as AllocationId | undefined,
    architecture: raw.architecture,
  });
}

export function toAccounts(
  raw: Readonly<Record<string, RawAccount>> | undefined,
): ReadonlyMap<string, AccountDefinition> {
  return new Map(
    Object.entries(raw ?? {}).map(([account, { role, externalId }]) => [
      account,
      externalId === undefined ? { roleArn: role } : { roleArn: role, externalId },
    ]),
  );
}
