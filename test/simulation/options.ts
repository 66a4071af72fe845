/** What the command line asks for, and which seeds that means. */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export interface Options {
  readonly seeds: readonly number[];
  /** Where the first seed comes from, in words. */
  readonly from: string;
  readonly jobs: number;
  readonly story: boolean;
  /** Plays also the looks that are known to find nothing. */
  readonly everyLook: boolean;
  /** A kept history to be played alone. */
  readonly replay: string | undefined;
  /** This process plays for another one. */
  readonly child: boolean;
}

const nightsDefault = 200;
/** In a clone without git, or of a commit that cannot be read. */
const baseWithoutGit = 1;
const seedsMax = 2 ** 32;
const jobsMax = 64;

/** Throws what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string" },
      seed: { type: "string" },
      commit: { type: "string" },
      jobs: { type: "string" },
      replay: { type: "string" },
      story: { type: "boolean" },
      "every-look": { type: "boolean" },
      child: { type: "boolean" },
    },
  });
  const count = whole("--seeds", values.seeds ?? (values.seed === undefined ? String(nightsDefault) : "1"), seedsMax);
  const { base, from } = values.seed === undefined ? baseOf(values.commit) : given(values.seed);
  return {
    seeds: Array.from({ length: count }, (_, index) => (base + index) % seedsMax),
    from,
    jobs: values.jobs === undefined ? availableParallelism() : whole("--jobs", values.jobs, jobsMax),
    story: values.story === true,
    everyLook: values["every-look"] === true,
    replay: values.replay,
    child: values.child === true,
  };
}

function given(seed: string): { base: number; from: string } {
  return { base: whole("--seed", seed, seedsMax - 1, 0), from: "--seed" };
}

function whole(name: string, text: string, most: number, least = 1): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`${name} ${text}: a whole number from ${least} to ${most} was needed`);
  return value;
}

/** Every commit has nights of its own: the first 32 bits of its hash. */
function baseOf(commit: string | undefined): { base: number; from: string } {
  const hash = commit ?? head();
  if (hash === undefined) return { base: baseWithoutGit, from: "no git here, so the same seeds as always" };
  if (!/^[0-9a-f]{8,}$/i.test(hash)) throw new Error(`--commit ${hash}: at least 8 hex digits of a hash were needed`);
  return { base: Number.parseInt(hash.slice(0, 8), 16), from: `commit ${hash.slice(0, 12)}` };
}

function head(): string | undefined {
  try {
    const here = fileURLToPath(new URL(".", import.meta.url));
    return execFileSync("git", ["-C", here, "rev-parse", "HEAD"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}
