/** Runs the command line, bundled from source as it stands, as a process of its own with nothing of ours in its environment. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { programPath } from "../setup/programPath.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const fromRoot = (path: string) => resolve(root, path);

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
  /** Slack's, AWS's and the store's packages cannot be loaded. */
  readonly light?: boolean | "but for SQLite";
  /** Uncompiled, as `npm run medic` does: seconds slower. */
  readonly fromSource?: boolean;
}

export function runMedic(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const light = options.light ? ["--import", fromRoot("test/cli/refuseHeavyPackages.js")] : [];
  const program =
    options.fromSource === true
      ? ["--import", import.meta.resolve("tsx"), fromRoot("src/cli.ts")]
      : [programPath("medic")];
  const node = [...light, ...program, ...args];
  const child = spawn(process.execPath, node, {
    cwd: options.cwd ?? root,
    env: {
      PATH: process.env["PATH"] ?? "",
      ...(options.light === "but for SQLite" ? { TEST_MAY_LOAD: "libsql" } : {}),
      ...options.env,
    },
    stdio: "pipe",
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin.end(options.stdin ?? "");
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ code, out, err }));
  });
}
