/** What kind of proposal it is, for whoever shows it. */
import type { Proposal } from "./serviceCase.ts";

/** The symptom has no ladder: a card only; its `recovery` means nothing. */
export function isToldOnly(proposal: Proposal): boolean {
  return proposal.rung < 0 && proposal.orderedBy === undefined;
}
