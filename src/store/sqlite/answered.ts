/**
 * How far the store has answered: the number of the last commit that anybody was told of, beside the database. SQLite reads its log up to
 * the first damaged page and takes the rest for a write that a power cut tore; the same with a missing log or an older copy of the
 * database. The database alone looks whole then. This file says how far it must reach.
 *
 * Written after each commit, never before, and not synced: what it says is durable already, and after a power cut it may only be behind.
 * Twice in the file, in two sectors, each with its checksum: one damaged copy is as good as none.
 */
import { closeSync, constants, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { sizeOf, statOf, syncFolder } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";

export interface Answered {
  /** Which database it belongs to: when that was made, epoch ms. */
  readonly created: number;
  readonly commits: number;
  /** When the last of them was answered, epoch ms. */
  readonly at: number;
}

export interface AnsweredFile {
  write(answered: Answered): void;
  sync(): void;
  close(): void;
}

/** A sector of its own for each copy. */
const copyBytes = 512;

export type AnsweredReading =
  | { readonly kind: "read"; readonly answered: Answered; readonly copies: number }
  | { readonly kind: "missing" }
  /** A database by itself, which has none. */
  | { readonly kind: "backup" }
  | { readonly kind: "unreadable" };

export function readAnswered(files: FolderFiles): AnsweredReading {
  if (!statOf(files.answered)) return { kind: "missing" };
  const bytes = Buffer.alloc(2 * copyBytes);
  const handle = openSync(files.answered, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    readSync(handle, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(handle);
  }
  const copies = [0, copyBytes].flatMap((at) => parsed(bytes.subarray(at, at + copyBytes).toString("latin1")));
  const [best] = copies.sort((left, right) => right.commits - left.commits);
  return best ? { kind: "read", answered: best, copies: copies.length } : { kind: "unreadable" };
}

/** Opens it for writing and makes it when it is missing; `first` stands in it, synced, when this returns. */
export function openAnswered(files: FolderFiles, first: Answered): AnsweredFile {
  const isNew = sizeOf(files.answered) === 0;
  // A new one has its name only when it is on disk: an empty one would be taken for a damaged one.
  const path = isNew ? `${files.answered}.unfinished` : files.answered;
  const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
  const handle = openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
  const write = (answered: Answered) => void writeSync(handle, twice(answered), 0, 2 * copyBytes, 0);
  write(first);
  fsyncSync(handle);
  if (isNew) {
    renameSync(path, files.answered);
    syncFolder(files.dir);
  }
  return { write, sync: () => fsyncSync(handle), close: () => closeSync(handle) };
}

function twice({ created, commits, at }: Answered): Buffer {
  const text = `answered ${created} ${commits} ${at}`;
  const copy = `${text} ${crc32(text)}\n`.padEnd(copyBytes - 1, " ").concat("\n");
  return Buffer.from(copy + copy, "latin1");
}

function parsed(copy: string): Answered[] {
  const [, text, created, commits, at, checksum] = /^(answered (\d+) (\d+) (\d+)) (\d+)\n/.exec(copy) ?? [];
  if (text === undefined || crc32(text) !== Number(checksum)) return [];
  return [{ created: Number(created), commits: Number(commits), at: Number(at) }];
}
