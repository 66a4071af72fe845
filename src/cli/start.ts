/** `medic start`: one worker of the bot, until it is told to stop. */
import { loadSettingsToStay } from "../config/loadSettingsToStay.ts";
import { readEnv } from "../config/env.ts";
import { MedicError, sentenceOf } from "../domain/errors.ts";
import { start as startProgram, stopDeadlineMs, type Program } from "../main.ts";
import { wallClock } from "../ports/clock.ts";
import { sayProblems, type ExitCode, type Terminal } from "./terminal.ts";

/** After the deadline the process ends whatever still hangs: a supervisor waits 20 s, not for ever. */
const graceMs = 1_500;

export async function start(terminal: Terminal): Promise<ExitCode> {
  const read = readEnv(terminal.variables);
  const file = "env" in read ? read.env.config : terminal.variables["MEDIC_CONFIG"]?.trim() || "./medic.yaml";
  const loaded = await loadSettingsToStay(file, (path) => terminal.readFile(path));
  if ("problems" in read)
    return sayProblems(terminal, [...read.problems, ...("problems" in loaded ? loaded.problems : [])]);
  if ("problems" in loaded) return sayProblems(terminal, loaded.problems);
  const told = stopSignal();
  let program: Program;
  try {
    program = await startProgram(read.env, loaded.settings);
  } catch (error) {
    terminal.err(`medic start: ${sentenceOf(error)}`);
    if (error instanceof MedicError) terminal.err(`next: ${error.next}`);
    // Some of it may stand already, and nothing of it may keep a process that is no bot.
    process.exit(1);
  }
  // What nobody awaited may have left half a state behind in this process; the store has the truth, a new process reads it.
  process.on("unhandledRejection", (error) => {
    program.log.error("unhandled-rejection", { error, next: "the supervisor starts the bot again" });
    process.exit(1);
  });
  terminal.out(
    `ec2-medic is ready. Store: ${program.store.description}. Doors: ${program.bot.url}/sns, Slack by ${read.env.slack.mode}.`,
  );
  const signal = await told;
  program.log.info("stopping", { signal });
  const over = await Promise.race([
    program.stop().then(() => true),
    wallClock.sleep(stopDeadlineMs + graceMs).then(() => false),
  ]);
  program.log.info("stopped", { inTime: over });
  // Sockets that a peer holds open must not keep the process: everything durable is in the store.
  process.exit(over ? 0 : 1);
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, resolve);
  });
}
