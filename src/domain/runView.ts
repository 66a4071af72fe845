/** A run as people see it: what the card shows of a journal. The engine makes it from the run's record. */
import type { Order } from "./serviceCase.ts";
import type { RunId } from "./words.ts";

export interface StepView {
  /** A sentence for people: "stop the instance", "wait until both status checks pass". */
  readonly name: string;
  readonly status: "pending" | "begun" | "done" | "failed" | "skipped";
  /** Epoch ms. */
  readonly begunAt?: number;
  readonly doneAt?: number;
  /** What the step found or did: "state stopping", "2 of 2 checks pass"; while pending, on what it depends. */
  readonly detail?: string;
  /** While begun: what it waits for. */
  readonly waitsFor?: string;
  /** While begun: what was last new about it, "snapshot 42 %". */
  readonly progress?: string;
}

/** How long runs like this took here before. */
export interface Estimate {
  readonly ms: number;
  /** Of how many past runs; 0: nobody knows better than the plan itself. */
  readonly runs: number;
}

export interface RunView {
  readonly runId: RunId;
  /** "restart shop-web". */
  readonly title: string;
  readonly startedAt: number;
  readonly steps: readonly StepView[];
  /** How long a run like this usually takes. */
  readonly estimateMs?: number;
  /** How many past runs that is learned from; absent: the plan's own word. */
  readonly estimateRuns?: number;
  /** Who or which rule started it, and why: still wanted when the case has moved on to resolved. */
  readonly order?: Order;
}
