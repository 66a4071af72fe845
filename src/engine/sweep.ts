/**
 * Debts that outlived their run. A stopped instance that runs again, whoever started it, is no debt any more. The sweep only
 * reads: starting a machine needs an order, and until somebody gives it the debt stands on the card.
 */
import type { Debt, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { InstanceId } from "../domain/words.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { EventHandler } from "./handleEvent.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";

export interface SweepParts extends LoopParts {
  readonly handler: EventHandler;
  readonly clouds: Clouds;
  readonly settings: Settings;
}

const sweepMs = 60_000;
const width = 4;

export function sweepLoop(parts: SweepParts): LoopDefinition {
  return {
    name: "sweep",
    periodMs: sweepMs,
    round: async () => {
      const services = [...parts.settings.services.keys()];
      const owing = services.flatMap((service) => parts.handler.known(service) ?? []).filter(owesWithoutRun);
      await eachGuarded(parts, { name: "sweep", items: owing, width }, (current) => sweep(parts, current));
    },
  };
}

/** While a run goes on, its debts are its own business. */
function owesWithoutRun(current: ServiceCase): boolean {
  return current.debts.length > 0 && current.phase.kind !== "recovering";
}

/** A read may lag behind our own stop: a machine that still seems to run is believed after this. */
const lagMs = 10 * 60_000;

async function sweep({ handler, clouds, clock }: SweepParts, current: ServiceCase): Promise<void> {
  for (const debt of current.debts) {
    if (debt.kind !== "stopped-instance") continue;
    const view = await clouds(current.placement.scope).compute.instance(instanceOf(debt));
    const isOld = clock.now() - debt.since > lagMs;
    const runs = view?.state === "running" && (view.launchTime > debt.since || isOld);
    const isGone = view?.state === "terminated" || (view === undefined && isOld);
    if (runs || isGone) await handler.handle(current.service, { kind: "debt-repaid", debt: debt.id });
  }
}

function instanceOf(debt: Debt): InstanceId {
  return debt.id.slice(debt.id.indexOf("/") + 1) as InstanceId;
}
