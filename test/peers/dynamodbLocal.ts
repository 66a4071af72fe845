/**
 * DynamoDB Local, AWS's own test engine, from the jar of a development dependency. It binds every interface and cannot take
 * port 0; it writes a file into its working folder and would report usage: hence the free port, the temporary folder and the option.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { freePort } from "./peer.ts";

const emulator = fileURLToPath(new URL("../../node_modules/amplify-dynamodb-simulator/emulator/", import.meta.url));
/** 2 to 4 s on a quiet machine. */
const startMsMax = 60_000;

export const dynamoDbLocalInstall = "apt-get install -y default-jre-headless (and npm ci for the jar)";

export function hasDynamoDbLocal(): boolean {
  return inject("peers").dynamoDbLocal;
}

export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Ready when this resolves; empty, in memory, one database for every region and key. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const cwd = await mkdtemp(join(tmpdir(), "medic-dynamodb-local-"));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)];
  const child = spawn(
    "java",
    [
      `-Djava.library.path=${join(emulator, "DynamoDBLocal_lib")}`,
      "-Xmx384m",
      // It lives for some seconds: compiling its bytecode well costs more than it saves.
      ...["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"],
      "-jar",
      join(emulator, "DynamoDBLocal.jar"),
      ...options,
    ],
    { cwd, stdio: ["ignore", "ignore", "pipe"] },
  );
  const stop = async () => {
    await ended(child);
    await rm(cwd, { recursive: true, force: true });
  };
  try {
    await untilAnswering(endpoint, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

async function untilAnswering(endpoint: string, child: ChildProcess): Promise<void> {
  let complaint = "";
  child.stderr?.on("data", (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)));
  const until = Date.now() + startMsMax;
  for (;;) {
    try {
      // Without a signature it answers 400, which is an answer.
      await fetch(endpoint, { method: "POST" });
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > until)
        throw new Error(`DynamoDB Local did not start: ${complaint}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
