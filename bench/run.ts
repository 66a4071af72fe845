/**
 * `npm run bench [-- --quick] [--only latency,storm,…]`: the bot beside a floor and Alertmanager in one run, as JSON lines. Everything on
 * 127.0.0.1 and bounded; docs/measurements.md says what the numbers mean.
 */
import { parseArgs } from "node:util";
import { calibrate } from "./calibration.ts";
import { measureClicks } from "./clicks.ts";
import { startContenders } from "./contenders.ts";
import { measureLatency, servicesFor } from "./latency.ts";
import { said, say } from "./numbers.ts";
import { measureFleet, measureStart, measureUnits } from "./process.ts";
import { quiet } from "./programs.ts";
import { setStage, type Stage } from "./stage.ts";
import { measureStorm } from "./storm.ts";
import { measureStore } from "./store.ts";
import { measureRecoveries } from "./recoveries.ts";
import { measureTakeover } from "./takeover.ts";

// The driver only makes tables; the notice would stand among the lines.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, only: { type: "string" } } });
const quick = values.quick;
const only = values.only?.split(",");
const wants = (part: string) => only === undefined || only.includes(part);

/** The whole must end, whatever hangs. */
const msMax = quick ? 90_000 : 300_000;
const hard = setTimeout(() => {
  say("bench.cut", msMax, "ms", { note: "the time was over; what is missing was not measured" });
  process.exit(1);
}, msMax);

async function latency(stage: Stage): Promise<void> {
  const plan = quick ? { rounds: 2, each: 20 } : { rounds: 4, each: 30 };
  const contenders = await startContenders(stage, servicesFor(plan));
  await measureLatency(stage, contenders, plan);
  const bot = contenders.find(({ name }) => name === "bot");
  if (bot) await measureClicks(stage, bot, quick ? { from: 0, count: 30 } : { from: 0, count: 100 });
  await Promise.all(contenders.map(({ program }) => program.end()));
}

async function storm(stage: Stage): Promise<void> {
  const plan = quick ? { messages: 1_000, services: 100 } : { messages: 10_000, services: 200 };
  for (const contender of await startContenders(stage, plan.services)) {
    await quiet(2_000);
    await measureStorm(stage, contender, plan);
    await contender.program.end();
  }
}

async function recoveries(): Promise<void> {
  const few = ["restart", "failover-eip", "scale-out"];
  await measureRecoveries(({ name }) => !quick || few.includes(name));
  await measureTakeover(quick ? 2 : 10);
}

const aims = [
  ["bot.card.p50/floor", 3],
  ["bot.start.p50", 2_000],
  ["bot.fleet.rss", 200],
  ["recoveries.work.worst", 1],
  ["recoveries.own.worst", 1],
  ["recoveries.tick.max", 5_000],
  ["resume.max", 32_000],
] as const;

const stage = await setStage(quick);
try {
  await calibrate(stage, "before");
  if (wants("latency")) await latency(stage);
  if (wants("start")) await measureStart(stage, quick ? 3 : 5);
  if (wants("units")) await measureUnits(stage, 8);
  if (wants("storm")) await storm(stage);
  if (wants("fleet")) await measureFleet(stage, 10_000);
  if (wants("recoveries")) await recoveries();
  if (wants("store"))
    await measureStore(quick ? { writes: 200, services: 10_000 } : { writes: 1_000, services: 100_000 });
  await calibrate(stage, "after");
  for (const [name, aim] of aims) {
    const value = said(name);
    if (value !== undefined) say(`aim ${name}`, value, value <= aim ? "met" : "missed", { aim });
  }
} finally {
  await stage.close();
  clearTimeout(hard);
}
