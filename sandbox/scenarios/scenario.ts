import type { Stage } from "../stage.ts";

/** One night, scripted: what breaks, what people do, and how it must end. `play` throws ScenarioFailed when it goes otherwise. */
export interface Scenario {
  readonly name: string;
  /** One sentence for `--list`. */
  readonly about: string;
  /** Played one after the other, each on a new day with a new account. */
  readonly acts: readonly Act[];
}

export interface Act {
  /** Printed above the act; absent when there is only one. */
  readonly title?: string;
  /** Is a mail topic set up? */
  readonly mail: boolean;
  /** How the wiki's ladder is written; default as a careful team writes it. */
  readonly wiki?: "defaults" | "auto";
  readonly play: (stage: Stage) => Promise<void>;
}

export const seconds = (count: number): number => count * 1_000;
export const minutes = (count: number): number => count * 60_000;
