/** Histories that once broke a law: one file each, played first in every run and by the unit test. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readHistory, writeHistory, type History } from "./history.ts";
import type { Broken } from "./laws.ts";

const folder = fileURLToPath(new URL("./kept/", import.meta.url));
const ending = ".txt";

export interface Kept {
  /** As it is given to `--replay`. */
  readonly path: string;
  readonly history: History;
}

export function keptHistories(): Kept[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names
    .sort()
    .map((name) => ({ path: `test/simulation/kept/${name}`, history: readHistoryFile(join(folder, name)) }));
}

/** Throws with the file's name when it is none. */
export function readHistoryFile(path: string): History {
  try {
    return readHistory(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Answers the path for `--replay`. */
export function keep(history: History, broken: Broken): string {
  const name = `${broken.law.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)}-${history.seed}${ending}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), writeHistory(history, broken));
  return `test/simulation/kept/${name}`;
}
