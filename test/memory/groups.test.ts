import { describe, expect, it } from "vitest";
import {
  groupTopic,
  groupWorld,
  lifecycles,
  minute,
  newcomers,
  outcomeOf,
  second,
  shopA,
  shopB,
  targetGroup,
  zones,
} from "./groupAccount.ts";

describe("an Auto Scaling group of the simulated account", () => {
  it("stays as it is while nothing happens", async () => {
    const { account, clock } = groupWorld();
    await clock.advance(60 * minute);
    expect(lifecycles(account)).toEqual({ [shopA]: "InService", [shopB]: "InService" });
    expect(account.peek.group("shop").activities).toEqual([]);
  });

  it("grows into the zone with the fewest members, with its own tags, and is behind the load balancer then", async () => {
    const { account, clock, heard } = groupWorld();
    await account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
    await clock.advance(15 * second);
    expect(zones(account)).toEqual(["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    const [id = ""] = newcomers(account);
    expect(lifecycles(account)[id]).toBe("Pending");
    await clock.advance(2 * minute);
    expect(lifecycles(account)[id]).toBe("InService");
    expect(account.peek.machine(id)).toMatchObject({
      state: "running",
      asgName: "shop",
      availabilityZone: "eu-west-1c",
      tags: { team: "shop", "aws:autoscaling:groupName": "shop" },
    });
    expect(account.peek.targets(targetGroup).map((target) => target.state)).toEqual(["healthy", "healthy", "healthy"]);
    expect(account.peek.group("shop").activities.at(-1)).toMatchObject({
      what: `Launching a new EC2 instance: ${id}`,
      status: "Successful",
    });
    expect(account.peek.group("shop").activities.at(-1)?.cause).toContain("changing the desired capacity from 2 to 3");
    expect(heard).toMatchObject([
      {
        topic: groupTopic,
        subject: 'Auto Scaling: launch for group "shop"',
        body: { Event: "autoscaling:EC2_INSTANCE_LAUNCH", StatusCode: "InProgress", Progress: 50, EC2InstanceId: id },
      },
    ]);
  });

  it("refuses a size outside of its bounds, and a bound that the size does not fit moves the size", async () => {
    const { account, clock } = groupWorld();
    const { scaling } = account.calls;
    expect(await outcomeOf(scaling.setDesired("medic", "shop", { desired: 5 }))).toBe(
      "ValidationError: New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup.",
    );
    expect(await outcomeOf(scaling.setDesired("medic", "shop", { desired: 1 }))).toContain("below min value 2");
    expect(await outcomeOf(scaling.update("medic", "shop", { max: 1 }))).toContain(
      "must be greater than or equal to min",
    );
    await scaling.update("medic", "shop", { max: 5 });
    await scaling.setDesired("medic", "shop", { desired: 5 });
    await clock.advance(3 * minute);
    expect(account.peek.group("shop").members).toHaveLength(5);
    await scaling.update("medic", "shop", { max: 4 });
    expect(account.peek.group("shop")).toMatchObject({ max: 4, desired: 4 });
    await clock.advance(5 * minute);
    expect(account.peek.group("shop").members).toHaveLength(4);
    expect(await outcomeOf(scaling.setDesired("medic", "shop", { desired: 3, honorCooldown: true }))).toBe("accepted");
    expect(await outcomeOf(scaling.setDesired("medic", "shop", { desired: 2, honorCooldown: true }))).toContain(
      "ScalingActivityInProgressFault",
    );
    expect(await outcomeOf(scaling.setDesired("medic", "none", { desired: 2 }))).toContain("not found");
  });

  it("replaces a member that EC2 does not run any more, in the same zone, the new one beside the old", async () => {
    const { account, clock, heard } = groupWorld({ availabilityZones: ["eu-west-1a", "eu-west-1b"] });
    account.break("terminated-by-somebody", shopA);
    await clock.advance(45 * second);
    expect(newcomers(account)).toHaveLength(1);
    await clock.advance(3 * minute);
    expect(zones(account)).toEqual(["eu-west-1a", "eu-west-1b"]);
    expect(Object.values(lifecycles(account))).toEqual(["InService", "InService"]);
    const gone = account.peek.group("shop").activities.find((each) => each.what.startsWith("Terminating"));
    expect(gone).toMatchObject({ what: `Terminating EC2 instance: ${shopA}`, status: "Successful" });
    expect(gone?.cause).toContain("EC2 health check indicating it has been terminated or stopped");
    expect(heard.map((each) => each.body["Event"]).sort()).toEqual([
      "autoscaling:EC2_INSTANCE_LAUNCH",
      "autoscaling:EC2_INSTANCE_TERMINATE",
    ]);
  });

  it("replaces what its load balancer calls unhealthy when it looks there, and does not when it only asks EC2", async () => {
    for (const [healthCheckType, replaced] of [
      ["ELB", 1],
      ["EC2", 0],
    ] as const) {
      const { account, clock } = groupWorld({ healthCheckType });
      account.break("process-dies", shopB);
      await clock.advance(6 * minute);
      expect(newcomers(account)).toHaveLength(replaced);
      expect(account.peek.machine(shopB).state).toBe(replaced === 1 ? "terminated" : "running");
    }
  });

  it("spares an impaired member within its grace period and for some minutes, then replaces it", async () => {
    const { account, clock } = groupWorld({ healthCheckType: "EC2", healthCheckGraceMs: 10 * minute });
    await account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await clock.advance(3 * minute);
    const [id = ""] = newcomers(account);
    expect(lifecycles(account)[id]).toBe("InService");
    account.break("kernel-hangs", id);
    await clock.advance(6 * minute);
    expect(account.peek.machine(id).state).toBe("running");
    await clock.advance(8 * minute);
    expect(account.peek.machine(id).state).toBe("terminated");
    expect(Object.values(lifecycles(account))).toEqual(["InService", "InService"]);
  });

  it("gives an impaired status check some minutes to pass again", async () => {
    const { account, clock } = groupWorld({ healthCheckType: "EC2" });
    account.break("kernel-hangs", shopA);
    await clock.advance(3 * minute);
    expect(account.peek.machine(shopA)).toMatchObject({ state: "running", checks: { instance: "impaired" } });
    await clock.advance(4 * minute);
    expect(account.peek.machine(shopA).state).toBe("terminated");
  });

  it("takes a person's word about health, within the grace period only when told not to respect it", async () => {
    const { account, clock } = groupWorld({ healthCheckGraceMs: 15 * 24 * 60 * minute });
    const { scaling } = account.calls;
    await scaling.setHealth("medic", shopA, { health: "Unhealthy", respectGrace: true });
    await clock.advance(2 * minute);
    expect(account.peek.machine(shopA).state).toBe("running");
    await scaling.setHealth("medic", shopA, { health: "Unhealthy", respectGrace: false });
    await clock.advance(4 * minute);
    expect(account.peek.machine(shopA).state).toBe("terminated");
    expect(newcomers(account)).toHaveLength(1);
    expect(
      await outcomeOf(scaling.setHealth("medic", "i-0none", { health: "Unhealthy", respectGrace: false })),
    ).toContain("No managed instance found");
  });

  it("puts on record every write, refused ones too", async () => {
    const { account } = groupWorld();
    const { scaling, targets } = account.calls;
    await scaling.suspend("medic", "shop", ["HealthCheck"]);
    await outcomeOf(scaling.setDesired("medic", "shop", { desired: 9 }));
    account.faults.contendedCalls = 1;
    await outcomeOf(scaling.resume("medic", "shop", ["HealthCheck"]));
    await targets.deregister("medic", targetGroup, [shopA]);
    expect(
      account.writes.map(({ operation, resource, outcome }) => `${operation} ${resource ?? ""}: ${outcome}`),
    ).toEqual([
      "SuspendProcesses shop HealthCheck: accepted",
      "SetDesiredCapacity shop desired 9: ValidationError",
      "ResumeProcesses shop HealthCheck: ResourceContentionFault",
      `DeregisterTargets ${targetGroup}: accepted`,
    ]);
  });
});

describe("suspended processes of a group", () => {
  it("HealthCheck and ReplaceUnhealthy suspended let a member be stopped without being replaced", async () => {
    const { account, clock } = groupWorld();
    await account.calls.scaling.suspend("medic", "shop", ["HealthCheck", "ReplaceUnhealthy"]);
    account.break("stopped-by-a-person", shopA);
    await clock.advance(10 * minute);
    expect(account.peek.machine(shopA).state).toBe("stopped");
    expect(newcomers(account)).toEqual([]);
    await account.calls.scaling.resume("medic", "shop", ["HealthCheck", "ReplaceUnhealthy"]);
    await clock.advance(5 * minute);
    expect(newcomers(account)).toHaveLength(1);
  });

  it("HealthCheck suspended alone leaves the last word about health as it was", async () => {
    const { account, clock } = groupWorld({ suspended: ["HealthCheck"] });
    account.break("stopped-by-a-person", shopA);
    await clock.advance(10 * minute);
    expect(account.peek.group("shop").members[0]).toMatchObject({
      id: shopA,
      health: "Healthy",
      lifecycle: "InService",
    });
    await account.calls.scaling.setHealth("medic", shopA, { health: "Unhealthy", respectGrace: false });
    await clock.advance(2 * minute);
    expect(account.peek.machine(shopA).state).toBe("terminated");
  });

  it("Launch suspended does not save the unhealthy; resumed, what is missing is launched", async () => {
    const { account, clock } = groupWorld();
    await account.calls.scaling.suspend("medic", "shop", ["Launch"]);
    account.break("stopped-by-a-person", shopA);
    await clock.advance(10 * minute);
    expect(account.peek.machine(shopA).state).toBe("terminated");
    expect(account.peek.group("shop").members).toHaveLength(1);
    await account.calls.scaling.resume("medic", "shop", []);
    await clock.advance(2 * minute);
    expect(account.peek.group("shop").members).toHaveLength(2);
  });

  it("Terminate suspended keeps the unhealthy and the surplus", async () => {
    const { account, clock } = groupWorld({ desired: 2, min: 1 });
    await account.calls.scaling.suspend("medic", "shop", ["Terminate"]);
    await account.calls.scaling.setDesired("medic", "shop", { desired: 1 });
    account.break("process-dies", shopA);
    await clock.advance(10 * minute);
    expect(lifecycles(account)).toEqual({ [shopA]: "InService", [shopB]: "InService" });
  });

  it("are named by AWS: another word is refused", async () => {
    const { account } = groupWorld();
    expect(await outcomeOf(account.calls.scaling.suspend("medic", "shop", ["Sleep"]))).toContain("ValidationError");
  });
});

describe("capacity of a group", () => {
  it("is sought in another zone when one has none, with a failed activity and its notice, and evened out later", async () => {
    const { account, clock, heard } = groupWorld({
      availabilityZones: ["eu-west-1a", "eu-west-1b"],
      min: 2,
      desired: 2,
    });
    account.faults.noCapacityIn.add("eu-west-1a");
    await account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await clock.advance(5 * minute);
    expect(zones(account)).toEqual(["eu-west-1b", "eu-west-1b"]);
    const failed = account.peek.group("shop").activities.find((each) => each.status === "Failed");
    expect(failed?.what).toContain("sufficient t4g.small capacity in the Availability Zone you requested (eu-west-1a)");
    expect(heard.find((each) => each.body["Event"] === "autoscaling:EC2_INSTANCE_LAUNCH_ERROR")?.body).toMatchObject({
      EC2InstanceId: "",
      StatusCode: "Failed",
      Progress: 100,
    });
    account.faults.noCapacityIn.clear();
    await clock.advance(10 * minute);
    expect(zones(account)).toEqual(["eu-west-1a", "eu-west-1b"]);
  });

  it("is asked for again each minute when no zone has any", async () => {
    const { account, clock } = groupWorld();
    account.breakAccount("no-capacity");
    await account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
    await clock.advance(3 * minute);
    const failed = account.peek.group("shop").activities.filter((each) => each.status === "Failed");
    expect(failed.length).toBeGreaterThanOrEqual(6);
    expect(account.peek.group("shop").members).toHaveLength(2);
    account.mendAccount("no-capacity");
    await clock.advance(3 * minute);
    expect(account.peek.group("shop").members).toHaveLength(3);
  });

  it("is given back by the oldest in the fullest zone, never by a protected member", async () => {
    const { account, clock } = groupWorld({ min: 1 });
    await account.calls.scaling.setDesired("medic", "shop", { desired: 4 });
    await clock.advance(3 * minute);
    expect(zones(account)).toEqual(["eu-west-1a", "eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    await account.calls.scaling.setDesired("medic", "shop", { desired: 3 });
    await clock.advance(4 * minute);
    expect(account.peek.group("shop").instanceIds).not.toContain(shopA);
    const guarded = groupWorld({ min: 1, newInstancesProtected: true });
    await guarded.account.calls.scaling.setDesired("medic", "shop", { desired: 1 });
    await guarded.clock.advance(4 * minute);
    expect(guarded.account.peek.group("shop").members).toHaveLength(2);
    expect(guarded.account.peek.group("shop").activities.at(-1)?.what).toContain("protected from scale-in");
    await guarded.account.calls.scaling.terminate("medic", shopA, { decrement: false });
    await guarded.clock.advance(4 * minute);
    expect(guarded.account.peek.group("shop").instanceIds).toEqual([shopB]);
    expect(await outcomeOf(guarded.account.calls.scaling.terminate("medic", shopB, { decrement: true }))).toContain(
      "desiredSize equals minSize",
    );
  });
});
