/** What a recovery may use, for the placement of one case: the same for a run that acts and for a preview that only reads. */
import type { Evidence } from "../domain/evidence.ts";
import type { Settings } from "../domain/settings.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Recovery, RunId, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Clouds, OnBehalf } from "../ports/cloud.ts";
import type { Records } from "../ports/store.ts";
import type { PastRun } from "../recovery/definition.ts";
import type { RecoveryPorts } from "../recovery/index.ts";
import type { GuardedProbe } from "./guardedProbe.ts";
import { runKey, type RunRecord } from "./runRecord.ts";

export interface RecoveryPortsParts {
  readonly clouds: Clouds;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly probe: GuardedProbe;
  /** As this worker last saw it. */
  known(service: ServiceName): ServiceCase | undefined;
  evidence(current: ServiceCase): Promise<Evidence>;
  readonly records: Records;
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
    pastRun: (recoveries) => pastRun(parts.records, current, recoveries),
    probe: async (options) => {
      const defined = settings.services.get(current.service)?.probe;
      return defined && probe.ask(options?.connectTo ? { ...defined, connectTo: options.connectTo } : defined);
    },
  });
}

/** Runs are numbered, so that the last ones are found without reading a list that sorts as text. */
const lookBackRuns = 50;

async function pastRun(
  records: Records,
  { service, runFence }: ServiceCase,
  recoveries: readonly Recovery[],
): Promise<PastRun | undefined> {
  for (let number = runFence; number > Math.max(0, runFence - lookBackRuns); number -= 1) {
    const runId = `${service}/${number}` as RunId;
    const body = (await records.get<RunRecord>(runKey(service, runId)))?.body;
    const acted = body?.journal.some(({ begun }) => begun !== undefined);
    if (body && acted && recoveries.includes(body.order.recovery))
      return { runId, inputs: body.inputs, ...(body.ended ? { endedAt: body.ended.at } : {}) };
  }
  return undefined;
}
