/**
 * `npm run simulate -- --seeds N [--seed S] [--story]`: plays N nights, the kept seeds first. A seed that breaks a law is told as a
 * story and kept in seeds.txt, where every later run plays it again. Exit 1 when a law was broken.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { playNight, type Night } from "./simulation.ts";

const seedsFile = new URL("./seeds.txt", import.meta.url);

export function keptSeeds(): number[] {
  const lines = readFileSync(seedsFile, "utf8").split("\n");
  return lines.flatMap((line) => (/^\d+/.test(line) ? [Number.parseInt(line, 10)] : []));
}

function keep(night: Night): void {
  if (keptSeeds().includes(night.seed)) return;
  appendFileSync(seedsFile, `${night.seed} ${night.broken[0] ?? ""}\n`);
}

function tellStory(night: Night): void {
  process.stdout.write(`\n=== seed ${night.seed} ===\n${night.story.join("\n")}\n`);
  for (const sentence of night.broken) process.stdout.write(`BROKEN: ${sentence}\n`);
  process.stdout.write(`again: npm run simulate -- --seed ${night.seed} --story\n\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seeds: { type: "string" }, seed: { type: "string" }, story: { type: "boolean" } },
  });
  const first = Number(values.seed ?? 1);
  const count = Number(values.seeds ?? (values.seed === undefined ? 200 : 1));
  if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
    process.stderr.write("--seed and --seeds take whole numbers\n");
    return 2;
  }
  const asked = Array.from({ length: count }, (_, index) => first + index);
  const seeds = values.seed === undefined ? [...new Set([...keptSeeds(), ...asked])] : asked;
  let failed = 0;
  let runs = 0;
  for (const seed of seeds) {
    const night = await playNight(seed);
    runs += night.runs;
    if (night.broken.length > 0) {
      failed += 1;
      keep(night);
    }
    if (night.broken.length > 0 || values.story) tellStory(night);
  }
  process.stdout.write(`${seeds.length} nights, ${runs} recoveries, ${failed} broken\n`);
  return failed === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url.endsWith("/run.ts") && process.argv[1].endsWith("run.ts")) {
  process.exit(await main());
}
