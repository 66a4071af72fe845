/**
 * The command line. Thin: it names commands and options and loads a command only when it is called, so that `explain`, `check`
 * and `manifest` start at once and work without Slack's and AWS's packages.
 */
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { sentenceOf } from "./domain/errors.ts";
import { end } from "./cli/end.ts";
import { exitCodes } from "./cli/exitCodes.ts";
import { addLiveCommands } from "./cli/liveCommands.ts";
import { addStoreCommands } from "./cli/store/commands.ts";

const examples = `
A first look, without any account:
  $ npm run sandbox                          a pretend AWS and a pretend Slack in the browser
  $ medic explain alarm.json                 what a message from CloudWatch, SNS or EventBridge means

Setting it up:
  $ medic manifest --socket                  the Slack app to create
  $ medic check                              is everything right? every problem at once
  $ medic setup                              create the table
  $ medic start                              one worker of the bot

Its data:
  $ medic store check                        is everything there that was answered? also while the bot runs
  $ medic store backup /backups/medic.db     one file of this moment, while the bot runs
${exitCodes}`;

/** Commander answers help and version by itself; everything else ends in a code. */
function program(): Command {
  const medic = new Command("medic")
    .description("ec2-medic brings EC2 services back: alarm in, people asked in Slack, service restored, proof kept.")
    .version(versionOfPackage(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help; `medic COMMAND --help` says more")
    .addHelpText("after", examples)
    .showHelpAfterError("(`medic --help` lists the commands)")
    .showSuggestionAfterError(true);
  addCheck(medic);
  addExplain(medic);
  addManifest(medic);
  addLiveCommands(medic);
  addStoreCommands(medic);
  return medic;
}

function addCheck(medic: Command): void {
  medic
    .command("check")
    .argument("[file]", "the file to check; default MEDIC_CONFIG or ./medic.yaml")
    .option("--config <file>", "the same as the argument")
    .option("--json", "print the problems as JSON")
    .option("--schema", "print the JSON Schema for editors instead")
    .summary("every problem of environment and medic.yaml at once")
    .description(
      "Reads environment, .env and medic.yaml and says every problem at once: file, line, setting, what was found, what is " +
        "needed, and what to write. With a file named, missing tokens are warnings: checking a file needs none.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ medic check
  $ medic check examples/medic.yaml
  $ medic check --schema > medic.schema.json

Exit codes: 0 right, perhaps with warnings · 2 the bot would not start`,
    )
    .action(async (file: string | undefined, options: { config?: string; json?: boolean; schema?: boolean }) => {
      const { check } = await import("./cli/check.ts");
      const named = file ?? options.config;
      const { config: _config, ...rest } = options;
      await end((terminal) => check({ ...rest, ...(named === undefined ? {} : { file: named }) }, terminal));
    });
}

function addExplain(medic: Command): void {
  medic
    .command("explain")
    .argument("<file>", "a message in any envelope (SNS, SQS, EventBridge, Lambda, raw), or - for standard input")
    .option("--json", "one JSON object a message, one per line")
    .option("--config <file>", "also say which service it belongs to, its symptom and what would be proposed")
    .summary("what a message means")
    .description("Says what a message means, without judging signature, age or topic. Needs no account and no network.")
    .addHelpText(
      "after",
      `
Examples:
  $ medic explain alarm.json
  $ medic explain alarm.json --config medic.yaml
  $ aws sqs receive-message … | medic explain - --json | jq .cls

Exit codes: 0 understood, even as unknown · 1 the file cannot be read · 2 the configuration is wrong`,
    )
    .action(async (file: string, options: { json?: boolean; config?: string }) => {
      const { explain } = await import("./cli/explain.ts");
      await end((terminal) => explain({ file, ...options }, terminal));
    });
}

function addManifest(medic: Command): void {
  medic
    .command("manifest")
    .addOption(new Option("--socket", "Socket Mode: no inbound port (default)").conflicts("http"))
    .addOption(new Option("--http", "Slack calls the bot's own server"))
    .option("--command <command>", "what people type", "/medic")
    .option("--url <url>", "with --http: where Slack reaches the bot, https://…")
    .option("--name <name>", "the app's name", "ec2-medic")
    .summary("the Slack app, to paste into api.slack.com")
    .description(
      'Prints the Slack app manifest: create an app "from a manifest" and paste it. Next steps go to stderr.',
    )
    .addHelpText(
      "after",
      `
Examples:
  $ medic manifest --socket | pbcopy
  $ medic manifest --http --url https://medic.example.com
  $ medic manifest --socket --command /medic-test --name "ec2-medic test"`,
    )
    .action(async (options: { http?: boolean; command: string; url?: string; name: string }) => {
      const { manifest } = await import("./cli/manifest.ts");
      const { command, name, url } = options;
      const mode = options.http === true ? "http" : "socket";
      await end((terminal) => manifest({ mode, command, name, ...(url === undefined ? {} : { url }) }, terminal));
    });
}

/** Works from src/ and from dist/: both stand beside package.json. */
function versionOfPackage(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

try {
  const medic = program();
  // Without a command: help, and no complaint.
  if (process.argv.length <= 2) medic.outputHelp();
  else await medic.parseAsync();
} catch (error) {
  process.stderr.write(`medic: ${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
