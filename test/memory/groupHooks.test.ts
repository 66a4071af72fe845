import { describe, expect, it } from "vitest";
import type { HookDefinition } from "../../src/memory/groupModel.ts";
import { groupWorld, hookTopic, lifecycles, minute, newcomers, outcomeOf, second, shopA } from "./groupAccount.ts";
import type { GroupWorld } from "./groupAccount.ts";

const launching: HookDefinition = {
  name: "bring-volume",
  transition: "launching",
  heartbeatMs: 5 * minute,
  notifies: hookTopic,
  metadata: "shop data",
};
const terminating: HookDefinition = {
  name: "save-volume",
  transition: "terminating",
  heartbeatMs: 10 * minute,
  defaultResult: "CONTINUE",
  notifies: hookTopic,
};

const alone = (hooks: readonly HookDefinition[], over: object = {}): GroupWorld =>
  groupWorld({
    min: 1,
    max: 1,
    desired: 1,
    instanceIds: [shopA],
    targetGroupArns: [],
    healthCheckType: "EC2",
    hooks,
    ...over,
  });

function hookMessages({ heard }: GroupWorld): Record<string, unknown>[] {
  return heard.filter((each) => each.topic === hookTopic).map((each) => each.body);
}

describe("lifecycle hooks of the simulated account", () => {
  it("hold a member that goes and the one that comes side by side, each with a notice that carries its token", async () => {
    const world = alone([launching, terminating]);
    const { account, clock } = world;
    await account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await clock.advance(50 * second);
    const [id = ""] = newcomers(account);
    expect(lifecycles(account)).toEqual({ [shopA]: "Terminating:Wait", [id]: "Pending:Wait" });
    expect(account.peek.machine(shopA).state).toBe("running");
    expect(hookMessages(world)).toMatchObject([
      {
        LifecycleHookName: "save-volume",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        EC2InstanceId: shopA,
        AutoScalingGroupName: "shop",
        Service: "AWS Auto Scaling",
      },
      {
        LifecycleHookName: "bring-volume",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
        EC2InstanceId: id,
        NotificationMetadata: "shop data",
      },
    ]);
    expect(world.heard.find((each) => each.topic === hookTopic)?.subject).toBe(
      `Auto Scaling:  Lifecycle action 'TERMINATING' for instance ${shopA} in progress.`,
    );
    const [gone, come] = account.peek.hookActions("shop");
    await account.calls.scaling.completeAction("medic", "shop", {
      hook: "save-volume",
      token: gone?.token ?? "",
      result: "CONTINUE",
    });
    await account.calls.scaling.completeAction("medic", "shop", {
      hook: "bring-volume",
      instanceId: come?.instanceId ?? "",
      result: "CONTINUE",
    });
    await clock.advance(minute);
    expect(lifecycles(account)).toEqual({ [id]: "InService" });
    expect(account.peek.machine(shopA).state).toBe("terminated");
  });

  it("are told once: completing twice, late or for another instance finds no active action", async () => {
    const world = alone([terminating]);
    const { account, clock } = world;
    const { scaling } = account.calls;
    await scaling.terminate("medic", shopA, { decrement: false });
    await clock.advance(20 * second);
    const token = String(hookMessages(world)[0]?.["LifecycleActionToken"]);
    const answer = { hook: "save-volume", token, result: "CONTINUE" } as const;
    const wrong = await outcomeOf(scaling.completeAction("medic", "shop", { ...answer, instanceId: "i-0foreign" }));
    expect(wrong).toContain("ValidationError: No active Lifecycle Action found");
    expect(await outcomeOf(scaling.completeAction("medic", "shop", answer))).toBe("accepted");
    expect(await outcomeOf(scaling.completeAction("medic", "shop", answer))).toBe(
      `ValidationError: No active Lifecycle Action found with token ${token}`,
    );
    expect(await outcomeOf(scaling.heartbeatAction("medic", "shop", { hook: "save-volume", token }))).toContain(
      "No active",
    );
  });

  it("take their default result when nobody answers, later for each heartbeat, and not beyond the last deadline", async () => {
    const world = alone([{ ...terminating, heartbeatMs: 30 * second }]);
    const { account, clock } = world;
    await account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await clock.advance(15 * second);
    for (let i = 0; i < 10; i++) {
      await account.calls.scaling.heartbeatAction("medic", "shop", { hook: "save-volume", instanceId: shopA });
      await clock.advance(25 * second);
    }
    expect(lifecycles(account)[shopA]).toBe("Terminating:Wait");
    await clock.advance(10 * second);
    expect(lifecycles(account)[shopA]).toBe("Terminating:Proceed");
    expect(account.peek.hookActions("shop")[0]).toMatchObject({ state: "timed-out", result: "CONTINUE" });

    const capped = alone([{ ...terminating, heartbeatMs: 30 * second }]);
    await capped.account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await capped.clock.advance(15 * second);
    for (let i = 0; i < 120; i++) {
      await capped.account.calls.scaling.heartbeatAction("medic", "shop", { hook: "save-volume", instanceId: shopA });
      await capped.clock.advance((i < 119 ? 25 : 15) * second);
    }
    expect(capped.account.peek.hookActions("shop")[0]?.state).toBe("timed-out");
  });

  it("an abandoned launch is terminated, told as a failed launch, and tried again", async () => {
    for (const answered of [true, false]) {
      const world = alone([launching]);
      const { account, clock } = world;
      await account.calls.scaling.terminate("medic", shopA, { decrement: false });
      await clock.advance(50 * second);
      const [id = ""] = newcomers(account);
      if (answered) {
        await account.calls.scaling.completeAction("medic", "shop", {
          hook: "bring-volume",
          instanceId: id,
          result: "ABANDON",
        });
      }
      await clock.advance(answered ? 2 * minute : 6 * minute);
      expect(account.peek.machine(id).state).toBe("terminated");
      const [next = ""] = newcomers(account);
      expect(next).not.toBe(id);
      const error = world.heard.find((each) => each.body["Event"] === "autoscaling:EC2_INSTANCE_LAUNCH_ERROR");
      expect(error?.body).toMatchObject({ StatusCode: "Cancelled", EC2InstanceId: id });
      expect(String(error?.body["Description"])).toContain("was abandoned: Lifecycle Action");
    }
  });

  it("come twice or late when the faults say so, with the token of the one wait", async () => {
    const twice = alone([terminating]);
    twice.account.breakAccount("hook-twice");
    await twice.account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await twice.clock.advance(minute);
    const tokens = hookMessages(twice).map((each) => each["LifecycleActionToken"]);
    expect(tokens).toHaveLength(2);
    expect(new Set(tokens).size).toBe(1);

    const late = alone([terminating]);
    late.account.breakAccount("hook-late");
    await late.account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await late.clock.advance(3 * minute);
    expect(hookMessages(late)).toEqual([]);
    await late.clock.advance(2 * minute);
    expect(hookMessages(late)).toHaveLength(1);
  });

  it("reach EventBridge whether they name a topic or not", async () => {
    const bus = "arn:aws:sns:eu-west-1:111122223333:events";
    const { notifies, ...quiet } = launching;
    expect(notifies).toBe(hookTopic);
    const world = groupWorld({ hooks: [quiet] }, { scalingNoticeTopics: [bus] });
    await world.account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
    await world.clock.advance(minute);
    const events = world.heard.filter((each) => each.topic === bus).map((each) => each.body);
    expect(events).toMatchObject([
      {
        source: "aws.autoscaling",
        "detail-type": "EC2 Instance-launch Lifecycle Action",
        detail: { LifecycleHookName: "bring-volume", LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" },
      },
    ]);
    expect(hookMessages(world)).toEqual([]);
  });

  it("run for a member that somebody terminated outside of its group", async () => {
    const world = alone([terminating]);
    world.account.break("terminated-by-somebody", shopA);
    await world.clock.advance(2 * minute);
    expect(lifecycles(world.account)[shopA]).toBe("Terminating:Wait");
    expect(hookMessages(world)).toHaveLength(1);
  });
});

describe("a group of one with a data volume", () => {
  it("serves again once its hooks have carried the volume over, and answers 503 until then", async () => {
    const volumes = [{ device: "/dev/sdf", id: "vol-data", data: "orders", deleteOnTermination: false }];
    const world = groupWorld(
      {
        min: 1,
        max: 1,
        desired: 1,
        instanceIds: [shopA],
        availabilityZones: ["eu-west-1a"],
        hooks: [launching, terminating],
        template: { needs: ["/dev/sdf"] },
      },
      { machines: [{ id: shopA, name: "shop", availabilityZone: "eu-west-1a", needs: ["/dev/sdf"], volumes }] },
    );
    const { account, clock } = world;
    expect(account.peek.site("shop.example")).toMatchObject({ status: 200, data: "orders" });
    account.break("terminated-by-somebody", shopA);
    await clock.advance(2 * minute);
    const [id = ""] = newcomers(account);
    expect(lifecycles(account)).toEqual({ [shopA]: "Terminating:Wait", [id]: "Pending:Wait" });
    const site = account.peek.machine(id).privateIp;
    expect(account.peek.site(site)).toMatchObject({ kind: "answers", status: 503 });
    await account.calls.attach("medic", "vol-data", { instanceId: id, device: "/dev/sdf" });
    await account.calls.scaling.completeAction("medic", "shop", {
      hook: "save-volume",
      instanceId: shopA,
      result: "CONTINUE",
    });
    await account.calls.scaling.completeAction("medic", "shop", {
      hook: "bring-volume",
      instanceId: id,
      result: "CONTINUE",
    });
    await clock.advance(2 * minute);
    expect(lifecycles(account)).toEqual({ [id]: "InService" });
    expect(account.peek.site("shop.example")).toMatchObject({ kind: "answers", status: 200, data: "orders" });
  });
});

describe("user data of a group's member", () => {
  const holder = (world: GroupWorld): string | undefined => world.account.peek.addresses()[0]?.instanceId;

  it("takes the group's Elastic IP at its first boot, and does not when it fails", async () => {
    const works = alone([], { takesAddress: "eipalloc-shop" });
    works.account.break("terminated-by-somebody", shopA);
    await works.clock.advance(3 * minute);
    expect(holder(works)).toBe(newcomers(works.account)[0]);

    const fails = alone([], { takesAddress: "eipalloc-shop" });
    fails.account.breakAccount("user-data-fails");
    fails.account.break("terminated-by-somebody", shopA);
    await fails.clock.advance(3 * minute);
    expect(Object.values(lifecycles(fails.account))).toEqual(["InService"]);
    expect(holder(fails)).toBeUndefined();
  });
});
