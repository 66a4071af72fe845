import { describe, expect, it } from "vitest";
import { acceptedOf, address, outcomeOf, spare, twoRegions, web } from "./twoRegions.ts";

describe("an Elastic IP of the simulated account", () => {
  it("is never taken from its holder, and every association is another one", async () => {
    const { account, clock, compute } = twoRegions();
    await compute.start(spare);
    await clock.advance(60_000);
    const before = (await compute.address(address))?.associationId ?? "";
    expect(await outcomeOf(compute.associate(address, spare))).toBe("wrong-state");
    await compute.disassociate(before);
    expect(await outcomeOf(compute.disassociate(before))).toBe("not-found");
    const own = account.peek.machine(web).publicIp;
    expect(own).not.toBe("198.51.100.7");
    const after = await compute.associate(address, spare);
    expect(after).not.toBe(before);
    expect(await compute.associate(address, spare)).toBe(after);
    // Somebody asks as the API does by default: it takes the address away.
    await account.calls.associate("somebody", { allocationId: address, instanceId: web, allowReassociation: true });
    expect((await compute.addressOf(web))?.allocationId).toBe(address);
    expect(await compute.addressOf(spare)).toBeUndefined();
  });

  it("has one holder at every instant, and a history that says who", async () => {
    const { account, clock, compute } = twoRegions();
    await compute.start(spare);
    await clock.advance(60_000);
    await compute.disassociate((await compute.address(address))?.associationId ?? "");
    await clock.advance(5_000);
    await compute.associate(address, spare);
    await account.calls.terminate("somebody", [spare]);
    await clock.advance(60_000);
    const history = account.peek.addressHistory(address);
    expect(history.map((each) => each.instanceId)).toEqual([web, spare]);
    expect(history.every((each, i) => each.to !== undefined && each.to <= (history[i + 1]?.from ?? Infinity))).toBe(
      true,
    );
    expect((history[1]?.from ?? 0) - (history[0]?.to ?? 0)).toBe(5_000);
    expect(acceptedOf(account, "AssociateAddress")).toBe(1);
  });

  it("lets go of the address that its new holder had", async () => {
    const { account, clock, compute } = twoRegions({
      addresses: [
        { allocationId: address, publicIp: "198.51.100.7", instanceId: web },
        { allocationId: "eipalloc-2", publicIp: "198.51.100.8", instanceId: spare },
      ],
    });
    await compute.start(spare);
    await clock.advance(60_000);
    await compute.disassociate((await compute.address(address))?.associationId ?? "");
    await compute.associate(address, spare);
    const [, second] = account.peek.addresses();
    expect(second).toMatchObject({ allocationId: "eipalloc-2", instanceId: undefined });
  });

  it("shows its former holder to reads that lag", async () => {
    const { account, clock, compute } = twoRegions();
    account.faults.readLagMs = 8_000;
    await compute.disassociate((await compute.address(address))?.associationId ?? "");
    expect((await compute.address(address))?.instanceId).toBe(web);
    await clock.advance(8_000);
    expect((await compute.address(address))?.instanceId).toBeUndefined();
  });
});
