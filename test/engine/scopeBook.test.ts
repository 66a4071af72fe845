/** Storms and permits of one scope, with the counts of DESIGN. */
import { describe, expect, test } from "vitest";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { IncidentId, RunId, ServiceName } from "../../src/domain/words.ts";
import { makeScopeBook, stormThreshold } from "../../src/engine/scopeBook.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { memoryTable } from "../../src/memory/memoryTable.ts";
import { scope, startAt } from "./bench.ts";

const minute = 60_000;

function book(services = 10, live: (runId: string) => boolean = () => true) {
  let now = startAt;
  const made = makeScopeBook({
    records: memoryStore({ table: memoryTable() }).records,
    clock: { now: () => now, sleep: async () => undefined },
    timing: defaultTiming,
    scopes: [scope],
    servicesIn: () => services,
    isLive: async ({ runId }) => live(runId),
    onStorm: () => undefined,
  });
  const open = (n: number) =>
    made.countOpening({ scope, incident: `i-${n}` as IncidentId, service: `s-${n}` as ServiceName });
  const permit = (n: number) =>
    made.takePermit({ scope, runId: `s-${n}/1` as RunId, service: `s-${n}` as ServiceName });
  return { ...made, open, permit, pass: (ms: number) => (now += ms) };
}

describe("storm", () => {
  test.each([
    [1, 1],
    [3, 1],
    [10, 2],
    [100, 10],
    [1000, 10],
  ])("of %i services, %i newly bad ones are still no storm", (services, most) => {
    expect(stormThreshold(services)).toBe(most);
  });

  test("a storm begins with one opening more than that, and an incident counts once however often it is told", async () => {
    const { open, storm } = book(10);
    await open(1);
    await open(2);
    await open(2);
    expect(storm(scope).active).toBe(false);
    await open(3);
    expect(storm(scope).active).toBe(true);
  });

  test("openings further apart than the window are no storm", async () => {
    const { open, storm, pass } = book(10);
    await open(1);
    await open(2);
    pass(11 * minute);
    await open(3);
    expect(storm(scope).active).toBe(false);
  });

  test("it ends only after a quiet while and a person's word, in whichever order they come", async () => {
    const { open, storm, pass, giveWord, refresh } = book(3);
    await open(1);
    await open(2);
    expect(await giveWord("Ana")).toEqual([scope]);
    pass(14 * minute);
    await refresh();
    expect(storm(scope).active).toBe(true);
    pass(2 * minute);
    await refresh();
    expect(storm(scope).active).toBe(false);
  });

  test("quiet alone does not end it", async () => {
    const { open, storm, pass, refresh } = book(3);
    await open(1);
    await open(2);
    pass(60 * minute);
    await refresh();
    expect(storm(scope).active).toBe(true);
  });

  test("a new opening takes a person's word back", async () => {
    const { open, storm, pass, giveWord, refresh } = book(3);
    await open(1);
    await open(2);
    await giveWord("Ana");
    pass(minute);
    await open(3);
    pass(20 * minute);
    await refresh();
    expect(storm(scope).active).toBe(true);
  });
});

describe("permits", () => {
  test("three automatic runs at once, the fourth waits until one is given back", async () => {
    const { permit, releasePermit } = book();
    for (const n of [1, 2, 3]) expect(await permit(n)).toEqual({ granted: true });
    expect(await permit(4)).toEqual({ granted: false, refusal: "busy" });
    await releasePermit(scope, "s-2/1" as RunId);
    expect(await permit(4)).toEqual({ granted: true });
  });

  test("asking again for the same run is the same permit", async () => {
    const { permit } = book();
    for (const n of [1, 1, 1, 2, 3]) expect(await permit(n)).toEqual({ granted: true });
  });

  test("two workers that ask at the same instant get no more than three together", async () => {
    const { permit } = book();
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(permit));
    expect(answers.filter((answer) => answer.granted)).toHaveLength(3);
  });

  test("in a storm none is given, and for a while afterwards one at a time", async () => {
    const { open, permit, pass, giveWord, refresh } = book(3);
    await open(1);
    await open(2);
    expect(await permit(1)).toEqual({ granted: false, refusal: "storm" });
    await giveWord("Ana");
    pass(16 * minute);
    await refresh();
    expect(await permit(1)).toEqual({ granted: true });
    expect(await permit(2)).toEqual({ granted: false, refusal: "busy" });
  });

  test("the permit of a run whose worker died before giving it back is found and taken away", async () => {
    const { permit, pass } = book(10, (runId) => runId !== "s-1/1");
    for (const n of [1, 2, 3]) await permit(n);
    expect((await permit(4)).granted).toBe(false);
    pass(2 * minute);
    expect((await permit(4)).granted).toBe(true);
  });

  test("a book that was never read does not look like calm weather", () => {
    expect(book().storm(scope).active).toBe(true);
  });
});
