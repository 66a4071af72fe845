/** moto, an AWS that runs here: `moto_server` as a process of its own, empty at its start, for every region and any credentials. */
import { spawn, type ChildProcess } from "node:child_process";
import { inject } from "vitest";
import { freePort } from "./peer.ts";

/** Under a second on a quiet machine; its Python starts slowly on a busy one. */
const startMsMax = 60_000;

export const motoInstall = "pip install 'moto[server]'";

export function hasMoto(): boolean {
  return inject("peers").moto;
}

export interface Moto {
  readonly endpoint: string;
  /** What the SDK needs to find it: endpoint and credentials that nobody checks. Region eu-west-1. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Ready when this resolves. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)));
  const until = Date.now() + startMsMax;
  for (;;) {
    try {
      await fetch(`${endpoint}/moto-api/data.json`);
      break;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > until) {
        await ended(child);
        throw new Error(`moto_server did not start: ${complaint}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    },
    stop: () => ended(child),
  };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
