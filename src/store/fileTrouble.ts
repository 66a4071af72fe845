/** Why the system or SQLite would not take or give a file, in words for whoever typed a command, and what helps. */
import { dirname } from "node:path";
import { sentenceOf } from "../domain/errors.ts";
import { troubleOf } from "./sqlite/sqlErrors.ts";

export interface FileTrouble {
  readonly why: string;
  /** What helps; undefined where that depends on the file. */
  readonly next?: string;
}

const otherUser: FileTrouble = {
  why: "this user may not do that there (permission denied)",
  next: "Run it as the user that the bot runs as, or as one who may read and write there.",
};
const noRoom: FileTrouble = {
  why: "its disk is full",
  next: "Make room on that disk or name another one, then run it again.",
};
const readOnly: FileTrouble = { why: "its disk is mounted read-only", next: "Look at that disk, or name another one." };

const ofSystem: Readonly<Record<string, FileTrouble>> = {
  EACCES: otherUser,
  EPERM: otherUser,
  ENOSPC: noRoom,
  EDQUOT: noRoom,
  EROFS: readOnly,
  EISDIR: { why: "it is a folder" },
  EEXIST: { why: "it is not a folder" },
  ENOTDIR: { why: "what should be a folder above it is a file" },
};

/** SQLite's READONLY and CANTOPEN (https://www.sqlite.org/rescode.html): a reader of a write-ahead log writes beside the database. */
const notAllowed = /^(SQLITE_(READONLY|CANTOPEN)|UNKNOWN_SQLITE_ERROR_1544)/;

/** `made`: the file that was to be made, so that what is missing is its folder; undefined = a file that was to be read. */
export function fileTroubleOf(error: unknown, { made }: { made?: string } = {}): FileTrouble {
  const trouble = troubleOf(error);
  if (trouble?.kind === "full") return noRoom;
  if (trouble && notAllowed.test(trouble.code)) return otherUser;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT")
    return { why: made === undefined ? "it does not exist" : `the folder ${dirname(made)} does not exist` };
  return ofSystem[code] ?? { why: sentenceOf(error) };
}
