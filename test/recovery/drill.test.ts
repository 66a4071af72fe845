/** Drills: for real, beside the running service, and cleaned up after. */
import { describe, expect, test } from "vitest";
import { runTag } from "../../src/ports/compute.ts";
import { drill } from "../../src/recovery/drillDefinition.ts";
import { lawsOf } from "./planLaws.ts";
import type { Ended, Story } from "./planStory.ts";
import { permissionsOff } from "./planPermissions.ts";
import { carryPlan } from "./planWorld.ts";
import { allocation, loneAccount, loneService, loneStory, old, places } from "./reprovisionStory.ts";

const drillSubnet = "subnet-0d0d0d0d";
const drillGroup = "sg-0d0d0d0d";
const service = {
  ...loneService,
  drill: { subnet: drillSubnet, securityGroup: drillGroup, cleanUpAfterMs: 45 * 60_000 },
};

const closedPlace = {
  account: {
    subnets: [{ id: drillSubnet, availabilityZone: "eu-west-1a" }],
    securityGroups: [drillGroup],
  },
};

function copies({ account }: Pick<Ended, "account">) {
  return account.peek.machines().filter(({ tags }) => tags[runTag] !== undefined);
}

function untouched(ended: Ended): string[] {
  const { account } = ended;
  const [address] = account.peek.addresses();
  return [
    ...(account.peek.machine(old).state === "running" ? [] : ["the running one was touched"]),
    ...(address?.instanceId === old ? [] : ["the address moved"]),
    ...copies(ended).flatMap(({ id, state }) =>
      state === "terminated" || state === "shutting-down" ? [] : [`${id} is ${state}`],
    ),
  ];
}

function drillStory(over: Partial<Story> & Pick<Story, "title">): Story {
  return loneStory({
    definition: drill,
    recovery: "drill",
    service,
    accounts: loneAccount(closedPlace),
    break: () => undefined,
    fenced: [],
    mayFailOn: ["no-capacity"],
    ends: { kind: "done", world: untouched },
    ...over,
  });
}

const healthy = drillStory({ title: "a healthy service rehearses" });
lawsOf(healthy);

describe("drill", () => {
  test("the copy is nobody: closed place, no role, no tags of the original, a timer for user data", async () => {
    const ended = await carryPlan(healthy);
    const launch = ended.acts.find(({ name }) => name === "compute.launch")?.args[0] as Record<string, unknown>;
    expect(launch).toMatchObject({ subnetId: drillSubnet, securityGroupIds: [drillGroup], onShutdown: "terminate" });
    expect(launch["instanceProfile"]).toBeUndefined();
    expect(launch["keyName"]).toBeUndefined();
    expect(Object.keys(launch["tags"] as object)).not.toContain("service");
    expect(atob(String(launch["userData"]))).toContain("shutdown -h +45");
    expect(ended.acts.map(({ name }) => name)).toEqual([
      "storage.registerImage",
      "compute.launch",
      "compute.terminateDrill",
    ]);
    expect(ended.moved).toBeUndefined();
    expect(ended.outcome).toMatchObject({ kind: "done", summary: expect.stringContaining("proved by") as string });
  });

  test("a bot that dies for good right after the launch leaves a copy that ends itself", async () => {
    const ended = await carryPlan(healthy, {
      fault: ({ name, number }) => (name === "compute.terminateDrill" || number > 5_000 ? "denied" : undefined),
    });
    expect(ended.outcome?.kind).toBe("failed");
    expect(ended.debts).toEqual(["drill-instance/web/7"]);
    await ended.clock.advance(60 * 60_000);
    expect(copies(ended).map(({ state }) => state)).toEqual(["terminated"]);
  });

  test("a service with an incident is not drilled, and neither is one without a profile", async () => {
    const bad = [
      { subject: "web down", symptom: "down" as const, evidenceKind: "probe" as const, since: 0, reason: "it is down" },
    ];
    const troubled = await carryPlan(drillStory({ title: "", current: { bad } }));
    expect(troubled.outcome).toMatchObject({ kind: "refused", code: "incident-open", climb: false });
    const bare = await carryPlan(drillStory({ title: "", service: loneService }));
    expect(bare.outcome).toMatchObject({ kind: "refused", code: "not-configured" });
    expect([...troubled.acts, ...bare.acts]).toEqual([]);
  });

  test("a drill without capacity or snapshot fails in words, climbs nothing and leaves nothing", async () => {
    const full = await carryPlan(healthy, { account: ["no-capacity"] });
    expect(full.outcome).toMatchObject({ kind: "failed", code: "drill-failed", climb: false });
    expect(full.debts).toEqual([]);
    const none = await carryPlan(drillStory({ title: "", accounts: loneAccount({ ...closedPlace, snapshots: [] }) }));
    expect(none.outcome).toMatchObject({ kind: "refused", code: "drill-no-snapshot", climb: false });
  });

  test("a copy that boots hung is a failed drill, and is terminated all the same", async () => {
    const ended = await carryPlan(
      drillStory({ title: "", break: ({ account }) => account.breakAccount("launches-hang") }),
    );
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "drill-failed", climb: false });
    expect(untouched(ended)).toEqual([]);
    expect(ended.debts).toEqual([]);
    expect(ended.account.peek.addresses()[0]?.allocationId).toBe(allocation);
    expect(places.vpcId).not.toBe("");
  });

  test("every permission is declared, and none in vain; no role is passed, because the copy has none", async () => {
    expect(permissionsOff(healthy, [await carryPlan(healthy)])).toEqual({ missing: ["iam:PassRole"], idle: [] });
  });
});
