/**
 * Reads an export in two passes: the first judges every line and writes nothing, the second writes. An import that was interrupted
 * is repeated: what stands in the store already and is the same is done, and nothing that stands there is ever overwritten.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { MedicError } from "../../domain/errors.ts";
import type { ExportItem, Transfer } from "../../ports/store.ts";
import { itemLine, lineBytesMax, nameOfItem, readHead, readLine, unreadable } from "./exportLines.ts";
import type { ExportHead } from "./exportLines.ts";
import { isImportMark } from "./unfinished.ts";

export interface ReadExport {
  readonly path: string;
  readonly head: ExportHead;
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
const width = 64;

/** Every line, judged. Throws MedicError `export-unreadable` or `export-newer`. */
export async function readExport(path: string): Promise<ReadExport> {
  const items = new Map<string, string>();
  const counts = { case: 0, record: 0, lease: 0 };
  const digest = createHash("sha256");
  let head: ExportHead | undefined;
  let isOver = false;
  let at = 0;
  for await (const line of linesOf(path)) {
    at += 1;
    if (head === undefined) {
      head = readHead(line.toString("utf8"));
      continue;
    }
    if (isOver) throw unreadable(`line ${at} stands after the end`);
    const read = readLine(line.toString("utf8"), at);
    if (read.kind === "end") {
      if (read.end.items !== items.size)
        throw unreadable(`its end speaks of ${read.end.items} items, ${items.size} are there`);
      if (read.end.sha256 !== digest.digest("hex"))
        throw unreadable("it was changed: the digest at its end is another");
      isOver = true;
      continue;
    }
    digest.update(line).update("\n");
    counts[read.item.kind] += 1;
    const name = nameOfItem(read.item);
    if (items.has(name)) throw unreadable(`line ${at}: ${name} stands in it twice`);
    items.set(name, digestOf(read.item));
  }
  if (head === undefined) throw unreadable("it is empty");
  if (!isOver) throw unreadable(`it ends after line ${at} without its last line: it was cut`);
  if (counts.case !== head.cases || counts.record !== head.records || counts.lease !== head.leases)
    throw unreadable("its head counts other items than are there");
  return { path, head, items };
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

/** Throws what the store throws; repeating it is safe. `onProgress` hears how many are done. */
export async function writeImport(
  transfer: Transfer,
  read: ReadExport,
  onProgress: (done: number) => void = () => undefined,
): Promise<Imported> {
  const standing = new Map<string, string>();
  for await (const item of transfer.exportAll()) standing.set(nameOfItem(item), digestOf(item));
  const leftAlone: string[] = [];
  let written = 0;
  let same = 0;
  const take = async (item: ExportItem): Promise<void> => {
    const name = nameOfItem(item);
    const there = standing.get(name);
    if (there !== undefined && there === read.items.get(name)) same += 1;
    else if (there === undefined && (await transfer.importItem(item))) written += 1;
    else leftAlone.push(name);
    onProgress(written + same + leftAlone.length);
  };
  const lines = itemsOf(read.path);
  const workers = Array.from({ length: width }, async () => {
    for (;;) {
      const next = await lines.next();
      if (next.done) return;
      await take(next.value);
    }
  });
  // All of them come to rest before anybody hears of the first failure.
  const ended = await Promise.allSettled(workers);
  const failed = ended.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  return { written, same, leftAlone: leftAlone.sort() };
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
    throw unreadable(error instanceof Error ? error.message : String(error), error);
  }
  if (rest.length > 0) throw unreadable("its last line has no end: it was cut");
}
