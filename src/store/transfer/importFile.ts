/**
 * Reads an export in two passes: the first judges every line and writes nothing, the second writes. An import that was interrupted
 * is repeated: what stands in the store already and is the same is done, and nothing that stands there is ever overwritten.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { MedicError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { StoreUncertain, StoreUnavailable, type ExportItem, type Transfer } from "../../ports/store.ts";
import { fileTroubleOf } from "../fileTrouble.ts";
import { itemLine, lineBytesMax, nameOfItem, readHead, readLine, unreadable } from "./exportLines.ts";
import type { ExportHead } from "./exportLines.ts";
import { isImportMark } from "./unfinished.ts";

export interface ReadExport {
  readonly path: string;
  readonly head: ExportHead;
  /** Over all items, as the file's last line says it: what tells this export from any other. */
  readonly sha256: string;
  /** By the item's name: the digest of its line. */
  readonly items: ReadonlyMap<string, string>;
}

export interface Imported {
  readonly written: number;
  /** Stood there already, the same. */
  readonly same: number;
  /** Something else stands under their key; it was left alone. */
  readonly leftAlone: readonly string[];
}

/** In flight at once: what waits goes into one commit of the embedded store, and keeps a table's partitions busy. */
const width = 32;

/** Every line, judged. Throws MedicError `export-unreadable` or `export-newer`. */
export async function readExport(path: string): Promise<ReadExport> {
  const items = new Map<string, string>();
  const counts = { case: 0, record: 0, lease: 0 };
  const digest = createHash("sha256");
  let head: ExportHead | undefined;
  let sha256: string | undefined;
  let at = 0;
  for await (const line of linesOf(path)) {
    at += 1;
    if (head === undefined) {
      head = readHead(line.toString("utf8"));
      continue;
    }
    if (sha256 !== undefined) throw unreadable(`line ${at} stands after the end`);
    const read = readLine(line.toString("utf8"), at);
    if (read.kind === "end") {
      if (read.end.items !== items.size)
        throw unreadable(`its end speaks of ${read.end.items} items, ${items.size} are there`);
      if (read.end.sha256 !== digest.digest("hex"))
        throw unreadable("it was changed: the digest at its end is another");
      sha256 = read.end.sha256;
      continue;
    }
    digest.update(line).update("\n");
    counts[read.item.kind] += 1;
    const name = nameOfItem(read.item);
    if (items.has(name)) throw unreadable(`line ${at}: ${name} stands in it twice`);
    items.set(name, digestOf(read.item));
  }
  if (head === undefined) throw unreadable("it is empty");
  if (sha256 === undefined) throw unreadable(`it ends after line ${at} without its last line: it was cut`);
  if (counts.case !== head.cases || counts.record !== head.records || counts.lease !== head.leases)
    throw unreadable("its head counts other items than are there");
  return { path, head, sha256, items };
}

/** Names of what stands in the store and is not, or not so, in the export: empty means that it may go there. */
export async function strangersIn(transfer: Transfer, { items }: ReadExport): Promise<string[]> {
  const strangers: string[] = [];
  for await (const item of transfer.exportAll()) {
    const name = nameOfItem(item);
    if (!isImportMark(item) && items.get(name) !== digestOf(item)) strangers.push(name);
  }
  return strangers;
}

/**
 * Writes what is missing, and reads everything back. Throws what the store throws, after some patience; repeating it is safe.
 * `onProgress` hears how many lines are done.
 */
export async function writeImport(
  transfer: Transfer,
  read: ReadExport,
  { clock, onProgress = () => undefined }: { clock: Clock; onProgress?: (done: number) => void },
): Promise<Imported> {
  const before = await digestsIn(transfer);
  const lines = itemsOf(read.path);
  let done = 0;
  const workers = Array.from({ length: width }, async () => {
    for (;;) {
      const next = await lines.next();
      if (next.done) return;
      if (read.items.get(nameOfItem(next.value)) !== digestOf(next.value)) throw changedMeanwhile(read.path);
      // A lease is always offered: its fence is raised to the higher of both.
      if (next.value.kind === "lease" || !before.has(nameOfItem(next.value)))
        await patiently(clock, () => transfer.importItem(next.value));
      onProgress((done += 1));
    }
  });
  // All of them come to rest before anybody hears of the first failure.
  const ended = await Promise.allSettled(workers);
  const failed = ended.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  return judged(read, { before, after: await digestsIn(transfer) });
}

function changedMeanwhile(path: string): MedicError {
  return new MedicError("export-changed", `${path} was changed while it was imported`, {
    retry: "never",
    next: "Nothing of the change was written. Put the file back as it was and run the same import again.",
  });
}

/** By what stands in the store, not by what was answered: an answer may have been lost. */
function judged(
  read: ReadExport,
  { before, after }: Record<"before" | "after", ReadonlyMap<string, string>>,
): Imported {
  const leftAlone: string[] = [];
  const missing: string[] = [];
  let same = 0;
  for (const [name, digest] of read.items) {
    const found = after.get(name);
    if (found === undefined) missing.push(name);
    else if (found !== digest) leftAlone.push(name);
    else if (before.get(name) === digest) same += 1;
  }
  if (missing.length > 0)
    throw new MedicError(
      "import-incomplete",
      `${missing.length} items were written and cannot be found: ${missing[0]} …`,
      {
        retry: "later",
        next: "Run the same import again; if it stays, look at the store's log and permissions.",
      },
    );
  return { written: read.items.size - same - leftAlone.length, same, leftAlone: leftAlone.sort() };
}

async function digestsIn(transfer: Transfer): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for await (const item of transfer.exportAll()) digests.set(nameOfItem(item), digestOf(item));
  return digests;
}

/** A new table refuses a flood for a while: some 13 s in all, by doubling. Repeating is harmless: an item is put where nothing stands. */
const triesMax = 7;
const firstPauseMs = 200;

async function patiently(clock: Clock, work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return void (await work());
    } catch (error) {
      const passes = error instanceof StoreUnavailable || error instanceof StoreUncertain;
      if (!passes || tries === triesMax) throw error;
      await clock.sleep(firstPauseMs * 2 ** (tries - 1));
    }
  }
}

async function* itemsOf(path: string): AsyncGenerator<ExportItem> {
  let at = 0;
  for await (const line of linesOf(path)) {
    at += 1;
    const read = at === 1 ? undefined : readLine(line.toString("utf8"), at);
    if (read?.kind === "item") yield read.item;
  }
}

function digestOf(item: ExportItem): string {
  return createHash("sha256").update(itemLine(item)).digest("base64");
}

/** Without their line ends. By bytes: a body may hold letters that other readers take for line ends. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let to = chunk.indexOf(0x0a); to >= 0; to = chunk.indexOf(0x0a, from)) {
        yield Buffer.concat([rest, chunk.subarray(from, to)]);
        rest = Buffer.alloc(0);
        from = to + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(from)]);
      if (rest.length > lineBytesMax) throw unreadable(`a line of it is longer than ${lineBytesMax} bytes`);
    }
  } catch (error) {
    if (error instanceof MedicError) throw error;
    const { why, next = "Name the file that `medic store export` made." } = fileTroubleOf(error);
    throw unreadable(why, { next: `Nothing was written. ${next}`, cause: error });
  }
  if (rest.length > 0) throw unreadable("its last line has no end: it was cut");
}
