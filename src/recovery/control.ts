/** What a plan and the engine say to each other while a run goes on. */
import { MedicError } from "../domain/errors.ts";
import type { Debt, RunOutcome } from "../domain/serviceCase.ts";

/** Answers of the engine that end a run at a safe point. */
export type Halt =
  | { readonly kind: "stop"; readonly why: string }
  | { readonly kind: "cleared" }
  | { readonly kind: "overdue"; readonly detail: string };

/** What the engine tells a plan, and hears from it. Every method may throw to abandon the run on this worker (lease lost). */
export interface Control {
  /** At a safe point: must the run end here? `acted` says whether anything was done to the world yet. */
  halt(acted: boolean): Promise<Halt | undefined>;
  /** Right before every act, also where no run may end: throws unless the lease is ours with margin. */
  mayAct(): Promise<void>;
  borrow(debt: Pick<Debt, "id" | "kind" | "what" | "data">): Promise<void>;
  repay(debt: string): Promise<void>;
  onStep(step: string, state: "begun" | "done", acted: boolean): Promise<void>;
  /** There is something new to say about the step that waits. Best effort: it may be dropped or told later. */
  onProgress?(step: string, said: string): Promise<void>;
}

/** What this worker remembers between two calls and may forget in a crash. */
export interface Memory {
  readonly acted: Set<string>;
  /** Steps that this worker began and whose first act has not been tried yet. */
  readonly begunHere: Set<string>;
  readonly refusals: Map<string, number>;
  lastError?: { readonly step: string; readonly error: unknown };
  /**
   * A step that a former worker began and this one may not act on any more: whether its act landed shows within its settle
   * time, and only then does the run end for the reason kept here.
   */
  readonly heldBack: Map<string, Advance>;
  /**
   * Steps that a former worker began, whose time was over when this one came, and which it has taken on itself: since when. What
   * cannot be left half done (an address between two, a machine switched off) is not given up because nobody was there to do it.
   */
  readonly takenOver: Map<string, number>;
  /** Since when this worker counts the time of something that, by the wall clock, lies ahead: the clock was put back. */
  readonly setBack: Map<string, number>;
  /** First time that a gate could not be read. */
  gatesSince?: number;
  /** What was last said about a step that waits, and when it was asked for. */
  progress?: { readonly step: string; readonly said: string | undefined; readonly at: number };
}

export function newMemory(): Memory {
  const maps = { refusals: new Map(), heldBack: new Map(), takenOver: new Map(), setBack: new Map() };
  return { acted: new Set(), begunHere: new Set(), ...maps };
}

export type Advance =
  { readonly kind: "waiting"; readonly step: string } | { readonly kind: "ended"; readonly outcome: RunOutcome };

/** This worker may not go on with the run (lease lost, worker stopping); another one resumes from the journal. */
export class AbandonRun extends MedicError {
  constructor(why: string) {
    super("run-abandoned", `this worker leaves the run: ${why}`, {
      retry: "later",
      next: "Another worker resumes it from the journal.",
    });
  }
}
