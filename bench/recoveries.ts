/**
 * What a recovery costs beside the world's own time: looks that come later than the world, requests to AWS, the bot's own work.
 * Each recovery is carried twice in the same world: once watched, to know when the world was so; once unwatched, for the real time.
 */
import type { Asker } from "../src/domain/event.ts";
import type { RunRecord } from "../src/engine/runRecord.ts";
import { median, nowMs, percentile, say } from "./numbers.ts";
import { recoveryStories, type RecoveryStory } from "./recoveryStories.ts";
import { awsCallMs, recoveryWorld, type Call, type Hired, type RecoveryWorld } from "./recoveryWorld.ts";
import { watchTruth } from "./truth.ts";

export const person: Asker = { id: "U1", name: "Ana", allowed: true };
/** The inventory knows the service, and the trouble shows, before anybody orders anything. */
const settlingMs = 90_000;
const limitMs = 2 * 3_600_000;
const lookMs = 5_000;

interface Carried {
  readonly record: RunRecord;
  readonly orderedAt: number;
  readonly endedAt: number;
  readonly calls: readonly Call[];
  readonly realMs: number;
  readonly cpuMs: number;
  readonly soAt: ReadonlyMap<string, number>;
}

export async function measureRecoveries(only: (story: RecoveryStory) => boolean = () => true): Promise<void> {
  const worst = { workOverAim: 0, ownOverAim: 0 };
  const allTicks: number[] = [];
  for (const story of recoveryStories.filter(only)) {
    const watched = await carry(story, true);
    const plain = await carry(story, false);
    const { work, own, ticks } = tell(story, watched, plain);
    worst.workOverAim = Math.max(worst.workOverAim, work);
    worst.ownOverAim = Math.max(worst.ownOverAim, own);
    allTicks.push(...ticks);
  }
  const ofAim = "of its aim (5 % of the recovery, or 2 s if that is more)";
  say("recoveries.work.worst", worst.workOverAim, ofAim, { what: "the bot's own work alone" });
  say("recoveries.own.worst", worst.ownOverAim, ofAim, { what: "with the rest between looks while the world is so" });
  say("recoveries.tick.p50", median(allTicks), "ms virtual", { steps: allTicks.length });
  say("recoveries.tick.max", percentile(allTicks, 1), "ms virtual", { steps: allTicks.length });
}

export async function order(world: RecoveryWorld, { engine }: Hired, story: RecoveryStory): Promise<void> {
  story.trouble?.(world);
  await world.clock.advance(settlingMs);
  await engine.handle(world.service.name, { kind: "order", by: person, recovery: story.recovery, why: "bench" });
}

async function carry(story: RecoveryStory, isWatched: boolean): Promise<Carried> {
  const world = recoveryWorld(story.service);
  const { clock, service } = world;
  const worker = await world.hire();
  await clock.advance(settlingMs);
  const truth = isWatched ? watchTruth(world, () => worker.engine.known(service.name)) : undefined;
  await order(world, worker, story);
  const orderedAt = clock.now();
  const since = { real: nowMs(), cpu: process.cpuUsage() };
  const isOver = await clock.runUntil(() => world.record()?.ended !== undefined, limitMs);
  const cpu = process.cpuUsage(since.cpu);
  const realMs = nowMs() - since.real;
  truth?.stop();
  const record = world.record();
  await world.close();
  if (!isOver || record?.ended === undefined) throw new Error(`${story.name} did not end; ${JSON.stringify(record)}`);
  const { at, outcome } = record.ended;
  if (outcome.kind !== "done") throw new Error(`${story.name} ended otherwise: ${JSON.stringify(outcome)}`);
  return {
    ...{ record, orderedAt, endedAt: at, realMs },
    calls: worker.calls.filter(({ from }) => from >= orderedAt && from <= at),
    cpuMs: (cpu.user + cpu.system) / 1_000,
    soAt: truth?.soAt ?? new Map<string, number>(),
  };
}

function tell(story: RecoveryStory, watched: Carried, plain: Carried) {
  const { record, orderedAt, endedAt, calls } = watched;
  const totalMs = endedAt - orderedAt;
  const waits = waitsOf(watched);
  const ticks = waits.map(({ so, done }) => done - so);
  const lostMs = waits.reduce((sum, wait) => sum + outsideCalls(wait, calls), 0);
  const ownMs = plain.realMs + lostMs;
  const aimMs = Math.max(2_000, totalMs / 20);
  const name = `recovery.${story.name}`;
  say(`${name}.total`, totalMs / 1_000, "s virtual", {
    steps: record.journal.length,
    inCallsS: inCalls({ so: orderedAt, done: endedAt }, calls) / 1_000,
    awsCallMs,
  });
  say(`${name}.own`, ownMs, "ms", {
    aim: aimMs,
    isMet: ownMs <= aimMs,
    realMs: plain.realMs,
    cpuMs: plain.cpuMs,
    betweenLooksMs: lostMs,
    shareOfTotal: ownMs / totalMs,
  });
  say(`${name}.tick`, median(ticks), "ms virtual p50", { maxMs: Math.max(0, ...ticks), waited: ticks.length });
  tellCalls(story, calls, totalMs);
  return { work: plain.realMs / aimMs, own: ownMs / aimMs, ticks };
}

function tellCalls({ name, leastWrites }: RecoveryStory, calls: readonly Call[], totalMs: number): void {
  const ofRun = calls.filter(({ forRun }) => forRun);
  const writes = ofRun.filter(({ isWrite }) => isWrite).map(({ operation }) => operation);
  // The judgement of health reads as the bot itself, and so do its loops: both are shown, and cannot be told apart here.
  const reads = ofRun.filter(({ isWrite }) => !isWrite).map(({ operation }) => operation);
  const beside = calls.filter(({ forRun, operation }) => !forRun && operation !== "probe");
  const looks = Math.max(1, totalMs / lookMs);
  say(`recovery.${name}.writes`, writes.length, "requests", { least: leastWrites.length, made: counted(writes) });
  say(`recovery.${name}.reads`, reads.length, "requests", {
    least: leastWrites.length,
    perLook: reads.length / looks,
    made: counted(reads),
    evidenceAndLoops: beside.length,
    evidenceAndLoopsPerLook: beside.length / looks,
    probes: calls.length - ofRun.length - beside.length,
  });
}

interface Wait {
  readonly so: number;
  readonly done: number;
}

/** Steps that had to wait: begun, and not so at once. */
function waitsOf({ record, soAt }: Carried): readonly Wait[] {
  return record.journal.flatMap(({ step, begun, done }) => {
    if (begun === undefined || done === undefined || done.skipped !== undefined || done.gaveUp !== undefined) return [];
    return [{ so: Math.min(done.at, soAt.get(step) ?? done.at), done: done.at }];
  });
}

function outsideCalls(wait: Wait, calls: readonly Call[]): number {
  return wait.done - wait.so - inCalls(wait, calls);
}

/** How much of this time at least one call of the run, or a probe, was under way. */
function inCalls({ so, done }: Wait, calls: readonly Call[]): number {
  let sum = 0;
  let until = so;
  const mine = calls.filter(({ forRun, operation }) => forRun || operation === "probe");
  for (const { from, to = done } of [...mine].sort((a, b) => a.from - b.from)) {
    const end = Math.min(to, done);
    const begin = Math.max(from, until);
    if (end <= begin) continue;
    sum += end - begin;
    until = end;
  }
  return sum;
}

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const each of names) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}
