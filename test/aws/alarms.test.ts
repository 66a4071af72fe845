import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { cloudWatchAlarms } from "../../src/aws/alarms.ts";
import { Throttled, UnknownFailure } from "../../src/domain/errors.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import type { Log } from "../../src/ports/log.ts";
import { silentLog } from "../../src/ports/log.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const changed = new Date("2026-11-21T03:00:00Z");
const named = (name: string) => ({ AlarmName: name, StateValue: "ALARM", StateUpdatedTimestamp: changed });

function bed(script: Script, log: Log = silentLog) {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 10, 21, 3) });
  const at: number[] = [];
  const { client, sent } = scripted<CloudWatchClient>((one, count) => {
    at.push(clock.now());
    return script(one, count);
  });
  return { clock, at, sent, alarms: cloudWatchAlarms(client, clock, log) };
}

/** Lets what is due on the virtual clock happen until the answer is there. */
async function over<T>(clock: ReturnType<typeof createVirtualClock>, work: Promise<T>): Promise<T> {
  const state = { done: false };
  const settled = work.finally(() => (state.done = true));
  settled.catch(() => undefined);
  for (let round = 0; round < 1000 && !state.done; round += 1) await clock.advance(500);
  return settled;
}

describe("CloudWatch as the alarms port", () => {
  it("asks for metric and composite alarms and follows every page, two calls a second", async () => {
    const { clock, at, sent, alarms } = bed((_one, count) => ({
      MetricAlarms: [named(`metric-${count}`)],
      CompositeAlarms: count === 1 ? [{ ...named("both"), AlarmRule: 'ALARM("a") OR ALARM("b")' }] : [],
      ...(count < 5 ? { NextToken: `page ${count + 1}` } : {}),
    }));
    const found = await over(clock, alarms.inAlarm());
    expect(found.map((view) => view.name)).toEqual([
      "metric-1",
      "both",
      "metric-2",
      "metric-3",
      "metric-4",
      "metric-5",
    ]);
    expect(found[1]).toMatchObject({ composite: true, rule: 'ALARM("a") OR ALARM("b")', dimensions: {} });
    for (const { input } of sent)
      expect(input).toMatchObject({ StateValue: "ALARM", AlarmTypes: ["MetricAlarm", "CompositeAlarm"] });
    expect(sent.map(({ input }) => input["NextToken"])).toEqual([undefined, "page 2", "page 3", "page 4", "page 5"]);
    const gaps = at.slice(1).map((time, call) => time - (at[call] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  });

  it("keeps the pace also between questions that come at once", async () => {
    const { clock, at, alarms } = bed(() => ({}));
    await over(
      clock,
      Promise.all([alarms.inAlarm(), alarms.byPrefix("shop-"), alarms.inAlarm(), alarms.byName(["a"])]),
    );
    const gaps = at.slice(1).map((time, call) => time - (at[call] ?? 0));
    expect(gaps).toHaveLength(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  });

  it("lets many who ask for a few names share one call, and gives each only its own", async () => {
    const all = Array.from({ length: 250 }, (_, index) => `alarm-${index}`);
    const { clock, sent, alarms } = bed(({ input }) => ({
      MetricAlarms: (input["AlarmNames"] as string[]).filter((name) => name !== "alarm-7").map(named),
    }));
    const answers = await over(clock, Promise.all(all.map((name) => alarms.byName([name]))));
    expect(answers.map((views) => views.map((view) => view.name))).toEqual(
      all.map((name) => (name === "alarm-7" ? [] : [name])),
    );
    expect(sent.length).toBeLessThanOrEqual(4);
    for (const { input } of sent) expect((input["AlarmNames"] as string[]).length).toBeLessThanOrEqual(100);
  });

  it("asks for long lists of names in parts of a hundred, and for none not at all", async () => {
    const { clock, sent, alarms } = bed(({ input }) => ({
      MetricAlarms: (input["AlarmNames"] as string[]).map(named),
    }));
    expect(await alarms.byName([])).toEqual([]);
    const names = Array.from({ length: 230 }, (_, index) => `alarm-${index}`);
    expect((await over(clock, alarms.byName(names))).map((view) => view.name)).toEqual(names);
    expect(sent.map(({ input }) => (input["AlarmNames"] as string[]).length)).toEqual([100, 100, 30]);
  });

  it("does not let one bad name take the answer from the others", async () => {
    const { clock, alarms } = bed(({ input }) =>
      (input["AlarmNames"] as string[]).includes("bad\u0000")
        ? awsError("ValidationError")
        : { MetricAlarms: (input["AlarmNames"] as string[]).map(named) },
    );
    const [first, bad, good] = await over(
      clock,
      Promise.allSettled([alarms.byName(["first"]), alarms.byName(["bad\u0000"]), alarms.byName(["good"])]),
    );
    expect(first?.status).toBe("fulfilled");
    expect(bad).toMatchObject({ status: "rejected", reason: expect.any(UnknownFailure) as unknown });
    expect(good).toMatchObject({ status: "fulfilled", value: [{ name: "good" }] });
  });

  it("tells all who waited for a throttled call, and goes on afterwards", async () => {
    const { clock, alarms } = bed(({ input }, count) =>
      count === 1 ? awsError("Throttling") : { MetricAlarms: (input["AlarmNames"] as string[]).map(named) },
    );
    const both = await over(clock, Promise.allSettled([alarms.byName(["a"]), alarms.byName(["b"])]));
    for (const each of both) expect(each).toMatchObject({ reason: expect.any(Throttled) as unknown });
    expect(await over(clock, alarms.byName(["c"]))).toMatchObject([{ name: "c" }]);
  });

  it("says so when there are more alarms than it reads", async () => {
    const warned: string[] = [];
    const { clock, alarms } = bed(() => ({ MetricAlarms: [named("a")], NextToken: "on" }), {
      ...silentLog,
      warn: (code) => void warned.push(code),
    });
    expect(await over(clock, alarms.byPrefix(""))).toHaveLength(200);
    expect(warned).toEqual(["alarms-truncated"]);
  });

  it("reads when an alarm changed from its transition, else from its last update", async () => {
    const moved = new Date("2026-11-21T02:00:00Z");
    const { alarms } = bed(() => ({
      MetricAlarms: [{ ...named("a"), StateTransitionedTimestamp: moved }, named("b")],
    }));
    expect((await alarms.inAlarm()).map((view) => view.changedAt)).toEqual([moved.getTime(), changed.getTime()]);
  });

  it("says of an expression's alarm what its first metric is about", async () => {
    const { alarms } = bed(() => ({
      MetricAlarms: [
        {
          ...named("ratio"),
          Dimensions: [],
          EvaluationPeriods: 3,
          Metrics: [
            { Id: "e1", Expression: "m1 / m2" },
            {
              Id: "m1",
              MetricStat: {
                Metric: {
                  Namespace: "AWS/EC2",
                  MetricName: "StatusCheckFailed",
                  Dimensions: [{ Name: "InstanceId", Value: "i-1" }],
                },
                Period: 60,
                Stat: "Maximum",
              },
            },
          ],
        },
      ],
    }));
    expect((await alarms.inAlarm())[0]).toMatchObject({
      dimensions: { InstanceId: "i-1" },
      spanMs: 180_000,
      metric: { namespace: "AWS/EC2", name: "StatusCheckFailed", statistic: "Maximum", periodMs: 60_000 },
    });
  });

  it("gives the newest points of a metric, oldest first, in the API's own spelling of the statistic", async () => {
    const now = Date.UTC(2026, 10, 21, 4);
    const times = [0, 1, 2, 3, 4].map((minute) => new Date(now - minute * 60_000));
    const { sent, alarms } = bed(() => ({ MetricDataResults: [{ Timestamps: times, Values: [5, 4, 3, 2, 1] }] }));
    const metric = {
      namespace: "AWS/EC2",
      name: "CPUUtilization",
      dimensions: { InstanceId: "i-1" },
      statistic: "SAMPLE_COUNT",
      periodMs: 10_000,
    };
    expect((await alarms.points(metric, 3, now)).map((point) => point.value)).toEqual([3, 4, 5]);
    const input = sent[0]?.input as { StartTime: Date; MetricDataQueries: { MetricStat: object }[] };
    expect(input.MetricDataQueries[0]?.MetricStat).toMatchObject({ Period: 60, Stat: "SampleCount" });
    expect(input.StartTime.getTime()).toBe(now - 4 * 60_000);
    const none = bed(() => ({}));
    expect(await none.alarms.points(metric, 3, now)).toEqual([]);
  });
});
