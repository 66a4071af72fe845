/** `medic setup`: creates the table and its index, or says that they stand. Safe to repeat. */
import { readEnv } from "../config/env.ts";
import { MedicError, sentenceOf } from "../domain/errors.ts";
import type { Log } from "../ports/log.ts";
import { openStore } from "../store/openStore.ts";
import { sayProblems } from "./terminal.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export async function setup(terminal: Terminal): Promise<ExitCode> {
  const read = readEnv(terminal.variables);
  if ("problems" in read) {
    // A table needs no Slack: only what is wrong about the store stops this.
    const about = read.problems.filter(({ field, severity }) => severity === "error" && !field.startsWith("SLACK_"));
    if (about.length > 0) return sayProblems(terminal, about);
  }
  const { variables } = terminal;
  const log = logTo(terminal);
  try {
    const store = await openStore({
      ...(variables["MEDIC_TABLE"] ? { table: variables["MEDIC_TABLE"].trim() } : {}),
      region: variables["AWS_REGION"]?.trim() ?? "",
      dataDir: variables["MEDIC_DATA_DIR"]?.trim() || "./data",
      log,
    });
    try {
      await store.setUp();
      await store.ping();
      terminal.out(`ready: ${store.description}`);
      return 0;
    } finally {
      await store.close();
    }
  } catch (error) {
    terminal.err(`setup failed: ${sentenceOf(error)}`);
    if (error instanceof MedicError) terminal.err(`next: ${error.next}`);
    return 1;
  }
}

function logTo(terminal: Terminal): Log {
  const say = (code: string, fields?: Readonly<Record<string, unknown>>) =>
    terminal.err(fields === undefined ? code : `${code} ${JSON.stringify(fields)}`);
  return { info: say, warn: say, error: say };
}
