import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { awsScaling } from "../../src/aws/scaling.ts";
import { NotFound } from "../../src/domain/errors.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const id = "i-0a1b2c3d4e5f60001" as InstanceId;
const arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/1";

function scaling(script: Script) {
  const groups = scripted<AutoScalingClient>(script);
  const balancers = scripted<ElasticLoadBalancingV2Client>(script);
  return { port: awsScaling({ autoScaling: groups.client, elbv2: balancers.client }), sent: groups.sent };
}

describe("Auto Scaling and target groups as the scaling port", () => {
  it("reads a group as it is, and nothing for a name that does not exist", async () => {
    const group = {
      AutoScalingGroupName: "shop",
      MinSize: 1,
      MaxSize: 2,
      DesiredCapacity: 1,
      Instances: [
        {
          InstanceId: id,
          LifecycleState: "InService",
          HealthStatus: "Healthy",
          AvailabilityZone: "eu-west-1a",
          ProtectedFromScaleIn: true,
        },
      ],
      AvailabilityZones: ["eu-west-1a", "eu-west-1b"],
      VPCZoneIdentifier: "subnet-a,subnet-b",
      HealthCheckType: "ELB",
      HealthCheckGracePeriod: 300,
      Tags: [{ Key: "service", Value: "shop" }],
      SuspendedProcesses: [{ ProcessName: "HealthCheck" }, {}],
      TargetGroupARNs: [arn],
    };
    const { port } = scaling(() => ({ AutoScalingGroups: [group] }));
    expect(await port.group("shop")).toEqual({
      name: "shop",
      min: 1,
      max: 2,
      desired: 1,
      instances: [
        {
          id,
          lifecycle: "InService",
          health: "Healthy",
          availabilityZone: "eu-west-1a",
          protectedFromScaleIn: true,
        },
      ],
      suspended: ["HealthCheck"],
      targetGroupArns: [arn],
      availabilityZones: ["eu-west-1a", "eu-west-1b"],
      subnets: ["subnet-a", "subnet-b"],
      healthCheckType: "ELB",
      healthCheckGraceMs: 300_000,
      tags: { service: "shop" },
    });
    expect(await scaling(() => ({ AutoScalingGroups: [] })).port.group("shop")).toBeUndefined();
  });

  it("follows every page of the groups", async () => {
    const { port, sent } = scaling((_one, count) => ({
      AutoScalingGroups: [{ AutoScalingGroupName: `group-${count}` }],
      ...(count < 3 ? { NextToken: `${count}` } : {}),
    }));
    expect((await port.groups()).map((group) => group.name)).toEqual(["group-1", "group-2", "group-3"]);
    expect(sent.map(({ input }) => input["NextToken"])).toEqual([undefined, "1", "2"]);
  });

  it("tells the newest activities with their time", async () => {
    const at = new Date("2026-11-21T03:00:00Z");
    const { port, sent } = scaling(() => ({
      Activities: [
        { StartTime: at, Description: "Launching", StatusCode: "Successful" },
        { StartTime: at, Cause: "health check", StatusCode: "Failed", StatusMessage: "no t3.micro capacity" },
        { StartTime: at },
      ],
    }));
    expect(await port.activities("shop", 2)).toEqual([
      { at: at.getTime(), what: "Launching", status: "Successful" },
      { at: at.getTime(), what: "health check: no t3.micro capacity", status: "Failed" },
    ]);
    expect(sent[0]?.input).toMatchObject({ AutoScalingGroupName: "shop", MaxRecords: 2 });
  });

  it("tells the worst of an instance's ports in each target group, and nothing where it is not registered", async () => {
    const target = (targetId: string, port: number, state: string) => ({
      Target: { Id: targetId, Port: port },
      TargetHealth: { State: state, ...(state === "healthy" ? {} : { Reason: "Target.Timeout" }) },
    });
    const { port } = scaling(() => ({
      TargetHealthDescriptions: [
        target("i-0000000000000000f", 80, "unhealthy"),
        target(id, 80, "healthy"),
        target(id, 81, "unhealthy"),
      ],
    }));
    expect(await port.targetHealth(id, [arn])).toEqual([
      { targetGroupArn: arn, instanceId: id, state: "unhealthy", reason: "Target.Timeout" },
    ]);
    expect(await scaling(() => ({})).port.targetHealth(id, [arn])).toEqual([]);
    expect(await port.targetHealth(id, [])).toEqual([]);
    await expect(
      scaling(() => awsError("TargetGroupNotFoundException")).port.targetHealth(id, [arn]),
    ).rejects.toBeInstanceOf(NotFound);
  });
});
