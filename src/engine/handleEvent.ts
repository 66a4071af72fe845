/**
 * The only way into a case: decide on what is known, commit by one conditional write, then let the relay and the sender know.
 *
 * The last committed case of each service is kept, so that the usual event costs one write and no read. What is kept may be old
 * when several workers share a table: a write on an old revision conflicts, and an event that seems to change nothing is looked
 * at again on a strong read before it is ignored.
 */
import { decide } from "../domain/decide.ts";
import type { Decision } from "../domain/decision.ts";
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import type { CaseEvent } from "../domain/event.ts";
import type { Facts } from "../domain/facts.ts";
import { casAttemptsMax } from "../domain/limits.ts";
import { newCase } from "../domain/newCase.ts";
import { reason, sentence, type Reason } from "../domain/reasons.ts";
import type { Placement, ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle, Handled } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import { StoreUncertain, type Cases } from "../ports/store.ts";

export interface HandlerParts {
  readonly cases: Cases;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Synchronous: from snapshots that the loops keep fresh. */
  facts(service: ServiceName, current: ServiceCase): Facts;
  /** Reads again what an automatic run depends on, when the snapshot is older than it may be. Never rejects. */
  refreshFacts(service: ServiceName, current: ServiceCase | undefined): Promise<void>;
  /** Where a service without a case lives; undefined = not in medic.yaml. */
  firstPlacement(service: ServiceName): Placement | undefined;
  /** Called after each commit, with the committed case. Must not throw and must not wait. */
  onCommitted(current: ServiceCase, event: CaseEvent): void;
}

export interface EventHandler {
  readonly handle: Handle;
  /** As last seen by this worker; possibly old. */
  readonly known: (service: ServiceName) => ServiceCase | undefined;
  /** A strong read, also kept. */
  readonly load: (service: ServiceName) => Promise<ServiceCase | undefined>;
  /** Takes over what another strong read (a scan) has found. */
  learn(current: ServiceCase): void;
}

/** Events of one service that may wait for each other in this process; beyond it the door says "come back". */
const waitingMax = 200;

/** After these events an automatic run may be committed, so that the kill switch behind them must be fresh. */
const mayStartRun: ReadonlySet<CaseEvent["kind"]> = new Set(["due", "evidence", "permit"]);

export function makeHandle(parts: HandlerParts): EventHandler {
  const kept = new Map<ServiceName, ServiceCase>();
  const turns = new Map<ServiceName, { last: Promise<unknown>; waiting: number }>();

  const learn = (current: ServiceCase) => {
    const known = kept.get(current.service);
    if (known === undefined || known.rev <= current.rev) kept.set(current.service, current);
  };
  const load = async (service: ServiceName) => {
    const current = await parts.cases.load(service);
    if (current) kept.set(service, current);
    else kept.delete(service);
    return current;
  };

  const inTurn: Handle = (service, event) => {
    const turn = turns.get(service) ?? { last: Promise.resolve(), waiting: 0 };
    if (turn.waiting >= waitingMax) return Promise.reject(tooMany(service));
    turn.waiting += 1;
    turns.set(service, turn);
    const mine = turn.last
      .then(() => once(parts, { kept, load }, service, event))
      .finally(() => {
        turn.waiting -= 1;
        if (turn.waiting === 0) turns.delete(service);
      });
    turn.last = mine.catch(() => undefined);
    return mine;
  };
  const handle: Handle = async (service, event) => {
    // Before it stands in the row: a slow kill switch must never hold up what comes in behind it.
    if (mayStartRun.has(event.kind)) await parts.refreshFacts(service, kept.get(service));
    return inTurn(service, event);
  };
  return { handle, known: (service) => kept.get(service), load, learn };
}

interface Keeper {
  readonly kept: Map<ServiceName, ServiceCase>;
  readonly load: (service: ServiceName) => Promise<ServiceCase | undefined>;
}

async function once(parts: HandlerParts, keeper: Keeper, service: ServiceName, event: CaseEvent): Promise<Handled> {
  let fresh = false;
  let current = keeper.kept.get(service) ?? firstCase(parts, service);
  for (let attempt = 0; attempt < casAttemptsMax; attempt += 1) {
    if (current === undefined || (fresh && current.rev === 0)) {
      current = (await keeper.load(service)) ?? firstCase(parts, service);
      fresh = true;
      if (current === undefined) return { kind: "ignored", reason: reason("config-gone") };
    }
    const decision = decide(current, event, parts.facts(service, current), parts.clock.now());
    if (decision.kind === "ignored") {
      if (fresh) return ignored(parts, service, event, decision.reason);
    } else {
      const committed = await commit(parts, keeper, decision.next, current.rev);
      if (committed) return settle(parts, keeper, decision, event);
      parts.metrics.count("medic_conflicts_total");
    }
    current = (await keeper.load(service)) ?? firstCase(parts, service);
    fresh = true;
  }
  throw new MedicError("too-much-contention", `${service}: ${casAttemptsMax} conditional writes were lost in a row`, {
    retry: "later",
    next: "The message comes again by itself.",
  });
}

function firstCase(parts: HandlerParts, service: ServiceName): ServiceCase | undefined {
  const placement = parts.firstPlacement(service);
  return placement && newCase(service, placement);
}

/** True = our write stands. A lost answer is settled by looking: same revision and content means that it was ours. */
async function commit(parts: HandlerParts, keeper: Keeper, next: ServiceCase, expectedRev: number): Promise<boolean> {
  try {
    return (await parts.cases.write(next, expectedRev)) === "written";
  } catch (error) {
    keeper.kept.delete(next.service);
    if (!(error instanceof StoreUncertain)) throw error;
    parts.log.warn("commit-uncertain", { service: next.service, rev: next.rev });
    // Not to be read either: it stays unknown, and whoever asked is told just that, not that nothing was kept.
    const stored = await keeper.load(next.service).catch(() => {
      throw error;
    });
    return stored?.rev === next.rev && canonical(stored) === canonical(next);
  }
}

/** A store may order keys in its own way. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function settle(
  parts: HandlerParts,
  keeper: Keeper,
  decision: Extract<Decision, { kind: "changed" }>,
  event: CaseEvent,
): Handled {
  const { next, reasons, answer } = decision;
  keeper.kept.set(next.service, next);
  const incident = next.incident?.id;
  for (const said of reasons) report(parts, next, said, incident);
  parts.metrics.count("medic_transitions_total", { event: event.kind, phase: next.phase.kind });
  try {
    parts.onCommitted(next, event);
  } catch (error) {
    // The commit stands; whatever was owed is found again by the due loop.
    parts.log.error(codeOf(error), { service: next.service, detail: sentenceOf(error), at: "after-commit" });
  }
  return { kind: "changed", current: next, ...(answer ? { answer } : {}) };
}

function report({ log }: HandlerParts, next: ServiceCase, said: Reason, incident: string | undefined): void {
  const fields = { service: next.service, incident, rev: next.rev, phase: next.phase.kind, said: sentence(said) };
  const { phase } = next;
  // Every call for a person is one error line: code, incident and what to do next.
  const callsPerson = phase.kind === "needs-person" && phase.reason.code === said.code;
  if (callsPerson)
    log.error("needs-person", { ...fields, code: said.code, next: `look at the card of ${next.service}` });
  else log.info(said.code, fields);
}

/** What the engine asks by itself and often; that nothing came of it is no news. */
const quietKinds: ReadonlySet<CaseEvent["kind"]> = new Set(["due", "placement", "performed", "filed", "shown", "told"]);

function ignored(parts: HandlerParts, service: ServiceName, event: CaseEvent, why: Reason): Handled {
  parts.metrics.count("medic_ignored_total", { event: event.kind, reason: why.code });
  if (!quietKinds.has(event.kind))
    parts.log.info("ignored", { service, event: event.kind, reason: why.code, said: sentence(why) });
  return { kind: "ignored", reason: why };
}

function tooMany(service: ServiceName): MedicError {
  return new MedicError("too-many-events", `${service}: ${waitingMax} events wait for their turn already`, {
    retry: "later",
    next: "The message comes again by itself.",
  });
}
