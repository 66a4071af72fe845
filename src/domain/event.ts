/** Everything that can happen to a case. `decide` answers each of them in every phase, if only with "ignored, because …". */
import type { Evidence } from "./evidence.ts";
import type { Reason } from "./reasons.ts";
import type { Debt, Person, PlacementMove, RunOutcome } from "./serviceCase.ts";
import type { Signal } from "./signal.ts";
import type { IncidentId, InstanceId, OrderOption, Recovery, RunId } from "./words.ts";

/** Checked at the click, on the server, against Slack's own answer; unreadable means not allowed. */
export interface Asker extends Person {
  readonly allowed: boolean;
  /** Why not, for the private answer. */
  readonly refusal?: string;
}

export type CaseEvent =
  | { readonly kind: "signal"; readonly signal: Signal }
  /** Time has passed; whatever is due is done. */
  | { readonly kind: "due" }
  /** Slack or mail accepted a notice about this incident. */
  | { readonly kind: "told"; readonly incident: IncidentId; readonly via: "slack" | "mail" }
  /** The sender has made Slack show this version. */
  | {
      readonly kind: "shown";
      readonly incident: IncidentId;
      readonly version: number;
      readonly channel: string;
      readonly ts: string;
    }
  /** Timeline items up to this entry number are filed. */
  | { readonly kind: "filed"; readonly upTo: number }
  /** An owed thing was done. `key` is `kind:id` (see `owedKey`). */
  | { readonly kind: "performed"; readonly key: string }
  /** Answer to an owed evidence reading (`reading`), or unasked fresh facts for the card (`reading: 0`). */
  | { readonly kind: "evidence"; readonly reading: number; readonly evidence: Evidence }
  /** What the proposed recovery would do was read from the world: the card shows it now. */
  | {
      readonly kind: "previewed";
      readonly incident: IncidentId;
      readonly at: number;
      readonly recovery: Recovery;
      /** It could not run now. For the world's own reasons nobody has to wait to find that out. */
      readonly refused?: { readonly code: string; readonly why: string };
    }
  /** Answer to an owed permit request. */
  | {
      readonly kind: "permit";
      readonly reading: number;
      readonly granted: boolean;
      readonly refusal?: "storm" | "busy" | "unreadable";
    }
  | { readonly kind: "approve"; readonly by: Asker; readonly proposal: number }
  | { readonly kind: "no"; readonly by: Asker; readonly proposal: number; readonly why?: string }
  | { readonly kind: "hold"; readonly by: Asker; readonly forMs?: number; readonly why?: string }
  | { readonly kind: "resume"; readonly by: Asker }
  | { readonly kind: "ack"; readonly by: Asker }
  | { readonly kind: "stop"; readonly by: Asker }
  | { readonly kind: "close"; readonly by: Asker; readonly why: string }
  /** A person orders a recovery, from a verb or from Other…; `proposal` is what they saw, absent from a verb. */
  | {
      readonly kind: "order";
      readonly by: Asker;
      readonly recovery: Recovery;
      readonly why: string;
      readonly proposal?: number;
      readonly options?: readonly OrderOption[];
      /** For what needs a number: the new maximum. */
      readonly amount?: number;
    }
  | {
      readonly kind: "run-step";
      readonly runId: RunId;
      readonly step: string;
      /** `progress`: still waiting, and there is something new to say about it on the card. */
      readonly state: "begun" | "done" | "progress";
      readonly acted: boolean;
    }
  | {
      readonly kind: "run-ended";
      readonly runId: RunId;
      readonly outcome: RunOutcome;
      readonly acted: boolean;
      /** Where the service lives since, whatever the outcome: the address had moved before a later step failed. */
      readonly moved?: PlacementMove;
    }
  /** What the inventory says: where the service lives (first sight or drift). */
  | {
      readonly kind: "placement";
      readonly instanceId?: InstanceId;
      readonly asgName?: string;
      readonly allocationId?: string;
    }
  /** A running plan is about to borrow: committed before it does. */
  | { readonly kind: "debt-added"; readonly debt: Debt }
  | { readonly kind: "debt-repaid"; readonly debt: string }
  /**
   * A former home of the service was looked at: it runs (again), it was seen to (tagged, taken out; `said` in words), it is stopped,
   * or it does not exist any more.
   */
  | {
      readonly kind: "former-seen";
      readonly instanceId: InstanceId;
      readonly state: "running" | "quarantined" | "away" | "gone";
      readonly said: string;
    }
  /** Something that stands beside the incident and that people must know: a chore's news. It changes nothing else. */
  | { readonly kind: "noted"; readonly reason: Reason };
