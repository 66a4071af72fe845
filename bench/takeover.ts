/**
 * A worker is killed in the middle of a run; how long until the other one goes on? Killed at several moments between two renewals
 * of its lease, because that decides most of it.
 */
import { defaultTiming } from "../src/domain/timing.ts";
import { percentile, median, say } from "./numbers.ts";
import { order } from "./recoveries.ts";
import { recoveryStories } from "./recoveryStories.ts";
import { recoveryWorld } from "./recoveryWorld.ts";

const { leaseMs, leaseRenewMs, takeoverMs } = defaultTiming;

export async function measureTakeover(moments: number): Promise<void> {
  const taken: number[] = [];
  const looked: number[] = [];
  for (let n = 0; n < moments; n += 1) {
    const { takenMs, lookedMs } = await killAndTakeOver((n * leaseRenewMs) / moments);
    taken.push(takenMs);
    looked.push(lookedMs);
  }
  const more = { kills: moments, maxMs: percentile(taken, 1), leaseMs, takeoverMs };
  say("resume.taken", median(taken), "ms virtual p50, from the kill until the other worker owns the run", more);
  say(
    "resume.max",
    percentile(looked, 1),
    "ms virtual, from the kill until the other worker's first request for the run",
    {
      p50Ms: median(looked),
      minMs: percentile(looked, 0),
    },
  );
}

async function killAndTakeOver(afterMs: number): Promise<{ takenMs: number; lookedMs: number }> {
  const story = recoveryStories.find(({ name }) => name === "failover-eip");
  if (story === undefined) throw new Error("there is no failover among the stories");
  const world = recoveryWorld(story.service);
  const { clock } = world;
  const [first, second] = [await world.hire(), await world.hire()];
  await clock.advance(60_000);
  await order(world, first, story);
  const mustBe = async (what: string, isSo: () => boolean): Promise<void> => {
    if (!(await clock.runUntil(isSo, 20 * 60_000))) throw new Error(`not so within 20 minutes: ${what}`);
  };
  await mustBe("a step waits", () => world.record()?.journal.some(({ begun, done }) => begun && !done) === true);
  await clock.advance(afterMs);
  const dying = world.record()?.worker;
  const killedAt = clock.now();
  const [dead, left] = dying === "worker-1" ? [first, second] : [second, first];
  dead.kill();
  await mustBe("the other worker owns the run", () => world.record()?.worker !== dying);
  const takenMs = clock.now() - killedAt;
  const isNext = () => left.calls.some(({ from, forRun }) => forRun && from >= killedAt);
  await mustBe("the other worker asks AWS for the run", isNext);
  const lookedMs = clock.now() - killedAt;
  await mustBe("the run is over", () => world.record()?.ended !== undefined);
  const outcome = world.record()?.ended?.outcome;
  const starts = world.home.writes.filter(({ operation }) => operation === "StartInstances").length;
  await world.close();
  if (outcome?.kind !== "done" || starts !== 1)
    throw new Error(`after the kill it ended otherwise: ${starts} starts, ${JSON.stringify(outcome)}`);
  return { takenMs, lookedMs };
}
