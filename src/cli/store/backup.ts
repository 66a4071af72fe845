/** `medic store backup`, `restore` and `accept-loss`: the embedded store as files. */
import { rm, stat } from "node:fs/promises";
import { MedicError } from "../../domain/errors.ts";
import { wallClock } from "../../ports/clock.ts";
import { acceptLoss, checkBackup, copyNotWhole, openForReading, restoreBackup } from "../../store/sqlite/offline.ts";
import type { Replaced } from "../../store/sqlite/offline.ts";
import { nothingReadable, type StoreReport } from "../../store/sqlite/report.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import { folderOf, said, sizeText, type SideOptions } from "./side.ts";

const rowsText = ({ cases, records, leases }: StoreReport) => `${cases} cases, ${records} records, ${leases} leases`;

export interface BackupOptions extends SideOptions {
  readonly file: string;
  readonly json?: boolean;
}

export function backupStore({ file, json, ...side }: BackupOptions, terminal: Terminal): Promise<ExitCode> {
  return said("backup", terminal, async () => {
    const from = wallClock.now();
    const dir = folderOf(side, terminal);
    await (await openForReading(dir)).backup(file);
    const report = await readBack(dir, file);
    const { size: bytes } = await stat(file);
    const tookMs = wallClock.now() - from;
    const { cases, records, leases } = report;
    if (json === true) terminal.out(JSON.stringify({ file, bytes, tookMs, cases, records, leases }));
    else {
      terminal.out(
        `${file}: ${rowsText(report)}; ${sizeText(bytes)}, ${(tookMs / 1000).toFixed(1)} s. Read back, whole.`,
      );
      terminal.err("Keep it on another disk. To use it: stop the bot, `medic store restore FILE`, start the bot.");
    }
    return 0;
  });
}

/**
 * Read back whole: a copy that nobody has looked at is a hope. A copy of damaged data does not stay under the name of a backup: whoever
 * keeps the newest few would throw away the last good one for it. Throws MedicError `backup-failed`.
 */
async function readBack(dir: string, file: string): Promise<StoreReport> {
  try {
    return await checkBackup(file);
  } catch (error) {
    await rm(file, { force: true });
    throw copyNotWhole(file, `in ${dir}`, error);
  }
}

export function restoreStore({ file, ...side }: BackupOptions, terminal: Terminal): Promise<ExitCode> {
  return said("restore", terminal, async () => {
    const dir = folderOf(side, terminal);
    sayReplaced(await restoreBackup(dir, file, { clock: wallClock }), { dir, from: file }, terminal);
    return 0;
  });
}

export interface AcceptLossOptions extends SideOptions {
  /** Without it nothing is done: what would be lost is said. */
  readonly yes?: boolean;
}

export function acceptLossOfStore({ yes, ...side }: AcceptLossOptions, terminal: Terminal): Promise<ExitCode> {
  return said("accept-loss", terminal, async () => {
    const dir = folderOf(side, terminal);
    const before = await (await openForReading(dir)).check();
    for (const sentence of before.damage) terminal.out(sentence);
    if (!before.whole) terminal.out(`Can be read: ${rowsText(before)}.`);
    if (yes !== true)
      throw new MedicError("not-confirmed", before.whole ? `the data in ${dir} is whole` : "nothing was changed", {
        retry: "never",
        next: before.whole
          ? "Nothing was changed, and nothing is lost."
          : nothingReadable(before)
            ? "Nothing can be read: without a backup nothing is left to go on with. `medic store restore FILE`, or name the newest file that stands aside."
            : "With a backup, `medic store restore FILE` is better. To go on with what can be read: the same with --yes.",
      });
    const replaced = await acceptLoss(dir, { clock: wallClock });
    for (const name of replaced.lost.unreadable) terminal.out(`lost: ${name}`);
    sayReplaced(replaced, { dir, from: "what could be read" }, terminal);
    return 0;
  });
}

function sayReplaced(
  { aside, report }: Replaced,
  { dir, from }: { dir: string; from: string },
  terminal: Terminal,
): void {
  terminal.out(`${dir} holds ${from}: ${rowsText(report)}.`);
  for (const file of aside) terminal.out(`kept aside: ${file}`);
  terminal.err(
    "Next: start the bot. It reads every alarm again. A recovery that is not in these data is not known any more: before anything is " +
      "approved, look yourself, in AWS, at each service that was being recovered (what is stopped, where its address is, what is suspended).",
  );
}
