/** `medic store check`: is everything there that was answered? */
import { z } from "zod";
import type { ExportItem } from "../../ports/store.ts";
import { openForReading } from "../../store/sqlite/offline.ts";
import { nothingReadable, type StoreReport } from "../../store/sqlite/report.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import { logTo, nameOfSide, said, sideOf, sizeText, timeText, withStore, type Side, type SideOptions } from "./side.ts";

export interface CheckStoreOptions extends SideOptions {
  readonly json?: boolean;
}

/** What the items themselves say, whatever store they stand in. */
interface Counted {
  readonly cases: number;
  readonly records: number;
  readonly leases: number;
  readonly bodyBytes: number;
  readonly open: number;
  readonly oldestOpen?: { readonly service: string; readonly incident: string; readonly openedAt: number };
}

export function checkStore(options: CheckStoreOptions, terminal: Terminal): Promise<ExitCode> {
  return said("check", terminal, async () => {
    const side = sideOf(options, terminal);
    const { report, counted } = side.kind === "folder" ? await folderState(side.dir) : await tableState(side, terminal);
    if (options.json === true)
      terminal.out(JSON.stringify({ store: nameOfSide(side), whole: true, ...report, ...counted }, null, 2));
    else sayState(terminal, side, { report, counted });
    return report?.whole === false ? 1 : 0;
  });
}

interface State {
  /** Only of a folder: a table checks itself. */
  readonly report?: StoreReport | undefined;
  /** Not counted where something is damaged. */
  readonly counted?: Counted | undefined;
}

async function folderState(dir: string): Promise<State> {
  const store = await openForReading(dir);
  const report = await store.check();
  return report.whole ? { report, counted: await countItems(store.exportAll()) } : { report };
}

async function tableState(side: Side, terminal: Terminal): Promise<State> {
  return withStore(side, logTo(terminal), async (store) => ({ counted: await countItems(store.transfer.exportAll()) }));
}

const openCase = z.object({
  phase: z.object({ kind: z.string().refine((kind) => kind !== "idle" && kind !== "resolved") }),
  incident: z.object({ id: z.string(), openedAt: z.number() }),
});

async function countItems(items: AsyncIterable<ExportItem>): Promise<Counted> {
  const counts = { case: 0, record: 0, lease: 0 };
  let bodyBytes = 0;
  let open = 0;
  let oldest: Counted["oldestOpen"];
  for await (const item of items) {
    counts[item.kind] += 1;
    if (item.kind !== "lease") bodyBytes += Buffer.byteLength(item.body);
    if (item.kind !== "case") continue;
    const found = openCase.safeParse(JSON.parse(item.body));
    if (!found.success) continue;
    open += 1;
    const { id: incident, openedAt } = found.data.incident;
    if (oldest === undefined || openedAt < oldest.openedAt) oldest = { service: item.service, incident, openedAt };
  }
  const { case: cases, record: records, lease: leases } = counts;
  return { cases, records, leases, bodyBytes, open, ...(oldest ? { oldestOpen: oldest } : {}) };
}

function sayState(terminal: Terminal, side: Side, { report, counted }: State): void {
  const { cases, records, leases } = counted ?? report ?? { cases: 0, records: 0, leases: 0 };
  terminal.out(`${nameOfSide(side)}: ${cases} cases, ${records} records, ${leases} leases.`);
  if (report) {
    const { databaseBytes, walBytes, schema, answeredAt } = report;
    terminal.out(`Size ${sizeText(databaseBytes)}, log ${sizeText(walBytes)}; schema ${schema}.`);
    terminal.out(`Last answered write: ${answeredAt === undefined ? "not known" : timeText(answeredAt)}.`);
  } else if (counted) terminal.out(`Size of all bodies ${sizeText(counted.bodyBytes)}.`);
  if (counted) terminal.out(openText(counted));
  for (const note of report?.notes ?? []) terminal.out(`Note: ${note}`);
  if (report && !report.whole) sayDamage(terminal, report);
  else terminal.out(report ? "Everything that was answered is there." : "Every item can be read.");
}

function openText({ open, oldestOpen }: Counted): string {
  if (oldestOpen === undefined) return "No incident is open.";
  const { service, incident, openedAt } = oldestOpen;
  return `Open incidents: ${open}; the oldest is ${incident} of ${service}, since ${timeText(openedAt)}.`;
}

function sayDamage(terminal: Terminal, report: StoreReport): void {
  terminal.out("DAMAGED:");
  for (const sentence of report.damage) terminal.out(`  ${sentence}`);
  terminal.out("Next: stop the bot and copy the folder. Then put a backup in its place: `medic store restore FILE`.");
  if (nothingReadable(report))
    return terminal.out("Nothing can be read: without a backup nothing is left to go on with.");
  terminal.out("Without a backup: `medic store accept-loss` goes on with what can be read and says what is lost.");
}
