/** `medic explain`: what a message means, and with a configuration whose it is and what would be proposed. */
import { loadSettings } from "../config/medicYaml.ts";
import { sentenceOf } from "../domain/errors.ts";
import { explainForPeople, explainText, explainTextWith } from "../signals/explain.ts";
import { explainMatch } from "./explainMatch.ts";
import { sayProblems } from "./terminal.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface ExplainOptions {
  /** A file with one message or several, in any envelope; "-" is standard input. */
  readonly file: string;
  readonly json?: boolean;
  readonly config?: string;
}

export function explain(options: ExplainOptions, terminal: Terminal): ExitCode {
  let text: string;
  try {
    text = terminal.readFile(options.file);
  } catch (error) {
    terminal.err(`${options.file} cannot be read: ${sentenceOf(error)}`);
    return 1;
  }
  const loaded =
    options.config === undefined ? undefined : loadSettings(options.config, (path) => terminal.readFile(path));
  if (loaded !== undefined && "problems" in loaded) return sayProblems(terminal, loaded.problems);
  const match = loaded === undefined ? undefined : explainMatch(loaded.settings);
  if (options.json !== true) {
    terminal.out(explainForPeople(text, match));
    return 0;
  }
  const explained = match === undefined ? explainText(text) : explainTextWith(text, match);
  for (const message of explained) terminal.out(JSON.stringify(message));
  return 0;
}
