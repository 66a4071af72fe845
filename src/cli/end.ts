/** The last step of every command: run it on the real terminal and turn its answer into the process's exit code. */
import type { ExitCode, Terminal } from "./terminal.ts";

/** The process ends by itself when nothing is left to do, so that output is never cut off. */
export async function end(run: (terminal: Terminal) => Promise<ExitCode> | ExitCode): Promise<void> {
  const { realTerminal } = await import("./terminal.ts");
  process.exitCode = await run(realTerminal());
}

/** The same for a command that talks to AWS or Slack: what stands in .env is put where their packages look. */
export async function endLive(run: (terminal: Terminal) => Promise<ExitCode> | ExitCode): Promise<void> {
  const { adoptEnvironment } = await import("../config/env.ts");
  adoptEnvironment();
  await end(run);
}
