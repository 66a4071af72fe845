import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { awsScaling } from "../../src/aws/scaling.ts";
import { NotFound, WrongState } from "../../src/domain/errors.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const id = "i-0a1b2c3d4e5f60001" as InstanceId;
const arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/1";

function scaling(script: Script) {
  const groups = scripted<AutoScalingClient>(script);
  const balancers = scripted<ElasticLoadBalancingV2Client>(script);
  const port = awsScaling({ autoScaling: groups.client, elbv2: balancers.client });
  return { port, sent: groups.sent, toBalancer: balancers.sent };
}

describe("what the bot changes about a group", () => {
  it("is absolute, without cool-down, and a member that it gives up is replaced", async () => {
    const { port, sent } = scaling(() => ({}));
    await port.setDesired("shop", 3);
    await port.setMax("shop", 5);
    await port.setUnhealthy(id);
    await port.terminateMember(id);
    await port.suspend("shop", ["HealthCheck"]);
    await port.resume("shop", ["HealthCheck"]);
    expect(sent.map(({ name, input }) => [name.replace("Command", ""), input])).toEqual([
      ["SetDesiredCapacity", { AutoScalingGroupName: "shop", DesiredCapacity: 3, HonorCooldown: false }],
      ["UpdateAutoScalingGroup", { AutoScalingGroupName: "shop", MaxSize: 5 }],
      ["SetInstanceHealth", { InstanceId: id, HealthStatus: "Unhealthy", ShouldRespectGracePeriod: false }],
      ["TerminateInstanceInAutoScalingGroup", { InstanceId: id, ShouldDecrementDesiredCapacity: false }],
      ["SuspendProcesses", { AutoScalingGroupName: "shop", ScalingProcesses: ["HealthCheck"] }],
      ["ResumeProcesses", { AutoScalingGroupName: "shop", ScalingProcesses: ["HealthCheck"] }],
    ]);
  });

  it("never says all processes by naming none", async () => {
    const { port, sent } = scaling(() => ({}));
    await port.suspend("shop", []);
    await port.resume("shop", []);
    expect(sent).toEqual([]);
  });

  it("outside the limits is a wrong state, in somebody's way is later, and of no group is not found", async () => {
    const say = (code: string, sentence: string) =>
      scaling(() => awsError(code, 400, sentence)).port.setDesired("shop", 9);
    await expect(
      say("ValidationError", "New SetDesiredCapacity value 9 is above max value 3 for the AutoScalingGroup."),
    ).rejects.toBeInstanceOf(WrongState);
    await expect(say("ValidationError", "AutoScalingGroup name not found - shop")).rejects.toBeInstanceOf(NotFound);
    for (const code of ["ScalingActivityInProgress", "ResourceContentionFault"])
      await expect(say(code, "wait")).rejects.toMatchObject({ code: "busy", retry: "later" });
  });
});

describe("hooks", () => {
  const answer = { group: "shop", hook: "leaving", instanceId: id, token: "token-1" };
  const action = {
    AutoScalingGroupName: "shop",
    LifecycleHookName: "leaving",
    InstanceId: id,
    LifecycleActionToken: "token-1",
  };

  it("are answered for the one wait that the token names", async () => {
    const { port, sent } = scaling(() => ({}));
    await port.heartbeatHook(answer);
    await port.completeHook(answer, "CONTINUE");
    await port.completeHook({ ...answer, token: "" }, "ABANDON");
    const { LifecycleActionToken: _, ...withoutToken } = action;
    expect(sent.map(({ input }) => input)).toEqual([
      action,
      { ...action, LifecycleActionResult: "CONTINUE" },
      { ...withoutToken, LifecycleActionResult: "ABANDON" },
    ]);
  });

  it("that wait no more are not found: answered already, or too late", async () => {
    const said = `No active Lifecycle Action found with instance ID ${id}`;
    const { port } = scaling(() => awsError("ValidationError", 400, said));
    await expect(port.completeHook(answer, "CONTINUE")).rejects.toBeInstanceOf(NotFound);
    await expect(port.heartbeatHook(answer)).rejects.toBeInstanceOf(NotFound);
  });

  it("and policies are told with AWS's defaults where nothing is said", async () => {
    const { port } = scaling(({ name }) =>
      name === "DescribeLifecycleHooksCommand"
        ? {
            LifecycleHooks: [
              { LifecycleHookName: "coming", LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" },
              {
                LifecycleHookName: "leaving",
                LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
                HeartbeatTimeout: 300,
                DefaultResult: "CONTINUE",
                NotificationTargetARN: "arn:q",
              },
            ],
          }
        : {
            ScalingPolicies: [
              { PolicyName: "cpu", PolicyType: "TargetTrackingScaling", TargetTrackingConfiguration: {} },
              { PolicyName: "step", PolicyType: "StepScaling", Enabled: false },
            ],
          },
    );
    expect(await port.hooks("shop")).toEqual([
      { name: "coming", transition: "launching", heartbeatMs: 3_600_000, defaultResult: "ABANDON" },
      {
        name: "leaving",
        transition: "terminating",
        heartbeatMs: 300_000,
        defaultResult: "CONTINUE",
        notifies: "arn:q",
      },
    ]);
    expect(await port.policies("shop")).toEqual([
      { name: "cpu", kind: "TargetTrackingScaling", enabled: true, scaleInDisabled: false },
      { name: "step", kind: "StepScaling", enabled: false, scaleInDisabled: false },
    ]);
  });
});

describe("an instance refresh", () => {
  it("replaces every member, one refresh at a time", async () => {
    const { port, sent } = scaling(() => ({ InstanceRefreshId: "r-1" }));
    expect(await port.startRefresh("shop", { minHealthyPercent: 90 })).toBe("r-1");
    expect(sent[0]?.input).toEqual({
      AutoScalingGroupName: "shop",
      Strategy: "Rolling",
      Preferences: { MinHealthyPercentage: 90, SkipMatching: false },
    });
    const busy = scaling(() => awsError("InstanceRefreshInProgressFault"));
    await expect(busy.port.startRefresh("shop", { minHealthyPercent: 90 })).rejects.toBeInstanceOf(WrongState);
    const none = scaling(() => awsError("ActiveInstanceRefreshNotFoundFault"));
    await expect(none.port.cancelRefresh("shop")).rejects.toBeInstanceOf(NotFound);
  });

  it("is told newest first, and one that has not begun is the newest", async () => {
    const { port } = scaling(() => ({
      InstanceRefreshes: [
        { InstanceRefreshId: "old", Status: "Successful", PercentageComplete: 100, StartTime: new Date(1000) },
        { InstanceRefreshId: "pending", Status: "Pending" },
        { InstanceRefreshId: "new", Status: "Failed", StatusReason: "no capacity", StartTime: new Date(2000) },
      ],
    }));
    expect(await port.refreshes("shop")).toEqual([
      { id: "pending", status: "Pending", percent: 0 },
      { id: "new", status: "Failed", percent: 0, reason: "no capacity" },
      { id: "old", status: "Successful", percent: 100 },
    ]);
  });
});

describe("targets", () => {
  const described = (...targets: (readonly [string, number, string])[]) => ({
    TargetHealthDescriptions: targets.map(([Id, Port, State]) => ({ Target: { Id, Port }, TargetHealth: { State } })),
  });

  it("are told once each, by their worst port", async () => {
    const { port } = scaling(() =>
      described([id, 80, "healthy"], ["i-2", 80, "initial"], [id, 81, "draining"], ["i-2", 81, "unhealthy"]),
    );
    const found = await port.targets(arn);
    expect(found.map(({ instanceId, state }) => [instanceId, state])).toEqual([
      ["i-2", "unhealthy"],
      [id, "draining"],
    ]);
  });

  it("are put in on the group's port and taken out of every port; one that is not there needs no call", async () => {
    const { port, toBalancer } = scaling(() => described([id, 80, "healthy"], [id, 8080, "healthy"], ["i-2", 80, "x"]));
    await port.register(arn, id);
    await port.deregister(arn, id);
    await port.deregister(arn, "i-3" as InstanceId);
    expect(toBalancer.map(({ name, input }) => [name.replace("Command", ""), input["Targets"]])).toEqual([
      ["RegisterTargets", [{ Id: id }]],
      ["DescribeTargetHealth", undefined],
      [
        "DeregisterTargets",
        [
          { Id: id, Port: 80 },
          { Id: id, Port: 8080 },
        ],
      ],
      ["DescribeTargetHealth", undefined],
    ]);
  });
});
