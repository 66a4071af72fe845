/** A night that breaks a law is told by its shortest history. The laws here are planted: they forbid what may well happen. */
import { describe, expect, test } from "vitest";
import { readHistory, writeHistory, type History } from "./history.ts";
import type { LawParts } from "./laws.ts";
import { shrink } from "./shrink.ts";
import { playNight } from "./simulation.ts";

type Planted = NonNullable<LawParts["ofTest"]>;

const nobodyHolds: Planted = (need, { hold, service }) =>
  need("nobody-holds", hold === undefined, `${service} is held`);
const nothingRunsByItself: Planted = (need, { phase, service }) =>
  need("no-run-by-a-rule", phase.kind !== "recovering" || phase.order.by.kind === "person", `${service} recovers`);

const shortestOf = (whole: History, law: string, planted: Planted, playsMax = 400) => {
  const play = async (history: History) => (await playNight(history.seed, { history, law: planted })).broken;
  return shrink({ play, law, playsMax }, whole);
};
const seed = 3;
/** How many nights are looked through for one that runs something by itself. */
const seedsMax = 30;

describe("a night as a history", () => {
  test("is the same night, word for word, when it is written down, read and played again", async () => {
    for (const each of [1, 2, 3, 4]) {
      const night = await playNight(each);
      const again = await playNight(each, { history: readHistory(writeHistory(night.history, undefined)) });
      expect(again.story).toEqual(night.story);
      expect(again.history).toEqual(night.history);
    }
  });

  test("says which line is none", () => {
    expect(() => readHistory("{")).toThrow(/no line of a history: \{/);
    expect(() => readHistory("{}")).toThrow(/begins with its seed/);
  });
});

describe("shrinking", { timeout: 120_000 }, () => {
  test("leaves one service, the order that opened the incident and the hold: nothing else is needed", async () => {
    const night = await playNight(seed, { law: nobodyHolds });
    expect(night.history.disturbances.length).toBeGreaterThan(100);
    const shrunk = await shortestOf(night.history, "nobody-holds", nobodyHolds);
    expect(shrunk?.isShortest).toBe(true);
    const { services, disturbances, faultsMs } = shrunk?.history ?? night.history;
    expect(services).toHaveLength(1);
    const events = disturbances.map((each) => (each.kind === "press" ? each.event.kind : each.kind));
    expect(events).toEqual(["order", "hold"]);
    expect(faultsMs).toBeLessThan(night.history.faultsMs);
  });

  test("keeps the fault that it takes, and without any of the rest the law still breaks", async () => {
    for (let each = 1; each <= seedsMax; each += 1) {
      const night = await playNight(each, { law: nothingRunsByItself });
      if (!night.broken.some(({ law }) => law === "no-run-by-a-rule")) continue;
      const shrunk = await shortestOf(night.history, "no-run-by-a-rule", nothingRunsByItself);
      expect(shrunk?.broken.law).toBe("no-run-by-a-rule");
      const left = shrunk?.history.disturbances ?? [];
      expect(left.length).toBeLessThan(5);
      for (const gone of left) {
        const history = { ...(shrunk?.history ?? night.history), disturbances: left.filter((one) => one !== gone) };
        const { broken } = await playNight(each, { history, law: nothingRunsByItself });
        expect(broken.filter(({ law }) => law === "no-run-by-a-rule")).toEqual([]);
      }
      return;
    }
    expect.unreachable(`none of ${seedsMax} nights runs anything by itself`);
  });

  test("is the same every time", async () => {
    const night = await playNight(seed, { law: nobodyHolds });
    const first = await shortestOf(night.history, "nobody-holds", nobodyHolds);
    const second = await shortestOf(night.history, "nobody-holds", nobodyHolds);
    expect(second).toEqual(first);
  });

  test("ends after so many nights, with what it has by then", async () => {
    const night = await playNight(seed, { law: nobodyHolds });
    const shrunk = await shortestOf(night.history, "nobody-holds", nobodyHolds, 3);
    expect(shrunk).toMatchObject({ plays: 3, isShortest: false });
    expect(shrunk?.history.disturbances.length).toBeLessThanOrEqual(night.history.disturbances.length);
  });

  test("says so when the history does not break the law", async () => {
    const { history } = await playNight(seed);
    expect(await shortestOf({ ...history, disturbances: [] }, "nobody-holds", nobodyHolds)).toBeUndefined();
  });
});
