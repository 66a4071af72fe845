/** The nouns of simulated DNS: zones as Route 53 keeps them, health checks, routing controls, and what resolvers still believe. */
import type { RecordView } from "../ports/dns.ts";
import type { Agenda } from "./agenda.ts";
import type { World } from "./world.ts";

export type RecordDefinition = Omit<RecordView, "rest" | "values"> & {
  readonly values?: readonly string[];
  readonly rest?: RecordView["rest"];
};

export interface ZoneDefinition {
  /** Without `/hostedzone/`. */
  readonly id: string;
  readonly records: readonly RecordDefinition[];
}

/** What a health check looks at. */
export type Watched =
  /** Whatever answers under this public address. */
  | { readonly kind: "address"; readonly ip: string }
  | { readonly kind: "instance"; readonly instanceId: string }
  | { readonly kind: "control"; readonly arn: string };

export interface HealthCheckDefinition {
  readonly id: string;
  readonly watches: Watched;
  readonly inverted?: boolean;
  readonly disabled?: boolean;
  /** Default 30 s. */
  readonly intervalMs?: number;
  /** Looks in a row that must agree before it changes its mind; default 3. */
  readonly threshold?: number;
}

export interface ControlDefinition {
  readonly arn: string;
  readonly state: "On" | "Off";
}

export interface DnsDefinitions {
  readonly zones?: readonly ZoneDefinition[];
  readonly healthChecks?: readonly HealthCheckDefinition[];
  readonly routingControls?: readonly ControlDefinition[];
  /** Safety rules: of each of these sets of controls at least one must be On. */
  readonly oneOfIsOn?: readonly (readonly string[])[];
  /** PENDING → INSYNC; default 40 s. */
  readonly insyncMs?: number;
}

export interface Zone {
  readonly id: string;
  /** What the API lists: every accepted change is in it at once. */
  listed: RecordView[];
  /** What the name servers answer from. */
  published: RecordView[];
}

export interface HealthCheck {
  readonly id: string;
  readonly watches: Watched;
  readonly intervalMs: number;
  readonly threshold: number;
  version: number;
  inverted: boolean;
  disabled: boolean;
  /** What the name servers go by: an update reaches them a little later. */
  effective: { inverted: boolean; disabled: boolean };
  healthy: boolean;
  /** Looks in a row that disagree with `healthy`. */
  against: number;
}

export interface DnsAnswer {
  readonly values: readonly string[];
  readonly ttlMs: number;
  readonly set?: string;
}

/** What a resolver answers that asked right before the last change: the worst that any user sees. */
export interface Believed {
  answer: DnsAnswer | undefined;
  /** It asks again then. */
  refreshAt: number | undefined;
}

export interface DnsChange {
  readonly id: string;
  readonly zoneId: string;
  readonly at: number;
  state: "PENDING" | "INSYNC";
}

export interface DnsWorld {
  readonly agenda: Agenda;
  readonly worlds: ReadonlySet<World>;
  readonly zones: Map<string, Zone>;
  readonly checks: Map<string, HealthCheck>;
  readonly changes: Map<string, DnsChange>;
  /** By `dnsKey`. */
  readonly believed: Map<string, Believed>;
  readonly insyncMs: number;
  readonly faults: DnsFaults;
  readonly routing: RoutingWorld;
  /** When calls were made within the last second, for the limit of five. */
  calls: number[];
}

export interface DnsFaults {
  /** us-east-1 is down: no call of the record API is answered. Names are answered, health is checked, controls can be switched. */
  apiDown: boolean;
  /** The limit of five calls a second is felt; otherwise the SDK's own patience hides it. */
  limited: boolean;
  /** This many changes are refused with PriorRequestNotComplete. */
  priorRequests: number;
  /** Checkers have not told anything yet. */
  checkersSilent: boolean;
}

export interface RoutingWorld {
  readonly controls: Map<string, "On" | "Off">;
  readonly oneOfIsOn: readonly (readonly string[])[];
  /** Regions whose endpoint of the cluster does not answer. */
  readonly endpointsDown: Set<string>;
}

export function dnsKey(zoneId: string, name: string, type: string): string {
  return `${zoneId}|${name}|${type}`;
}
