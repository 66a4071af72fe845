/** What is stored of a run: which plan in which version, its inputs, the journal, and who may write it. */
import type { Order, RunOutcome } from "../domain/serviceCase.ts";
import { recoveryWords } from "../domain/cardWords.ts";
import type { RunView, StepView } from "../domain/runView.ts";
import type { RunId, ServiceName } from "../domain/words.ts";
import type { RecordKey } from "../ports/store.ts";
import { definitionById } from "../recovery/index.ts";
import type { Step, StepEntry } from "../recovery/plan.ts";

export interface RunRecord {
  readonly runId: RunId;
  readonly service: ServiceName;
  /** `restart@1`: a version that this program does not know is a person's business. */
  readonly recovery: string;
  readonly order: Order;
  readonly inputs: unknown;
  readonly startedAt: number;
  readonly journal: readonly StepEntry[];
  /** The lease's fence of the worker that carries it now. A worker with an older one may not write. */
  readonly fence: number;
  readonly worker: string;
  /** What was last new about the step that waits, for the card. */
  readonly progress?: { readonly step: string; readonly said: string; readonly at: number };
  readonly ended?: { readonly at: number; readonly outcome: RunOutcome };
}

export function runCollection(service: ServiceName): string {
  return `run/${service}`;
}

export function runKey(service: ServiceName, runId: RunId): RecordKey {
  return { collection: runCollection(service), id: runId };
}

export function leaseName(service: ServiceName): string {
  return `run/${service}`;
}

/** The run as people see it. */
export function runViewOf(record: RunRecord): RunView {
  const definition = definitionById(record.recovery);
  const steps = planSteps(record).map((step) => stepView(record, step));
  return {
    runId: record.runId,
    title: `${recoveryWords(record.order.recovery).name} ${record.service}`,
    startedAt: record.startedAt,
    steps,
    ...(definition ? { estimateMs: definition.estimateMs(record.order.recovery) } : {}),
  };
}

type PlannedStep = Pick<Step<never>, "name" | "waitsFor" | "onlyIf">;

/** A version that is not known any more still shows what it did. */
function planSteps({ recovery, inputs, journal }: RunRecord): readonly PlannedStep[] {
  return definitionById(recovery)?.plan(inputs).steps ?? journal.map((e) => ({ name: e.step, waitsFor: "" }));
}

function stepView(record: RunRecord, { name, waitsFor, onlyIf }: PlannedStep): StepView {
  const entry = record.journal.find((each) => each.step === name);
  if (entry === undefined) return { name, status: "pending", ...(onlyIf ? { detail: onlyIf } : {}) };
  const { begun, done } = entry;
  const times = { ...(begun ? { begunAt: begun.at } : {}), ...(done ? { doneAt: done.at } : {}) };
  if (done?.skipped !== undefined) return { name, status: "skipped", detail: done.skipped, ...times };
  if (done?.gaveUp !== undefined) return { name, status: "failed", detail: done.gaveUp, ...times };
  if (done) {
    const said = done.facts["read"] ?? done.facts["state"];
    return { name, status: "done", ...times, ...(said === undefined ? {} : { detail: String(said) }) };
  }
  if (record.ended && record.ended.outcome.kind !== "done") {
    return { name, status: "failed", detail: outcomeWords(record.ended.outcome), ...times };
  }
  const said = record.progress?.step === name ? { progress: record.progress.said } : {};
  return { name, status: "begun", waitsFor, ...said, ...times };
}

export function outcomeWords(outcome: RunOutcome): string {
  switch (outcome.kind) {
    case "done":
      return outcome.summary;
    case "refused":
    case "failed":
      return outcome.detail;
    case "stopped":
      return outcome.left;
    case "cleared":
      return "the service was well again before anything was done";
  }
}
