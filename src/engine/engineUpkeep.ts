/** The third of a worker that looks ahead while nothing is wrong: readiness. */
import { newCase } from "../domain/newCase.ts";
import type { EngineParts } from "./engine.ts";
import type { Acting } from "./engineActing.ts";
import type { Knowing } from "./engineKnowing.ts";
import type { LoopDefinition } from "./loop.ts";
import { makeReadiness, type Readiness } from "./readiness.ts";

export interface Upkeep {
  readonly readiness: Readiness;
  readonly loops: readonly LoopDefinition[];
}

export function makeUpkeep(parts: EngineParts, { handler, inventory }: Knowing, acting: Acting): Upkeep {
  const { store, settings, clock, log, metrics, worker, clouds } = parts;
  const { probe, previews, sender } = acting;
  const readiness = makeReadiness({
    ...{ clock, log, metrics, worker, settings, clouds, probe, previews, sender },
    records: store.records,
    leases: store.leases,
    glance: parts.glance,
    topics: parts.alarmTopics ?? [],
    caseToBe: async (service) => {
      const current = handler.known(service) ?? (await handler.load(service));
      const placement = inventory.firstPlacement(service);
      return current ?? (placement && newCase(service, placement));
    },
  });
  return { readiness, loops: [readiness.loop, readiness.newsLoop] };
}
