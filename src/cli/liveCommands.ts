/** The commands that talk to Slack, AWS or the store. Their modules, and with them those packages, are loaded when called. */
import type { Command } from "commander";
import { end, endLive } from "./end.ts";
import type { SandboxOptions } from "./sandbox.ts";
import { exitCodes } from "./exitCodes.ts";

export function addLiveCommands(medic: Command): void {
  addSetup(medic);
  addStart(medic);
  addSandbox(medic);
  addDoctor(medic);
  addDiscover(medic);
  addTestCard(medic);
}

function addSetup(medic: Command): void {
  medic
    .command("setup")
    .summary("create the table")
    .description(
      "Creates the DynamoDB table MEDIC_TABLE with its index and time to live, or says that it stands. Safe to repeat. Without MEDIC_TABLE it " +
        "prepares the embedded store under MEDIC_DATA_DIR, which `medic start` also does by itself.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ MEDIC_TABLE=ec2-medic AWS_REGION=eu-west-1 medic setup
${exitCodes}`,
    )
    .action(async () => {
      const { setup } = await import("./setup.ts");
      await endLive(setup);
    });
}

function addStart(medic: Command): void {
  medic
    .command("start")
    .summary("one worker of the bot")
    .description(
      "Runs one worker until SIGTERM or SIGINT, then gives its leases back and is out within 20 s. Any number of equal workers " +
        "may share a table; without MEDIC_TABLE one process keeps its own store. JSON log lines go to stderr.",
    )
    .addHelpText(
      "after",
      `
Needs SLACK_BOT_TOKEN, and SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP); .env is read. \`medic check\` says
beforehand what is missing. Its server answers /healthz, /readyz and /metrics.

Examples:
  $ medic start
  $ MEDIC_TABLE=ec2-medic AWS_REGION=eu-west-1 MEDIC_QUEUE_URL=https://… medic start
${exitCodes}`,
    )
    .action(async () => {
      const { start } = await import("./start.ts");
      await endLive(start);
    });
}

function addSandbox(medic: Command): void {
  medic
    .command("sandbox")
    .option("--port <port>", "where the page is served; 0 takes a free one", "8090")
    .option("--headless", "play a scenario without page and ports; stdout is the transcript and nothing else")
    .option("--scenario <name>", "with --headless: which one")
    .option("--list", "with --headless: which scenarios there are")
    .option("--speed <speed>", "page: 1, 10 (default) or 60; headless: a factor or max (default)")
    .option("--seed <seed>", "the same seed tells the same story", "1")
    .summary("a pretend AWS and a pretend Slack, to try and to train")
    .description(
      "Serves a page that looks like Slack beside an account that can be broken with a click. The bot in it is the real one. " +
        "Needs no account and no network.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ medic sandbox
  $ medic sandbox --headless --scenario restart-approved --speed max --seed 1

Exit codes: 0 ended as the scenario says · 1 it did not · 2 no such scenario`,
    )
    .action(async (options: SandboxOptions) => {
      // Nothing of .env: the sandbox talks to nobody outside.
      const { quietSdk } = await import("../config/env.ts");
      quietSdk();
      const { sandbox } = await import("./sandbox.ts");
      await end((terminal) => sandbox(options, terminal));
    });
}

function addDoctor(medic: Command): void {
  medic
    .command("doctor")
    .option("--config <file>", "default MEDIC_CONFIG or ./medic.yaml")
    .option("--json", "print the rows as JSON")
    .summary("live checks: Slack, AWS, table, queue, permissions")
    .description(
      "Asks Slack and AWS and prints a table of green, amber and red: tokens and scopes, channels joined, approvers, identity, " +
        "table, queue or topic, kill switch; and per service its target, Elastic IP, probe, alarms, and by DryRun what it may " +
        "need. Changes nothing.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ medic doctor
  $ medic doctor --json | jq '.[] | select(.result == "red")'

Exit codes: 0 nothing is red · 1 something is red · 2 environment or medic.yaml must be corrected first`,
    )
    .action(async (options: { config?: string; json?: boolean }) => {
      const { doctor } = await import("./doctor.ts");
      await endLive((terminal) => doctor(options, terminal));
    });
}

function addDiscover(medic: Command): void {
  medic
    .command("discover")
    .option("--region <region>", "default AWS_REGION")
    .option("--tag <key>", "the tag whose value is a service's name (default ec2-medic:service)")
    .option("--all", "every running instance that has a Name, whatever its tags")
    .summary("draft a medic.yaml from what runs")
    .description(
      "Reads instances, groups, Elastic IPs and alarms of one region and prints a medic.yaml to start from. Everything in it " +
        "only observes; what must be set by hand says so.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ medic discover --region eu-west-1 > medic.yaml && medic check
  $ medic discover --all
${exitCodes}`,
    )
    .action(async (options: { region?: string; tag?: string; all?: boolean }) => {
      const { discover } = await import("./discover.ts");
      await endLive((terminal) => discover(options, terminal));
    });
}

function addTestCard(medic: Command): void {
  medic
    .command("test-card")
    .argument("<service>", "a service of medic.yaml")
    .summary("a harmless card with live buttons")
    .description(
      "Posts a card where this service's cards come. A running bot answers its buttons, and says whether you may approve. " +
        "Nothing is ever run by it.",
    )
    .addHelpText("after", `\nExamples:\n  $ medic test-card shop-web\n${exitCodes}`)
    .action(async (service: string) => {
      const { testCard } = await import("./testCard.ts");
      await endLive((terminal) => testCard(service, terminal));
    });
}
