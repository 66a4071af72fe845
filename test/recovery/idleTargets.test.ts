/** A target group that no load balancer uses says nothing about its targets: an idle half of a blue-green pair, a zone switched off. */
import { expect, test } from "vitest";
import type { InstanceId } from "../../src/domain/words.ts";
import { nobodyAsks, targetsReading } from "../../src/engine/groupReadings.ts";
import type { GroupView, Scaling, TargetHealth } from "../../src/ports/scaling.ts";
import { healthyIn } from "../../src/recovery/groupMembers.ts";
import { unhealthyMembers } from "../../src/recovery/replaceMembers.ts";

const one = "i-0aaa0000000000001" as InstanceId;
const two = "i-0bbb0000000000002" as InstanceId;

const target = (targetGroupArn: string, instanceId: InstanceId, state: string, reason?: string): TargetHealth => ({
  ...{ targetGroupArn, instanceId, state },
  ...(reason ? { reason } : {}),
});

/** As ELB answers: the live group sees one healthy target and one that is stopped, the idle group is asked by nobody. */
const told: Readonly<Record<string, readonly TargetHealth[]>> = {
  live: [target("live", one, "healthy"), target("live", two, "unused", "Target.InvalidState")],
  idle: [target("idle", one, "unused", "Target.NotInUse"), target("idle", two, "unused", "Target.NotInUse")],
};
const scaling: Pick<Scaling, "targets"> = { targets: async (arn) => [...(told[arn] ?? [])] };
const view = {
  instances: [one, two].map((id) => ({ id, lifecycle: "InService", health: "Healthy" })),
  targetGroupArns: ["live", "idle"],
} as unknown as GroupView;

test("only what a group in use calls bad is replaced", async () => {
  expect(await unhealthyMembers(scaling, view)).toEqual([two]);
});

test("a member is healthy by the word of the groups that are used", async () => {
  expect(await healthyIn(scaling, ["live", "idle"], [one, two])).toEqual([one]);
});

test("it is no evidence, neither for an outage nor against a recovery", () => {
  expect(nobodyAsks(told["idle"] ?? [])).toBe(true);
  expect(nobodyAsks(told["live"] ?? [])).toBe(false);
  expect(nobodyAsks([])).toBe(false);
  const mixed = [target("live", one, "healthy"), target("live", two, "unused", "Target.NotInUse")];
  expect(targetsReading(mixed, 0)).toMatchObject({ verdict: "good", detail: "1 of 1 targets healthy" });
  expect(targetsReading(told["live"] ?? [], 0)).toMatchObject({ verdict: "bad", detail: "1 of 2 targets healthy" });
  expect(targetsReading([], 0)).toMatchObject({ verdict: "bad" });
});
