/**
 * Carries out runs. A run belongs to whoever holds its service's lease; everything that it did and will do stands in its record,
 * so that any worker goes on where another one died.
 *
 * What must hold before a mutating call, in this order: the case (strong read) names this run and nobody asked it to stop, the
 * kill switch allows it (automatic runs), the step is durably begun, the lease is ours with margin.
 */
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import type { Order, PlacementMove, RunOutcome, ServiceCase } from "../domain/serviceCase.ts";
import { worldsReasons } from "../domain/ladder.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Timing } from "../domain/timing.ts";
import type { RunId, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { OnBehalf } from "../ports/cloud.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Leases, Records } from "../ports/store.ts";
import { advance, hasActed } from "../recovery/advance.ts";
import { blueprintCollection, type StoredBlueprint } from "../recovery/blueprint.ts";
import { AbandonRun, newMemory } from "../recovery/control.ts";
import { definitionById, definitionFor, type RecoveryDefinition, type RecoveryPorts } from "../recovery/index.ts";
import type { Autopilot } from "./autopilot.ts";
import { learnLength } from "./estimates.ts";
import { makeControl } from "./runControl.ts";
import { openJournal, type OpenJournal } from "./runJournal.ts";
import { takeLease, type HeldLease } from "./runLease.ts";
import { leaseName, outcomeWords, runKey, type RunRecord } from "./runRecord.ts";

export interface RunnerParts {
  readonly worker: string;
  readonly records: Records;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly autopilot: Autopilot;
  readonly handle: Handle;
  /** Strong read. */
  readonly loadCase: (service: ServiceName) => Promise<ServiceCase | undefined>;
  /** What the plan may use, for the placement of this case. */
  portsFor(current: ServiceCase, onBehalf: OnBehalf): RecoveryPorts;
  /** As medic.yaml says it now; undefined: gone. */
  serviceOf(name: ServiceName): ServiceDefinition | undefined;
}

export interface Runner {
  /** Sees to it that this run goes on here, unless it already does or another worker holds its lease. Comes back at once. */
  ensure(service: ServiceName, runId: RunId): void;
  /** Runs that this worker carries now. */
  carried(): readonly RunId[];
  /** Ends at the next look, gives every lease back. */
  stop(): Promise<void>;
}

/** How often a plan looks at the world while it waits. */
const lookMs = 5_000;

export function makeRunner(parts: RunnerParts): Runner {
  // One at a time for each service: a worker that already holds a lease gets it again, and two runs under one would free it twice.
  const running = new Map<ServiceName, { readonly runId: RunId; readonly work: Promise<void> }>();
  const stopping = new AbortController();
  return {
    ensure: (service, runId) => {
      if (running.has(service) || stopping.signal.aborted) return;
      const work = carry(parts, { service, runId, stopping: stopping.signal })
        .catch((error: unknown) => {
          parts.metrics.count("medic_run_interrupted_total", { code: codeOf(error) });
          parts.log.error("run-interrupted", { service, runId, code: codeOf(error), detail: sentenceOf(error) });
        })
        .finally(() => running.delete(service));
      running.set(service, { runId, work });
    },
    carried: () => [...running.values()].map(({ runId }) => runId),
    stop: async () => {
      stopping.abort();
      await Promise.all([...running.values()].map(({ work }) => work));
    },
  };
}

interface Carry {
  readonly service: ServiceName;
  readonly runId: RunId;
  readonly stopping: AbortSignal;
}

async function carry(parts: RunnerParts, run: Carry): Promise<void> {
  const lease = await takeLease(parts, leaseName(run.service));
  if (lease === undefined) return;
  try {
    await withLease(parts, run, lease);
  } catch (error) {
    if (!(error instanceof AbandonRun)) throw error;
    parts.log.warn("run-abandoned", { service: run.service, runId: run.runId, detail: sentenceOf(error) });
  } finally {
    await lease.release();
  }
}

async function withLease(parts: RunnerParts, run: Carry, lease: HeldLease): Promise<void> {
  const current = await parts.loadCase(run.service);
  if (current?.phase.kind !== "recovering" || current.phase.runId !== run.runId) return;
  const journal = await openOrBegin(parts, run, { lease, current });
  const ended = journal.record().ended;
  const outcome = ended?.outcome ?? (await toItsEnd(parts, run, { lease, journal, current }));
  if (outcome === undefined) return;
  await learnLength(parts, journal.record());
  await report(parts, run, {
    outcome,
    acted: hasActed(journal.record().journal),
    lease,
    moved: movedBy(journal.record()),
  });
}

async function openOrBegin(
  parts: RunnerParts,
  run: Carry,
  { lease, current }: { lease: HeldLease; current: ServiceCase },
): Promise<OpenJournal> {
  const key = runKey(run.service, run.runId);
  let stored = await parts.records.get<RunRecord>(key);
  if (stored === undefined || isOfLost(stored.body, current)) {
    const first = await firstRecord(parts, run, { lease, current });
    if (stored) await parts.records.replace(key, first, stored.rev);
    else await parts.records.putIfAbsent(key, first);
    stored = await parts.records.get<RunRecord>(key);
  }
  if (stored === undefined || isOfLost(stored.body, current)) throw new AbandonRun("its record cannot be read back");
  return openJournal(parts, stored, lease.fence);
}

/**
 * A case that was lost counts its runs from 1 again, and records of its former runs may be there (`accept-loss`, a merge): what such a
 * one did, and how it ended, says nothing about the run that is ordered now, whose record takes its place.
 */
function isOfLost({ order }: RunRecord, { phase }: ServiceCase): boolean {
  // In a version that is not known an order may look otherwise: its record is not touched.
  return phase.kind === "recovering" && Number.isFinite(order.at) && order.at !== phase.order.at;
}

/**
 * Inputs are resolved once, here, and stored before anything is done. A refusal is stored too, as a run that has ended: whoever refuses
 * it may stand still before the case hears of it, while another worker takes over and acts. One record says which of the two it is.
 */
async function firstRecord(
  parts: RunnerParts,
  run: Carry,
  { lease, current }: { lease: HeldLease; current: ServiceCase },
): Promise<RunRecord> {
  if (current.phase.kind !== "recovering") throw new AbandonRun("its case is not recovering any more");
  const { order } = current.phase;
  const { service, runId } = run;
  const { worker, clock } = parts;
  const common = { runId, service, order, journal: [], fence: lease.fence, worker };
  const refused = (code: string, detail: string): RunRecord => {
    const climb = (worldsReasons as readonly string[]).includes(code);
    const at = clock.now();
    const ended = { at, outcome: { kind: "refused" as const, code, detail, climb } };
    return { ...common, recovery: unplanned(order), inputs: null, startedAt: at, ended };
  };
  const configured = parts.serviceOf(service);
  if (configured === undefined) return refused("config-gone", `${service} is gone from medic.yaml`);
  const definition = definitionFor(order.recovery, configured.pattern);
  if (definition === undefined)
    return refused("unknown-recovery", `there is no recovery "${order.recovery}" for pattern ${configured.pattern}`);
  try {
    const ports = parts.portsFor(current, onBehalfOf(runId, order, definition));
    const remembered = await parts.records.get<StoredBlueprint>({ collection: blueprintCollection, id: service });
    const blueprint = remembered ? { blueprint: remembered.body.blueprint } : {};
    const asked = { order, current, service: configured, timing: parts.timing, runId, ...blueprint };
    const inputs = await patiently(parts, run, lease, () => definition.resolve(asked, ports));
    return { ...common, recovery: definition.id, inputs, startedAt: clock.now() };
  } catch (error) {
    if (error instanceof MedicError && !(error instanceof AbandonRun)) return refused(error.code, error.message);
    throw error;
  }
}

/** No plan was made: there is no step to show, and none to go on with. */
const unplanned = ({ recovery }: Order): string => `${recovery}@0`;

/** Before anything was done waiting costs only time: a read that is throttled or lost is asked again for this long. */
const resolvePatienceMs = 60_000;

async function patiently<T>(
  { clock }: RunnerParts,
  { stopping }: Carry,
  lease: HeldLease,
  work: () => Promise<T>,
): Promise<T> {
  let since = clock.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isLater = error instanceof MedicError && error.retry === "later";
      since = Math.min(since, clock.now());
      if (!isLater || clock.now() - since >= resolvePatienceMs) throw error;
      if (stopping.aborted || lease.signal.aborted) throw new AbandonRun("this worker is ending");
      await clock.sleep(lookMs, eitherOf(stopping, lease.signal));
    }
  }
}

function onBehalfOf(runId: RunId, order: Order, definition: RecoveryDefinition): OnBehalf {
  const who = order.by.kind === "person" ? order.by.person.id : order.by.rule;
  return { runId, who, actions: definition.permissions.map(({ action }) => action) };
}

async function toItsEnd(
  parts: RunnerParts,
  run: Carry,
  with_: { lease: HeldLease; journal: OpenJournal; current: ServiceCase },
): Promise<RunOutcome | undefined> {
  const { lease, journal, current } = with_;
  const { recovery, inputs, order } = journal.record();
  const definition = definitionById(recovery);
  if (definition === undefined) {
    return closed(journal, unknownVersion(recovery), parts.clock.now());
  }
  const plan = definition.plan(inputs);
  const ports = parts.portsFor(current, onBehalfOf(run.runId, order, definition));
  const memory = newMemory();
  const control = makeControl(parts, { service: run.service, runId: run.runId, order, lease, step: journal });
  parts.log.info("run-carried", { service: run.service, runId: run.runId, fence: lease.fence });
  while (!run.stopping.aborted && !lease.signal.aborted) {
    const outcome = await look(parts, run, () => advance({ plan, journal, ports, control, memory }));
    if (outcome) return closed(journal, outcome, parts.clock.now());
    await parts.clock.sleep(Math.min(lookMs, parts.timing.verifyPollMs), eitherOf(run.stopping, lease.signal));
  }
  return undefined;
}

/** The store being away for a while stops nothing for good: nothing acts until it answers, then the plan goes on. */
async function look(
  { log }: RunnerParts,
  run: Carry,
  once: () => ReturnType<typeof advance>,
): Promise<RunOutcome | undefined> {
  try {
    const state = await once();
    return state.kind === "ended" ? state.outcome : undefined;
  } catch (error) {
    if (error instanceof AbandonRun) throw error;
    if (!(error instanceof MedicError) || error.retry === "never") {
      log.error("run-broken", {
        service: run.service,
        runId: run.runId,
        code: codeOf(error),
        detail: sentenceOf(error),
      });
      return { kind: "failed", code: codeOf(error), detail: sentenceOf(error), climb: false };
    }
    log.warn("run-delayed", { service: run.service, runId: run.runId, code: error.code });
    return undefined;
  }
}

async function closed(journal: OpenJournal, outcome: RunOutcome, at: number): Promise<RunOutcome> {
  await journal.end({ at, outcome });
  return outcome;
}

function unknownVersion(recovery: string): RunOutcome {
  const detail = `the run was begun as ${recovery}, which this version of the bot does not know; nothing more was done`;
  return { kind: "failed", code: "unknown-recovery", detail, climb: false };
}

interface Ending {
  readonly outcome: RunOutcome;
  readonly acted: boolean;
  readonly lease: HeldLease;
  readonly moved?: PlacementMove | undefined;
}

/** Whatever the outcome: an address that has moved has moved. */
function movedBy({ recovery, inputs, journal }: RunRecord): PlacementMove | undefined {
  return definitionById(recovery)?.plan(inputs).moved?.(journal);
}

/** The end is in the record; until the case knows it, every worker that looks at the run says it again. */
async function report(
  parts: RunnerParts,
  { service, runId, stopping }: Carry,
  { outcome, acted, lease, moved }: Ending,
): Promise<void> {
  parts.metrics.count("medic_runs_total", { outcome: outcome.kind });
  parts.log.info("run-ended", { service, runId, outcome: outcome.kind, said: outcomeWords(outcome) });
  while (!stopping.aborted && !lease.signal.aborted) {
    try {
      await parts.handle(service, { kind: "run-ended", runId, outcome, acted, ...(moved ? { moved } : {}) });
      return;
    } catch (error) {
      parts.log.warn("run-end-not-stored", { service, runId, code: codeOf(error) });
      await parts.clock.sleep(lookMs, eitherOf(stopping, lease.signal));
    }
  }
}

function eitherOf(a: AbortSignal, b: AbortSignal): AbortSignal {
  return AbortSignal.any([a, b]);
}
