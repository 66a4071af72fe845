/**
 * What is stored of a chore: an answer owed to Auto Scaling, with its plan's inputs and journal. The journal is written by
 * compare-and-set under the fence of the chore's own lease, so that a worker that has lost it cannot write any more.
 */
import type { RunOutcome } from "../domain/serviceCase.ts";
import type { Scope, ServiceName } from "../domain/words.ts";
import type { HookAnswer } from "../ports/scaling.ts";
import { StoreUncertain, type RecordKey, type Records, type StoredRecord } from "../ports/store.ts";
import { AbandonRun } from "../recovery/control.ts";
import type { HookInputs } from "../recovery/hookSteps.ts";
import type { Journal, StepEntry } from "../recovery/plan.ts";

export interface ChoreRecord {
  readonly id: string;
  readonly service: ServiceName;
  readonly scope: Scope;
  /** `hook-launching@1`: a version that this program does not know is left alone. */
  readonly definition: string;
  readonly answer: HookAnswer;
  readonly transition: HookInputs["transition"];
  /** Epoch ms: when the instance began to wait. */
  readonly since: number;
  /** Resolved at the first look, and not again. */
  readonly inputs?: HookInputs;
  readonly journal: readonly StepEntry[];
  readonly fence: number;
  readonly worker: string;
  /** What a person was last asked for: asked once. */
  readonly asked?: string;
  /** The plan has ended without an answer; the chore only waits for AWS to end the hook. */
  readonly unanswered?: RunOutcome;
  readonly ended?: { readonly at: number; readonly outcome: RunOutcome };
}

export const choreCollection = "chore";
export const choreKey = (id: string): RecordKey => ({ collection: choreCollection, id });
export const choreLease = (id: string): string => `chore/${id}`;

export interface OpenChore extends Journal {
  record(): ChoreRecord;
  change(part: Partial<ChoreRecord>): Promise<void>;
}

/** Marks the record as ours before anything else. Throws AbandonRun. */
export async function openChore(
  { records, worker }: { readonly records: Records; readonly worker: string },
  stored: StoredRecord<ChoreRecord>,
  fence: number,
): Promise<OpenChore> {
  let { body, rev } = stored;
  const replaceOnce = async (next: ChoreRecord): Promise<boolean> => {
    const key = choreKey(body.id);
    try {
      return await records.replace(key, next, rev);
    } catch (error) {
      if (!(error instanceof StoreUncertain)) throw error;
      const now = await records.get<ChoreRecord>(key);
      if (now?.rev === rev) return records.replace(key, next, rev);
      return now?.rev === rev + 1 && now.body.fence === fence && now.body.worker === worker;
    }
  };
  const change = async (part: Partial<ChoreRecord>): Promise<void> => {
    const next = { ...body, ...part };
    if (!(await replaceOnce(next))) throw new AbandonRun("another worker has written the chore's record");
    body = next;
    rev += 1;
  };
  if (body.fence > fence) throw new AbandonRun("the chore's record carries a newer fence");
  await change({ fence, worker });
  return {
    get entries() {
      return body.journal;
    },
    record: () => body,
    change,
    write: (entry) => change({ journal: [...body.journal.filter((each) => each.step !== entry.step), entry] }),
  };
}
