/** `medic store export` and `import`: the way from one store to another, with open incidents. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MedicError } from "../../domain/errors.ts";
import { wallClock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import { runningPid } from "../../store/running.ts";
import { openForReading } from "../../store/sqlite/offline.ts";
import { writeExport, type Exported, type ExportSource } from "../../store/transfer/exportFile.ts";
import { readExport, strangersIn, writeImport, type ReadExport } from "../../store/transfer/importFile.ts";
import { assertNoOtherImport, beginImport, endImport, withoutImport } from "../../store/transfer/unfinished.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import { logTo, nameOfSide, said, sideOf, sizeText, timeText, withStore, type Side, type SideOptions } from "./side.ts";

/** Whoever speaks in Slack holds it for as long as a bot runs. */
const leaseOfRunning = "sender";
const standard = "-";

export interface ExportOptions extends SideOptions {
  readonly file: string;
}

export function exportStore({ file, ...options }: ExportOptions, terminal: Terminal): Promise<ExitCode> {
  return said("export", terminal, async () => {
    const side = sideOf(options, terminal);
    const { exported, running } = await withFile(file, async (path) => {
      const done = await exportSide(side, path, terminal);
      if (file === standard) await terminal.sendFile(path);
      return done;
    });
    const { cases, records, leases, bytes } = exported;
    const counts = `${cases} cases, ${records} records, ${leases} leases`;
    terminal.err(`${nameOfSide(side)} exported: ${counts}; ${sizeText(bytes)}.`);
    if (running)
      terminal.err(
        `A bot runs on it (${running}): what it writes from now on is not in the file. To move, stop it and export again.`,
      );
    return 0;
  });
}

/** In a folder of its own while it goes to or comes from a pipe, so that nothing is half written when the pipe breaks. */
async function withFile<T>(file: string, work: (path: string) => Promise<T>): Promise<T> {
  if (file !== standard) return work(file);
  const folder = await mkdtemp(join(tmpdir(), "medic-export-"));
  try {
    return await work(join(folder, "export.jsonl"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ExportDone {
  readonly exported: Exported;
  /** What shows that a bot runs. */
  readonly running: string | undefined;
}

async function exportSide(side: Side, path: string, terminal: Terminal): Promise<ExportDone> {
  const about = { from: nameOfSide(side), at: wallClock.now() };
  if (side.kind === "folder") {
    const store = await openForReading(side.dir);
    return exportWith(path, { items: store.exportAll(), ...about }, async () => {
      const pid = runningPid(side.dir);
      return pid === undefined ? undefined : `process ${pid}`;
    });
  }
  return withStore(side, logTo(terminal), async (store) => {
    return exportWith(path, { items: store.transfer.exportAll(), ...about }, () => runningOn(store));
  });
}

async function exportWith(
  path: string,
  source: ExportSource,
  runningNow: () => Promise<string | undefined>,
): Promise<ExportDone> {
  let running: string | undefined;
  const isRunning = async () => (running = await runningNow()) !== undefined;
  const exported = await writeExport(path, { ...source, items: withoutImport(source.items), isRunning });
  return { exported, running };
}

async function runningOn({ leases }: Store): Promise<string | undefined> {
  const lease = await leases.read(leaseOfRunning);
  return lease && lease.until > wallClock.now() ? `lease "${lease.name}" until ${timeText(lease.until)}` : undefined;
}

export interface ImportOptions extends SideOptions {
  readonly file: string;
  readonly merge?: boolean;
}

export function importStore({ file, merge = false, ...options }: ImportOptions, terminal: Terminal): Promise<ExitCode> {
  return said("import", terminal, async () => {
    const side = sideOf(options, terminal);
    return withFile(file, async (path) => {
      if (file === standard) await terminal.receiveFile(path);
      const read = await readNamed(path, file);
      terminal.err(`${read.items.size} items, exported ${timeText(read.head.at)} from ${read.head.from}: whole.`);
      if (read.head.running === true)
        terminal.err("A bot ran there when it was exported: what that bot wrote later is not in the file.");
      return withStore(side, logTo(terminal), (store) => importInto(store, read, { side, merge, terminal }));
    });
  });
}

/** The reader knows no name: standard input has none. */
async function readNamed(path: string, file: string): Promise<ReadExport> {
  try {
    return await readExport(path);
  } catch (error) {
    if (!(error instanceof MedicError)) throw error;
    const { code, retry, next, message } = error;
    const named = file === standard ? "what came on standard input" : file;
    throw new MedicError(
      code,
      message.replace(/^the file /, () => `${named} `),
      { retry, next, cause: error },
    );
  }
}

interface Importing {
  readonly side: Side;
  readonly merge: boolean;
  readonly terminal: Terminal;
}

async function importInto(store: Store, read: ReadExport, { side, merge, terminal }: Importing): Promise<ExitCode> {
  const running = await runningOn(store);
  if (running) throw inUse(side, running);
  await assertNoOtherImport(store.records, read.sha256);
  const strangers = await strangersIn(store.transfer, read);
  if (strangers.length > 0 && !merge) throw notEmpty(side, strangers);
  await beginImport(store.records, { at: wallClock.now(), sha256: read.sha256 });
  const onProgress = progress(terminal, read.items.size);
  const { written, same, leftAlone } = await writeImport(store.transfer, read, { clock: wallClock, onProgress });
  await endImport(store.records);
  terminal.out(`${nameOfSide(side)}: ${written} items written, ${same} were there already; read back.`);
  for (const name of leftAlone) terminal.out(`left alone, something else stands there: ${name}`);
  terminal.err(leftAlone.length > 0 ? nextAfterConflict(leftAlone.length) : nextAfter(written));
  return 0;
}

/** What stood there won, and nobody but a person knows which of the two is right. */
function nextAfterConflict(count: number): string {
  const what =
    count === 1
      ? "1 item is not as it is in the file: what stood here was kept"
      : `${count} items are not as they are in the file: what stood here was kept`;
  return (
    `${what}. Next: compare them before a bot starts here (a case is an incident, with its holds and approvals). ` +
    "Start no bot any more on the store that the export came from."
  );
}

/** Nothing is written where everything stands already: a repetition, or the very store that the file came from. */
function nextAfter(written: number): string {
  return written > 0
    ? "Next: start the bot on this store, and never again on the one that the export came from."
    : "Nothing was missing here, and nothing was changed but fences. If the file came from another store, start no bot on that one any more.";
}

const tellEach = 10_000;

function progress(terminal: Terminal, all: number): (done: number) => void {
  return (done) => {
    if (done % tellEach === 0) terminal.err(`${done} of ${all}`);
  };
}

function inUse(side: Side, running: string): MedicError {
  return new MedicError("data-in-use", `a bot runs on ${nameOfSide(side)} (${running})`, {
    retry: "later",
    next: "Stop every bot on it first. Nothing was written.",
  });
}

const namedMax = 10;

function notEmpty(side: Side, strangers: readonly string[]): MedicError {
  const more = strangers.length > namedMax ? ` and ${strangers.length - namedMax} more` : "";
  const named = `${strangers.slice(0, namedMax).join(", ")}${more}`;
  return new MedicError("not-empty", `${nameOfSide(side)} holds what is not in the file, or not the same: ${named}`, {
    retry: "never",
    next: "Nothing was written. Name an empty store, or add what is missing there with --merge, which never overwrites.",
  });
}
