import { describe, expect, it } from "vitest";
import { alarm } from "./startingAccount.ts";
import {
  groupWorld,
  lifecycles,
  minute,
  newcomers,
  outcomeOf,
  second,
  shopA,
  shopB,
  targetGroup,
} from "./groupAccount.ts";

const states = (world: ReturnType<typeof groupWorld>): Record<string, string> =>
  Object.fromEntries(world.account.peek.targets(targetGroup).map((target) => [target.instanceId, target.state]));

describe("target groups of the simulated account", () => {
  const steady = { suspended: ["HealthCheck", "ReplaceUnhealthy"] };

  it("call a target unhealthy after two failed checks and healthy after five good ones", async () => {
    const world = groupWorld(steady);
    world.account.break("process-dies", shopA);
    await world.clock.advance(35 * second);
    expect(states(world)[shopA]).toBe("healthy");
    await world.clock.advance(30 * second);
    expect(world.account.peek.targets(targetGroup)[0]).toMatchObject({
      state: "unhealthy",
      reason: "Target.FailedHealthChecks",
    });
    world.account.mend("process-dies", shopA);
    await world.clock.advance(2 * minute);
    expect(states(world)[shopA]).toBe("unhealthy");
    await world.clock.advance(minute);
    expect(states(world)[shopA]).toBe("healthy");
  });

  it("say why: a wrong answer, none at all, a machine that does not run", async () => {
    const world = groupWorld(steady);
    world.account.break("disk-full", shopA);
    world.account.break("kernel-hangs", shopB);
    await world.clock.advance(70 * second);
    expect(world.account.peek.targets(targetGroup).map((each) => each.reason)).toEqual([
      "Target.ResponseCodeMismatch",
      "Target.Timeout",
    ]);
    world.account.break("stopped-by-a-person", shopA);
    expect(world.account.peek.targets(targetGroup)[0]).toMatchObject({
      state: "unused",
      reason: "Target.InvalidState",
    });
  });

  it("drain what is deregistered for their delay, and take it back as new", async () => {
    const world = groupWorld(steady);
    const { targets } = world.account.calls;
    await targets.deregister("medic", targetGroup, [shopA]);
    await world.clock.advance(50 * second);
    expect(states(world)[shopA]).toBe("draining");
    await world.clock.advance(20 * second);
    expect(states(world)).toEqual({ [shopB]: "healthy" });
    expect(await targets.health(targetGroup, [shopA])).toEqual([
      { instanceId: shopA, state: "unused", reason: "Target.NotRegistered" },
    ]);
    await targets.register("medic", targetGroup, [shopA]);
    expect(states(world)[shopA]).toBe("initial");
    await world.clock.advance(30 * second);
    expect(states(world)[shopA]).toBe("healthy");
    world.account.break("stopped-by-a-person", shopB);
    await targets.deregister("medic", targetGroup, [shopB]);
    expect(await outcomeOf(targets.register("medic", targetGroup, [shopB]))).toContain("InvalidTargetException");
    expect(await outcomeOf(targets.health("arn:none"))).toContain("TargetGroupNotFoundException");
  });

  it("answer through any healthy target, from all once none is healthy, and not at all without targets", async () => {
    const world = groupWorld(steady);
    world.account.break("process-dies", shopA);
    expect(world.account.peek.site("shop.example")).toMatchObject({ kind: "answers", status: 200 });
    world.account.break("disk-full", shopB);
    await world.clock.advance(70 * second);
    expect(Object.values(states(world))).toEqual(["unhealthy", "unhealthy"]);
    expect(world.account.peek.site("shop.example")).toMatchObject({ kind: "answers", status: 503 });
    // It answers again at once, long before a check calls it healthy: the load balancer fails open.
    world.account.mend("process-dies", shopA);
    expect(world.account.peek.site("shop.example")).toMatchObject({ kind: "answers", status: 200 });
    expect(Object.values(states(world))).toEqual(["unhealthy", "unhealthy"]);
    await world.account.calls.targets.deregister("medic", targetGroup, [shopA, shopB]);
    expect(world.account.peek.site("shop.example")).toMatchObject({ kind: "answers", status: 503 });
  });

  it("keep a new member out while AddToLoadBalancer is suspended", async () => {
    const world = groupWorld({ suspended: ["AddToLoadBalancer"] });
    await world.account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
    await world.clock.advance(3 * minute);
    const [id = ""] = newcomers(world.account);
    expect(lifecycles(world.account)[id]).toBe("InService");
    expect(states(world)[id]).toBeUndefined();
  });

  it("let a member that is in service drain before it is terminated", async () => {
    const world = groupWorld();
    await world.account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await world.clock.advance(55 * second);
    expect(lifecycles(world.account)[shopA]).toBe("Terminating");
    expect(world.account.peek.group("shop").activities.find((each) => each.instanceId === shopA)?.status).toBe(
      "WaitingForELBConnectionDraining",
    );
    await world.clock.advance(15 * second);
    expect(world.account.peek.machine(shopA).state).toBe("shutting-down");
  });
});

describe("alarms on groups and target groups", () => {
  const groupAlarm = alarm({
    name: "shop cpu",
    metric: "CPUUtilization",
    namespace: "AWS/EC2",
    dimensions: { AutoScalingGroupName: "shop" },
    statistic: "Average",
    threshold: 80,
  });
  const hostAlarm = alarm({
    name: "shop hosts",
    metric: "UnHealthyHostCount",
    namespace: "AWS/ApplicationELB",
    dimensions: { TargetGroup: "targetgroup/shop/6d0ecf831eec9f09", LoadBalancer: "app/shop/50dc6c495c0c9188" },
  });

  it("fire on load, which falls when more members share it, and on unhealthy hosts", async () => {
    const world = groupWorld({ suspended: ["ReplaceUnhealthy"] }, { alarms: [groupAlarm, hostAlarm] });
    const stateOf = (name: string): string | undefined =>
      world.account.peek.alarms().find((each) => each.definition.name === name)?.state;
    world.account.setLoad("shop", 190);
    await world.clock.advance(5 * minute);
    expect([stateOf("shop cpu"), stateOf("shop hosts")]).toEqual(["ALARM", "OK"]);
    await world.account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
    await world.clock.advance(6 * minute);
    expect(stateOf("shop cpu")).toBe("OK");
    world.account.break("process-dies", shopB);
    await world.clock.advance(5 * minute);
    expect(stateOf("shop hosts")).toBe("ALARM");
  });
});

describe("target tracking", () => {
  const policies = [{ name: "cpu50", targetValue: 50 }];

  it("scales in after a quarter of an hour of low load, unless alarms are suspended or it may not", async () => {
    for (const [over, desired] of [
      [{}, 2],
      [{ suspended: ["AlarmNotification"] }, 3],
      [{ policies: [{ name: "cpu50", scaleInDisabled: true }] }, 3],
      [{ policies: [{ name: "cpu50", enabled: false }] }, 3],
    ] as const) {
      const world = groupWorld({ policies, load: 60, ...over });
      await world.account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
      await world.clock.advance(10 * minute);
      expect(world.account.peek.group("shop").desired).toBe(3);
      await world.clock.advance(15 * minute);
      expect(world.account.peek.group("shop").desired).toBe(desired);
    }
  });

  it("scales out within minutes of high load, not beyond the maximum", async () => {
    const world = groupWorld({ policies, load: 600, max: 3 });
    await world.clock.advance(6 * minute);
    expect(world.account.peek.group("shop")).toMatchObject({ desired: 3 });
    expect(world.account.peek.group("shop").activities[0]?.cause).toContain("triggered policy cpu50");
  });
});
