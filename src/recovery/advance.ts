/**
 * Moves a plan as far as the world allows now; called again later, from any worker, it goes on.
 *
 * It resumes at the first step that is not done and does not look back, because a later step may undo what an earlier one left
 * (stop, then start). Within a step the world decides; the journal only says whether an act may still be owed and since when we
 * wait. The order around an act is always: gates (once) - guards - begun, durable - debt, durable - way cleared - act - check - done,
 * durable.
 */
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import { worldsReasons } from "../domain/ladder.ts";
import { length } from "../domain/text.ts";
import type { RunOutcome } from "../domain/serviceCase.ts";
import { hasPassed } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { AbandonRun, type Advance, type Control, type Halt, type Memory } from "./control.ts";
import type { Journal, Plan, Refusal, Step, StepEntry, StepFacts, StepView } from "./plan.ts";

/**
 * Reads that fail are asked again for this long: before the first act, where waiting costs only time, and beyond a step's settle
 * time, so that one lost answer at its very end decides nothing.
 */
const readPatienceMs = 60_000;
/** A refusal may come from a read that lagged behind ("not stopped yet"): the second one is believed. */
const refusalsMax = 2;

interface Run<Ports> {
  readonly plan: Plan<Ports>;
  readonly journal: Journal;
  readonly ports: Ports;
  readonly control: Control;
  readonly memory: Memory;
}

export async function advance<Ports extends { readonly clock: Clock }>(run: Run<Ports>): Promise<Advance> {
  if (!hasActed(run.journal.entries)) {
    const refused = await askGates(run);
    if (refused) return refused;
  }
  for (const step of run.plan.steps) {
    if (entryOf(run.journal.entries, step.name)?.done) continue;
    const answer = await take(step, run);
    if (answer) return answer;
  }
  return ended({ kind: "done", summary: run.plan.summary(run.journal.entries) });
}

export function hasActed(entries: readonly StepEntry[]): boolean {
  return entries.some((entry) => entry.begun !== undefined);
}

function entryOf(entries: readonly StepEntry[], step: string): StepEntry | undefined {
  return entries.find((entry) => entry.step === step);
}

function viewOf<Ports>(step: Step<Ports>, journal: Journal): StepView {
  return { begun: entryOf(journal.entries, step.name)?.begun, entries: journal.entries };
}

const ended = (outcome: RunOutcome): Advance => ({ kind: "ended", outcome });
const refusedBy = (refusal: Refusal): Advance => ended({ kind: "refused", ...refusal });

async function askGates<Ports extends { readonly clock: Clock }>(run: Run<Ports>): Promise<Advance | undefined> {
  const { plan, ports, memory } = run;
  try {
    for (const gate of plan.gates) {
      const refusal = await gate(ports);
      if (refusal) return refusedBy(refusal);
    }
    delete memory.gatesSince;
    return undefined;
  } catch (error) {
    if (!isLater(error)) return failedBy(error);
    const now = ports.clock.now();
    memory.gatesSince = Math.min(memory.gatesSince ?? now, now);
    if (now - memory.gatesSince >= readPatienceMs) return failedBy(error);
    return { kind: "waiting", step: "gates" };
  }
}

/** One step: undefined = done, go to the next one. */
async function take<Ports extends { readonly clock: Clock }>(
  step: Step<Ports>,
  run: Run<Ports>,
): Promise<Advance | undefined> {
  const view = viewOf(step, run.journal);
  if (!view.begun) {
    const skipped = await asked(run, step, () => step.skip?.(run.ports, view) ?? Promise.resolve(undefined));
    if (skipped.kind === "unread") return skipped.answer;
    if (skipped.value !== undefined) return finish(step, run, { facts: {}, skipped: skipped.value });
  }
  const proof = await asked(run, step, () => step.check(run.ports, view));
  if (proof.kind === "unread") return proof.answer;
  if (proof.value) return finish(step, run, { facts: proof.value });
  const late = view.begun ? await overdue(step, run, view.begun.at) : undefined;
  if (late) return late === "go-on" ? undefined : late;
  if (owesAct(step, run)) return act(step, run);
  await tellProgress(step, run);
  return (await haltWhileWaiting(step, run)) ?? { kind: "waiting", step: step.name };
}

type Asked<T> =
  { readonly kind: "read"; readonly value: T } | { readonly kind: "unread"; readonly answer: Advance | undefined };

/** A read that is throttled or lost is unknown: it is asked again until the step's time and some patience are over. */
async function asked<Ports extends { readonly clock: Clock }, T>(
  run: Run<Ports>,
  step: Step<Ports>,
  read: () => Promise<T>,
): Promise<Asked<T>> {
  try {
    return { kind: "read", value: await read() };
  } catch (error) {
    if (!isLater(error)) return { kind: "unread", answer: failedBy(error) };
    const begun = entryOf(run.journal.entries, step.name)?.begun;
    const { memory } = run;
    const key = `read ${step.name}`;
    const now = run.ports.clock.now();
    const since = begun ? passedFrom(memory, step.name, { at: begun.at, now }) : firstSeen(memory, key, now);
    if (now - since < step.settleMs + readPatienceMs) {
      return { kind: "unread", answer: { kind: "waiting", step: step.name } };
    }
    const detail = `"${step.name}": nothing could be read for ${length(now - since)}, so nobody can tell (${sentenceOf(error)})`;
    return { kind: "unread", answer: ended({ kind: "failed", code: "cannot-tell", detail, climb: false }) };
  }
}

/** A step that never began has no time of its own: its patience starts at the first failed read. */
function firstSeen(memory: Memory, key: string, now: number): number {
  const since = Math.min(memory.refusals.get(key) ?? now, now);
  memory.refusals.set(key, since);
  return since;
}

function owesAct<Ports extends { readonly clock: Clock }>(step: Step<Ports>, run: Run<Ports>): boolean {
  const { journal, memory, ports } = run;
  const begun = entryOf(journal.entries, step.name)?.begun;
  if (!begun) return true;
  if (step.act === undefined || step.again !== "safe" || memory.acted.has(step.name)) return false;
  // A read that lags may hide what a former worker, or a lost answer, has made already.
  const now = ports.clock.now();
  const since = passedFrom(memory, step.name, { at: begun.at, now });
  return memory.begunHere.has(step.name) || now - since >= (step.againAfterMs ?? 0);
}

/**
 * From when on time has passed for a step: since it began (`at`), or, where the wall clock was put back behind that, since this worker
 * first saw so. Its time then begins once more, which is longer than it has; neither an hour that comes again nor none at all.
 */
function passedFrom({ setBack }: Memory, step: string, { at, now }: { at: number; now: number }): number {
  const seen = setBack.get(step);
  if (at <= now && seen === undefined) return at;
  const since = Math.min(seen ?? now, now);
  setBack.set(step, since);
  return since;
}

/** Reads for the card are rarer than looks, and what cannot be read is not said. */
const progressMs = 15_000;

async function tellProgress<Ports extends { readonly clock: Clock }>(
  step: Step<Ports>,
  run: Run<Ports>,
): Promise<void> {
  const { memory, ports, control, journal } = run;
  if (step.progress === undefined || control.onProgress === undefined) return;
  const before = memory.progress?.step === step.name ? memory.progress : undefined;
  if (!hasPassed(ports.clock, before?.at ?? -Infinity, progressMs)) return;
  const said = await step.progress(ports, viewOf(step, journal)).catch((error: unknown) => {
    if (error instanceof AbandonRun) throw error;
    return undefined;
  });
  memory.progress = { step: step.name, said, at: ports.clock.now() };
  if (said !== undefined && said !== before?.said) await control.onProgress(step.name, said);
}

async function overdue<Ports extends { readonly clock: Clock }>(
  step: Step<Ports>,
  run: Run<Ports>,
  begunAt: number,
): Promise<Advance | "go-on" | undefined> {
  const { memory, ports } = run;
  const now = ports.clock.now();
  const taken = passedFrom(memory, `${step.name} taken over`, { at: memory.takenOver.get(step.name) ?? 0, now });
  const since = Math.max(passedFrom(memory, step.name, { at: begunAt, now }), taken);
  if (now - since < step.settleMs) return undefined;
  if (mustBeTakenOver(step, memory)) {
    memory.takenOver.set(step.name, now);
    return undefined;
  }
  const { lastError, heldBack } = memory;
  const kept = heldBack.get(step.name);
  if (kept) return kept;
  const detail = `"${step.name}" was still not so after ${length(step.settleMs)}`;
  const neverActed = lastError?.step === step.name && !memory.acted.has(step.name);
  // What may be repeated and never got through has not happened; what may not be repeated is judged by health.
  if (neverActed && (step.onTimeout === "fail" || step.again === "safe")) return failedBy(lastError.error);
  if (step.onTimeout === "fail") return ended({ kind: "failed", code: "step-timed-out", detail, climb: false });
  await finish(step, run, { facts: {}, gaveUp: detail });
  return "go-on";
}

/** Its time ran out while no worker was there: this one has not tried yet, and there is no way back from where the step began. */
function mustBeTakenOver<Ports>(step: Step<Ports>, { acted, lastError, heldBack, takenOver }: Memory): boolean {
  const { name, again, safePoint } = step;
  const tried = acted.has(name) || lastError?.step === name || heldBack.has(name) || takenOver.has(name);
  return step.act !== undefined && again === "safe" && !safePoint && !tried;
}

async function haltWhileWaiting<Ports>(step: Step<Ports>, run: Run<Ports>): Promise<Advance | undefined> {
  if (step.leftWhileWaiting === undefined) return undefined;
  const halt = await run.control.halt(true);
  if (halt?.kind !== "stop") return undefined;
  return ended({ kind: "stopped", left: `${halt.why}. ${step.leftWhileWaiting}` });
}

/** Guards, begun, debt, act. After an act the world is looked at in the next call. */
async function act<Ports extends { readonly clock: Clock }>(step: Step<Ports>, run: Run<Ports>): Promise<Advance> {
  const { journal, ports, control } = run;
  const waiting: Advance = { kind: "waiting", step: step.name };
  const begun = entryOf(journal.entries, step.name)?.begun;
  const objection = await objectionTo(step, run);
  if (objection.kind === "unread") return objection.answer ?? waiting;
  if (objection.value && !begun) return objection.value;
  if (objection.value) {
    run.memory.heldBack.set(step.name, objection.value);
    return waiting;
  }
  run.memory.heldBack.delete(step.name);
  if (step.act) await control.mayAct();
  if (!begun) {
    const before = await asked(run, step, () => step.before?.(ports) ?? Promise.resolve<StepFacts>({}));
    if (before.kind === "unread") return before.answer ?? waiting;
    await journal.write({ step: step.name, begun: { at: ports.clock.now(), before: before.value } });
    run.memory.begunHere.add(step.name);
    await control.onStep(step.name, "begun", step.act !== undefined);
  }
  if (!step.act) return waiting;
  for (const debt of [step.borrows ?? [], step.alsoBorrows ?? []].flat()) await control.borrow(debt);
  return (await startAct(step, run)) ?? waiting;
}

/** Why the run should end before this step acts, as the answer that would end it. */
async function objectionTo<Ports extends { readonly clock: Clock }>(
  step: Step<Ports>,
  run: Run<Ports>,
): Promise<Asked<Advance | undefined>> {
  const { journal, control, ports } = run;
  const acted = hasActed(journal.entries);
  // A run that has done nothing leaves nothing behind, wherever in the plan the world lets it begin.
  if (step.safePoint || !acted) {
    const halt = await control.halt(acted);
    if (halt) return { kind: "read", value: halted(halt, step, journal.entries) };
  }
  const guarded = await asked(run, step, () => step.guard?.(ports) ?? Promise.resolve(undefined));
  if (guarded.kind === "unread") return guarded;
  return { kind: "read", value: guarded.value && refusedBy(guarded.value) };
}

async function startAct<Ports extends { readonly clock: Clock }>(
  step: Step<Ports>,
  run: Run<Ports>,
): Promise<Advance | undefined> {
  const { ports, control, memory } = run;
  await control.mayAct();
  memory.begunHere.delete(step.name);
  try {
    if (step.clearsTheWay) {
      await step.clearsTheWay(ports, control);
      await control.mayAct();
    }
    await step.act?.(ports, viewOf(step, run.journal));
    memory.acted.add(step.name);
    return undefined;
  } catch (error) {
    if (error instanceof AbandonRun) throw error;
    memory.lastError = { step: step.name, error };
    // Lost or refused for now: a safe act is started again at the next look, one that may not be repeated counts as begun.
    if (isLater(error)) return undefined;
    if (step.yieldsOn?.includes(codeOf(error))) return finish(step, run, { facts: {}, gaveUp: sentenceOf(error) });
    // Asking on would only keep a stopped machine waiting for a rung that may bring the service back elsewhere.
    if (climbingCodes.has(codeOf(error))) return failedBy(error);
    const refusals = (memory.refusals.get(step.name) ?? 0) + 1;
    memory.refusals.set(step.name, refusals);
    return step.again === "safe" && refusals < refusalsMax ? undefined : failedBy(error);
  }
}

async function finish<Ports extends { readonly clock: Clock }>(
  step: Step<Ports>,
  run: Run<Ports>,
  done: { facts: StepFacts; skipped?: string; gaveUp?: string },
): Promise<undefined> {
  const proved = done.skipped === undefined && done.gaveUp === undefined;
  // Repaid before it is journalled: a crash in between repays twice, which changes nothing.
  const repaid = proved ? [step.repays ?? [], step.alsoRepays ?? []].flat() : [];
  for (const debt of repaid) await run.control.repay(debt);
  const begun = entryOf(run.journal.entries, step.name)?.begun;
  await run.journal.write({
    step: step.name,
    ...(begun ? { begun } : {}),
    done: { at: run.ports.clock.now(), ...done },
  });
  await run.control.onStep(step.name, "done", hasActed(run.journal.entries));
  return undefined;
}

function halted(halt: Halt, step: { readonly name: string }, entries: readonly StepEntry[]): Advance {
  if (halt.kind === "cleared") return ended({ kind: "cleared" });
  const done = entries.filter((entry) => entry.done && entry.done.skipped === undefined).map((entry) => entry.step);
  const left = `Not done: "${step.name}" and what follows.${done.length > 0 ? ` Done: ${done.join(", ")}.` : " Nothing was done."}`;
  if (halt.kind === "stop") return ended({ kind: "stopped", left: `${halt.why}. ${left}` });
  return ended({ kind: "failed", code: "run-overdue", detail: `${halt.detail}. ${left}`, climb: false });
}

/** The world's own reasons climb at once; everything else needs a person. */
const climbingCodes: ReadonlySet<string> = new Set(worldsReasons);

function failedBy(error: unknown): Advance {
  if (error instanceof AbandonRun) throw error;
  const code = codeOf(error);
  return ended({ kind: "failed", code, detail: sentenceOf(error), climb: climbingCodes.has(code) });
}

function isLater(error: unknown): boolean {
  if (error instanceof AbandonRun) throw error;
  return error instanceof MedicError && error.retry === "later";
}
