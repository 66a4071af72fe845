/** `medic check`: environment and medic.yaml, every problem at once. */
import { readEnv } from "../config/env.ts";
import { jsonSchemaText } from "../config/jsonSchema.ts";
import { loadSettings } from "../config/medicYaml.ts";
import { isError, renderProblem } from "../config/problem.ts";
import type { Problem } from "../config/problem.ts";
import { countProblems } from "./terminal.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface CheckOptions {
  /** Named outright: a file in a repository, perhaps on a machine that has no tokens. */
  readonly file?: string;
  readonly json?: boolean;
  /** Prints the JSON Schema instead. */
  readonly schema?: boolean;
}

export function check(options: CheckOptions, terminal: Terminal): ExitCode {
  if (options.schema === true) {
    terminal.out(jsonSchemaText().trimEnd());
    return 0;
  }
  const read = readEnv(terminal.variables);
  const fromEnvironment = "problems" in read ? read.problems : read.warnings;
  const file =
    options.file ?? ("env" in read ? read.env.config : (terminal.variables["MEDIC_CONFIG"] ?? "./medic.yaml"));
  const loaded = loadSettings(file, (path) => terminal.readFile(path));
  const fromFile = "problems" in loaded ? loaded.problems : loaded.warnings;
  const environment = options.file === undefined ? fromEnvironment : fromEnvironment.map(withoutAbsence);
  const problems = [...environment, ...fromFile];
  if (options.json === true) terminal.out(JSON.stringify(problems, null, 2));
  else report({ problems, file, services: "settings" in loaded ? loaded.settings.services.size : undefined }, terminal);
  return problems.some(isError) ? 2 : 0;
}

/** Who checks a file by name asks about the file: a token that is not there is said, but stops nothing. What is wrong stays wrong. */
function withoutAbsence(problem: Problem): Problem {
  return problem.message.startsWith("is missing") ? { ...problem, severity: "warning" } : problem;
}

interface Report {
  readonly problems: readonly Problem[];
  readonly file: string;
  readonly services: number | undefined;
}

function report({ problems, file, services }: Report, terminal: Terminal): void {
  for (const problem of problems) terminal.out(`${renderProblem(problem)}\n`);
  if (problems.some(isError)) terminal.out(`${countProblems(problems)}: the bot would not start.`);
  else {
    const found = services === undefined ? "" : `, ${services} service${services === 1 ? "" : "s"}`;
    terminal.out(`${file} is right${found}. ${countProblems(problems)}.`);
  }
}
