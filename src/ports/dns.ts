/** Route 53 and ARC in our words. The record API lives in us-east-1 alone; answering and health checks do not. */

export interface RecordView {
  /** Fully qualified, with its final dot. */
  readonly name: string;
  readonly type: string;
  /** SetIdentifier; absent for a simple record. */
  readonly set?: string;
  readonly failover?: "PRIMARY" | "SECONDARY";
  readonly weight?: number;
  /** Seconds; absent for alias records. */
  readonly ttl?: number;
  readonly values: readonly string[];
  readonly alias?: { readonly zoneId: string; readonly dnsName: string; readonly evaluateHealth: boolean };
  readonly healthCheckId?: string;
  /**
   * Everything that the record had beside what stands above (geo location, region, CIDR …), opaque: an UPSERT replaces the whole
   * record set, so it is sent again as it was read.
   */
  readonly rest: Readonly<Record<string, unknown>>;
}

export interface HealthCheckView {
  readonly id: string;
  /** Needed for an update: the version that was read. */
  readonly version: number;
  readonly inverted: boolean;
  readonly disabled: boolean;
  readonly type: string;
}

export interface Dns {
  /** All record sets with exactly this name, of every type. Paginated. */
  records(zoneId: string, name: string): Promise<RecordView[]>;
  /** One atomic batch of UPSERTs. Answers the change's id, without `/change/`. */
  upsert(zoneId: string, records: readonly RecordView[], comment: string): Promise<string>;
  change(id: string): Promise<"PENDING" | "INSYNC">;
  healthCheck(id: string): Promise<HealthCheckView | undefined>;
  setInverted(id: string, inverted: boolean, version: number): Promise<void>;
  /** What the checkers say; `unknown` when none has answered. */
  healthOf(id: string): Promise<"healthy" | "unhealthy" | "unknown">;
}

/** ARC routing controls: a data plane of its own in five regions; every endpoint is tried before it counts as silent. */
export interface Routing {
  state(endpoints: Endpoints, controlArn: string): Promise<"On" | "Off">;
  /** All at once, so that the cluster's safety rules see the change as one. */
  set(
    endpoints: Endpoints,
    states: readonly { readonly controlArn: string; readonly state: "On" | "Off" }[],
  ): Promise<void>;
}
export type Endpoints = readonly { readonly region: string; readonly url: string }[];

/** SSM Run Command, for the one thing that it is used for: stopping a writer before its volume is detached. */
export interface Commands {
  /** Answers the command's id. */
  run(
    instanceId: string,
    line: string,
    options: { readonly comment: string; readonly timeoutSeconds: number },
  ): Promise<string>;
  /** undefined: not known yet. */
  result(commandId: string, instanceId: string): Promise<"pending" | "success" | "failed" | undefined>;
}
