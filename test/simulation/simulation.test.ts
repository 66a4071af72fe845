/** Nights from seeds: the kept histories, and some more. `npm run simulate -- --seeds N` plays as many as one likes. */
import { describe, expect, test } from "vitest";
import { keptHistories } from "./kept.ts";
import { playNight } from "./simulation.ts";

const some = Array.from({ length: 40 }, (_, index) => index + 1);

describe("simulated nights", () => {
  test("histories that once broke a law break none now", { timeout: 120_000 }, async () => {
    for (const { path, history } of keptHistories()) {
      const { broken } = await playNight(history.seed, { history });
      expect({ path, broken }).toEqual({ path, broken: [] });
    }
  });

  test("the first seeds break no law", { timeout: 120_000 }, async () => {
    let runs = 0;
    for (const seed of some) {
      const night = await playNight(seed);
      expect({ seed, broken: night.broken }).toEqual({ seed, broken: [] });
      runs += night.runs;
    }
    // A night in which nothing is ever run proves nothing.
    expect(runs).toBeGreaterThan(some.length);
  });

  test("one seed tells one story, word for word, however often it is played", { timeout: 60_000 }, async () => {
    const first = await playNight(7);
    const second = await playNight(7);
    expect(second.story).toEqual(first.story);
    expect(second.ended).toEqual(first.ended);
  });
});
