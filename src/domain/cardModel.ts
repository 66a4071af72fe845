/**
 * What one message shows, free of Slack's blocks. The core makes it (`card.ts`), `src/slack` turns it into Block Kit with its
 * limits and fallbacks, the memory chat keeps it as it is. The order of parts is the same in every state of an incident.
 */
import type { Text } from "./text.ts";

/** How the card feels at a glance; emoji and colour follow from it, and the words never depend on them alone. */
export type Tone = "bad" | "working" | "good" | "person" | "quiet";

export type ButtonAction =
  "approve" | "hold" | "choose" | "ack" | "resume" | "no" | "stop" | "close" | "assign" | "evidence";

export interface CardButton {
  readonly action: ButtonAction;
  readonly label: string;
  readonly style?: "primary" | "danger";
  /** Read by screen readers. */
  readonly spoken: string;
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string; readonly no: string };
}

/** An entry of the overflow menu: an action, or a link. */
export type MenuItem =
  { readonly action: ButtonAction; readonly label: string } | { readonly link: string; readonly label: string };

export interface StepLine {
  readonly title: string;
  readonly status: "pending" | "in_progress" | "complete" | "error";
  /** "stopped after 41 s", "waiting for both status checks, usually 90 s". */
  readonly detail?: string;
}

export interface ChartModel {
  readonly title: string;
  /** At most 20 points, oldest first. */
  readonly points: readonly { readonly label: string; readonly value: number }[];
  readonly threshold?: number;
}

export interface CardModel {
  /** Incident id (or `digest/…`, `unmatched/…`, `storm/…`): the idempotency key in the message's metadata. */
  readonly key: string;
  readonly version: number;
  /** What the buttons are bound to. */
  readonly service?: string;
  readonly proposal?: number;
  readonly tone: Tone;
  /** First line: subject first. Also the notification text together with `summary`. */
  readonly title: string;
  /** One or two sentences: what is proposed and why, or what is going on, or how it ended. */
  readonly summary: Text;
  /** Consequences before the buttons: downtime, address, data. */
  readonly facts: readonly { readonly label: string; readonly value: Text }[];
  readonly chart?: ChartModel;
  readonly steps?: { readonly title: string; readonly lines: readonly StepLine[] };
  /** Small print under the facts: when it runs by itself, what blocks it, who has it, debts. */
  readonly notes: readonly Text[];
  readonly buttons: readonly CardButton[];
  readonly menu: readonly MenuItem[];
  /** Table for digest and status. */
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}
