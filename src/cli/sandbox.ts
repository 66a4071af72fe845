/** `medic sandbox`: the real bot between a pretend Slack and a pretend AWS, with a page or as a scripted scenario. */
import { runHeadless } from "../../sandbox/headless.ts";
import { serveSandbox } from "../../sandbox/run.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface SandboxOptions {
  readonly port: string;
  readonly headless?: boolean;
  readonly list?: boolean;
  readonly scenario?: string;
  readonly speed?: string;
  readonly seed: string;
}

const pageSpeeds = [1, 10, 60] as const;

export async function sandbox(options: SandboxOptions, terminal: Terminal): Promise<ExitCode> {
  const seed = wholeNumber(options.seed);
  if (seed === undefined) return usage(terminal, `--seed ${options.seed}: a whole number is needed`);
  if (options.headless === true || options.list === true || options.scenario !== undefined) {
    const speed = options.speed === undefined || options.speed === "max" ? "max" : Number(options.speed);
    if (speed !== "max" && !(speed > 0)) return usage(terminal, `--speed ${options.speed}: a factor above 0, or max`);
    return runHeadless({
      scenario: options.scenario,
      seed,
      speed,
      ...(options.list === true ? { list: true } : {}),
      write: (text) => void process.stdout.write(text),
      writeError: (text) => void process.stderr.write(text),
    });
  }
  const speed = pageSpeeds.find((known) => String(known) === (options.speed ?? "10"));
  if (speed === undefined) return usage(terminal, `--speed ${options.speed}: the page knows 1, 10 and 60`);
  const port = wholeNumber(options.port);
  if (port === undefined || port > 65_535) return usage(terminal, `--port ${options.port}: 0 to 65535`);
  return serveSandbox({ port, speed, seed }, (line) => terminal.out(line));
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function usage(terminal: Terminal, message: string): ExitCode {
  terminal.err(`medic sandbox: ${message}`);
  terminal.err("next: `medic sandbox --help`");
  return 2;
}
