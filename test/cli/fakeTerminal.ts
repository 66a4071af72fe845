/** A terminal that remembers what it was told; files and variables are what the test says. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Terminal } from "../../src/cli/terminal.ts";

export interface FakeTerminal extends Terminal {
  /** Everything on standard output. */
  text(): string;
  errors(): string;
}

export function fakeTerminal(
  variables: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): FakeTerminal {
  const out: string[] = [];
  const err: string[] = [];
  return {
    variables,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
    sendFile: async (path) => void out.push(readFileSync(path, "utf8").trimEnd()),
    receiveFile: async (path) => writeFileSync(path, files["-"] ?? ""),
    text: () => out.join("\n"),
    errors: () => err.join("\n"),
  };
}
