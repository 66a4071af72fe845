import type { Draft } from "./draft.ts";
import type { Approval } from "./serviceCase.ts";

/** Approvals that still count: each lapses on its own, whether or not the due loop has come round to saying so. */
export function standing({ now, facts }: Draft, approvals: readonly Approval[]): Approval[] {
  return approvals.filter((approval) => now < approval.at + facts.timing.approvalLapsesMs);
}
