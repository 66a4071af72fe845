/** moto_server: AWS's APIs on loopback, from Python. Its gaps are known (no alarm evaluation, instant states); tests name them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort, isInstalled } from "./peer.ts";

export const motoInstall = "pip install 'moto[server]'";

export function hasMoto(): boolean {
  return isInstalled("moto_server");
}

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const startMsMax = 60_000;

/** Ready when this resolves, with empty accounts. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const ended = once(child, "exit");
  const until = Date.now() + startMsMax;
  while (!(await answers(`${endpoint}/moto-api/`))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error("moto_server did not start");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    endpoint,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
}
