import { describe, expect, test } from "vitest";
import { groupReading, targetsReading } from "../../src/engine/groupReadings.ts";
import type { GroupMember, GroupView, TargetHealth } from "../../src/ports/scaling.ts";
import type { InstanceId } from "../../src/domain/words.ts";

const member = (lifecycle: string, health = "Healthy"): GroupMember => ({
  ...{ id: "i-1" as InstanceId, lifecycle, health },
  ...{ availabilityZone: "eu-west-1a", protectedFromScaleIn: false },
});
const group = (desired: number, instances: readonly GroupMember[]) => ({ desired, instances }) as GroupView;
const targets = (...states: string[]) =>
  states.map((state): TargetHealth => ({ targetGroupArn: "arn", instanceId: "i-1" as InstanceId, state }));

describe("a group", () => {
  test.each([
    ["all that are wanted serve", group(2, [member("InService"), member("InService")]), "good"],
    ["one of two is missing", group(2, [member("InService")]), "bad"],
    ["one is ill in service", group(1, [member("InService"), member("InService", "Unhealthy")]), "bad"],
    ["one comes while another serves", group(2, [member("InService"), member("Pending")]), "unknown"],
    ["nobody serves and one comes", group(1, [member("Pending")]), "bad"],
    ["it does not exist", undefined, "bad"],
  ] as const)("%s: %s", (_what, view, verdict) => {
    expect(groupReading(view, 0).verdict).toBe(verdict);
  });
});

describe("a target group", () => {
  test.each([
    ["all healthy", targets("healthy", "healthy"), "good"],
    ["one unhealthy", targets("healthy", "unhealthy"), "bad"],
    ["one that leaves counts no more", targets("healthy", "draining"), "good"],
    ["one that is new", targets("healthy", "initial"), "unknown"],
    ["none at all", targets(), "bad"],
  ] as const)("with %s", (_what, all, verdict) => {
    expect(targetsReading(all, 0).verdict).toBe(verdict);
  });

  test("without a healthy one says that the balancer fails open", () => {
    expect(targetsReading(targets("unhealthy", "unhealthy"), 0).detail).toContain("sends requests to all");
  });
});
