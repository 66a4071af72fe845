/** Processes under measurement: started, watched through /proc, and ended whatever happens. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nowMs, pause } from "./numbers.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Program {
  readonly pid: number;
  /** From spawn until the ready line was read. */
  readonly readyMs: number;
  /** What the ready line's pattern caught. */
  readonly ready: RegExpMatchArray;
  /** The next line on its standard output that matches; undefined when it does not come in time. */
  line(pattern: RegExp, msMax: number): Promise<RegExpMatchArray | undefined>;
  send(signal: NodeJS.Signals): void;
  end(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

/** Start-up of the slowest (10,000 services on a busy machine) takes seconds, not minutes. */
const readyMsMax = 60_000;

export async function run(
  command: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly ready: RegExp;
    /** Where standard error goes: a file, as under a supervisor. */
    readonly log: string;
    readonly cwd?: string;
  },
): Promise<Program> {
  const log = openSync(options.log, "a");
  const startedAt = nowMs();
  const child = spawn(command, [...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...options.env },
    stdio: ["ignore", "pipe", log],
  });
  closeSync(log);
  running.add(child);
  let text = "";
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const look of waiting.splice(0)) look();
  };
  child.stdout?.on("data", (part: Buffer) => {
    text += part.toString("utf8");
    wake();
  });
  child.once("exit", () => {
    running.delete(child);
    wake();
  });
  child.once("error", wake);
  const line = async (pattern: RegExp, msMax: number) => {
    const end = nowMs() + msMax;
    while (nowMs() < end) {
      const found = text.match(pattern);
      if (found) {
        text = text.slice((found.index ?? 0) + found[0].length);
        return found;
      }
      if (child.exitCode !== null || child.pid === undefined) return undefined;
      await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), pause(100)]);
    }
    return undefined;
  };
  const ready = await line(options.ready, readyMsMax);
  const readyMs = nowMs() - startedAt;
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await new Promise<void>((resolve) => child.once("exit", () => resolve()));
    clearTimeout(hard);
  };
  if (ready === undefined || child.pid === undefined) {
    await end();
    throw new Error(`${command} ${args.join(" ")} was never ready: ${readFileSync(options.log, "utf8").slice(-2000)}`);
  }
  return { pid: child.pid, readyMs, ready, line, send: (signal) => void child.kill(signal), end };
}

/** CPU seconds of a process, user and system. The kernel counts in 10 ms. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function rssMb(pid: number): { readonly now: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const kb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1] ?? NaN);
  return { now: kb("VmRSS") / 1024, peak: kb("VmHWM") / 1024 };
}

/** Share of the whole machine that is busy, between two calls. */
export function busyMeter(): () => number {
  const read = () => {
    const parts = readFileSync("/proc/stat", "utf8").split("\n", 1)[0]?.split(/\s+/).slice(1).map(Number) ?? [];
    return { idle: (parts[3] ?? 0) + (parts[4] ?? 0), all: parts.reduce((sum, each) => sum + each, 0) };
  };
  let before = read();
  return () => {
    const after = read();
    const share = 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
    before = after;
    return share;
  };
}

/** Waits, at most `msMax`, until others leave the machine alone; answers how busy it was at the end. */
export async function quiet(msMax: number): Promise<number> {
  const end = nowMs() + msMax;
  const meter = busyMeter();
  let busy = 1;
  do {
    await pause(500);
    busy = meter();
  } while (busy > 0.15 && nowMs() < end);
  return busy;
}
