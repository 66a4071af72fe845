/** The half of a worker that acts on what is committed: relay, runs, cards, mail, digests. */
import type { ServiceCase } from "../domain/serviceCase.ts";
import { cardSources } from "./cardSources.ts";
import { makeDigests, type Digests } from "./digest.ts";
import { makeDossierWriter } from "./dossiers.ts";
import type { EngineParts } from "./engine.ts";
import type { Knowing } from "./engineKnowing.ts";
import { gatherEvidence, type Gathered } from "./gatherEvidence.ts";
import { guardedProbe, type GuardedProbe } from "./guardedProbe.ts";
import { makeMailRelay } from "./mailRelay.ts";
import { makePerformers } from "./performers.ts";
import { makeRelay, type Relay } from "./relay.ts";
import { makeRunner, type Runner } from "./runPlan.ts";
import { createSender, type Sender } from "./sender.ts";
import { makeFileEntries } from "./timeline.ts";

export interface Acting {
  readonly relay: Relay;
  readonly runner: Runner;
  readonly sender: Sender;
  readonly digests: Digests;
  readonly probe: GuardedProbe;
}

export function makeActing(parts: EngineParts, knowing: Knowing): Acting {
  const { store, settings, clock, log, metrics, worker, clouds } = parts;
  const { records, cases, leases } = store;
  const loops = { clock, log, metrics };
  const { handler, autopilot, book } = knowing;
  const { handle, load } = handler;
  const probe = guardedProbe(parts.prober, clock, settings.controlUrl);
  const gather = (current: ServiceCase) => gatherFor(parts, knowing, probe, current);
  const runner = makeRunner({
    ...loops,
    worker,
    records,
    leases,
    timing: settings.timing,
    autopilot,
    handle,
    loadCase: load,
    serviceOf: (name) => settings.services.get(name),
    portsFor: (current, onBehalf) => ({
      ...clouds(current.placement.scope, onBehalf),
      clock,
      at: (scope) => clouds(scope, onBehalf),
      // The bad set changes while a run goes on; what is read follows it.
      evidence: async () => (await gather(handler.known(current.service) ?? current)).evidence,
      probe: async (options) => {
        const defined = settings.services.get(current.service)?.probe;
        return defined && probe.ask(options?.connectTo ? { ...defined, connectTo: options.connectTo } : defined);
      },
    }),
  });
  const mail = makeMailRelay({ mail: parts.mail, records, clock, log, settings, worker });
  const dossiers = makeDossierWriter({ records, clouds, clock, log });
  const performers = makePerformers({
    ...{ records, clock, settings, clouds, handle, autopilot, book, runner, mail, dossiers, gather },
    loadCase: load,
  });
  const relay = makeRelay({ ...loops, handle, performers, fileEntries: makeFileEntries(records) });
  const speaking = { ...loops, records, cases, leases, worker };
  const sources = cardSources(records);
  const sender = createSender({ ...speaking, chat: parts.chat, handle, sources, settings: () => settings });
  const digests = makeDigests({ ...loops, settings, records, cases, sender });
  return { relay, runner, sender, digests, probe };
}

function gatherFor(
  { clouds, settings, clock, log, metrics }: EngineParts,
  { inventory }: Knowing,
  probe: GuardedProbe,
  current: ServiceCase,
): Promise<Gathered> {
  const { scope } = current.placement;
  const onThrottled = () => metrics.count("medic_throttled_total", { scope });
  return gatherEvidence(
    { clock, log, metrics, probe, onThrottled },
    {
      current,
      service: settings.services.get(current.service),
      cloud: clouds(scope),
      targetGroupArns: inventory.place(current.service)?.targetGroupArns ?? [],
    },
  );
}
