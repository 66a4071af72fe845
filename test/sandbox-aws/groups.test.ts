import { describe, expect, it } from "vitest";
import { sendLayer } from "../../sandbox/aws/sendLayer.ts";
import { awsScaling } from "../../src/aws/scaling.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { memoryScaling } from "../../src/memory/memoryScaling.ts";
import type { HookAnswer, Scaling } from "../../src/ports/scaling.ts";
import { groupWorld, hookTopic, minute, newcomers, second, shopA, shopB, targetGroup } from "../memory/groupAccount.ts";
import type { GroupWorld } from "../memory/groupAccount.ts";

const setting = (): GroupWorld =>
  groupWorld({
    min: 1,
    policies: [{ name: "cpu50", scaleInDisabled: true }],
    hooks: [
      { name: "save", transition: "terminating", heartbeatMs: 10 * minute, notifies: hookTopic },
      { name: "bring", transition: "launching", heartbeatMs: 5 * minute, defaultResult: "CONTINUE" },
    ],
  });

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return "accepted";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

/** One story with every call of the port; what it saw is the same whichever way it was told. */
async function story(world: GroupWorld, scaling: Scaling): Promise<unknown[]> {
  const { clock, account } = world;
  const seen: unknown[] = [];
  const a = shopA as InstanceId;
  const b = shopB as InstanceId;
  seen.push(await scaling.group("shop"), await scaling.group("none"), (await scaling.groups()).length);
  seen.push(await scaling.policies("shop"), await scaling.hooks("shop"));
  seen.push(await scaling.targets(targetGroup), await scaling.targetHealth(a, [targetGroup]));
  seen.push(await codeOf(scaling.setDesired("shop", 9)), await codeOf(scaling.setDesired("shop", 0)));
  await scaling.setMax("shop", 5);
  await scaling.suspend("shop", ["AZRebalance"]);
  await scaling.suspend("shop", []);
  await scaling.setDesired("shop", 3);
  await clock.advance(50 * second);
  const [newcomer = ""] = newcomers(account);
  const launch = account.peek.hookActions("shop")[0];
  const answer: HookAnswer = {
    group: "shop",
    hook: "bring",
    instanceId: newcomer as InstanceId,
    token: launch?.token ?? "",
  };
  await scaling.heartbeatHook(answer);
  await scaling.completeHook(answer, "CONTINUE");
  seen.push(await codeOf(scaling.completeHook(answer, "CONTINUE")), await codeOf(scaling.heartbeatHook(answer)));
  await clock.advance(3 * minute);
  seen.push(await scaling.activities("shop", 1), await scaling.group("shop"));
  await scaling.deregister(targetGroup, b);
  seen.push(await scaling.targetHealth(b, [targetGroup]));
  await scaling.register(targetGroup, b);
  seen.push(await scaling.targetHealth(b, [targetGroup]));
  await scaling.setUnhealthy(a);
  await clock.advance(2 * minute);
  seen.push((await scaling.group("shop"))?.instances);
  seen.push(await codeOf(scaling.terminateMember(a)), await codeOf(scaling.terminateMember("i-0none" as InstanceId)));
  await scaling.resume("shop", ["AZRebalance"]);
  const refresh = await scaling.startRefresh("shop", { minHealthyPercent: 50 });
  seen.push(await codeOf(scaling.startRefresh("shop", { minHealthyPercent: 50 })));
  seen.push((await scaling.refreshes("shop")).map((each) => ({ ...each, id: each.id === refresh })));
  await scaling.cancelRefresh("shop");
  seen.push(await codeOf(scaling.cancelRefresh("shop")), (await scaling.refreshes("shop"))[0]?.status);
  await scaling.terminateMember(b);
  account.faults.contendedCalls = 1;
  seen.push(await codeOf(scaling.setDesired("shop", 2)));
  return seen;
}

describe("the scaling port", () => {
  it("tells one story of a group, over the account itself and over the SDK's commands", async () => {
    const direct = setting();
    const wired = setting();
    const expected = await story(direct, memoryScaling(direct.account));
    expect(await story(wired, awsScaling(sendLayer(wired.account)))).toEqual(expected);
    expect(wired.account.writes).toEqual(direct.account.writes);
    expect(expected).toContain("not-found");
    expect(expected).toContain("wrong-state");
    expect(expected).toContain("busy");
    expect(expected[0]).toMatchObject({
      min: 1,
      max: 4,
      desired: 2,
      healthCheckType: "ELB",
      healthCheckGraceMs: 120_000,
      tags: { team: "shop" },
      availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
      instances: [{ id: shopA, lifecycle: "InService", health: "Healthy", protectedFromScaleIn: false }, { id: shopB }],
    });
  });

  it("names every function that changes something, so that a hook around the port knows", async () => {
    const world = setting();
    const changing = new Set<string>();
    const scaling = memoryScaling(world.account, {
      hooks: {
        before: async (call) => {
          if (call.mutating) changing.add(call.name);
        },
      },
    });
    await story(world, scaling);
    expect([...changing].sort()).toEqual(
      [
        "cancelRefresh",
        "completeHook",
        "deregister",
        "heartbeatHook",
        "register",
        "resume",
        "setDesired",
        "setMax",
        "setUnhealthy",
        "startRefresh",
        "suspend",
        "terminateMember",
      ].sort(),
    );
  });
});
