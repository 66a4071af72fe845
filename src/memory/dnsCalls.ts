/** Calls of Route 53, ARC and SSM Run Command, with the refusals of the real ones. */
import type { RecordView } from "../ports/dns.ts";
import { AwsRefusal } from "./accountModel.ts";
import type { DnsChange, HealthCheck, Zone } from "./dnsModel.ts";
import { publishLater, republish, upserted } from "./dnsZones.ts";
import type { Gate } from "./gate.ts";
import { controlsChanged, lookNow, updateReaches } from "./healthChecks.ts";
import { say, newId } from "./world.ts";
import type { World } from "./world.ts";

export interface DnsCalls {
  /** All records of the zone, as the API lists them. */
  records(zoneId: string): Promise<readonly RecordView[]>;
  upsert(who: string, zoneId: string, records: readonly RecordView[]): Promise<DnsChange>;
  change(id: string): Promise<Readonly<DnsChange>>;
  healthCheck(id: string): Promise<Readonly<HealthCheck>>;
  setInverted(who: string, id: string, wish: { readonly inverted: boolean; readonly version: number }): Promise<void>;
  /** What each of the checkers sees; [] while none has told. */
  observations(id: string): Promise<boolean[]>;
}

export interface RoutingCalls {
  state(region: string, controlArn: string): Promise<"On" | "Off">;
  set(
    who: string,
    region: string,
    states: readonly { readonly controlArn: string; readonly state: "On" | "Off" }[],
  ): Promise<void>;
}

const callsPerSecondMax = 5;
const checkers = 16;

export function createDnsCalls(world: World, gate: Gate): DnsCalls {
  const { dns } = world.shared;
  const asked = async (operation: string): Promise<void> => {
    await gate.asked(operation);
    refuseApi(world, operation);
  };
  return {
    records: async (zoneId) => {
      await asked("ListResourceRecordSets");
      return zoneOf(world, zoneId).listed;
    },
    upsert: (who, zoneId, records) => {
      const resource = records.map((record) => record.name + (record.set === undefined ? "" : ` ${record.set}`)).join();
      return gate.write({ operation: "ChangeResourceRecordSets", who, resource }, () => {
        refuseApi(world, "ChangeResourceRecordSets");
        return upsert(world, zoneId, records);
      });
    },
    change: async (id) => {
      await asked("GetChange");
      const change = dns.changes.get(id);
      if (change === undefined) throw new AwsRefusal("NoSuchChange", `A change with id ${id} does not exist.`, 404);
      return { ...change };
    },
    healthCheck: async (id) => {
      await asked("GetHealthCheck");
      return { ...checkOf(world, id) };
    },
    setInverted: (who, id, wish) =>
      gate.write({ operation: "UpdateHealthCheck", who, resource: id }, () => {
        refuseApi(world, "UpdateHealthCheck");
        const check = checkOf(world, id);
        if (check.version !== wish.version) {
          throw new AwsRefusal(
            "HealthCheckVersionMismatch",
            `The version is ${check.version}, not ${wish.version}.`,
            409,
          );
        }
        check.inverted = wish.inverted;
        check.version++;
        updateReaches(dns, check, () => republish(dns));
      }),
    observations: async (id) => {
      await asked("GetHealthCheckStatus");
      const check = checkOf(world, id);
      return dns.faults.checkersSilent ? [] : Array.from({ length: checkers }, () => lookNow(dns, check));
    },
  };
}

/** The record API lives in us-east-1 alone, for records and health checks alike. */
function refuseApi(world: World, operation: string): void {
  const { dns } = world.shared;
  if (dns.faults.apiDown) {
    throw new AwsRefusal("ServiceUnavailable", `Service is currently unavailable. (${operation})`, 503);
  }
  const now = world.agenda.now();
  dns.calls = dns.calls.filter((at) => at > now - 1_000);
  if (dns.faults.limited && dns.calls.length >= callsPerSecondMax) {
    throw new AwsRefusal("Throttling", "Rate exceeded");
  }
  dns.calls.push(now);
}

function upsert(world: World, zoneId: string, records: readonly RecordView[]): DnsChange {
  const { dns } = world.shared;
  const zone = zoneOf(world, zoneId);
  if (dns.faults.priorRequests > 0) {
    dns.faults.priorRequests--;
    throw new AwsRefusal(
      "PriorRequestNotComplete",
      "The request was rejected because Route 53 was still processing a prior request.",
    );
  }
  refuseBatch(dns.checks, zone, records);
  zone.listed = upserted(zone.listed, records);
  const change: DnsChange = {
    id: newId(world, "C").replace("-", "").toUpperCase(),
    zoneId,
    at: world.agenda.now(),
    state: "PENDING",
  };
  dns.changes.set(change.id, change);
  publishLater(dns, zone, records, () => {
    change.state = "INSYNC";
  });
  say(world, "world", `Route 53 takes ${records.length} change(s) of ${records[0]?.name ?? "nothing"}`);
  return { ...change };
}

/** Atomic: one bad record refuses all. */
function refuseBatch(checks: ReadonlyMap<string, HealthCheck>, zone: Zone, records: readonly RecordView[]): void {
  const bad = (why: string): AwsRefusal => new AwsRefusal("InvalidChangeBatch", `[${why}]`);
  if (records.length === 0) throw bad("The batch is empty");
  for (const record of records) {
    const called = `${record.name} ${record.type}`;
    if (!record.name.endsWith(".")) throw bad(`${called} is not fully qualified`);
    if (record.alias !== undefined && record.ttl !== undefined) throw bad(`${called}: an alias has no TTL`);
    if (record.alias === undefined && (record.ttl === undefined || record.values.length === 0)) {
      throw bad(`${called}: TTL and values are missing`);
    }
    if (record.healthCheckId !== undefined && !checks.has(record.healthCheckId)) {
      throw new AwsRefusal("NoSuchHealthCheck", `No health check exists with id ${record.healthCheckId}`, 404);
    }
    const routed = record.failover !== undefined || record.weight !== undefined;
    if (routed !== (record.set !== undefined) && Object.keys(record.rest).length === 0) {
      throw bad(`${called}: a SetIdentifier and a routing policy belong together`);
    }
    const rivals = zone.listed.filter(({ name, type }) => name === record.name && type === record.type);
    if (rivals.some((rival) => (rival.set === undefined) !== (record.set === undefined))) {
      throw bad(`RRSet with DNS name ${record.name}, type ${record.type} cannot be mixed simple and routed`);
    }
    const twin = rivals.find((rival) => rival.set !== record.set && rival.failover === record.failover);
    const twinInBatch =
      twin !== undefined && records.some((other) => other.set === twin.set && other.name === twin.name);
    if (record.failover !== undefined && twin !== undefined && !twinInBatch) {
      throw bad(`${called}: there is already a ${record.failover} record`);
    }
  }
}

function zoneOf(world: World, id: string): Zone {
  const zone = world.shared.dns.zones.get(id);
  if (zone !== undefined) return zone;
  throw new AwsRefusal("NoSuchHostedZone", `No hosted zone found with ID: ${id}`, 404);
}

function checkOf(world: World, id: string): HealthCheck {
  const check = world.shared.dns.checks.get(id);
  if (check !== undefined) return check;
  throw new AwsRefusal("NoSuchHealthCheck", `No health check exists with the specified ID: ${id}`, 404);
}

/** Five endpoints, each in a region of its own; none of them is the region of the account. */
export function createRoutingCalls(world: World): RoutingCalls {
  const { dns } = world.shared;
  const { routing } = dns;
  const reached = async (region: string, operation: string): Promise<void> => {
    if (world.faults.callMs > 0) await world.clock.sleep(world.faults.callMs);
    world.agenda.catchUp();
    if (routing.endpointsDown.has(region)) {
      throw new AwsRefusal(
        "EndpointTemporarilyUnavailableException",
        `The endpoint in ${region} is not available.`,
        503,
      );
    }
    if (world.faults.denied.has(operation))
      throw new AwsRefusal("AccessDeniedException", `Not authorized: ${operation}`, 403);
  };
  const known = (arn: string): "On" | "Off" => {
    const state = routing.controls.get(arn);
    if (state !== undefined) return state;
    throw new AwsRefusal("ResourceNotFoundException", `The routing control ${arn} does not exist.`, 404);
  };
  return {
    state: async (region, arn) => {
      await reached(region, "GetRoutingControlState");
      return known(arn);
    },
    set: async (who, region, states) => {
      const operation = "UpdateRoutingControlStates";
      const note = (outcome: string): void => {
        const resource = states.map(({ controlArn, state }) => `${controlArn} ${state}`).join();
        world.writes.push({ at: world.agenda.now(), who, operation, instanceId: "", resource, force: false, outcome });
      };
      try {
        await reached(region, operation);
        for (const { controlArn } of states) known(controlArn);
        const after = new Map([...routing.controls, ...states.map((each) => [each.controlArn, each.state] as const)]);
        const broken = routing.oneOfIsOn.find((arns) => !arns.some((arn) => after.get(arn) === "On"));
        if (broken !== undefined) throw new AwsRefusal("ConflictException", "A safety rule forbids this change.", 409);
        for (const [arn, state] of after) routing.controls.set(arn, state);
        controlsChanged(dns, () => republish(dns));
        note("accepted");
      } catch (error) {
        note(error instanceof AwsRefusal ? error.code : "InternalError");
        throw error;
      }
    },
  };
}
