/** Writes everything that a store holds into one new file. The format stands in exportLines.ts. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { MedicError } from "../../domain/errors.ts";
import type { ExportItem } from "../../ports/store.ts";
import { fileTroubleOf } from "../fileTrouble.ts";
import { endLine, headBytes, headLine, itemLine } from "./exportLines.ts";

export interface Exported {
  readonly cases: number;
  readonly records: number;
  readonly leases: number;
  readonly bytes: number;
}

export interface ExportSource {
  readonly items: AsyncIterable<ExportItem>;
  /** Where the items come from, for whoever reads the head; cut when it is long. */
  readonly from: string;
  /** Epoch ms. */
  readonly at: number;
  /** Whether a bot runs on the source; asked after the last item, for whoever imports the file. */
  readonly isRunning?: () => Promise<boolean>;
}

const chunkBytes = 256 * 1024;
const fromLettersMax = 100;

/**
 * `path` must not exist; only its owner may read it. On disk when this returns; gone again when it throws.
 * Throws MedicError `file-exists` or `file-unwritable`, and what the store throws.
 */
export async function writeExport(path: string, source: ExportSource): Promise<Exported> {
  const file = await newFile(path);
  try {
    const written = await writeLines(file, source);
    await file.sync();
    await file.close();
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error instanceof MedicError ? error : unwritable(path, error);
  }
}

/** The name of a new file is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file of ours alone. Throws MedicError `file-exists` or `file-unwritable`. */
export async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, error);
    throw new MedicError("file-exists", `${path} exists already`, {
      retry: "never",
      next: "Nothing is overwritten: name a new file.",
      cause: error,
    });
  }
}

function unwritable(path: string, cause: unknown): MedicError {
  const { why, next } = fileTroubleOf(cause, { made: path });
  return new MedicError("file-unwritable", `${path} cannot be written: ${why}`, {
    retry: "never",
    next: next ?? "Look at the folder, its permissions and the room on its disk; nothing was left behind.",
    cause,
  });
}

async function writeLines(file: FileHandle, { items, from, at, isRunning }: ExportSource): Promise<Exported> {
  const counts = { case: 0, record: 0, lease: 0 };
  const about = { at, from: from.slice(0, fromLettersMax) };
  const digest = createHash("sha256");
  let bytes = headBytes;
  let waiting = "";
  const put = async (text: string) => {
    const chunk = Buffer.from(text);
    await file.writev([chunk], bytes);
    bytes += chunk.length;
  };
  await file.write(headLine({ finished: false, ...about, cases: 0, records: 0, leases: 0 }), 0, headBytes, 0);
  for await (const item of items) {
    const line = itemLine(item);
    digest.update(line);
    counts[item.kind] += 1;
    waiting += line;
    if (waiting.length < chunkBytes) continue;
    await put(waiting);
    waiting = "";
  }
  const all = counts.case + counts.record + counts.lease;
  await put(waiting + endLine({ items: all, sha256: digest.digest("hex") }));
  const found = { cases: counts.case, records: counts.record, leases: counts.lease };
  const running = (await isRunning?.()) ?? false;
  await file.write(headLine({ finished: true, ...about, ...found, running }), 0, headBytes, 0);
  return { ...found, bytes };
}
