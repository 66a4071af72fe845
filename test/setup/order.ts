/**
 * The order of the test files: peers first, because they wait and others can run beside them, and in each project the longest first,
 * so that no long file begins when all others are done. A fresh clone knows how long from `durations.json`.
 */
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Seconds by path from the root, as `node scripts/recordDurations.js REPORT` last wrote them. */
export function knownDurations(): Readonly<Record<string, number>> {
  return JSON.parse(readFileSync(new URL("durations.json", import.meta.url), "utf8")) as Record<string, number>;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, sequence } = this.ctx.config;
    const seconds = knownDurations();
    const pathOf = ({ moduleId }: TestSpecification) => relative(root, moduleId).split(sep).join("/");
    const isShuffled = typeof sequence.shuffle === "object" ? sequence.shuffle.files === true : sequence.shuffle;
    // A file that is not known yet may be a long one.
    const weight = isShuffled
      ? (spec: TestSpecification) => scrambled(pathOf(spec), sequence.seed)
      : (spec: TestSpecification) => seconds[pathOf(spec)] ?? Number.MAX_VALUE;
    // Never mixed: a worker keeps its modules only from one file to the next of the same project.
    const rank = ({ project }: TestSpecification) => (project.name === "peers" ? 0 : 1);
    return files.toSorted((a, b) => rank(a) - rank(b) || weight(b) - weight(a));
  }
}

/** A number that looks like chance and is the same for the same seed (FNV-1a). */
function scrambled(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const letter of `${text}${seed}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}
