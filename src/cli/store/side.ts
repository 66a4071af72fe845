/** Which store a command is about: what is named on the command line, else what the bot would use. */
import { MedicError } from "../../domain/errors.ts";
import type { Log } from "../../ports/log.ts";
import type { Store } from "../../ports/store.ts";
import { fileTroubleOf } from "../../store/fileTrouble.ts";
import { openStore } from "../../store/openStore.ts";
import { troubleOf } from "../../store/sqlite/sqlErrors.ts";
import type { ExitCode, Terminal } from "../terminal.ts";

export interface SideOptions {
  readonly table?: string;
  readonly dataDir?: string;
}

export type Side =
  | { readonly kind: "folder"; readonly dir: string }
  | { readonly kind: "table"; readonly table: string; readonly region: string };

/** Throws MedicError `bad-table` or `no-region`. */
export function sideOf({ table, dataDir }: SideOptions, { variables }: Pick<Terminal, "variables">): Side {
  const set = (name: string) => variables[name]?.trim() || undefined;
  const named = table ?? (dataDir === undefined ? set("MEDIC_TABLE") : undefined);
  if (named === undefined) return { kind: "folder", dir: dataDir ?? set("MEDIC_DATA_DIR") ?? "./data" };
  assertTableName(named);
  const region = set("AWS_REGION");
  if (region !== undefined) return { kind: "table", table: named, region };
  throw new MedicError("no-region", `the region of table "${named}" is not known`, {
    retry: "never",
    next: "Set AWS_REGION to the region that the table lives in.",
  });
}

/** DynamoDB's own rule for the names of tables. */
function assertTableName(name: string): void {
  if (/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) return;
  throw new MedicError("bad-table", `"${name.slice(0, 40)}" cannot be the name of a table`, {
    retry: "never",
    next: "DynamoDB takes 3 to 255 of the characters a-z A-Z 0-9 _ . -: correct --table or MEDIC_TABLE.",
  });
}

/** A folder for the commands that are about files; a table keeps its own backups. Throws MedicError `not-embedded`. */
export function folderOf(options: SideOptions, terminal: Pick<Terminal, "variables">): string {
  const side = sideOf(options, terminal);
  if (side.kind === "folder") return side.dir;
  throw new MedicError(
    "not-embedded",
    `${options.table === undefined ? "MEDIC_TABLE" : "--table"} says that the data is in table "${side.table}", not in a folder`,
    {
      retry: "never",
      next: "A table is backed up by DynamoDB itself (point-in-time recovery); name a folder with --data-dir.",
    },
  );
}

export const nameOfSide = (side: Side): string =>
  side.kind === "folder" ? `the embedded store in ${side.dir}` : `table "${side.table}" in ${side.region}`;

/** To write into. A folder is made when it is missing and refused while a bot has it; a table must be there. */
export async function withStore<T>(side: Side, log: Log, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(
    side.kind === "table"
      ? { table: side.table, region: side.region, dataDir: "", log }
      : { region: "", dataDir: side.dir, log },
  );
  try {
    await answering(store, side);
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Throws MedicError `no-table`, and what `ping` throws. */
async function answering(store: Store, side: Side): Promise<void> {
  try {
    await store.ping();
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    if (side.kind !== "table" || !(cause instanceof Error) || cause.name !== "ResourceNotFoundException") throw error;
    throw new MedicError("no-table", `table "${side.table}" does not exist in ${side.region}`, {
      retry: "never",
      next: `Nothing was read or written. Correct --table (or MEDIC_TABLE) and AWS_REGION, or make it: MEDIC_TABLE=${side.table} medic setup`,
      cause: error,
    });
  }
}

/** Lines of the store's own log, for people: on the error stream. */
export function logTo(terminal: Pick<Terminal, "err">): Log {
  const say = (code: string, fields?: Readonly<Record<string, unknown>>) =>
    terminal.err(fields === undefined ? code : `${code} ${JSON.stringify(fields)}`);
  return { info: () => undefined, warn: say, error: say };
}

/** What a command throws is a sentence and a next step, and exit code 1. */
export async function said(command: string, terminal: Terminal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    const trouble = troubleOf(error);
    if (error instanceof MedicError) sayError(command, terminal, { what: error.message, next: error.next });
    else {
      const { why, next = lookAtDisk } = fileTroubleOf(error);
      sayError(command, terminal, { what: trouble ? `the database cannot be read or written: ${why}` : why, next });
    }
    return 1;
  }
}

const lookAtDisk = "Look at the disk and at the permissions of the data folder; `medic store check` reads all of it.";

function sayError(command: string, terminal: Terminal, { what, next }: { what: string; next: string }): void {
  terminal.err(`store ${command}: ${what}`);
  terminal.err(`next: ${next}`);
}

const kilo = 1024;

/** 2.4 MB, for people. */
export function sizeText(bytes: number): string {
  if (bytes < kilo) return `${bytes} bytes`;
  if (bytes < kilo * kilo) return `${(bytes / kilo).toFixed(1)} KB`;
  return `${(bytes / kilo / kilo).toFixed(1)} MB`;
}

export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
