/** Counts and sizes that nothing may exceed. Reaching one is told to a person; nothing is dropped in silence. */

/** A case is read and written on every transition: 64 KB is 64 write units, and far below DynamoDB's 400 KB. */
export const caseBytesMax = 64 * 1024;
/** Alarms and contributors that are bad at once; beyond it the oldest are counted, not named. */
export const badSignalsMax = 64;
/** Dedupe hashes that a case remembers. */
export const seenMax = 64;
/** Entries that wait for the relay to file them as timeline items. */
export const entriesWaitingMax = 40;
/** Automatic runs that acted, per service in 24 h; then a person. */
export const autoRunsPerDayMax = 3;
export const dayMs = 24 * 60 * 60 * 1000;
/** Longest that AWS lets one lifecycle hook wait, with heartbeats. */
export const hookLimitMs = 48 * 60 * 60 * 1000;
/** Automatic runs at once in one scope. */
export const autoRunsAtOnceMax = 3;
/** Newly opened incidents in one scope within the storm window: the larger of 1 and 20 % of the services, never more than 10. */
export const stormShare = 0.2;
export const stormOpeningsMax = 10;
/** Attempts to win the conditional write of one event before the caller is told to come back. */
export const casAttemptsMax = 12;
/** Debts that a case can carry; a plan that would exceed it is refused. */
export const debtsMax = 16;
/** Characters of a person's reason, of an AWS sentence, of a probe's error that are kept. */
export const sentenceCharsMax = 300;

/** Cuts foreign text to what a case may keep, saying that it was cut. */
export function clip(text: string, chars: number = sentenceCharsMax): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}
