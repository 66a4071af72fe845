/** Whether the store takes writes, as /readyz tells it, and what the log says of a change: once, then once a minute while it lasts. */
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Trouble } from "./sqlErrors.ts";

export type StoreHealth =
  { readonly ok: true } | { readonly ok: false; readonly sentence: string; readonly next: string };

export interface Health {
  now(): StoreHealth;
  trouble(): Trouble | undefined;
  /** `writes` = how many were refused with it. */
  failed(trouble: Trouble, writes: number): void;
  /** A write was kept. */
  worked(): void;
}

const repeatMs = 60_000;

export function storeHealth({ dir, clock, log }: { dir: string; clock: Clock; log: Log }): Health {
  let current: { readonly trouble: Trouble; readonly since: number } | undefined;
  let toldAt = -Infinity;
  let untold = 0;
  return {
    now: () =>
      current
        ? { ok: false, sentence: sentenceFor(dir, current.trouble), next: nextFor(current.trouble, dir) }
        : { ok: true },
    trouble: () => current?.trouble,
    failed: (trouble, writes) => {
      const now = clock.now();
      const isNew = current?.trouble.code !== trouble.code;
      current = { trouble, since: isNew || !current ? now : current.since };
      untold += writes;
      if (!isNew && now - toldAt < repeatMs) return;
      const { kind, code, errno, message } = trouble;
      log.error("store-write-failed", { dir, kind, code, ...(errno ? { errno } : {}), message, refused: untold });
      toldAt = now;
      untold = 0;
    },
    worked: () => {
      if (!current) return;
      log.info("store-writes-again", { dir, code: current.trouble.code, afterMs: clock.now() - current.since });
      current = undefined;
      untold = 0;
    },
  };
}

function sentenceFor(dir: string, { kind, code, message }: Trouble): string {
  switch (kind) {
    case "full":
      return `The disk of ${dir} is full (ENOSPC): nothing is kept and nothing acts until there is room again.`;
    case "io":
      return `The disk of ${dir} fails (${code}): nothing acts until the data was read and written again without error.`;
    case "damaged":
      return `The data in ${dir} is damaged (${code}): stop the bot and run \`medic store check\`.`;
    case "busy":
      return `Another program holds the data in ${dir} (${message}): close its transaction.`;
    case "other":
      return `The store in ${dir} does not take writes (${code}: ${message}).`;
  }
}

/** What helps, for the error of one write. */
export function nextFor({ kind }: Trouble, dir: string): string {
  switch (kind) {
    case "full":
      return `make room on the disk of ${dir}; it goes on by itself`;
    case "io":
      return `look at the disk of ${dir} and the kernel's log`;
    case "damaged":
      return "stop the bot and run `medic store check`";
    case "busy":
      return `close the shell that writes to ${dir}`;
    case "other":
      return "look at the log line store-write-failed";
  }
}
