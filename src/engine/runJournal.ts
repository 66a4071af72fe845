/**
 * The journal of a run, written by compare-and-set under the fence of the lease: a worker that has lost the lease finds the
 * record changed and may not write any more.
 */
import type { RunOutcome } from "../domain/serviceCase.ts";
import { StoreUncertain, type Records, type StoredRecord } from "../ports/store.ts";
import { AbandonRun } from "../recovery/control.ts";
import type { Journal, StepEntry } from "../recovery/plan.ts";
import { runKey, type RunRecord } from "./runRecord.ts";

export interface OpenJournal extends Journal {
  record(): RunRecord;
  /** What is new about a step that waits; the newest takes the place of the older one. */
  progress(progress: NonNullable<RunRecord["progress"]>): Promise<void>;
  end(ended: { readonly at: number; readonly outcome: RunOutcome }): Promise<void>;
}

export interface JournalParts {
  readonly records: Records;
  readonly worker: string;
}

/** Marks the record as ours before anything else: from here on, former holders cannot write. Throws AbandonRun. */
export async function openJournal(
  { records, worker }: JournalParts,
  stored: StoredRecord<RunRecord>,
  fence: number,
): Promise<OpenJournal> {
  let { body, rev } = stored;
  const key = runKey(body.service, body.runId);

  const store = async (next: RunRecord): Promise<void> => {
    const done = await replaceOnce(next);
    if (!done) throw new AbandonRun("another worker has written its record");
    body = next;
    rev += 1;
  };
  const replaceOnce = async (next: RunRecord): Promise<boolean> => {
    try {
      return await records.replace(key, next, rev);
    } catch (error) {
      if (!(error instanceof StoreUncertain)) throw error;
      const now = await records.get<RunRecord>(key);
      if (now?.rev === rev) return records.replace(key, next, rev);
      return now?.rev === rev + 1 && now.body.fence === fence && now.body.worker === worker;
    }
  };

  if (body.fence > fence) throw new AbandonRun("its record carries a newer fence");
  if (body.fence !== fence || body.worker !== worker) await store({ ...body, fence, worker });
  return {
    get entries() {
      return body.journal;
    },
    record: () => body,
    write: async (entry: StepEntry) => {
      const others = body.journal.filter((each) => each.step !== entry.step);
      await store({ ...body, journal: [...others, entry] });
    },
    progress: async (progress) => {
      await store({ ...body, progress });
    },
    end: async (ended) => {
      await store({ ...body, ended });
    },
  };
}
