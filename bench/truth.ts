/**
 * Looks at the world four times a second with the plan's own question, at no cost: from when on would the step that waits have been
 * done, had the bot looked? Real looks are rarer; the difference is what people wait for nothing.
 */
import { gatherEvidence } from "../src/engine/gatherEvidence.ts";
import { guardedProbe } from "../src/engine/guardedProbe.ts";
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import { silentLog } from "../src/ports/log.ts";
import { silentMetrics } from "../src/ports/metrics.ts";
import { definitionById, type RecoveryPorts } from "../src/recovery/index.ts";
import type { RecoveryWorld } from "./recoveryWorld.ts";

export const truthMs = 250;

export interface Truth {
  /** Virtual epoch ms at which each step that had to wait became so. */
  readonly soAt: ReadonlyMap<string, number>;
  stop(): void;
}

export function watchTruth(world: RecoveryWorld, known: () => ServiceCase | undefined): Truth {
  const { clock } = world;
  const soAt = new Map<string, number>();
  const ending = new AbortController();
  const look = (): void => {
    const record = world.record();
    const current = known();
    if (record === undefined || record.ended || current === undefined) return;
    const { steps } = definitionById(record.recovery)?.plan(record.inputs) ?? { steps: [] };
    const entryOf = (name: string) => record.journal.find((entry) => entry.step === name);
    const step = steps.find(({ name }) => entryOf(name)?.done === undefined);
    if (step === undefined || soAt.has(step.name)) return;
    const at = clock.now();
    const view = { begun: entryOf(step.name)?.begun, entries: record.journal };
    step.check(truthPorts(world, current), view).then(
      (proof) => {
        if (proof && !soAt.has(step.name)) soAt.set(step.name, at);
      },
      // What cannot be read now is asked again in a quarter of a second.
      () => undefined,
    );
  };
  void (async () => {
    while (!ending.signal.aborted) {
      look();
      await clock.sleep(truthMs, ending.signal);
    }
  })();
  return { soAt, stop: () => ending.abort() };
}

function truthPorts({ truth, clock, service }: RecoveryWorld, current: ServiceCase): RecoveryPorts {
  const { clouds } = truth;
  const cloud = clouds(current.placement.scope);
  const probe = guardedProbe(truth.prober, clock, undefined);
  const parts = { clock, probe, log: silentLog, metrics: silentMetrics, onThrottled: () => undefined };
  return {
    ...cloud,
    clock,
    at: (scope) => clouds(scope),
    evidence: async () =>
      (await gatherEvidence(parts, { current, service, cloud, cloudOf: clouds, targetGroupArns: [] })).evidence,
    probe: async (options) =>
      service.probe &&
      probe.ask(options?.connectTo ? { ...service.probe, connectTo: options.connectTo } : service.probe),
  };
}
