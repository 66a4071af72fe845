/** The half of a worker that acts on what is committed: relay, runs, cards, mail, digests. */
import { newCase } from "../domain/newCase.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { blueprintCollection, type StoredBlueprint } from "../recovery/blueprint.ts";
import { cardSources } from "./cardSources.ts";
import { makeChores, type Chores } from "./chores.ts";
import { makeDigests, type Digests } from "./digest.ts";
import { makeDossierWriter } from "./dossiers.ts";
import type { EngineParts } from "./engine.ts";
import type { Knowing } from "./engineKnowing.ts";
import { gatherEvidence, type Gathered } from "./gatherEvidence.ts";
import { guardedProbe, type GuardedProbe } from "./guardedProbe.ts";
import { makeMailRelay } from "./mailRelay.ts";
import { makePerformers } from "./performers.ts";
import { quarantine } from "./quarantine.ts";
import { makePreviews, type Previews } from "./previews.ts";
import { makePreviewWishes, type PreviewWishes } from "./previewWishes.ts";
import { recoveryPorts } from "./recoveryPorts.ts";
import { makeRelay, type Relay } from "./relay.ts";
import { makeRunner, type Runner } from "./runPlan.ts";
import { createSender, type Sender } from "./sender.ts";
import { makeFileEntries } from "./timeline.ts";

export interface Acting {
  readonly relay: Relay;
  readonly runner: Runner;
  readonly chores: Chores;
  readonly sender: Sender;
  readonly digests: Digests;
  readonly probe: GuardedProbe;
  readonly previews: Previews;
  readonly previewWishes: PreviewWishes;
}

export function makeActing(parts: EngineParts, knowing: Knowing): Acting {
  const { store, settings, clock, log, metrics, worker, clouds } = parts;
  const { records, cases, leases } = store;
  const loops = { clock, log, metrics };
  const { handler, autopilot, book, inventory } = knowing;
  const { handle, load } = handler;
  const probe = guardedProbe(parts.prober, clock, settings.controlUrl);
  const gather = (current: ServiceCase) => gatherFor(parts, knowing, probe, current);
  const portsFor = recoveryPorts({
    ...{ clouds, clock, settings, probe, records },
    known: handler.known,
    evidence: async (current) => (await gather(current)).evidence,
  });
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
    portsFor,
  });
  const chores = makeChores({
    ...loops,
    glance: parts.glance,
    worker,
    settings,
    records,
    leases,
    clouds,
    autopilot,
    handle,
    loadCase: load,
  });
  const previews = makePreviews({
    ...{ settings, clock, portsFor },
    loadCase: load,
    remembered: async (service) =>
      (await records.get<StoredBlueprint>({ collection: blueprintCollection, id: service }))?.body.blueprint,
    caseToBe: (service) => {
      const placement = inventory.firstPlacement(service);
      return placement && newCase(service, placement);
    },
  });
  const previewWishes = makePreviewWishes({ records, clock, log, timing: settings.timing, handle, previews });
  const mail = makeMailRelay({ mail: parts.mail, records, clock, log, settings, worker });
  const dossiers = makeDossierWriter({ records, clouds, clock, log });
  const performers = makePerformers({
    quarantine: (instanceId, current) =>
      quarantine({ ...loops, worker, records, leases, settings, clouds, handle, loadCase: load }, instanceId, current),
    ...{ records, clock, settings, clouds, handle, autopilot, book, runner, mail, dossiers, gather },
    loadCase: load,
  });
  const relay = makeRelay({ ...loops, handle, performers, fileEntries: makeFileEntries(records) });
  const speaking = { ...loops, records, cases, leases, worker, glance: parts.glance };
  const sources = cardSources(records);
  const sender = createSender({ ...speaking, chat: parts.chat, handle, sources, settings: () => settings });
  const digests = makeDigests({ ...loops, settings, records, cases, sender });
  return { relay, runner, chores, sender, digests, probe, previews, previewWishes };
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
      cloudOf: clouds,
      targetGroupArns: targetGroupsOf(current, inventory, settings),
    },
  );
}

/** A group says its own; those of a lone instance stand in medic.yaml, and are of its home region alone. */
function targetGroupsOf(
  { service, placement }: ServiceCase,
  inventory: Knowing["inventory"],
  { services }: EngineParts["settings"],
): readonly string[] {
  const known = inventory.place(service)?.targetGroupArns ?? [];
  const defined = services.get(service);
  return known.length > 0 || defined?.scope !== placement.scope ? known : defined.targetGroups;
}
