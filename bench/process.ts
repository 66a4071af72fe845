/** The process itself: start to ready, memory at rest and with 10,000 services, and what an incident costs at DynamoDB. */
import { channelId } from "./alarms.ts";
import { envelope } from "./alarms.ts";
import { median, pause, say } from "./numbers.ts";
import { cpuSeconds, rssMb } from "./programs.ts";
import { newFolder, newTable, post, startBot, startShipped, type Stage, type Where } from "./stage.ts";

/** A program at rest after start: its first rounds of all loops are over. */
const restMs = 5_000;

export async function measureStart(stage: Stage, times: number): Promise<void> {
  await measureStartOn(stage, times, { name: "bot", where: async () => ({ table: await newTable(stage) }) });
  await measureStartOn(stage, times, { name: "embedded", where: async () => newFolder(stage) });
}

async function measureStartOn(
  stage: Stage,
  times: number,
  { name, where }: { readonly name: string; readonly where: () => Promise<Where> },
): Promise<void> {
  const starts: number[] = [];
  const rests: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const program = await startShipped(stage, await where(), 4);
    starts.push(program.readyMs);
    if (n === times - 1) {
      await pause(restMs);
      rests.push(rssMb(program.pid).now);
    }
    await program.end();
  }
  say(`${name}.start.p50`, median(starts), "ms", {
    aim: 2_000,
    n: starts.length,
    least: Math.round(Math.min(...starts)),
    note: "spawn → ready line, `medic start` from dist, 4 services",
  });
  say(`${name}.rss.idle`, median(rests), "MB", { services: 4 });
}

export async function measureFleet(stage: Stage, services: number): Promise<void> {
  const program = await startShipped(stage, { table: await newTable(stage) }, services);
  await pause(restMs);
  const before = cpuSeconds(program.pid);
  await pause(5_000);
  const share = (cpuSeconds(program.pid) - before) / 5;
  const { now, peak } = rssMb(program.pid);
  say("bot.fleet.start", program.readyMs, "ms", { services, aim: 2_000 });
  say("bot.fleet.rss", now, "MB", { services, aim: 200, peakMb: Math.round(peak) });
  say("bot.fleet.cpu.idle", share * 100, "% of a core", { services });
  await program.end();
}

/** Few enough to be no storm, one after the other, each left alone until nothing follows any more. */
export async function measureUnits(stage: Stage, incidents: number): Promise<void> {
  const bot = await startBot(stage, 50, true);
  const units = async () => {
    bot.program.send("SIGUSR2");
    const found = await bot.program.line(/units (\{.*\})/, 5_000);
    return JSON.parse(found?.[1] ?? "{}") as { readUnits: number; writeUnits: number; calls: number };
  };
  await pause(3_000);
  const start = await units();
  await pause(5_000);
  const before = await units();
  for (let n = 0; n < incidents; n += 1) {
    const card = stage.slack.postIn(channelId(n), 5_000);
    await post(`${bot.url}/sns`, envelope(stage.signer, { service: n, alarm: 0, at: Date.now() }));
    await card;
  }
  await pause(5_000);
  const after = await units();
  const each = (key: "readUnits" | "writeUnits" | "calls") => {
    // What the loops use by themselves in the same time is not the incident's.
    const idle = before[key] - start[key];
    return Math.max(0, after[key] - before[key] - idle) / incidents;
  };
  const note = "opening with card, evidence, thread; not the run";
  say("bot.dynamodb.writes", each("writeUnits"), "write units/incident", { incidents, note });
  say("bot.dynamodb.reads", each("readUnits"), "read units/incident", { calls: each("calls") });
  say("bot.dynamodb.idle", (before.readUnits - start.readUnits) / 5, "read units/s", {
    writeUnitsPerS: (before.writeUnits - start.writeUnits) / 5,
  });
  await bot.program.end();
}
