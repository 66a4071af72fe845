/** Nights from seeds: the kept ones, and a few more. `npm run simulate -- --seeds N` plays as many as one likes. */
import { describe, expect, test } from "vitest";
import { keptSeeds } from "./run.ts";
import { playNight } from "./simulation.ts";

const few = Array.from({ length: 20 }, (_, index) => index + 1);

describe("simulated nights", () => {
  test("seeds that once broke a law, and a few more, break none now", { timeout: 120_000 }, async () => {
    let runs = 0;
    for (const seed of [...new Set([...keptSeeds(), ...few])]) {
      const night = await playNight(seed);
      expect({ seed, broken: night.broken }).toEqual({ seed, broken: [] });
      runs += night.runs;
    }
    // A night in which nothing is ever run proves nothing.
    expect(runs).toBeGreaterThan(few.length);
  });

  test("one seed tells one story, word for word, however often it is played", { timeout: 60_000 }, async () => {
    const first = await playNight(7);
    const second = await playNight(7);
    expect(second.story).toEqual(first.story);
    expect(second.ended).toEqual(first.ended);
  });
});
