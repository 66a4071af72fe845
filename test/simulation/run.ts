/**
 * `npm run simulate -- [--seeds N] [--seed S | --commit HASH] [--jobs N] [--story] [--every-look] [--replay FILE]`: plays the kept histories and then
 * N nights, whose seeds follow from the commit. A night that breaks a law is shrunk to the shortest history that still breaks it,
 * told as a story, and kept in kept/, where every later run plays it again. Exit 1 when a law was broken.
 */
import { playAll, playForParent, type Played } from "./crew.ts";
import type { History } from "./history.ts";
import { keep, keptHistories, readHistoryFile } from "./kept.ts";
import type { Broken } from "./laws.ts";
import { readOptions, type Options } from "./options.ts";
import { shrink } from "./shrink.ts";
import { playNight, type Night } from "./simulation.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);
const progressEvery = 100;
/** One seed may take this long to shrink; after the first few, a run with many broken ones says only which they are. */
const shrinkMs = 60_000;
const shrinkPlaysMax = 400;
const shrunkMax = 3;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const { everyLook } = options;
  if (options.child) return (await playForParent({ everyLook }), 0);
  if (options.replay !== undefined) return replay(options.replay, everyLook);
  let keptBroken = 0;
  for (const { path, history } of keptHistories()) {
    const night = await playNight(history.seed, { history, everyLook });
    if (night.broken.length === 0) continue;
    keptBroken += 1;
    tell(night, `npm run simulate -- --replay ${path}`);
  }
  const [first] = options.seeds;
  const repeat = `npm run simulate -- --seed ${first} --seeds ${options.seeds.length}`;
  say(`${options.seeds.length} nights from seed ${first} (${options.from}), ${options.jobs} at once; again: ${repeat}`);
  const played = await playMany(options);
  const broken = played.filter((night) => night.broken.length > 0);
  for (const [index, night] of broken.entries()) await shorten(night, index < shrunkMax);
  if (options.story)
    for (const { seed } of played)
      tell(await playNight(seed, { everyLook }), `npm run simulate -- --seed ${seed} --story`);
  summary(played);
  const failed = keptBroken + broken.length;
  say(
    failed === 0
      ? "no law was broken"
      : `${keptBroken} kept and ${broken.length} new histories broken; again: ${repeat}`,
  );
  return failed === 0 ? 0 : 1;
}

async function playMany(options: Options): Promise<Played[]> {
  const played: Played[] = [];
  await playAll(options, (night) => {
    played.push(night);
    if (night.broken.length > 0) say(`seed ${night.seed} breaks ${night.broken[0]?.law}: ${night.broken[0]?.said}`);
    if (played.length % progressEvery === 0) say(`${played.length} of ${options.seeds.length} nights`);
  });
  return played.sort((left, right) => left.seed - right.seed);
}

async function replay(path: string, everyLook: boolean): Promise<number> {
  const history = readHistoryFile(path);
  const night = await playNight(history.seed, { history, everyLook });
  tell(night, `npm run simulate -- --replay ${path}`);
  return night.broken.length === 0 ? 0 : 1;
}

/** Whatever cannot be shrunk is kept whole: a night is never forgotten because it is long. */
async function shorten({ seed, history, broken: [first] }: Played, mayShrink: boolean): Promise<void> {
  if (history === undefined || first === undefined) return;
  if (!mayShrink)
    return say(`seed ${seed} is not shrunk: ${shrunkMax} were already; again: npm run simulate -- --seed ${seed}`);
  const until = performance.now() + shrinkMs;
  const play = async (each: History): Promise<readonly Broken[]> =>
    (await playNight(each.seed, { history: each })).broken;
  const isOver = () => performance.now() > until;
  const shrunk = await shrink({ play, law: first.law, playsMax: shrinkPlaysMax, isOver }, history);
  const shortest = shrunk?.history ?? history;
  const left = `${shortest.disturbances.length} of ${history.disturbances.length} disturbances`;
  say(`seed ${seed}: ${left} are needed to break ${first.law}, found in ${shrunk?.plays ?? 1} nights`);
  const path = keep(shortest, shrunk?.broken ?? first);
  say(`kept in ${path}: every later run plays it first; remove the file if it was only tried out`);
  tell(await playNight(seed, { history: shortest }), `npm run simulate -- --replay ${path}`);
}

function tell({ seed, story, broken, history }: Night, again: string): void {
  say(`\n=== seed ${seed}: ${history.services.join(", ")} ===\n${story.join("\n")}`);
  for (const { law, said } of broken) say(`BROKEN ${law}: ${said}`);
  say(`again: ${again}\n`);
}

const sizes: Readonly<Record<Night["kind"], string>> = {
  lone: "three lone machines",
  patterns: "three services of six patterns",
};

function summary(played: readonly Played[]): void {
  for (const kind of ["lone", "patterns"] as const) {
    line(
      sizes[kind],
      played.filter((night) => night.kind === kind),
    );
  }
  line("together", played);
}

function line(what: string, nights: readonly Played[]): void {
  if (nights.length === 0) return;
  const sum = (of: (night: Played) => number) => nights.reduce((total, night) => total + of(night), 0);
  const hours = sum(({ virtualMs }) => virtualMs) / 3_600_000;
  const seconds = sum(({ cpuMs }) => cpuMs) / 1_000;
  say(
    `${what}: ${nights.length} nights, ${sum(({ runs }) => runs)} recoveries, ${hours.toFixed(1)} simulated hours, ` +
      `${seconds.toFixed(1)} s of CPU, ${(hours / seconds).toFixed(1)} hours per CPU-second`,
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
