/**
 * The order of the test files. Workers take the next one of a single queue, so that the order decides what runs beside what:
 * suites that start whole programs (`alone`) come one after the other, spread over the run, each beside tests that need no peer; the other
 * peers begin; in each kind the longest is first, so that no long file begins when all others are done.
 */
import { relative, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { knownDurations } from "./durations.ts";

/** They start a dozen processes and judge by time: two of them at once on two cores would wait for each other. */
const alone = /^test\/(peers\/(processes|acceptance|recoveries)|browser\/)/;
/** A file that is not known yet may be a long one. */
const unknownS = 30;

export interface Weighed {
  readonly path: string;
  readonly isPeer: boolean;
  readonly seconds: number;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, sequence, maxWorkers } = this.ctx.config;
    const known = knownDurations();
    const isShuffled = JSON.stringify(sequence.shuffle ?? false) !== "false";
    const weighed = files.map((spec) => {
      const path = relative(root, spec.moduleId).split(sep).join("/");
      const seconds = isShuffled ? scrambled(path, sequence.seed) : (known[path] ?? unknownS);
      return { spec, path, isPeer: spec.project.name === "peers", seconds };
    });
    return inOrder(weighed, Number(maxWorkers)).map(({ spec }) => spec);
  }
}

export function inOrder<T extends Weighed>(files: readonly T[], workers: number): T[] {
  const longest = files.toSorted((a, b) => b.seconds - a.seconds);
  const starting = longest.filter(({ isPeer, path }) => isPeer && !alone.test(path));
  const single = longest.filter(({ path }) => alone.test(path));
  const others = longest.filter(({ isPeer }) => !isPeer);
  const order: T[] = [];
  /** Seconds until each of the other workers is free; the one with a single suite in hand is not among them. */
  const freeAt = Array.from({ length: Math.max(1, workers - 1) }, () => 0);
  const place = (file: T) => {
    const at = freeAt.indexOf(Math.min(...freeAt));
    freeAt[at] = (freeAt[at] ?? 0) + file.seconds;
    order.push(file);
  };
  let singleFreeAt = 0;
  for (const file of [...starting, ...others]) {
    while (single[0] !== undefined && singleFreeAt <= Math.min(...freeAt)) {
      singleFreeAt += single[0].seconds;
      order.push(...single.splice(0, 1));
    }
    place(file);
  }
  return [...order, ...single];
}

/** A number that looks like chance and is the same for the same seed (FNV-1a). */
function scrambled(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const letter of `${text}${seed}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}
