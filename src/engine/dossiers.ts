/** What a card shows beyond the case: the chart, where the instance is, what a stop would cost. Read once per incident. */
import type { ChartModel } from "../domain/cardModel.ts";
import type { Dossier } from "../domain/dossier.ts";
import { codeOf } from "../domain/errors.ts";
import type { BadSignal, ServiceCase } from "../domain/serviceCase.ts";
import { utc } from "../domain/text.ts";
import type { IncidentId } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { InstanceView } from "../ports/compute.ts";
import type { Log } from "../ports/log.ts";
import type { RecordKey, Records } from "../ports/store.ts";

export interface DossierWriter {
  /** Never throws: a card without a chart is better than no card. */
  write(current: ServiceCase, instance: InstanceView | undefined): Promise<void>;
}

export interface DossierParts {
  readonly records: Records;
  readonly clouds: Clouds;
  readonly clock: Clock;
  readonly log: Log;
}

/** Slack's chart takes no more. */
const pointsMax = 20;
/** Incidents whose dossier is remembered as complete; forgetting one costs a read. */
const completeMax = 1_000;

/** As stored: `at` is when it was first written, for the retention. */
export type StoredDossier = Dossier & { readonly at: number };

export function dossierKey(incident: IncidentId): RecordKey {
  return { collection: "dossier", id: incident };
}

export function makeDossierWriter(parts: DossierParts): DossierWriter {
  /** Incidents whose dossier is known to be complete: the record is not asked for again. */
  const complete = new Set<IncidentId>();
  return {
    write: async (current, instance) => {
      const id = current.incident?.id;
      if (id === undefined || complete.has(id)) return;
      try {
        const stored = await parts.records.get<StoredDossier>(dossierKey(id));
        const gathered = await gather(parts, current, instance, stored?.body);
        // Previews are written by somebody else, at any time: they stay, and who comes second reads again.
        const dossier: StoredDossier = { ...stored?.body, ...gathered, at: stored?.body.at ?? parts.clock.now() };
        const kept = stored
          ? await parts.records.replace(dossierKey(id), dossier, stored.rev)
          : await parts.records.putIfAbsent(dossierKey(id), dossier);
        if (complete.size >= completeMax) complete.clear();
        if (kept && dossier.instance && (dossier.chart || !charted(current))) complete.add(id);
      } catch (error) {
        parts.log.warn("dossier-not-written", { service: current.service, incident: id, code: codeOf(error) });
      }
    },
  };
}

function charted(current: ServiceCase): BadSignal | undefined {
  return current.bad.find((b) => b.metric !== undefined);
}

async function gather(
  { clouds, clock, log }: DossierParts,
  current: ServiceCase,
  view: InstanceView | undefined,
  before: Dossier | undefined,
): Promise<Dossier> {
  const cloud = clouds(current.placement.scope);
  const soft = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.warn("dossier-part-unread", { service: current.service, what, code: codeOf(error) });
      return undefined;
    }
  };
  const signal = charted(current);
  const [chart, address] = await Promise.all([
    before?.chart ?? (signal && soft("chart", () => chartOf(signal, cloud.alarms, clock.now()))),
    view && soft("address", () => cloud.compute.addressOf(view.id)),
  ]);
  const instance = view && {
    type: view.type,
    availabilityZone: view.availabilityZone,
    state: view.state,
    ...(view.publicIp ? { publicIp: view.publicIp } : {}),
    hasElasticIp: address !== undefined || current.placement.allocationId !== undefined,
    hasInstanceStore: view.hasInstanceStore,
  };
  const known = instance ?? before?.instance;
  return { ...(chart ? { chart } : {}), ...(known ? { instance: known } : {}) };
}

async function chartOf(
  { metric, subject }: BadSignal,
  alarms: ReturnType<Clouds>["alarms"],
  now: number,
): Promise<ChartModel | undefined> {
  if (metric === undefined) return undefined;
  const points = await alarms.points(metric, pointsMax, now);
  if (points.length === 0) return undefined;
  return {
    title: `${metric.name} (${subject})`,
    points: points.map(({ at, value }) => ({ label: utc(at), value })),
    ...(metric.threshold === undefined ? {} : { threshold: metric.threshold }),
  };
}
