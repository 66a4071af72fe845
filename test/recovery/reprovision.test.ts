/** Re-provisioning here, looked at from outside. */
import { describe, expect, test } from "vitest";
import { actsOf, lawsOf } from "./planLaws.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { here, startAt } from "./planStory.ts";
import { carryPlan } from "./planWorld.ts";
import { startedAgainAnywhere } from "./startedAgain.ts";
import {
  allocation,
  freshSnapshot,
  livesAnew,
  loneAccount,
  loneService,
  loneStory,
  newIdOf,
  old,
  places,
  userData,
} from "./reprovisionStory.ts";

const hostFails = loneStory({ title: "the host fails and a snapshot is 47 min old" });

lawsOf(hostFails);

const web = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";
const inGroup = {
  service: { ...loneService, targetGroups: [web] },
  accounts: loneAccount({ account: { targetGroups: [{ arn: web, targets: [old] }] } }),
};
startedAgainAnywhere(
  [
    loneStory({ title: "re-provisioning with force", options: ["force"] }),
    loneStory({ title: "re-provisioning with force, with a target group", options: ["force"], ...inGroup }),
    loneStory({ title: "re-provisioning with a target group", ...inGroup }),
  ],
  old,
);

describe("re-provision here", () => {
  test("image, fence, launch, address, mark: in this order and nothing else", async () => {
    const ended = await carryPlan(hostFails);
    expect(actsOf(ended)).toEqual([
      "registerImage",
      `stop ${old}`,
      "launch",
      "disassociate eipassoc-00000000000000001",
      `associate ${allocation} ${newIdOf(ended)}`,
      "tag",
    ]);
    expect(ended.moved).toEqual({ instanceId: newIdOf(ended) });
    expect(ended.outcome).toMatchObject({ kind: "done", summary: expect.stringContaining("51 min old") as string });
  });

  test("the new one is built as the original: type, place, groups, user data, tags", async () => {
    const ended = await carryPlan(hostFails);
    const launch = ended.acts.find(({ name }) => name === "compute.launch");
    expect(launch?.args[0]).toMatchObject({
      type: "t3.small",
      subnetId: places.subnets.a,
      securityGroupIds: [places.securityGroupId],
      userData,
      tags: { Name: "web", service: "web", "ec2-medic:managed": "true", "ec2-medic:run": "web/7" },
    });
  });

  test("no room in its zone: the next subnet; no room for its type at all: the next type", async () => {
    const zone = await carryPlan(
      loneStory({
        title: "",
        break: ({ account }) => {
          account.break("host-fails", old);
          account.breakAccount("no-capacity-in", { in: "eu-west-1a" });
        },
      }),
    );
    expect(livesAnew(zone)).toEqual([]);
    expect(zone.account.peek.machine(newIdOf(zone)).availabilityZone).toBe("eu-west-1b");
    const type = await carryPlan(
      loneStory({
        title: "",
        break: ({ account }) => {
          account.break("host-fails", old);
          account.breakAccount("no-capacity-in", { in: "t3.small" });
        },
      }),
    );
    expect(livesAnew(type)).toEqual([]);
    expect(type.account.peek.machine(newIdOf(type)).type).toBe("t3.medium");
    const tokens = type.calls
      .filter(({ name }) => name === "compute.launch")
      .map(({ args }) => (args[0] as { clientToken: string }).clientToken);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test("no room anywhere climbs, and says that the old one is stopped", async () => {
    const ended = await carryPlan(hostFails, { account: ["no-capacity"] });
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "no-capacity", climb: true });
    expect(ended.debts).toEqual([`stopped-instance/${old}`]);
  });

  test("without any finished snapshot nothing is touched and the ladder goes on", async () => {
    for (const snapshots of [[], [{ ...freshSnapshot, state: "pending" as const }]]) {
      const ended = await carryPlan(loneStory({ title: "", accounts: loneAccount({ snapshots }) }));
      expect(ended.outcome).toMatchObject({ kind: "refused", code: "no-snapshot", climb: true });
      expect(ended.acts).toEqual([]);
    }
  });

  test("a rule loses no more than rpoMax says, and nothing where it says nothing", async () => {
    const byRule = { title: "", byRule: true } as const;
    const unset = await carryPlan(loneStory(byRule));
    expect(unset.outcome).toMatchObject({ kind: "refused", code: "rpo-not-set", climb: false });
    const older = await carryPlan(loneStory({ ...byRule, service: { ...loneService, rpoMaxMs: 30 * 60_000 } }));
    expect(older.outcome).toMatchObject({ kind: "refused", code: "no-snapshot", climb: true });
    const young = await carryPlan(loneStory({ ...byRule, service: { ...loneService, rpoMaxMs: 60 * 60_000 } }));
    expect(young.outcome).toMatchObject({ kind: "done" });
  });

  test("a person who accepts the older snapshot gets it", async () => {
    const service = { ...loneService, rpoMaxMs: 30 * 60_000 };
    const ended = await carryPlan(loneStory({ title: "", service, options: ["older-snapshot"] }));
    expect(livesAnew(ended)).toEqual([]);
  });

  test("an old machine that cannot be stopped ends the run before anything is launched; force goes on and owes the fence", async () => {
    const stuck: Parameters<typeof loneStory>[0] = {
      title: "",
      break: ({ account }) => {
        account.break("host-fails", old);
        account.break("stuck-stopping-for-ever", old);
      },
    };
    const refused = await carryPlan(loneStory(stuck));
    expect(refused.outcome).toMatchObject({ kind: "failed", code: "step-timed-out", climb: false });
    expect(refused.acts.some(({ name }) => name === "compute.launch")).toBe(false);
    const forced = await carryPlan(loneStory({ ...stuck, options: ["force"] }));
    expect(forced.outcome).toMatchObject({ kind: "done" });
    expect(forced.debts).toContain(`unfenced/${old}`);
  });

  test("a terminated original is rebuilt from what the bot remembers of it, and refused in words when it remembers nothing", async () => {
    const ended = await carryPlan(
      loneStory({ title: "", break: ({ account }) => account.break("terminated-by-somebody", old) }),
    );
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "not-configured", climb: false });
    expect(ended.acts).toEqual([]);
  });

  test("a terminated original whose build the bot has stored is rebuilt from that", async () => {
    const [account] = hostFails.accounts({ clock: createVirtualClock({ startAt }), random: createSeededRandom(11) });
    if (account === undefined) throw new Error("no account");
    const blueprint = await memoryClouds([account])(here).compute.blueprint(old);
    const ended = await carryPlan(
      loneStory({
        title: "",
        ...(blueprint ? { blueprint } : {}),
        break: ({ account: world }) => world.break("terminated-by-somebody", old),
      }),
    );
    expect(livesAnew(ended)).toEqual([]);
  });

  test("somebody who starts the old one again while the new one comes up stops the move", async () => {
    let started = false;
    const ended = await carryPlan(
      loneStory({
        title: "",
        promotes: [],
        meanwhile: (call, { account }) => {
          const after = call.name === "compute.checks" && account.peek.machine(old).state === "stopped";
          if (!after || started) return;
          started = true;
          void account.calls.start("somebody", [old]);
        },
      }),
    );
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "not-fenced" });
    expect(ended.account.peek.addresses()[0]?.instanceId).toBe(old);
  });

  test("a launch that is not permitted shows before the old one is stopped", async () => {
    const ended = await carryPlan(
      loneStory({ title: "", break: ({ account }) => void account.faults.denied.add("RunInstances") }),
    );
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "not-permitted", climb: false });
    expect(ended.acts.some(({ name }) => name === "compute.stop")).toBe(false);
  });

  test("out of a lost zone, with force: the new machine is found by its id, not by a list that fails", async () => {
    const [account] = hostFails.accounts({ clock: createVirtualClock({ startAt }), random: createSeededRandom(11) });
    const blueprint = account && (await memoryClouds([account])(here).compute.blueprint(old));
    const ended = await carryPlan(
      loneStory({
        title: "",
        options: ["force"],
        fenced: [],
        ...(blueprint ? { blueprint } : {}),
        break: ({ account: world }) => world.breakAccount("zone-down", { in: "eu-west-1a" }),
      }),
    );
    expect(ended.outcome).toMatchObject({ kind: "done" });
    expect(ended.account.peek.addresses()[0]?.instanceId).toBe(newIdOf(ended));
    expect(ended.debts).toContain(`unfenced/${old}`);
  });

  test("an address that somebody has moved meanwhile is taken from nobody", async () => {
    const other = "i-0ddd0000000000004";
    const machines = [
      { id: old, name: "web", build: { userData } },
      { id: other, name: "other" },
    ];
    let stolen = false;
    const ended = await carryPlan(
      loneStory({
        title: "",
        accounts: loneAccount({ account: { machines } }),
        meanwhile: (call, { account }) => {
          if (call.name !== "compute.launch" || stolen) return;
          stolen = true;
          void account.calls.associate("somebody", {
            allocationId: allocation,
            instanceId: other,
            allowReassociation: true,
          });
        },
      }),
    );
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "address-elsewhere", climb: false });
    expect(ended.account.peek.addresses()[0]?.instanceId).toBe(other);
    expect(ended.moved).toBeUndefined();
  });
});
