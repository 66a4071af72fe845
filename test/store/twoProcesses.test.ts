import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});

function started(script: string, ...values: string[]): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", path, ...values], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return child;
}

interface Contender {
  readonly ready: Promise<unknown>;
  readonly go: () => void;
  readonly said: Promise<string[]>;
}

function contending(endpoint: string, name: string): Contender {
  const child = started("./contender.ts", endpoint, "medic", name);
  if (!child.stdout) throw new Error("the contender has no stdout");
  const ready = once(child.stdout, "data");
  return { ready, go: () => void child.stdin?.write("go\n"), said: saidBy(child) };
}

async function saidBy(child: ChildProcess): Promise<string[]> {
  let said = "";
  child.stdout?.on("data", (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(0);
  return said.split("\n").filter((line) => line !== "" && line !== "ready");
}

it("two processes on one table never both win a revision or a fence", { timeout: 60_000 }, async () => {
  const server = started("./dynaliteServer.ts");
  if (!server.stdout) throw new Error("the server has no stdout");
  const [first] = (await once(server.stdout, "data")) as [Buffer];
  const endpoint = first.toString().trim();
  const contenders = [contending(endpoint, "left"), contending(endpoint, "right")];
  await Promise.all(contenders.map(({ ready }) => ready));
  for (const { go } of contenders) go();
  const [left = [], right = []] = await Promise.all(contenders.map(({ said }) => said));
  // Both took part, or this proves nothing.
  expect(left.length).toBeGreaterThan(0);
  expect(right.length).toBeGreaterThan(0);
  const won = [...left, ...right];
  expect(new Set(won).size).toBe(won.length);
  const revisions = won.filter((line) => line.startsWith("case ")).map((line) => Number(line.slice(5)));
  expect(revisions.sort((one, other) => one - other)).toEqual(Array.from({ length: 150 }, (_, at) => at + 1));
});
