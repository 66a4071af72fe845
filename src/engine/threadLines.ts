/** Which entries of the timeline become replies in a card's thread: what people would tell each other, not what the bot noted. */
import { sentence, type ReasonCode } from "../domain/reasons.ts";
import type { Entry } from "../domain/serviceCase.ts";
import type { Piece, Text } from "../domain/text.ts";

const told: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "incident-reopened",
  "incident-worse",
  "cleared-by-itself",
  "recovered",
  "closed-by-person",
  "acknowledged",
  "approved",
  "approved-partly",
  "approval-expired",
  "approval-expires-soon",
  "veto-ended",
  "refused",
  "held",
  "hold-ended",
  "resumed",
  "ordered",
  "blocked-switch-off",
  "blocked-switch-unknown",
  "blocked-storm",
  "blocked-cap",
  "blocked-evidence",
  "blocked-stopped-by-person",
  "blocked-not-told",
  "confirm-timed-out",
  "run-started",
  "stop-asked",
  "run-stopped",
  "run-cleared",
  "run-done",
  "run-refused",
  "run-failed",
  "run-overdue",
  "verify-failed",
  "climbed",
  "proposal-changed",
  "order-lapsed",
  "refused-before",
  "ladder-ended",
  "blocked-permit-unread",
  "needs-person",
  "escalated",
  "reminded",
  "debt-added",
  "debt-repaid",
  "original-returned",
  "original-quarantined",
  "original-away",
  "placement-moved",
  "instance-terminated",
  "errand-done",
  "chore-begun",
  "chore-done",
  "chore-needs-person",
  "chore-late",
  "config-gone",
  "case-full",
]);

/** Shown in the channel too, because they notify: only what has failed and what needs a person. */
const loud: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "needs-person",
  "run-failed",
  "run-overdue",
  "run-stopped",
  "verify-failed",
  "original-returned",
  "chore-needs-person",
]);

export interface Reply {
  readonly text: Text;
  readonly broadcast: boolean;
  /** The entries that it covers. */
  readonly first: number;
  readonly last: number;
  readonly escalated: boolean;
  readonly reminded: boolean;
}

/** Calls to people: worth nothing any more when it is over. */
const calls: ReadonlySet<ReasonCode> = new Set<ReasonCode>(["mentioned", "escalated", "reminded"]);

export interface Moment {
  /** Why a person is needed now: it is told, and loud, whatever it is. */
  readonly needs?: ReasonCode | undefined;
  /** It has ended, or is being proven well: nobody is called about the past. */
  readonly seemsOver?: boolean;
}

/** One reply for everything that has happened since the last one; undefined when nothing of it is worth saying. */
export function replyOf(entries: readonly Entry[], { needs, seemsOver = false }: Moment = {}): Reply | undefined {
  const isLate = (code: ReasonCode) => seemsOver && calls.has(code);
  const worth = entries.filter(
    ({ reason }) => (told.has(reason.code) && !isLate(reason.code)) || reason.code === needs,
  );
  const first = worth[0];
  const last = worth.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const text = worth.flatMap((entry, index): Piece[] => {
    const said = sentence(entry.reason);
    return [
      ...(index > 0 ? ["\n"] : []),
      { time: entry.at, style: "time" },
      ` ${said.slice(0, 1).toUpperCase()}${said.slice(1)}`,
    ];
  });
  const any = (code: ReasonCode) => worth.some((entry) => entry.reason.code === code);
  return {
    text,
    broadcast: worth.some(({ reason }) => loud.has(reason.code) || reason.code === needs),
    first: first.n,
    last: last.n,
    escalated: any("escalated"),
    reminded: any("reminded"),
  };
}
