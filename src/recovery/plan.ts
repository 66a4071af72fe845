/**
 * What a recovery is made of: gates, and steps named for the world that each leaves behind. Plain types; `advance.ts` moves a
 * plan, the engine gives it a journal, a lease and people.
 */
import type { Debt, PlacementMove } from "../domain/serviceCase.ts";
import type { Control } from "./control.ts";

/** What a step saw, kept in the journal: small, flat and readable in a post-mortem. */
export type StepFacts = Readonly<Record<string, string | number | boolean>>;

export interface StepEntry {
  readonly step: string;
  /** Durable before the act. `before` is the world that `check` compares with. */
  readonly begun?: { readonly at: number; readonly before: StepFacts };
  readonly done?: {
    readonly at: number;
    readonly facts: StepFacts;
    /** Why nothing had to be done. */
    readonly skipped?: string;
    /** The world did not come about in time, and the plan goes on all the same. */
    readonly gaveUp?: string;
  };
}

/** What survives a crash. `write` is durable when it resolves, and throws when this worker may not write any more. */
export interface Journal {
  readonly entries: readonly StepEntry[];
  write(entry: StepEntry): Promise<void>;
}

/** A reason not to go on, in words for the card. `climb` only for the world's own reasons (DESIGN's closed list). */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly climb: boolean;
}

export type Objection<Ports> = (ports: Ports) => Promise<Refusal | undefined>;

export type DebtWish = Pick<Debt, "id" | "kind" | "what" | "data">;

export interface StepView {
  readonly begun: StepEntry["begun"];
  readonly entries: readonly StepEntry[];
}

export interface Step<Ports> {
  /** The world this step leaves behind, as a person would say it. Unique within its plan; stored and shown. */
  readonly name: string;
  /** While begun: what it waits for, for the card. */
  readonly waitsFor: string;
  /** Said of a step that may be left out, before its turn has come: "only if the reboot does not help". */
  readonly onlyIf?: string;
  /** How long after its begin `check` may stay false. */
  readonly settleMs: number;
  /** May `act` be started again when a crash or a lost answer hides whether it landed? A reboot may not. */
  readonly again: "safe" | "never";
  /**
   * A safe act whose landing only shows in reads that may lag (a snapshot, an image): after a crash it is not started again
   * before this long after its begin. Absent: at once.
   */
  readonly againAfterMs?: number;
  /**
   * Codes of refusals at which this step gives way to the next one instead of ending the run: one candidate of several had no
   * capacity. The last candidate yields to nothing.
   */
  readonly yieldsOn?: readonly string[];
  /** When the world does not come about in time: has the run failed, or does the next step answer to it? */
  readonly onTimeout: "fail" | "go-on";
  /** May a run that has acted end right before this step acts? Not between a stop and its start. */
  readonly safePoint: boolean;
  /** Set when a run may also end while this step waits: what is left then. Absent: the wait is finished first. */
  readonly leftWhileWaiting?: string;
  /** A reason, in words, why this step is not needed; asked once, before it begins. */
  skip?(ports: Ports, view: StepView): Promise<string | undefined>;
  /** What `check` compares with, read right before the act. Absent: the end state proves itself. */
  before?(ports: Ports): Promise<StepFacts>;
  /** Asked right before every act: is this still right to do? */
  readonly guard?: Objection<Ports>;
  /** What the act borrows from the world; on the case before the act. */
  readonly borrows?: DebtWish;
  readonly alsoBorrows?: readonly DebtWish[];
  /**
   * Done right before every act, however often that is started, once the debts above are durable: what stands in the way again is
   * owed first and then asked out of it. Must be safe to repeat; what it throws is taken as the act's own error.
   */
  clearsTheWay?(ports: Ports, control: Pick<Control, "borrow" | "mayAct">): Promise<void>;
  /** The debt that is paid once the world is so. */
  readonly repays?: string;
  /** Debts of earlier steps that are paid with it: a stop for the sake of a move that has been made. */
  readonly alsoRepays?: readonly string[];
  /** What is new while it waits, in a few words ("snapshot 42 %", "3 of 4 in service"); told on the card when it changes. Reads only. */
  progress?(ports: Ports, view: StepView): Promise<string | undefined>;
  /** The facts that prove the world is so; undefined while it is not. Reads only. */
  check(ports: Ports, view: StepView): Promise<StepFacts | undefined>;
  /** Starts making it so; never waits. Absent: the step only waits for the world. What it learns `check` finds again in the world. */
  act?(ports: Ports, view: StepView): Promise<void>;
}

export interface Plan<Ports> {
  /** "restart of i-0abc". */
  readonly title: string;
  /** Asked until the first step begins, never after: by then the plan itself has changed what they look at. */
  readonly gates: readonly Objection<Ports>[];
  readonly steps: readonly Step<Ports>[];
  /** One sentence about a plan that came to its end. */
  summary(entries: readonly StepEntry[]): string;
  /** Where the service lives since, as far as the journal proves it; asked at every end, good or bad. */
  moved?(entries: readonly StepEntry[]): PlacementMove | undefined;
}

/** What a step that is proved has found; undefined when it was skipped, gave up or is not done. */
export function factOf(entries: readonly StepEntry[], step: string, key: string): string | undefined {
  const done = provedBy(entries, step);
  const value = done?.facts[key];
  return value === undefined ? undefined : String(value);
}

/** The end of a step whose world came about; not of one that was skipped or given up. */
export function provedBy(entries: readonly StepEntry[], step: string): StepEntry["done"] {
  const done = entries.find((entry) => entry.step === step)?.done;
  return done && done.skipped === undefined && done.gaveUp === undefined ? done : undefined;
}
