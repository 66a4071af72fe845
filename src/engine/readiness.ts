/**
 * Could it be brought back now? Every half hour, and when a person asks: each rung's own plan looks at the world, and beside it what
 * no plan sees (alarms that tell nobody, hooks that nobody answers, a drill that is old). What changes is told once.
 */
import { hasPassed } from "../ports/clock.ts";
import type { DrillResult, ReadinessLine, ServiceReadiness } from "../domain/readiness.ts";
import { changedLines, worstLight } from "../domain/readiness.ts";
import { readinessNews } from "../domain/readinessCard.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { Recovery, RunId, ServiceName } from "../domain/words.ts";
import type { Cloud, Clouds } from "../ports/cloud.ts";
import { dryRunActions } from "../ports/compute.ts";
import type { Glance } from "../ports/glance.ts";
import type { Lease, Leases, Records } from "../ports/store.ts";
import { blueprintCollection, isWhole, type StoredBlueprint } from "../recovery/blueprint.ts";
import type { GuardedProbe } from "./guardedProbe.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";
import type { Previews } from "./previews.ts";
import {
  alarmLines,
  drillLines,
  groupLines,
  permissionLines,
  rungLine,
  softly,
  type Looked,
} from "./readinessChecks.ts";
import { outcomeWords, runCollection, type RunRecord } from "./runRecord.ts";
import type { Sender } from "./sender.ts";

export interface ReadinessParts extends LoopParts {
  readonly worker: string;
  readonly settings: Settings;
  readonly records: Records;
  readonly glance: Glance | undefined;
  readonly leases: Leases;
  readonly clouds: Clouds;
  readonly probe: GuardedProbe;
  readonly previews: Pick<Previews, "read">;
  readonly sender: Pick<Sender, "send" | "holds">;
  /** Topics that feed the bot; [] when it is fed by a queue alone. */
  readonly topics: readonly string[];
  /** The case, also of a service that has none yet; undefined while nobody knows where it lives. */
  caseToBe(service: ServiceName): Promise<ServiceCase | undefined>;
}

export interface Readiness {
  /** As last read; all services, or one. */
  read(service?: ServiceName): Promise<readonly ServiceReadiness[]>;
  /** Read now. Undefined while nobody knows where the service lives. */
  refresh(service: ServiceName): Promise<ServiceReadiness | undefined>;
  readonly loop: LoopDefinition;
  /** Told by the worker that speaks. */
  readonly newsLoop: LoopDefinition;
}

const collection = "readiness";
const newsCollection = "readiness-news";
const listMax = 1_000;
const width = 2;
const runsRead = 20;
const newsMs = 30_000;

export function makeReadiness(parts: ReadinessParts): Readiness {
  const { settings, records } = parts;
  const refresh = async (name: ServiceName) => {
    const service = settings.services.get(name);
    const current = await parts.caseToBe(name);
    if (service === undefined || current === undefined) return undefined;
    const report = await look(parts, service, current);
    // What an incident shows is no news about readiness: it would say again, in other words, what the card says.
    if (isCalm(current)) await store(parts, report);
    return report;
  };
  const refreshCalm = async (name: ServiceName) => {
    const current = await parts.caseToBe(name);
    if (current !== undefined && isCalm(current)) await refresh(name);
  };
  return {
    refresh,
    read: async (service) => {
      if (service !== undefined) {
        const stored = await records.get<ServiceReadiness>({ collection, id: service });
        return stored ? [stored.body] : [];
      }
      const all = await records.list<ServiceReadiness>(collection, { limit: listMax });
      return all.map(({ body }) => body).filter((report) => settings.services.has(report.service));
    },
    loop: rounds(parts, refreshCalm),
    newsLoop: {
      name: "readiness news",
      periodMs: newsMs,
      round: () => tellNews(parts),
      idle: () => !parts.sender.holds() || (parts.glance?.isEmpty(newsCollection) === true && parts.glance.passes(1)),
    },
  };
}

function isCalm({ phase }: ServiceCase): boolean {
  return phase.kind === "idle" || phase.kind === "resolved";
}

function rounds(parts: ReadinessParts, refresh: (service: ServiceName) => Promise<void>): LoopDefinition {
  const { leases, worker, clock, settings, records } = parts;
  const { readinessMs, takeoverMs } = settings.timing;
  let lease: Lease | undefined;
  return {
    name: "readiness",
    // Looked at ten times as often as it is due: a worker that takes over goes on where the other one stopped.
    periodMs: Math.max(readinessMs / 10, 1_000),
    round: async () => {
      lease = await leases.acquire("readiness", worker, { now: clock.now(), leaseMs: readinessMs / 4, takeoverMs });
      if (lease === undefined) return;
      const stored = await records.list<ServiceReadiness>(collection, { limit: listMax });
      const readAt = new Map(stored.map(({ body }) => [body.service, body.readAt]));
      const due = [...settings.services.keys()].filter((name) =>
        hasPassed(clock, readAt.get(name) ?? -Infinity, readinessMs),
      );
      await eachGuarded(parts, { name: "readiness", items: due, width }, refresh);
    },
    end: async () => {
      if (lease) await leases.release(lease);
    },
  };
}

/** In another account a session that names nobody may only read, and would be told that it may do nothing. */
function asking({ clouds }: ReadinessParts, { service, placement }: ServiceCase): Cloud {
  const runId = `${service}/readiness` as RunId;
  return clouds(placement.scope, { runId, who: "readiness", actions: dryRunActions });
}

async function look(
  parts: ReadinessParts,
  service: ServiceDefinition,
  current: ServiceCase,
): Promise<ServiceReadiness> {
  const { clock, settings, topics } = parts;
  const cloud = parts.clouds(current.placement.scope);
  const looked: Looked = {
    service,
    placement: current.placement,
    cloud,
    timing: settings.timing,
    now: clock.now(),
    topics,
  };
  const recoveries = new Set<Recovery>(
    Object.values(service.ladders)
      .flat()
      .map((rung) => rung.recovery),
  );
  const drill = await drillOf(parts, service.name);
  const lines = await Promise.all([
    ...[...recoveries].map(async (recovery) => [rungLine(await parts.previews.read(current, recovery))]),
    softly("alarms", () => alarmLines({ ...looked, cloud: parts.clouds(service.scope) })),
    softly("permissions", () => permissionLines({ ...looked, cloud: asking(parts, current) }, recoveries)),
    softly("group", () => groupLines(looked)),
    probeLines(parts, service),
    softly("build", () => rememberBuild(parts, looked)),
  ]);
  const all = [...lines.flat(), ...drillLines(looked, drill)];
  return {
    ...{ service: service.name, readAt: clock.now(), light: worstLight(all), lines: all },
    ...(drill ? { drill } : {}),
  };
}

async function probeLines({ probe }: ReadinessParts, service: ServiceDefinition): Promise<ReadinessLine[]> {
  if (service.probe === undefined)
    return [
      {
        ...{ about: "probe", light: "amber", reason: "none: the bot cannot ask the service itself" },
        remedy: "Add a probe to the service in medic.yaml.",
      },
    ];
  const answer = await probe.ask(service.probe);
  if ("offline" in answer)
    return [{ about: "probe", light: "amber", reason: answer.offline, remedy: "Look at the bot's own network." }];
  if (answer.good) return [{ about: "probe", light: "green", reason: answer.detail }];
  const remedy = "Look at the service and at the probe's address in medic.yaml.";
  return [{ about: "probe", light: "red", reason: answer.detail, remedy }];
}

/** How the instance is built is kept from when it runs: EC2 forgets it soon after a termination. */
async function rememberBuild({ records, clock }: ReadinessParts, looked: Looked): Promise<ReadinessLine[]> {
  const { service, placement, cloud } = looked;
  const { instanceId, asgName } = placement;
  if (service.reprovision === undefined || instanceId === undefined || asgName !== undefined) return [];
  const blueprint = await cloud.compute.blueprint(instanceId);
  if (blueprint === undefined || !isWhole(blueprint)) return [];
  const key = { collection: blueprintCollection, id: service.name };
  const body: StoredBlueprint = { service: service.name, readAt: clock.now(), blueprint };
  const stored = await records.get<StoredBlueprint>(key);
  if (stored) await records.replace(key, body, stored.rev);
  else await records.putIfAbsent(key, body);
  return [];
}

async function drillOf({ records }: ReadinessParts, service: ServiceName): Promise<DrillResult | undefined> {
  const runs = await records.list<RunRecord>(runCollection(service), { limit: runsRead, newestFirst: true });
  const ended = runs.map(({ body }) => body).filter((run) => run.order.recovery === "drill" && run.ended !== undefined);
  const newest = ended.sort((a, b) => b.startedAt - a.startedAt)[0];
  if (newest?.ended === undefined) return undefined;
  const { at, outcome } = newest.ended;
  return { at, good: outcome.kind === "done", tookMs: at - newest.startedAt, said: outcomeWords(outcome) };
}

interface News {
  readonly at: number;
  readonly lines: readonly ReadinessLine[];
}

/** What changed waits as a record of its own, so that it is told even when the worker that saw it does not speak. */
async function store({ records, clock, metrics }: ReadinessParts, report: ServiceReadiness): Promise<void> {
  const key = { collection, id: report.service };
  const stored = await records.get<ServiceReadiness>(key);
  const changed = changedLines(stored?.body, report);
  if (changed.length > 0) {
    const id = `${report.service} ${report.readAt}`;
    await records.putIfAbsent<News & { service: ServiceName }>(
      { collection: newsCollection, id },
      { service: report.service, at: clock.now(), lines: changed },
    );
  }
  metrics.gauge("medic_readiness", report.light === "green" ? 2 : report.light === "amber" ? 1 : 0, {
    service: report.service,
  });
  if (stored) await records.replace(key, report, stored.rev);
  else await records.putIfAbsent(key, report);
}

/** One message a channel for all that changed: a new installation must not post a card a service. */
async function tellNews({ records, sender, settings }: ReadinessParts): Promise<void> {
  if (!sender.holds()) return;
  const waiting = await records.list<News & { service: ServiceName }>(newsCollection, { limit: 100 });
  const channelOf = (name: ServiceName) => settings.services.get(name)?.channel ?? settings.defaultChannel;
  for (const channel of new Set(waiting.map(({ body }) => channelOf(body.service)))) {
    const mine = waiting.filter(({ body }) => channelOf(body.service) === channel);
    const first = mine[0];
    if (first === undefined) continue;
    const card = readinessNews(
      `readiness/${channel}/${first.id}`,
      mine.map(({ body }) => body),
    );
    // The key names the oldest of them: after a lost answer it is found in the channel and not posted again.
    await sender.send({ channel, card, priority: "digest", mayStand: true });
    for (const { id } of mine) await records.remove({ collection: newsCollection, id });
  }
}
