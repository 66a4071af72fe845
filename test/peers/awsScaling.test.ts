import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand } from "@aws-sdk/client-ec2";
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { expect, it } from "vitest";
import { awsScaling } from "../../src/aws/scaling.ts";
import { NotFound, Unreachable } from "../../src/domain/errors.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { motoImage, motoStage, region, withMoto, type Gap } from "./motoStage.ts";

withMoto("groups and target groups over the wire (moto)", () => {
  const stage = motoStage();
  const scaling = () => awsScaling(stage.clients());
  const autoScaling = () => new AutoScalingClient({ region });
  const nobody = "i-0fffffffffffffff0" as InstanceId;

  const makeGroup = async (name: string, [min, max, desired]: readonly [number, number, number]) => {
    await stage.ec2().send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: { ImageId: motoImage, InstanceType: "t3.micro" },
      }),
    );
    const [one, two] = await stage.subnets();
    await autoScaling().send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        MinSize: min,
        MaxSize: max,
        DesiredCapacity: desired,
        LaunchTemplate: { LaunchTemplateName: name, Version: "$Latest" },
        VPCZoneIdentifier: `${one?.id},${two?.id}`,
        HealthCheckType: "ELB",
        HealthCheckGracePeriod: 120,
        Tags: [{ Key: "service", Value: name, PropagateAtLaunch: true }],
      }),
    );
  };
  const members = async (name: string) => (await scaling().group(name))?.instances.map(({ id }) => id) ?? [];

  it("a group tells its subnets, health check, grace period and tags", async () => {
    await makeGroup("told", [1, 3, 2]);
    const [one, two] = await stage.subnets();
    expect(await scaling().group("told")).toMatchObject({
      subnets: [one?.id, two?.id],
      availabilityZones: [one?.zone, two?.zone],
      healthCheckType: "ELB",
      healthCheckGraceMs: 120_000,
      tags: { service: "told" },
      instances: [{ protectedFromScaleIn: false }, { protectedFromScaleIn: false }],
    });
    expect(await scaling().activities("told", 5)).toEqual([]);
  });

  it("scales out to the number asked for, in its own limits, and the maximum is raised by itself", async () => {
    await makeGroup("scaled", [1, 3, 1]);
    const before = await members("scaled");
    await scaling().setDesired("scaled", 3);
    const after = await members("scaled");
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining(before));
    await scaling().setMax("scaled", 5);
    expect(await scaling().group("scaled")).toMatchObject({ min: 1, max: 5, desired: 3 });
    await scaling().setDesired("scaled", 5);
    expect(await members("scaled")).toHaveLength(5);
    // AWS says ValidationError "… not found"; moto breaks down, and that is silence to us.
    await expect(scaling().setDesired("nothing", 1)).rejects.toBeInstanceOf(Unreachable);
  });

  it("a member that is given up is replaced, and the number stays", async () => {
    await makeGroup("replaced", [1, 3, 2]);
    const [first = nobody, second = nobody] = await members("replaced");
    await scaling().terminateMember(first);
    const after = await members("replaced");
    expect(after).toHaveLength(2);
    expect(after).not.toContain(first);
    expect(after).toContain(second);
    expect((await scaling().group("replaced"))?.desired).toBe(2);
    await expect(scaling().terminateMember(nobody)).rejects.toBeInstanceOf(Unreachable);
  });

  it("a member is called unhealthy", async () => {
    await makeGroup("unhealthy", [1, 2, 1]);
    const [id = nobody] = await members("unhealthy");
    await scaling().setUnhealthy(id);
    // AWS replaces it; moto only remembers the word.
    expect((await scaling().group("unhealthy"))?.instances).toMatchObject([{ id, health: "Unhealthy" }]);
    await expect(scaling().setUnhealthy(nobody)).rejects.toThrow();
  });

  it("only the processes that were named are suspended and resumed", async () => {
    await makeGroup("paused", [1, 2, 1]);
    await scaling().suspend("paused", ["HealthCheck", "ReplaceUnhealthy", "AZRebalance"]);
    await scaling().suspend("paused", []);
    expect([...((await scaling().group("paused"))?.suspended ?? [])].sort()).toEqual([
      "AZRebalance",
      "HealthCheck",
      "ReplaceUnhealthy",
    ]);
    await scaling().resume("paused", ["HealthCheck", "ReplaceUnhealthy"]);
    await scaling().resume("paused", []);
    expect((await scaling().group("paused"))?.suspended).toEqual(["AZRebalance"]);
  });

  it("policies and hooks are told", async () => {
    await makeGroup("ruled", [1, 3, 1]);
    await autoScaling().send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName: "ruled",
        PolicyName: "cpu",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: "ASGAverageCPUUtilization" },
          TargetValue: 60,
          DisableScaleIn: true,
        },
      }),
    );
    await autoScaling().send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: "ruled",
        LifecycleHookName: "leaving",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout: 600,
        DefaultResult: "CONTINUE",
        NotificationTargetARN: "arn:aws:sns:eu-west-1:123456789012:hooks",
        RoleARN: "arn:aws:iam::123456789012:role/hooks",
      }),
    );
    expect(await scaling().policies("ruled")).toEqual([
      { name: "cpu", kind: "TargetTrackingScaling", enabled: true, scaleInDisabled: true },
    ]);
    const [hook] = await scaling().hooks("ruled");
    expect(hook).toMatchObject({
      name: "leaving",
      transition: "terminating",
      heartbeatMs: 600_000,
      defaultResult: "CONTINUE",
    });
    expect(await scaling().hooks("told")).toEqual([]);
  });

  it("targets are registered, told and taken out", async () => {
    const [subnet] = await stage.subnets();
    const made = await new ElasticLoadBalancingV2Client({ region }).send(
      new CreateTargetGroupCommand({ Name: "shop", Protocol: "HTTP", Port: 80, VpcId: subnet?.vpcId }),
    );
    const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? "";
    const [one, two] = [await stage.launch("one"), await stage.launch("two")];
    expect(await scaling().targets(arn)).toEqual([]);
    await scaling().register(arn, one);
    await scaling().register(arn, two);
    expect((await scaling().targets(arn)).map((each) => each.instanceId).sort()).toEqual([one, two].sort());
    await scaling().deregister(arn, one);
    expect((await scaling().targetHealth(two, [arn]))[0]?.state).toBe("healthy");
    const left = (await scaling().targets(arn)).filter(({ state }) => state !== "draining");
    expect(left.map((each) => each.instanceId)).toEqual([two]);
    await scaling().deregister(arn, nobody);
    await expect(scaling().register(`${arn}0`, one)).rejects.toBeInstanceOf(NotFound);
  });

  it("what this moto cannot do stays listed here: each still fails, and gets a test when it does not", async () => {
    await makeGroup("gaps", [1, 2, 1]);
    const [instanceId = nobody] = await members("gaps");
    const answer = { group: "gaps", hook: "leaving", instanceId, token: "87654321-4321-4321-4321-210987654321" };
    const gaps: readonly Gap[] = [
      { call: "CompleteLifecycleAction", how: () => scaling().completeHook(answer, "CONTINUE"), code: "unreachable" },
      { call: "RecordLifecycleActionHeartbeat", how: () => scaling().heartbeatHook(answer), code: "unreachable" },
      {
        call: "StartInstanceRefresh",
        how: () => scaling().startRefresh("gaps", { minHealthyPercent: 50 }),
        code: "unreachable",
      },
      { call: "DescribeInstanceRefreshes", how: () => scaling().refreshes("gaps"), code: "unreachable" },
      { call: "CancelInstanceRefresh", how: () => scaling().cancelRefresh("gaps"), code: "unreachable" },
    ];
    for (const { call, how, code } of gaps) await expect(how(), call).rejects.toMatchObject({ code });
    // AWS says ValidationError; moto takes any number and moves the limits' meaning.
    await expect(scaling().setDesired("gaps", 9)).resolves.toBeUndefined();
  });
});
