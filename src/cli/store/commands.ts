/** `medic store …`: the data of the bot, looked at, copied and moved. Modules are loaded when a command is called. */
import { Option, type Command } from "commander";
import { end, endLive } from "../end.ts";
import type { AcceptLossOptions, BackupOptions } from "./backup.ts";
import type { CheckStoreOptions } from "./check.ts";
import type { ExportOptions, ImportOptions } from "./move.ts";
import type { SideOptions } from "./side.ts";

/** docs/store.md says the same. */
const exitCodes = "\nExit codes: 0 done · 1 everything else: damaged, refused, nothing done, or a wrong word";

export function addStoreCommands(medic: Command): void {
  const store = medic
    .command("store")
    .summary("the bot's data: check, backup, restore, export, import")
    .description(
      "Looks at, copies and moves what the bot keeps. Without --data-dir and --table it is the store that the bot would use: the " +
        "table MEDIC_TABLE, or the folder MEDIC_DATA_DIR (default ./data).",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ medic store check
  $ medic store backup /backups/medic-$(date +%F).db
  $ medic store export moved.jsonl --data-dir ./data
  $ AWS_REGION=eu-west-1 medic store import moved.jsonl --table ec2-medic
${exitCodes}`,
    );
  addCheck(store);
  addBackup(store);
  addRestore(store);
  addAcceptLoss(store);
  addExport(store);
  addImport(store);
}

const dataDir = () => new Option("--data-dir <dir>", "the embedded store in this folder");
/** Commands about files take it only to say what to do with a table instead. */
const tableInstead = () => new Option("--table <name>").conflicts("dataDir").hideHelp();
const table = () =>
  new Option("--table <name>", "this DynamoDB table, in AWS_REGION; it must be there (`medic setup`)").conflicts(
    "dataDir",
  );

function addCheck(store: Command): void {
  store
    .command("check")
    .addOption(dataDir())
    .addOption(table())
    .option("--json", "print what was found as JSON")
    .summary("is everything there that was answered?")
    .description(
      "Reads every page and every row, also while the bot runs, and changes nothing: counts, size, schema, last answered write, " +
        "oldest open incident, and damage in plain sentences with the next steps.",
    )
    .addHelpText("after", "\nExit codes: 0 whole · 1 damaged, or it could not be read")
    .action(async (options: CheckStoreOptions) => {
      const { checkStore } = await import("./check.ts");
      await endLive((terminal) => checkStore(options, terminal));
    });
}

function addBackup(store: Command): void {
  store
    .command("backup")
    .argument("<file>", "a new file; only its owner may read it, and nothing is overwritten")
    .addOption(dataDir())
    .addOption(tableInstead())
    .option("--json", "print file, size and counts as JSON")
    .summary("one file of this moment, while the bot runs")
    .description(
      "Copies the embedded store into one file while the bot runs, and reads the copy back whole before it says so.",
    )
    .addHelpText("after", `\nExample:\n  $ medic store backup /backups/medic-$(date +%F).db\n${exitCodes}`)
    .action(async (file: string, options: Omit<BackupOptions, "file">) => {
      const { backupStore } = await import("./backup.ts");
      await end((terminal) => backupStore({ file, ...options }, terminal));
    });
}

function addRestore(store: Command): void {
  store
    .command("restore")
    .argument("<file>", "made by `medic store backup`")
    .addOption(dataDir())
    .addOption(tableInstead())
    .summary("put a backup in place; the bot must be stopped")
    .description(
      "Checks the backup and puts it in place of what the folder holds, which is kept aside. Refused while a bot runs. What was " +
        "answered after the backup was made is not in it: look at the services by hand that were being recovered then.",
    )
    .addHelpText("after", exitCodes)
    .action(async (file: string, options: SideOptions) => {
      const { restoreStore } = await import("./backup.ts");
      await end((terminal) => restoreStore({ file, ...options }, terminal));
    });
}

function addAcceptLoss(store: Command): void {
  store
    .command("accept-loss")
    .addOption(dataDir())
    .addOption(tableInstead())
    .option("--yes", "do it; without this it only says what is lost")
    .summary("go on with what can be read of a damaged store")
    .description(
      "For a damaged store without a backup: keeps every row that is whole, says which are lost, and keeps the damaged files aside. " +
        "A lost case is an incident that the bot does not know any more: it opens it anew when its alarm is still there.",
    )
    .addHelpText("after", exitCodes)
    .action(async (options: AcceptLossOptions) => {
      const { acceptLossOfStore } = await import("./backup.ts");
      await end((terminal) => acceptLossOfStore(options, terminal));
    });
}

const moving = `
From one machine to many, with open incidents:
  1. stop the bot, so that nothing changes any more
  2. medic store export moved.jsonl --data-dir ./data
  3. MEDIC_TABLE=ec2-medic AWS_REGION=eu-west-1 medic setup
  4. AWS_REGION=eu-west-1 medic store import moved.jsonl --table ec2-medic
  5. start the bots with MEDIC_TABLE set, and never again one on ./data
The way back is the same with the sides exchanged.`;

function addExport(store: Command): void {
  store
    .command("export")
    .argument("<file>", "a new file, or - for standard output")
    .addOption(dataDir())
    .addOption(table())
    .summary("everything as JSON lines, to move to another store")
    .description(
      "Writes every case, record and lease as JSON lines with a head and an end, so that a file that was cut is noticed. To move, " +
        "stop the bot first: what it writes after the export is not in the file. A bot that runs is told of on the error stream.",
    )
    .addHelpText("after", `${moving}\n${exitCodes}`)
    .action(async (file: string, options: Omit<ExportOptions, "file">) => {
      const { exportStore } = await import("./move.ts");
      await endLive((terminal) => exportStore({ file, ...options }, terminal));
    });
}

function addImport(store: Command): void {
  store
    .command("import")
    .argument("<file>", "made by `medic store export`, or - for standard input")
    .addOption(dataDir())
    .addOption(table())
    .option(
      "--merge",
      "into a store that holds other items, too: adds what is missing, overwrites nothing, raises fences, lists what was left alone",
    )
    .summary("what was exported, into an empty store or again into the same")
    .description(
      "Judges every line of the file before the first write, then writes all of it. Interrupted, it is run again and goes on where it " +
        "stopped; until then no bot starts on the store. Without --merge the store may hold nothing but what is in the file, the same: " +
        "empty, or a repetition.",
    )
    .addHelpText("after", `${moving}\n${exitCodes}`)
    .action(async (file: string, options: Omit<ImportOptions, "file">) => {
      const { importStore } = await import("./move.ts");
      await endLive((terminal) => importStore({ file, ...options }, terminal));
    });
}
