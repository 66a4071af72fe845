/** Asks the service itself. Never throws: what goes wrong is the answer. */
import type { ProbeDefinition } from "../domain/service.ts";

export interface ProbeAnswer {
  readonly good: boolean;
  /** "200 in 41 ms", "connection refused", "timed out after 5 s", "status 503, wanted 200 to 399". */
  readonly detail: string;
  readonly tookMs: number;
}

export interface Prober {
  ask(probe: ProbeDefinition): Promise<ProbeAnswer>;
}
