/** Asked once a run instead of by each file: which peers are here. And the bot as shipped is built once for all that start it. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const root = fileURLToPath(new URL("../..", import.meta.url));
const jar = `${root}node_modules/amplify-dynamodb-simulator/emulator/DynamoDBLocal.jar`;

export interface PeersPresent {
  readonly moto: boolean;
  readonly dynamoDbLocal: boolean;
  readonly chromium: boolean;
  readonly compiler: boolean;
}

declare module "vitest" {
  interface ProvidedContext {
    peers: PeersPresent;
  }
}

/** Is there a program of this name that answers? A shim of a version manager stands in the PATH also when nothing is behind it. */
function answers(program: string, argument: string): boolean {
  return spawnSync(program, [argument], { stdio: "ignore" }).status === 0;
}

export async function setup({ provide }: TestProject): Promise<void> {
  const build = promisify(execFile)(process.execPath, ["scripts/build.js", "--bot-only"], { cwd: root });
  provide("peers", {
    moto: answers("moto_server", "--help"),
    dynamoDbLocal: answers("java", "--version") && existsSync(jar),
    chromium: answers("chromium", "--version"),
    compiler: answers("cc", "--version"),
  });
  await build;
}
