/**
 * Whether the store takes writes, as /readyz tells it, and what the log says: of each error at most once a minute, and that it is over
 * only where the error was told. A disk that is nearly full refuses large writes and takes small ones: then it is called full until a
 * write of the largest size was kept, or it would be well and full in turn.
 */
import type { Clock } from "../../ports/clock.ts";
import { hasPassed } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Trouble } from "./sqlErrors.ts";

export type StoreHealth =
  { readonly ok: true } | { readonly ok: false; readonly sentence: string; readonly next: string };

export interface Health {
  now(): StoreHealth;
  trouble(): Trouble | undefined;
  /** `writes` = how many were refused with it. */
  failed(trouble: Trouble, writes: number): void;
  /** A write was kept; `largest` = one of the largest size. */
  worked(kept: { largest: boolean }): void;
}

const repeatMs = 60_000;

export function storeHealth({ dir, clock, log }: { dir: string; clock: Clock; log: Log }): Health {
  let current: { readonly trouble: Trouble; readonly since: number; readonly told: boolean } | undefined;
  // SQLite has some hundred codes: this stays small.
  const toldAt = new Map<string, number>();
  let untold = 0;
  const tell = ({ kind, code, errno, message }: Trouble) => {
    log.error("store-write-failed", { dir, kind, code, ...(errno ? { errno } : {}), message, refused: untold });
    toldAt.set(code, clock.now());
    untold = 0;
  };
  return {
    now: () =>
      current
        ? { ok: false, sentence: sentenceFor(dir, current.trouble), next: nextFor(current.trouble, dir) }
        : { ok: true },
    trouble: () => current?.trouble,
    failed: (trouble, writes) => {
      const { code } = trouble;
      const tells = hasPassed(clock, toldAt.get(code) ?? -Infinity, repeatMs);
      const former = current;
      const same = former?.trouble.code === code;
      current = { trouble, since: same ? former.since : clock.now(), told: tells || (former?.told ?? false) };
      untold += writes;
      if (tells) tell(trouble);
    },
    worked: ({ largest }) => {
      if (!current || (current.trouble.kind === "full" && !largest)) return;
      const { trouble, since, told } = current;
      current = undefined;
      if (told) log.info("store-writes-again", { dir, code: trouble.code, afterMs: Math.max(0, clock.now() - since) });
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
