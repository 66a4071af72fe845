/** What a recovery declares: whom it serves, what it needs of AWS, how its inputs are found, its plan, and its preview. */
import type { Evidence } from "../domain/evidence.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Order, ServiceCase } from "../domain/serviceCase.ts";
import type { Preview } from "../domain/preview.ts";
import type { Timing } from "../domain/timing.ts";
import type { OrderOption, Pattern, Recovery, RunId, Scope } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { Blueprint } from "../ports/compute.ts";
import type { ProbeAnswer } from "../ports/prober.ts";
import type { IamAction } from "./permissions.ts";
import type { Plan } from "./plan.ts";

/** Everything that any recovery may use; each plan names the part that it sees. `compute` and its like are the placement's. */
export interface RecoveryPorts extends Cloud {
  readonly clock: Clock;
  /** Another region or account: the DR region, the one that a record or a former placement lives in. */
  readonly at: (scope: Scope) => Cloud;
  /** Fresh reads about the placement. Never throws: what cannot be read is unknown. */
  readonly evidence: () => Promise<Evidence>;
  /**
   * Asks the service itself, wherever it lives now; `connectTo` asks one machine under the service's own name. `offline` when the
   * bot reaches nothing at all, undefined when the service has no probe. Never throws.
   */
  readonly probe: (options?: {
    readonly connectTo?: string;
  }) => Promise<ProbeAnswer | { readonly offline: string } | undefined>;
  /** The newest run of one of these recoveries of this service that did something; undefined: none is known. */
  readonly pastRun?: (recoveries: readonly Recovery[]) => Promise<PastRun | undefined>;
}

export interface PastRun {
  readonly runId: RunId;
  /** As its own definition resolved them. */
  readonly inputs: unknown;
  /** Epoch ms; absent: it has not ended in its record. */
  readonly endedAt?: number;
}

export interface Asked {
  readonly order: Order;
  readonly current: ServiceCase;
  readonly service: ServiceDefinition;
  readonly timing: Timing;
  readonly runId: RunId;
  /** How the instance was built when it was last seen whole; EC2 forgets that of a terminated one. */
  readonly blueprint?: Blueprint;
}

/** A preview is asked for before there is an order. */
export type PreviewAsked = Omit<Asked, "order" | "runId"> & {
  readonly recovery: Recovery;
  /** What the person has chosen so far. */
  readonly options?: readonly OrderOption[];
  /** Only `raise-max`: the new maximum that was typed; absent: the preview names one that would do. */
  readonly amount?: number;
};

export interface RecoveryDefinition {
  /** `restart@1`: stored in each run. */
  readonly id: string;
  readonly serves: readonly Recovery[];
  readonly permissions: readonly IamAction[];
  /** On which patterns it can run at all; what a service must have beside is said by `resolve` and by readiness. */
  readonly patterns: readonly Pattern[];
  /** Usual length, for the card, until past runs tell better. */
  estimateMs(recovery: Recovery): number;
  /**
   * Plain data, stored as JSON: ids, absolute numbers, the list of candidates. Reads only. Throws RecoveryRefused when the world or
   * the configuration lacks something (codes of `worldsReasons` climb), Unreachable and Throttled when it could not be told.
   */
  resolve(asked: Asked, ports: RecoveryPorts): Promise<unknown>;
  plan(inputs: unknown): Plan<RecoveryPorts>;
  /** What it would do, from what to what, at what cost. Reads only; throws like `resolve`. */
  preview(asked: PreviewAsked, ports: RecoveryPorts): Promise<Preview>;
}
