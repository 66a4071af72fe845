/** How an order is named with what was chosen beside the recovery, and how each consent says what is dangerous about it. */
import { recoveryWords } from "./recoveryWords.ts";
import type { OrderOption, Recovery, Symptom } from "./words.ts";

export interface OptionWords {
  /** In a choice: what is consented to. */
  readonly label: string;
  /** What may come of it. */
  readonly danger: string;
  /** After an order's name: "failover (force)". */
  readonly said: string;
  /** The recoveries that know it. */
  readonly of: readonly Recovery[];
}

export const optionWords: Readonly<Record<OrderOption, OptionWords>> = {
  force: {
    label: "Force: go on without a fence",
    danger: "The old machine may still run and write: two may serve",
    said: "force",
    of: ["failover", "reprovision", "fail-back"],
  },
  "older-snapshot": {
    label: "Take an older snapshot",
    danger: "Everything written since that snapshot is lost",
    said: "older snapshot",
    of: ["reprovision", "reprovision-dr"],
  },
};

const all = Object.keys(optionWords) as OrderOption[];

export function optionsOf(recovery: Recovery): readonly OrderOption[] {
  return all.filter((option) => optionWords[option].of.includes(recovery));
}

interface Ordered {
  readonly recovery: Recovery;
  readonly amount?: number;
  readonly options?: readonly OrderOption[];
}

/** "failover (force)", "raise the maximum to 5": in a sentence and in titles. */
export function orderName({ recovery, amount, options = [] }: Ordered, symptom?: Symptom): string {
  const { name } = recoveryWords(recovery, symptom);
  const to = recovery === "raise-max" && amount !== undefined ? ` to ${amount}` : "";
  const consents = options.map((option) => optionWords[option].said).join(", ");
  return `${name}${to}${consents === "" ? "" : ` (${consents})`}`;
}
