/** A group of one replaces its instance, and the Elastic IP follows. */
import { describe, expect, test } from "vitest";
import type { InstanceId } from "../../src/domain/words.ts";
import { groupReplace, refresh } from "../../src/recovery/groupDefinitions.ts";
import { addressSteps } from "../../src/recovery/groupAddress.ts";
import {
  allocation,
  answers,
  bySite,
  group,
  membersOf,
  one,
  servingIds,
  single,
  singleService,
  terminatedBy,
} from "./groupStory.ts";
import { callsOf, lawsOf, mutationsOf, untold } from "./planLaws.ts";
import { carryPlan, previewOf, type Ended, type Story } from "./planWorld.ts";

const served: Story["ends"]["world"] = (ended) => {
  const [successor, ...more] = servingIds(ended);
  const [address] = ended.account.peek.addresses();
  return [
    ...(more.length === 0 && successor !== undefined && successor !== one
      ? []
      : [`in service: ${servingIds(ended).join()}`]),
    ...(address?.instanceId === successor ? [] : [`the address is on ${address?.instanceId ?? "nobody"}`]),
    ...(ended.moved?.instanceId === successor ? [] : [`it moved to ${ended.moved?.instanceId ?? "nowhere"}`]),
    ...(terminatedBy(ended).every((id) => id === one) ? [] : [`terminated: ${terminatedBy(ended).join()}`]),
    ...answers(ended),
  ];
};

const story: Story = {
  title: "user data takes the address",
  definition: groupReplace,
  recovery: "replace",
  service: singleService,
  placement: { asgName: group, instanceId: one, allocationId: allocation },
  evidence: bySite,
  accounts: single(),
  break: ({ account }) => account.break("kernel-hangs", one),
  ends: { kind: "done", acts: [`terminateMember ${one}`], world: served },
};

/** The address is taken from the old member only when that does not run any more. */
const byBot: Story = {
  ...story,
  title: "user data fails, and the bot takes the address",
  break: ({ account }) => {
    account.break("kernel-hangs", one);
    account.breakAccount("user-data-fails");
  },
  fenced: [one],
  ends: { kind: "done", world: served },
};

for (const each of [story, byBot]) lawsOf(each);

const suspended: Story = {
  ...story,
  title: "Launch is suspended",
  accounts: single({ suspended: ["Launch"] }),
  ends: { kind: "refused", code: "process-suspended", acts: [] },
};
const refreshing: Story = {
  ...story,
  title: "an instance refresh goes on",
  break: async ({ account }) => {
    await account.calls.scaling.startRefresh("somebody", group, { minHealthyPercent: 0 });
  },
  ends: { kind: "refused", code: "refresh-in-progress", acts: [] },
};

/** A machine that is no member of the group. */
const other = "i-0ccc0000000000003" as InstanceId;
const heldBy = (state: "running" | "stopped"): Story["accounts"] =>
  single(
    { takesAddress: "" },
    {
      machines: [
        { id: one, name: "web", availabilityZone: "eu-west-1a" },
        { id: other, name: "somebody's", state },
      ],
      addresses: [{ allocationId: allocation, publicIp: "198.51.100.10", instanceId: other }],
    },
  );
const held: Story = {
  ...byBot,
  title: "somebody else's instance holds the address",
  accounts: heldBy("running"),
  ends: { kind: "refused", code: "address-held", acts: [`terminateMember ${one}`] },
};
const onNobody: Story = {
  ...byBot,
  title: "the address leaves a machine that is off, and the new one may not have it",
  accounts: heldBy("stopped"),
  break: ({ account }) => {
    account.breakAccount("user-data-fails");
    account.faults.denied.add("AssociateAddress");
  },
  ends: { kind: "failed", code: "not-permitted", debts: [`address/${allocation}`] },
};
const suspendedLater: Story = {
  ...story,
  title: "somebody suspends Terminate after the gates",
  meanwhile: (call, { account }) => {
    if (call.number >= 5) void account.calls.scaling.suspend("somebody", group, ["Terminate"]);
  },
  ends: { kind: "refused", code: "process-suspended", acts: [] },
};
const empty: Story = {
  ...suspended,
  title: "the group has lost its instance and may launch none",
  break: async ({ account }) => {
    await account.calls.scaling.terminate("somebody", one, { decrement: false });
  },
};
const more = [suspended, refreshing, held, onNobody, suspendedLater, empty];

test.each(more)("$title", async (each) => {
  expect(await untold(each, await carryPlan(each))).toEqual([]);
});

mutationsOf("replace in a group of one", [story, byBot, ...more], {
  '"the service answers" before "the address is on the new instance"': "whether it answers is proved after the plan",
  '"the service answers" left out': "whether it answers is proved after the plan",
  '"user data brought the address" before "a new instance is in service"':
    "it only waits, and the bot sees to it after that",
});

describe("standing aside", () => {
  const already: Story = {
    ...story,
    title: "the group has begun already",
    accounts: single({
      hooks: [{ name: "boot", transition: "launching", heartbeatMs: 300_000, defaultResult: "CONTINUE" }],
    }),
    break: async ({ account }) => {
      await account.calls.scaling.terminate("somebody", one, { decrement: false });
    },
    ends: { kind: "done", acts: [] },
  };

  test("what the group replaces already is waited for, and nothing is terminated a second time", async () => {
    const ended = await carryPlan(already);
    expect(ended.outcome?.kind).toBe("done");
    expect(terminatedBy(ended)).toEqual([]);
    expect(served(ended)).toEqual([]);
  });

  test("when the group begins between the order and the act, the plan sees it", async () => {
    let done = false;
    const ended = await carryPlan({
      ...story,
      meanwhile: (call, { account }) => {
        if (done || call.name !== "journal.write" || call.number < 4) return;
        done = true;
        void account.calls.scaling.terminate("somebody", one, { decrement: false });
      },
    });
    expect(ended.outcome?.kind).toBe("done");
    expect(served(ended)).toEqual([]);
  });

  test("while an instance refresh goes on it refuses", async () => {
    const ended = await carryPlan(refreshing);
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "refresh-in-progress" });
    expect(ended.acts).toEqual([]);
  });
});

describe("the address of a group of one", () => {
  const stepOf = (ended: Ended, name: string) => ended.entries.find(({ step }) => step === name)?.done;

  test("user data that takes it leaves nothing for the bot to do", async () => {
    const ended = await carryPlan(story);
    expect(stepOf(ended, addressSteps.arrived)?.gaveUp).toBeUndefined();
    expect(stepOf(ended, addressSteps.moved)?.skipped).toBe("user data brought it");
    expect(callsOf(ended, "compute.associate")).toEqual([]);
  });

  test("somebody else's instance that holds it keeps it, and the service lives on the new one all the same", async () => {
    const ended = await carryPlan(held);
    expect(callsOf(ended, "compute.disassociate")).toEqual([]);
    expect(ended.moved?.instanceId).toBe(servingIds(ended)[0]);
  });

  test("no capacity anywhere climbs, and the group goes on trying", async () => {
    const ended = await carryPlan({ ...story, break: ({ account }) => account.breakAccount("no-capacity") });
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "no-capacity", climb: true });
  });
});

describe("refresh of a group of one", () => {
  const renewed: Story = {
    ...story,
    title: "the one instance is renewed",
    definition: refresh,
    recovery: "refresh",
    break: () => undefined,
    ends: { kind: "done", acts: [`startRefresh ${group}`], world: served },
  };
  lawsOf(renewed);

  test("the preview says that it is away meanwhile, and that the address follows", async () => {
    const { preview } = await previewOf(renewed);
    expect(preview.headline).toContain(`${group} renews every instance`);
    expect(preview.address).toContain("follows");
    expect(membersOf(await carryPlan(renewed)).filter(({ lifecycle }) => lifecycle === "InService")).toHaveLength(1);
  });
});
