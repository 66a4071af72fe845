/**
 * `parseSettings` in a thread of its own: the text with the place of each setting takes 250 MB for ten thousand services. A thread gives
 * it back when it ends; the main heap would keep it for as long as the bot runs.
 *
 * Import it only dynamically, so that it is a file of its own in the bundle: the thread runs this very file.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { parseSettings } from "./medicYaml.ts";
import type { LoadedSettings } from "./medicYaml.ts";

interface Task {
  readonly task: "parse-settings";
  readonly file: string;
  readonly text: string;
}

export async function parseApart(file: string, text: string): Promise<LoadedSettings> {
  // Run from source, a thread has no loader for it; memory is not what matters there.
  if (import.meta.url.endsWith(".ts")) return parseSettings(file, text);
  const task: Task = { task: "parse-settings", file, text };
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: task, execArgv: [] });
    let loaded: LoadedSettings | undefined;
    thread.once("message", (found: LoadedSettings) => (loaded = found));
    thread.once("error", reject);
    // Not before its end: until then its memory stands beside ours.
    thread.once("exit", (code) =>
      loaded === undefined ? reject(new Error(`reading ${file} ended with ${code}`)) : resolve(loaded),
    );
  });
}

function isTask(data: unknown): data is Task {
  return typeof data === "object" && data !== null && (data as Partial<Task>).task === "parse-settings";
}

const given: unknown = workerData;
if (!isMainThread && isTask(given)) parentPort?.postMessage(parseSettings(given.file, given.text));
