/**
 * The bot's own watch over services that asked for it: it opens and closes incidents without any alarm. Several bad answers in a
 * row count, and only while the control URL answers; only changes are stored.
 */
import type { ServiceDefinition } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import type { Signal } from "../domain/signal.ts";
import { clip } from "../domain/limits.ts";
import type { Scope, ServiceName, Verdict } from "../domain/words.ts";
import type { Glance } from "../ports/glance.ts";
import type { Lease, Leases } from "../ports/store.ts";
import type { GuardedProbe } from "./guardedProbe.ts";
import type { EventHandler } from "./handleEvent.ts";
import type { Intake } from "./intake.ts";
import { eachGuarded, isOthers, type LoopDefinition, type LoopParts } from "./loop.ts";

export interface ProbeParts extends LoopParts {
  readonly worker: string;
  readonly settings: Settings;
  readonly leases: Leases;
  readonly glance?: Glance | undefined;
  readonly probe: GuardedProbe;
  readonly handler: EventHandler;
  readonly intake: Pick<Intake, "takeSignal">;
}

/** One lost packet is no outage. */
const badInARow = 3;
/** One lucky answer is no recovery. */
const goodInARow = 2;
const width = 32;

interface Row {
  readonly verdict: Verdict;
  readonly since: number;
  readonly count: number;
}

export function probeLoop(parts: ProbeParts, scope: Scope): LoopDefinition {
  const { timing, services } = parts.settings;
  const rows = new Map<ServiceName, Row>();
  let lease: Lease | undefined;
  const watched = [...services.values()].filter((s) => s.scope === scope && s.watchProbe && s.probe);
  return {
    name: `probes ${scope}`,
    periodMs: timing.probeMs,
    // What another one asks is not asked here, and nothing is known here of a time before.
    idle: () => watched.length === 0 || (lease === undefined && rows.size === 0 && isOthers(parts, `probes/${scope}`)),
    round: async () => {
      if (watched.length === 0) return;
      const times = { now: parts.clock.now(), leaseMs: timing.probeMs * 3, takeoverMs: timing.takeoverMs };
      lease = await parts.leases.acquire(`probes/${scope}`, parts.worker, times);
      if (lease === undefined) return rows.clear();
      await eachGuarded(parts, { name: "probes", items: watched, width }, (service) => ask(parts, rows, service));
    },
    end: async () => {
      if (lease) await parts.leases.release(lease);
    },
  };
}

async function ask(parts: ProbeParts, rows: Map<ServiceName, Row>, service: ServiceDefinition): Promise<void> {
  if (service.probe === undefined) return;
  const answer = await parts.probe.ask(service.probe);
  const now = parts.clock.now();
  if ("offline" in answer) return void rows.delete(service.name);
  const verdict: Verdict = answer.good ? "good" : "bad";
  const before = rows.get(service.name);
  const row: Row =
    before?.verdict === verdict ? { ...before, count: before.count + 1 } : { verdict, since: now, count: 1 };
  rows.set(service.name, row);
  parts.metrics.gauge("medic_probe_good", answer.good ? 1 : 0, { service: service.name });
  const isKnownBad = parts.handler.known(service.name)?.bad.some((b) => b.subject === "probe") === true;
  const changes = verdict === "bad" ? row.count >= badInARow && !isKnownBad : row.count >= goodInARow && isKnownBad;
  if (changes) await parts.intake.takeSignal(service.name, signalOf(row, answer.detail, now));
}

function signalOf(row: Row, detail: string, now: number): Signal {
  return {
    key: `probe ${row.verdict} ${now}`,
    source: "probe",
    kind: "probe",
    subject: "probe",
    verdict: row.verdict,
    symptom: "down",
    evidenceKind: "probe",
    at: now,
    reason: clip(detail),
  };
}
