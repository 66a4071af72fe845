/** Could it be brought back now? What each look finds, what is told and how often. */
import { describe, expect, test } from "vitest";
import { changedLines, type ReadinessLine } from "../../src/domain/readiness.ts";
import { readinessCard, readinessNews } from "../../src/domain/readinessCard.ts";
import { plain } from "../../src/domain/text.ts";
import type { Preview } from "../../src/domain/preview.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import { drillLines, rungLine, type Looked } from "../../src/engine/readinessChecks.ts";
import { bench, machine, web, type BenchOptions } from "./bench.ts";

const green: ReadinessLine = { about: "restart", light: "green", reason: "could run now" };
const red: ReadinessLine = { ...green, light: "red", reason: "no", remedy: "Mend it." };

describe("what changed", () => {
  test("is what has another light than before; a green line that is new is no news", () => {
    expect(changedLines(undefined, { lines: [green] })).toEqual([]);
    expect(changedLines(undefined, { lines: [red] })).toEqual([red]);
    expect(changedLines({ lines: [red] }, { lines: [{ ...red, reason: "still no" }] })).toEqual([]);
    expect(changedLines({ lines: [red] }, { lines: [green] })).toEqual([green]);
  });
});

describe("a rung", () => {
  const preview: Preview = {
    ...{ recovery: "failover", readAt: 0, headline: "it moves", steps: [], downtime: "", data: "", address: "" },
    mind: ["Open connections break."],
  };
  const refused = (code: string, unread?: true) =>
    rungLine({ ...preview, refused: { code, why: "no", remedy: "Do it.", ...(unread ? { unread } : {}) } });

  test("is green when its plan could run, red with the remedy when the world refuses, amber when nobody could tell", () => {
    expect(rungLine(preview)).toMatchObject({ light: "green", reason: "it moves" });
    expect(refused("no-snapshot")).toMatchObject({ light: "red", remedy: "Do it." });
    expect(refused("unreachable", true)).toMatchObject({ light: "amber" });
  });

  test("that has nothing to do because nothing is wrong is green", () => {
    expect(refused("nothing-unhealthy")).toMatchObject({ light: "green" });
  });
});

describe("a drill", () => {
  const day = 24 * 3_600_000;
  const looked = (service: Partial<ServiceDefinition>): Looked =>
    ({
      service: { ladders: {}, ...service },
      timing: { drillAgeMs: 30 * day },
      now: 100 * day,
    }) as unknown as Looked;
  const profile = { drill: { subnet: "subnet-1", securityGroup: "sg-1", cleanUpAfterMs: 1 } };

  test.each([
    ["never done", undefined, "amber"],
    ["done lately", { at: 90 * day, good: true, tookMs: 1, said: "" }, "green"],
    ["too long ago", { at: 60 * day, good: true, tookMs: 1, said: "" }, "amber"],
    ["failed", { at: 90 * day, good: false, tookMs: 1, said: "no answer" }, "red"],
  ] as const)("that was %s", (_what, drill, light) => {
    expect(drillLines(looked(profile), drill)).toMatchObject([{ about: "drill", light }]);
  });

  test("is not asked for where nothing is built anew", () => {
    expect(drillLines(looked({}), undefined)).toEqual([]);
  });
});

describe("a worker", () => {
  const snapshotTag = { key: "of", value: "web" };
  const anew: BenchOptions = {
    service: { reprovision: { snapshotTag, subnets: [], types: [] } },
    recovery: "reprovision",
    mode: "approve",
  };

  test("looks at every rung by itself, and posts what is not green once", async () => {
    const b = bench(anew);
    const { engine } = b.hire();
    await engine.start();
    await b.advance(2);
    const [report] = await engine.readiness.read(web);
    expect(report?.lines.find((line) => line.about === "reprovision")).toMatchObject({ light: "red" });
    expect(report?.lines.find((line) => line.about === "alarms")).toMatchObject({ light: "green" });
    const told = () => b.chat.messages().filter((message) => message.card.key.startsWith("readiness/"));
    expect(told()).toHaveLength(1);
    await b.advance(70);
    expect(told()).toHaveLength(1);
    await engine.stop({ deadlineMs: 1_000 });
  });

  test("tells that it is ready again when the snapshot is there", async () => {
    const b = bench(anew);
    const { engine } = b.hire();
    await engine.start();
    await b.advance(2);
    const [root] = b.account.peek.volumes();
    await b.account.calls.createSnapshot("somebody", {
      volumeId: root?.id ?? "",
      description: "",
      tags: { of: "web" },
    });
    await b.advance(70);
    const report = await engine.readiness.refresh(web);
    expect(report?.lines.find((line) => line.about === "reprovision")).toMatchObject({ light: "green" });
    await b.advance(2);
    const last = b.chat.messages().findLast((message) => message.card.key.startsWith("readiness/"));
    expect(last?.card.title).toContain("ready again");
    await engine.stop({ deadlineMs: 1_000 });
  });

  test("remembers how the instance was built, and builds it anew from that when EC2 has forgotten", async () => {
    const b = bench({
      ...anew,
      account: { snapshots: [{ id: "snap-1", of: { instanceId: machine }, tags: { of: "web" } }] },
    });
    const { engine, store } = b.hire();
    await engine.start();
    await b.advance(2);
    const stored = await store.records.get<{ blueprint: { instanceId: string } }>({ collection: "blueprint", id: web });
    expect(stored?.body.blueprint.instanceId).toBe(machine);
    b.account.break("terminated-by-somebody", machine);
    await b.advance(90);
    const preview = await engine.previews.preview(web, "reprovision");
    expect(preview.refused).toBeUndefined();
    await engine.stop({ deadlineMs: 1_000 });
  });
});

describe("the card", () => {
  const report = (service: string, lines: readonly ReadinessLine[]) => ({
    service: service as ServiceName,
    readAt: 0,
    light: lines[0]?.light ?? ("green" as const),
    lines,
  });

  test("of several services has the worst first, a line each", () => {
    const card = readinessCard([report("a", [green]), report("b", [red])], 0);
    expect(plain(card.summary).indexOf("b")).toBeLessThan(plain(card.summary).indexOf("a"));
    expect(card.title).toBe("Readiness: 1 red, 0 amber, 1 green");
  });

  test("of one service says what mends each", () => {
    expect(plain(readinessCard([report("b", [green, red])], 0).summary)).toMatch(/no\. Mend it\.[^]*could run now/);
  });

  test("of nothing yet says so", () => {
    expect(readinessCard([], 0).title).toBe("Readiness is not known yet");
  });

  test("of news names the service and its lines", () => {
    const card = readinessNews("k", [{ service: "b" as ServiceName, lines: [red] }]);
    expect(card.title).toBe("b: not everything could be brought back now");
  });
});
