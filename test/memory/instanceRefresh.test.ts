import { describe, expect, it } from "vitest";
import { groupWorld, lifecycles, minute, newcomers, outcomeOf, shopA, shopB } from "./groupAccount.ts";

describe("an instance refresh of the simulated account", () => {
  it("replaces one after the other when enough have to stay healthy, and shows how far it is", async () => {
    const world = groupWorld();
    const { scaling } = world.account.calls;
    const id = await scaling.startRefresh("medic", "shop", { minHealthyPercent: 50 });
    expect(await outcomeOf(scaling.startRefresh("medic", "shop", { minHealthyPercent: 50 }))).toContain(
      "InstanceRefreshInProgressFault",
    );
    const seen = new Set<number>();
    for (let i = 0; i < 20; i++) {
      await world.clock.advance(minute);
      const live = Object.values(lifecycles(world.account)).filter((each) => each === "InService").length;
      expect(live).toBeGreaterThanOrEqual(1);
      seen.add((await scaling.refreshes("shop"))[0]?.percent ?? -1);
    }
    expect([...seen]).toEqual([0, 50, 100]);
    expect(await scaling.refreshes("shop")).toMatchObject([{ id, status: "Successful", percent: 100 }]);
    expect(newcomers(world.account)).toHaveLength(2);
    expect([world.account.peek.machine(shopA).state, world.account.peek.machine(shopB).state]).toEqual([
      "terminated",
      "terminated",
    ]);
    await scaling.startRefresh("medic", "shop", { minHealthyPercent: 50 });
    expect(await scaling.refreshes("shop")).toMatchObject([{ status: "Pending" }, { status: "Successful" }]);
  });

  it("replaces a group of one whatever the percentage", async () => {
    const world = groupWorld({ min: 1, max: 1, desired: 1, instanceIds: [shopA] });
    await world.account.calls.scaling.startRefresh("medic", "shop", { minHealthyPercent: 100 });
    await world.clock.advance(8 * minute);
    expect(newcomers(world.account)).toHaveLength(1);
    expect(world.account.peek.refreshes("shop")[0]?.status).toBe("Successful");
  });

  it("replaces nothing while Launch or Terminate is suspended, and fails after an hour of it", async () => {
    for (const process of ["Launch", "Terminate"]) {
      const world = groupWorld({ suspended: [process] });
      await world.account.calls.scaling.startRefresh("medic", "shop", { minHealthyPercent: 50 });
      await world.clock.advance(50 * minute);
      expect(lifecycles(world.account)).toEqual({ [shopA]: "InService", [shopB]: "InService" });
      expect(world.account.peek.refreshes("shop")[0]).toMatchObject({ status: "InProgress", percent: 0 });
      await world.clock.advance(15 * minute);
      expect(world.account.peek.refreshes("shop")[0]?.status).toBe("Failed");
    }
  });

  it("ends what it has begun when it is cancelled, and cannot be cancelled twice", async () => {
    const world = groupWorld();
    const { scaling } = world.account.calls;
    await scaling.startRefresh("medic", "shop", { minHealthyPercent: 50 });
    await world.clock.advance(2 * minute);
    await scaling.cancelRefresh("medic", "shop");
    expect(world.account.peek.refreshes("shop")[0]?.status).toBe("Cancelling");
    await world.clock.advance(10 * minute);
    expect(world.account.peek.refreshes("shop")[0]?.status).toBe("Cancelled");
    expect(newcomers(world.account)).toHaveLength(1);
    expect(await outcomeOf(scaling.cancelRefresh("medic", "shop"))).toContain("ActiveInstanceRefreshNotFoundFault");
  });
});
