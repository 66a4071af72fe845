/** What still has to be sent, by priority; the newest wish for one message replaces the older one. */
import type { CardModel } from "../domain/cardModel.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { MessageRef } from "../ports/chat.ts";

/** Smaller goes first. */
export const priorities = { prompt: 0, result: 1, mention: 2, progress: 3, reply: 4, reminder: 5, digest: 6 } as const;
export type Priority = keyof typeof priorities;

interface Waiting {
  readonly id: string;
  /** Order of arrival among equals. */
  readonly order: number;
  priority: Priority;
  /** Not before (epoch ms): after a failure, or for a message's own pace. */
  notBefore: number;
  attempts: number;
  running: boolean;
}

export interface CardJob extends Waiting {
  readonly kind: "card";
  readonly service: ServiceName;
  /** As committed; read again when it has waited. */
  current: ServiceCase;
  offeredAt: number;
  /** An attempt to post may have succeeded: look before posting again. */
  mustFind: boolean;
  /** Offered again while it was being sent. */
  again: boolean;
}

export interface ThreadJob extends Waiting {
  readonly kind: "thread";
  readonly service: ServiceName;
  current: ServiceCase;
  ref: MessageRef;
  mustFind: boolean;
  again: boolean;
}

export interface SayJob extends Waiting {
  readonly kind: "say";
  readonly channel: string;
  readonly card: CardModel;
  /** Update this one instead of posting. */
  readonly ref: MessageRef | undefined;
  mustFind: boolean;
  readonly done: (ref: MessageRef) => void;
  readonly failed: (error: unknown) => void;
}

export type Job = CardJob | ThreadJob | SayJob;

export interface SenderQueue {
  readonly jobs: ReadonlyMap<string, Job>;
  put(job: Job): void;
  get(id: string): Job | undefined;
  drop(id: string): void;
  clear(): Job[];
  nextOrder(): number;
  /** Not being sent now, most important first. */
  waiting(): Job[];
}

export function createSenderQueue(): SenderQueue {
  const jobs = new Map<string, Job>();
  let order = 0;
  return {
    jobs,
    put: (job) => void jobs.set(job.id, job),
    get: (id) => jobs.get(id),
    drop: (id) => void jobs.delete(id),
    clear() {
      const all = [...jobs.values()];
      jobs.clear();
      return all;
    },
    nextOrder: () => (order += 1),
    waiting: () =>
      [...jobs.values()]
        .filter((job) => !job.running)
        .sort((a, b) => priorities[a.priority] - priorities[b.priority] || a.order - b.order),
  };
}
