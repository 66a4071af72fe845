/** The bot and the pretend Slack as separate processes, driven from outside through the environment and HTTP alone. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { programPath } from "../setup/programPath.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  /** Everything it printed so far, both streams. */
  readonly printed: () => string;
  /** Resolves with the first match on what it prints; rejects with all of it when the program ends or the time is over. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(command, [...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: npm ends at once when it is told to stop, and what it started must be told too.
    detached: true,
  });
  let text = "";
  child.stdout.on("data", (part: Buffer) => (text += part.toString("utf8")));
  child.stderr.on("data", (part: Buffer) => (text += part.toString("utf8")));
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    printed: () => text,
    ended,
    waitFor: async (pattern, timeoutMs = 30_000) => {
      const until = Date.now() + timeoutMs;
      while (Date.now() < until) {
        const match = text.match(pattern);
        if (match) return match;
        if (child.exitCode !== null) break;
        await pause(50);
      }
      throw new Error(`${command} ${args.join(" ")} never printed ${String(pattern)}; it printed:\n${text}`);
    },
  };
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is there; the last look is in the error. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, timeoutMs = 30_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(150);
  }
  throw new Error(`after ${timeoutMs / 1000} s still not so: ${what}`);
}

export interface SlackProgram extends Program {
  readonly url: string;
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  messages(channel: string): Promise<SlackMessage[]>;
  ephemeral(user: string): Promise<SlackMessage[]>;
  act(what: string, act: object): Promise<unknown>;
  fault(body: object): Promise<void>;
}

export interface SlackMessage {
  readonly ts: string;
  readonly text: string;
  /** null on a message that begins a thread. */
  readonly threadTs: string | null;
  readonly blocks?: readonly Record<string, unknown>[];
}

export async function startSlackProgram(): Promise<SlackProgram> {
  const program = run("node", [programPath("slack"), "--port", "0", "--json"], {});
  const [line] = await program.waitFor(/^\{.*\}$/m);
  const facts = JSON.parse(line) as Pick<SlackProgram, "url" | "apiUrl" | "botToken" | "appToken" | "signingSecret">;
  const get = async (path: string) => (await (await fetch(new URL(path, facts.url))).json()) as SlackMessage[];
  const post = async (path: string, body: object) => {
    const answer = await fetch(new URL(path, facts.url), { method: "POST", body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(said));
    return said;
  };
  return {
    ...program,
    ...facts,
    messages: (channel) => get(`/control/messages?channel=${channel}`),
    ephemeral: (user) => get(`/control/ephemeral?user=${user}`),
    act: (what, act) => post("/control/act", { do: what, act }),
    fault: async (body) => void (await post("/control/fault", body)),
  };
}

/** To the program and everything that it started. */
export function signalAll(program: Program, signal: NodeJS.Signals): void {
  try {
    if (program.child.pid !== undefined) process.kill(-program.child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** Ends it and waits until it is gone. */
export async function end(program: Program | undefined): Promise<void> {
  if (program === undefined || program.child.exitCode !== null || program.child.signalCode !== null) return;
  signalAll(program, "SIGTERM");
  const hard = setTimeout(() => signalAll(program, "SIGKILL"), 22_000);
  await program.ended;
  clearTimeout(hard);
}
