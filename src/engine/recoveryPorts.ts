/** What a recovery may use, for the placement of one case: the same for a run that acts and for a preview that only reads. */
import type { Evidence } from "../domain/evidence.ts";
import type { Settings } from "../domain/settings.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Clouds, OnBehalf } from "../ports/cloud.ts";
import type { RecoveryPorts } from "../recovery/index.ts";
import type { GuardedProbe } from "./guardedProbe.ts";

export interface RecoveryPortsParts {
  readonly clouds: Clouds;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly probe: GuardedProbe;
  /** As this worker last saw it. */
  known(service: ServiceName): ServiceCase | undefined;
  evidence(current: ServiceCase): Promise<Evidence>;
}

/** Without `onBehalf` the calls are the bot's own, which may read and nothing else. */
export type PortsFor = (current: ServiceCase, onBehalf?: OnBehalf) => RecoveryPorts;

export function recoveryPorts(parts: RecoveryPortsParts): PortsFor {
  const { clouds, clock, settings, probe } = parts;
  return (current, onBehalf) => ({
    ...clouds(current.placement.scope, onBehalf),
    clock,
    at: (scope) => clouds(scope, onBehalf),
    // The bad set changes while a run goes on; what is read follows it.
    evidence: () => parts.evidence(parts.known(current.service) ?? current),
    probe: async (options) => {
      const defined = settings.services.get(current.service)?.probe;
      return defined && probe.ask(options?.connectTo ? { ...defined, connectTo: options.connectTo } : defined);
    },
  });
}
