/**
 * The DNS port over Route 53 (SDK v3). An UPSERT replaces the whole record set, so that everything a record had is sent back;
 * the record API answers five requests a second for a whole account, so that calls take turns.
 */
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListResourceRecordSetsCommand,
  UpdateHealthCheckCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { MedicError } from "../domain/errors.ts";
import { clip } from "../domain/limits.ts";
import type { Dns, HealthCheckView, RecordView } from "../ports/dns.ts";
import type { RegionClients } from "./clients.ts";
import type { Slot } from "./slots.ts";
import { asked, orGone } from "./translate.ts";

type Route53 = RegionClients["route53"];

/** Five requests a second in an account, of which the bot leaves one to others. */
export const route53GapMs = 250;
/** Records of one name: sets of a weighted or geographic record, a few types. */
const pagesMax = 20;
const commentCharsMax = 256;

export function route53Dns(route53: Route53, slot: Slot): Dns {
  const inTurn = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    await slot();
    return asked(what, call);
  };
  return {
    records: (zoneId, name) => records(route53, inTurn, { zoneId, name }),
    upsert: async (zoneId, wished, comment) => {
      const Changes = wished.map((record) => ({ Action: "UPSERT" as const, ResourceRecordSet: recordSet(record) }));
      const ChangeBatch = { Comment: clip(comment, commentCharsMax), Changes };
      const what = `ChangeResourceRecordSets ${wished.map(({ name }) => name).join(", ")}`;
      const answer = await inTurn(what, () =>
        route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: bare(zoneId), ChangeBatch })),
      );
      return bare(answer.ChangeInfo?.Id ?? "");
    },
    change: async (id) => {
      const answer = await inTurn(`GetChange ${id}`, () => route53.send(new GetChangeCommand({ Id: bare(id) })));
      return answer.ChangeInfo?.Status === "INSYNC" ? "INSYNC" : "PENDING";
    },
    healthCheck: (id) => orGone(() => healthCheck(route53, inTurn, id)),
    setInverted: async (id, inverted, version) => {
      const input = { HealthCheckId: id, HealthCheckVersion: version, Inverted: inverted };
      await inTurn(`UpdateHealthCheck ${id}`, () => route53.send(new UpdateHealthCheckCommand(input)));
    },
    healthOf: (id) => healthOf(route53, inTurn, id),
  };
}

type InTurn = <T>(what: string, call: () => Promise<T>) => Promise<T>;

/** Route 53 answers `/change/C1` and `/hostedzone/Z1`; a person may paste either form. */
const bare = (id: string): string => id.replace(/^\/?(change|hostedzone)\//, "");

/** Lower case and with the final dot; Route 53 answers an asterisk as \052, and takes either. */
function plainName(name: string): string {
  const lower = name.toLowerCase().replaceAll("\\052", "*");
  return lower.endsWith(".") ? lower : `${lower}.`;
}

/** The list is sorted by name and begins at ours: the first other name ends it. */
async function records(
  route53: Route53,
  inTurn: InTurn,
  { zoneId, name }: { readonly zoneId: string; readonly name: string },
): Promise<RecordView[]> {
  const wanted = plainName(name);
  const found: RecordView[] = [];
  let from: Partial<ListResourceRecordSetsCommandInput> = { StartRecordName: wanted };
  for (let page = 0; page < pagesMax; page += 1) {
    const input = { HostedZoneId: bare(zoneId), ...from };
    const answer = await inTurn(`ListResourceRecordSets ${name}`, () =>
      route53.send(new ListResourceRecordSetsCommand(input)),
    );
    for (const set of answer.ResourceRecordSets ?? [])
      if (plainName(set.Name ?? "") === wanted) found.push(recordView(set));
    if (answer.IsTruncated !== true || plainName(answer.NextRecordName ?? "") !== wanted) break;
    from = {
      StartRecordName: answer.NextRecordName,
      StartRecordType: answer.NextRecordType,
      ...(answer.NextRecordIdentifier ? { StartRecordIdentifier: answer.NextRecordIdentifier } : {}),
    };
  }
  return found;
}

function recordView(set: ResourceRecordSet): RecordView {
  const { Name, Type, SetIdentifier, Failover, Weight, TTL, ResourceRecords, AliasTarget, HealthCheckId, ...rest } =
    set;
  return {
    name: Name ?? "",
    type: Type ?? "",
    ...(SetIdentifier === undefined ? {} : { set: SetIdentifier }),
    ...(Failover === undefined ? {} : { failover: Failover }),
    ...(Weight === undefined ? {} : { weight: Weight }),
    // An alias has none, whatever is answered beside it.
    ...(TTL === undefined || AliasTarget !== undefined ? {} : { ttl: TTL }),
    values: (ResourceRecords ?? []).map((record) => record.Value ?? ""),
    ...(AliasTarget === undefined ? {} : { alias: aliasView(AliasTarget) }),
    ...(HealthCheckId === undefined ? {} : { healthCheckId: HealthCheckId }),
    rest,
  };
}

const aliasView = (target: NonNullable<ResourceRecordSet["AliasTarget"]>): NonNullable<RecordView["alias"]> => ({
  zoneId: target.HostedZoneId ?? "",
  dnsName: target.DNSName ?? "",
  evaluateHealth: target.EvaluateTargetHealth === true,
});

/** `rest` first: what the bot knows by name is what it wishes. An alias has neither TTL nor values. */
function recordSet(record: RecordView): ResourceRecordSet {
  const { alias } = record;
  return {
    ...record.rest,
    Name: record.name,
    Type: record.type as NonNullable<ResourceRecordSet["Type"]>,
    ...(record.set === undefined ? {} : { SetIdentifier: record.set }),
    ...(record.failover === undefined ? {} : { Failover: record.failover }),
    ...(record.weight === undefined ? {} : { Weight: record.weight }),
    ...(record.healthCheckId === undefined ? {} : { HealthCheckId: record.healthCheckId }),
    ...(alias === undefined
      ? { TTL: record.ttl, ResourceRecords: record.values.map((Value) => ({ Value })) }
      : {
          AliasTarget: {
            HostedZoneId: alias.zoneId,
            DNSName: alias.dnsName,
            EvaluateTargetHealth: alias.evaluateHealth,
          },
        }),
  };
}

async function healthCheck(route53: Route53, inTurn: InTurn, id: string): Promise<HealthCheckView | undefined> {
  const answer = await inTurn(`GetHealthCheck ${id}`, () =>
    route53.send(new GetHealthCheckCommand({ HealthCheckId: id })),
  );
  const found = answer.HealthCheck;
  if (found?.Id === undefined) return undefined;
  return {
    id: found.Id,
    version: found.HealthCheckVersion ?? 0,
    inverted: found.HealthCheckConfig?.Inverted === true,
    disabled: found.HealthCheckConfig?.Disabled === true,
    type: found.HealthCheckConfig?.Type ?? "unknown",
  };
}

/** Route 53 takes an endpoint for healthy when more than this share of the checkers says so. */
const healthyShareMin = 0.18;

/** Of the endpoint as the checkers see it, whether the check is inverted or not. */
async function healthOf(route53: Route53, inTurn: InTurn, id: string): Promise<"healthy" | "unhealthy" | "unknown"> {
  const what = `GetHealthCheckStatus ${id}`;
  try {
    const answer = await inTurn(what, () => route53.send(new GetHealthCheckStatusCommand({ HealthCheckId: id })));
    const said = (answer.HealthCheckObservations ?? []).flatMap(({ StatusReport }) => StatusReport?.Status ?? []);
    if (said.length === 0) return "unknown";
    const good = said.filter((status) => status.startsWith("Success")).length;
    return good / said.length > healthyShareMin ? "healthy" : "unhealthy";
  } catch (error) {
    // Checks of other checks and of alarms have no checkers that could be asked.
    if (error instanceof MedicError && error.code === "invalid-request") return "unknown";
    throw error;
  }
}
