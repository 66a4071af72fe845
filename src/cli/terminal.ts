/** What a command may touch: the two output streams, files and the environment, handed in so that tests hold them. */
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { variablesOf } from "../config/env.ts";
import type { Variables } from "../config/env.ts";
import { renderProblem } from "../config/problem.ts";
import type { Problem } from "../config/problem.ts";

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whole file as text; "-" is standard input. Throws when it cannot be read. */
  readFile(path: string): string;
  /** A file of any size to standard output. Rejects when nobody reads it to its end. */
  sendFile(path: string): Promise<void>;
  /** Standard input, of any size, into a new file that only its owner reads. */
  receiveFile(path: string): Promise<void>;
  readonly variables: Variables;
}

/** 0: done. 1: it failed, or a file could not be read. 2: environment or medic.yaml must be corrected first. */
export type ExitCode = 0 | 1 | 2;

/** File descriptor of standard input: read whole, it is a message from a pipe. */
const standardInput = 0;

export function realTerminal(): Terminal {
  // `medic check --schema | head` closes the pipe early: that is the reader's choice and no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    readFile: (path) => readFileSync(path === "-" ? standardInput : path, "utf8"),
    sendFile: (path) => pipeline(createReadStream(path), process.stdout, { end: false }),
    receiveFile: (path) => pipeline(process.stdin, createWriteStream(path, { flags: "wx", mode: 0o600 })),
    variables: variablesOf(),
  };
}

/** Every problem, then how many; on the error stream, because the command itself could not do its work. */
export function sayProblems(terminal: Terminal, problems: readonly Problem[]): ExitCode {
  for (const problem of problems) terminal.err(renderProblem(problem));
  terminal.err(`\n${countProblems(problems)}. \`medic check\` shows them again.`);
  return 2;
}

export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  return `${many(errors, "error")}, ${many(warnings, "warning")}`;
}
