/** SNS to the door of some worker: at least once, late, doubled, out of order, sometimes never. What is refused comes again. */
import { choreCollection, type ChoreRecord } from "../../src/engine/choreRecord.ts";
import { unmatchedKey } from "../../src/engine/intake.ts";
import { unmatchedCollection, type UnmatchedItem } from "../../src/engine/unmatched.ts";
import type { Account } from "../../src/memory/account.ts";
import { bodyOf, type MemoryTable } from "../../src/memory/memoryTable.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import type { VirtualClock } from "../../src/memory/virtualClock.ts";
import { changeKey } from "../../src/signals/changeKey.ts";
import type { Parsed } from "../../src/signals/parsed.ts";
import { parseBody } from "../../src/signals/parseMessage.ts";
import type { Fates } from "./fates.ts";
import type { Laws } from "./laws.ts";
import { topic } from "./places.ts";
import type { Worker } from "./worker.ts";

interface Accepted {
  readonly key: string;
  /** For the sentence that says what was lost. */
  readonly what: string;
  readonly matched: boolean;
  /** The line of the list that counts it while no service is found. */
  readonly listedAs: string;
}

const saidOf = ({ resources }: Parsed): string => resources.asgName ?? resources.instanceId ?? "an alarm";

interface Delivering {
  /** At which door it is handed in. */
  readonly random: SeededRandom;
  readonly fates: Fates;
  readonly clock: VirtualClock;
  readonly accounts: readonly Account[];
  readonly alive: () => Worker[];
  readonly table: MemoryTable;
  readonly tell: (line: string) => void;
}

/** Answers what was accepted so far. */
export function deliverMessages({
  random,
  fates,
  clock,
  accounts,
  alive,
  table,
  tell,
}: Delivering): readonly Accepted[] {
  const accepted: Accepted[] = [];
  const take: Parameters<Account["subscribe"]>[1] = ({ message, messageId, topicArn, at }) => {
    const delays = fates.message();
    if (delays.length === 0) tell(`SNS: message ${messageId.slice(0, 8)} is lost`);
    const [parsed] = parseBody(message, { messageId, topicArn, sentAt: at });
    if (parsed === undefined) return;
    for (const delayMs of delays) void deliver(parsed, delayMs);
  };
  const deliver = async (parsed: Parsed, delayMs: number): Promise<void> => {
    for (let wait = delayMs; ; wait = 20_000) {
      await clock.sleep(wait);
      const doors = alive();
      if (doors.length === 0) continue;
      const answer = await Promise.race([
        random
          .pick(doors)
          .engine.intake.takeMessage(parsed, "sns")
          .catch(() => undefined),
        // The door of a worker that has died answers nothing; SNS gives up after 15 s.
        clock.sleep(15_000).then(() => undefined),
      ]);
      if (answer === undefined) continue;
      const key = changeKey(parsed);
      // A hook becomes a chore before it is answered; the chore is removed long after its end.
      if (parsed.cls === "lifecycle_hook" && answer.kind === "matched" && choreExists(table, parsed.token)) return;
      const what = `${parsed.cls} about ${saidOf(parsed)}`;
      accepted.push({ key, what, matched: answer.kind === "matched", listedAs: unmatchedKey(parsed) });
      return;
    }
  };
  for (const account of accounts) account.subscribe(topic, take);
  return accepted;
}

/** What nothing matched at first may be matched a little later: a member that its group has just launched. */
export function keptLaws(laws: Laws, table: MemoryTable, accepted: readonly Accepted[]): void {
  const unmatched = new Map<string, Set<string>>();
  for (const { key, what, matched, listedAs } of accepted) {
    if (laws.seenKeys.has(key) || (!matched && waitsUnlisted(table, key))) continue;
    laws.need("accepted-is-kept", !matched, `an accepted message (${what}, ${key}) is in no timeline`);
    if (!matched) unmatched.set(listedAs, (unmatched.get(listedAs) ?? new Set()).add(key));
  }
  // A line of the list names its last few messages and counts them all.
  for (const [listedAs, keys] of unmatched) {
    const counted = countOf(table, listedAs);
    const said = `of ${keys.size} accepted messages (${listedAs}) the list counts ${counted}`;
    laws.need("accepted-is-kept", counted >= keys.size, said);
  }
}

function choreExists(table: MemoryTable, token: string | null): boolean {
  const chores = [...(table.records.get(choreCollection)?.values() ?? [])];
  return token !== null && chores.some((stored) => bodyOf<ChoreRecord>(stored).answer.token === token);
}

function waitsUnlisted(table: MemoryTable, key: string): boolean {
  const stored = table.records.get("inbox")?.get(key);
  return stored !== undefined && bodyOf<{ readonly listed?: boolean }>(stored).listed !== true;
}

function countOf(table: MemoryTable, listedAs: string): number {
  const stored = table.records.get(unmatchedCollection)?.get(listedAs);
  return stored === undefined ? 0 : bodyOf<UnmatchedItem>(stored).count;
}
