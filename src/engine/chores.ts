/**
 * Carries chores: answers owed to Auto Scaling, beside any run of their service. Each has its own lease and journal, so that another
 * worker goes on within a lease's time where one has died.
 *
 * A chore knows no veto, hold, cap, storm or staleness: the hook's own time is running, and not answering is an answer too (AWS's
 * default, usually a terminated instance). The kill switch it does know: switched off, it only keeps the hook waiting and says so.
 */
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import { expiryOf } from "../domain/recordLife.ts";
import type { RunOutcome, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { Glance } from "../ports/glance.ts";
import type { Handle } from "../ports/handle.ts";
import type { Leases, Records } from "../ports/store.ts";
import { advance } from "../recovery/advance.ts";
import { AbandonRun, newMemory, type Control } from "../recovery/control.ts";
import { hookDefinitionById } from "../recovery/hookDefinitions.ts";
import { lifecycleOf } from "../recovery/hookSteps.ts";
import type { Autopilot } from "./autopilot.ts";
import { heartbeats, inputsOf, portsOf, type Pulse } from "./chorePorts.ts";
import { choreCollection, choreKey, choreLease, openChore, type ChoreRecord, type OpenChore } from "./choreRecord.ts";
import { askPerson, tellEnd } from "./choreTelling.ts";
import type { LoopDefinition, LoopParts } from "./loop.ts";
import { takeLease, type HeldLease } from "./runLease.ts";

export interface ChoreParts extends LoopParts {
  readonly worker: string;
  readonly settings: Settings;
  readonly records: Records;
  readonly glance: Glance | undefined;
  readonly leases: Leases;
  readonly clouds: Clouds;
  readonly autopilot: Pick<Autopilot, "readWithin">;
  readonly handle: Handle;
  /** Strong read. */
  readonly loadCase: (service: ServiceName) => Promise<ServiceCase | undefined>;
}

export interface Chores {
  /** Begins on it here unless it goes on here already. Comes back at once. */
  kick(id: string): void;
  readonly loop: LoopDefinition;
  /** Ends at the next look, gives every lease back. */
  stop(): Promise<void>;
}

const lookMs = 5_000;
/** What a former worker left is found this soon after its lease is over. */
export const choresMs = 10_000;
const page = 100;

export function makeChores(parts: ChoreParts): Chores {
  const { log, metrics, clock, settings } = parts;
  const going = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const kick = (id: string): void => {
    if (going.has(id) || stopping.signal.aborted) return;
    const work = carry(parts, id, stopping.signal)
      .catch((error: unknown) => {
        const code = codeOf(error);
        metrics.count("medic_chore_interrupted_total", { code });
        log.warn("chore-interrupted", { chore: id, code, detail: sentenceOf(error) });
      })
      .finally(() => going.delete(id));
    going.set(id, work);
  };
  // Seen with nothing left to carry: until something is written there, or one has lain long enough.
  let over: { readonly version: number; readonly until: number } | undefined;
  const stands = (glance: Glance): boolean =>
    over !== undefined && over.version === glance.versionOf(choreCollection) && clock.now() < over.until;
  const hasHooks = [...settings.services.values()].some(({ volume }) => volume !== undefined);
  return {
    kick,
    loop: {
      name: "chores",
      periodMs: choresMs,
      idle: () => !hasHooks || (parts.glance !== undefined && stands(parts.glance) && parts.glance.passes(1)),
      round: async () => {
        if (!hasHooks) return;
        const version = parts.glance?.versionOf(choreCollection) ?? 0;
        const until = await lookThrough(parts, kick);
        over = until === undefined ? undefined : { version, until };
      },
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(going.values());
    },
  };
}

/** Until when (epoch ms) there is nothing to do, as long as nothing is written; undefined: one of them goes on. */
async function lookThrough({ records, clock }: ChoreParts, kick: Chores["kick"]): Promise<number | undefined> {
  let goesOn = false;
  let until = Infinity;
  for (let after: string | undefined, full = true; full;) {
    const found = await records.list<ChoreRecord>(choreCollection, { limit: page, ...(after ? { after } : {}) });
    for (const { id, body } of found) {
      const expiry = expiryOf(choreCollection, body) ?? Infinity;
      until = Math.min(until, expiry);
      if (body.ended === undefined) kick(id);
      else if (clock.now() >= expiry) await records.remove(choreKey(id));
      goesOn ||= body.ended === undefined;
    }
    after = found.at(-1)?.id;
    full = found.length === page;
  }
  return goesOn ? undefined : until;
}

async function carry(parts: ChoreParts, id: string, stopping: AbortSignal): Promise<void> {
  const stored = await parts.records.get<ChoreRecord>(choreKey(id));
  // A version that this program does not know is another worker's.
  if (stored === undefined || stored.body.ended || !hookDefinitionById(stored.body.definition)) return;
  const lease = await takeLease({ ...parts, timing: parts.settings.timing }, choreLease(id));
  if (lease === undefined) return;
  try {
    const fresh = await parts.records.get<ChoreRecord>(choreKey(id));
    if (fresh === undefined || fresh.body.ended) return;
    await toItsEnd(parts, await openChore(parts, fresh, lease.fence), { lease, stopping });
  } catch (error) {
    if (!(error instanceof AbandonRun)) throw error;
    parts.log.warn("chore-abandoned", { chore: id, detail: sentenceOf(error) });
  } finally {
    await lease.release();
  }
}

interface Held {
  readonly lease: HeldLease;
  readonly stopping: AbortSignal;
}

async function toItsEnd(parts: ChoreParts, chore: OpenChore, { lease, stopping }: Held): Promise<void> {
  const pulse: Pulse = { beatAt: chore.record().since };
  const over = AbortSignal.any([lease.signal, stopping]);
  const turn = turnOf(parts, chore, { lease, pulse });
  while (!over.aborted) {
    try {
      const outcome = await turn();
      if (outcome) return await end(parts, chore, outcome);
    } catch (error) {
      if (error instanceof AbandonRun || !(error instanceof MedicError)) throw error;
      parts.log.warn("chore-look-failed", { chore: chore.record().id, code: codeOf(error), detail: sentenceOf(error) });
    }
    await parts.clock.sleep(lookMs, over);
  }
}

async function end(parts: ChoreParts, chore: OpenChore, outcome: RunOutcome): Promise<void> {
  const record = chore.record();
  parts.metrics.count("medic_chores_total", { outcome: outcome.kind });
  parts.log.info("chore-ended", { service: record.service, chore: record.id, outcome: outcome.kind });
  // Told first: a crash in between tells it again, and a signal that is known already changes nothing.
  await tellEnd(parts, record, outcome);
  await chore.change({ ended: { at: parts.clock.now(), outcome } });
}

/** One look; answers the outcome once the hook is over. */
function turnOf(
  parts: ChoreParts,
  chore: OpenChore,
  { lease, pulse }: { readonly lease: HeldLease; readonly pulse: Pulse },
): () => Promise<RunOutcome | undefined> {
  let carried: (() => Promise<RunOutcome | undefined>) | undefined;
  return async () => {
    const { unanswered } = chore.record();
    const inputs = chore.record().inputs ?? (await inputsOf(parts, chore));
    if ("kind" in inputs) return inputs;
    const ask = (detail: string) => askPerson(parts, chore, { detail, until: pulse.beatAt + inputs.heartbeatMs });
    const ports = portsOf(parts, chore, ask);
    if (unanswered) {
      // AWS ends it with its default; until then it stands on the card.
      const lifecycle = await lifecycleOf(ports, inputs.answer);
      return lifecycle?.endsWith(":Wait") ? undefined : unanswered;
    }
    const switched = await parts.autopilot.readWithin(parts.settings.timing.killSwitchAgeMs);
    if (switched.state !== "on") {
      await heartbeats(parts, chore, { lease, pulse });
      await ask("autopilot is off, so that the bot only keeps it waiting; switch it on, or answer the hook by hand");
      return undefined;
    }
    carried ??= planTurn(parts, chore, { lease, ports });
    const outcome = await carried();
    if (outcome !== undefined && isOver(outcome)) return outcome;
    // After the look, so that a hook which is over is not prolonged.
    if (outcome === undefined) {
      await heartbeats(parts, chore, { lease, pulse });
      return undefined;
    }
    if (mayBeAskedAgain(outcome)) {
      carried = undefined;
      return undefined;
    }
    await ask(`the bot could not do it: ${"detail" in outcome ? outcome.detail : outcome.kind}`);
    await chore.change({ unanswered: outcome });
    return undefined;
  };
}

const isOver = (outcome: RunOutcome): boolean =>
  outcome.kind === "done" || ("code" in outcome && outcome.code === "hook-over");

/** AWS could not be read for a while: the hook still waits, and so does the chore. */
const mayBeAskedAgain = (outcome: RunOutcome): boolean =>
  "code" in outcome && ["unreachable", "throttled", "busy", "cannot-tell"].includes(outcome.code);

function planTurn(
  parts: ChoreParts,
  chore: OpenChore,
  { lease, ports }: { readonly lease: HeldLease; readonly ports: ReturnType<typeof portsOf> },
): () => Promise<RunOutcome | undefined> {
  const { definition, inputs, service, id } = chore.record();
  const plan = hookDefinitionById(definition)?.plan(inputs);
  if (plan === undefined) throw new AbandonRun(`nothing here knows ${definition}`);
  const memory = newMemory();
  const control: Control = {
    halt: async () => undefined,
    mayAct: () => lease.assertMargin(),
    // Nothing of a chore is borrowed: what it takes away it hands over.
    borrow: async () => undefined,
    repay: async () => undefined,
    onStep: async (step, state) => parts.log.info("chore-step", { service, chore: id, step, state }),
    onProgress: async (step, said) => parts.log.info("chore-progress", { service, chore: id, step, said }),
  };
  return async () => {
    const state = await advance({ plan, journal: chore, ports, control, memory });
    return state.kind === "ended" ? state.outcome : undefined;
  };
}
