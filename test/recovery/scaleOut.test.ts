/** A group gets more members, and goes back to its former size when a person says so. */
import { describe, expect, test } from "vitest";
import { raiseMax, scaleOut } from "../../src/recovery/scaleOutDefinition.ts";
import { scaleIn } from "../../src/recovery/scaleInDefinition.ts";
import type { Debt } from "../../src/domain/serviceCase.ts";
import type { RunId } from "../../src/domain/words.ts";
import { answers, bySite, group, servingIds, shop, shopService } from "./groupStory.ts";
import { lawsOf, mutationsOf, untold } from "./planLaws.ts";
import { carryPlan, previewOf, startAt, type Story } from "./planWorld.ts";

const base = { service: shopService, placement: { asgName: group }, evidence: bySite };
const sized =
  (desired: number, max: number): NonNullable<Story["ends"]["world"]> =>
  (ended) => {
    const now = ended.account.peek.group(group);
    const is = `${now.desired} of at most ${now.max}, ${servingIds(ended).length} in service`;
    const wanted = `${desired} of at most ${max}, ${desired} in service`;
    return [...(is === wanted ? [] : [`${is}; wanted ${wanted}`]), ...answers(ended)];
  };

const outStory: Story = {
  ...base,
  title: "one more behind the load balancer",
  definition: scaleOut,
  recovery: "scale-out",
  accounts: shop(),
  ends: { kind: "done", acts: [`setDesired ${group} 3`], world: sized(3, 3) },
};

const raiseStory: Story = {
  ...base,
  title: "a larger largest size",
  definition: raiseMax,
  recovery: "raise-max",
  amount: 5,
  accounts: shop({ max: 2 }),
  ends: {
    kind: "done",
    acts: [`setMax ${group} 5`, `setDesired ${group} 3`],
    debts: [`raised-max/${group}`],
    world: sized(3, 5),
  },
};

const owed: Debt = {
  id: `raised-max/${group}`,
  kind: "raised-max",
  what: "the largest size is 3 instead of 2",
  data: { group, max: "2", desired: "2" },
  since: startAt,
  runId: "web/3" as RunId,
};

const inStory: Story = {
  ...base,
  title: "back to what it was",
  definition: scaleIn,
  recovery: "scale-in",
  accounts: shop({ max: 3, desired: 3 }),
  current: { debts: [owed] },
  ends: { kind: "done", acts: [`setDesired ${group} 2`, `setMax ${group} 2`], world: sized(2, 2) },
};

for (const story of [outStory, raiseStory, inStory]) lawsOf(story);

const suspended: Story = {
  ...outStory,
  title: "Launch is suspended",
  accounts: shop({ suspended: ["Launch"] }),
  ends: { kind: "refused", code: "process-suspended", acts: [] },
};
const hangs: Story = {
  ...outStory,
  title: "the new instance boots and does not answer",
  break: ({ account }) => account.breakAccount("launches-hang"),
  ends: { kind: "failed", code: "step-timed-out" },
};
const lowered: Story = {
  ...outStory,
  title: "somebody lowers the largest size meanwhile",
  meanwhile: (call, { account }) => {
    // From then on, so that a crash changes nothing about it.
    if (call.number >= 4) void account.calls.scaling.update("somebody", group, { max: 2 });
  },
  ends: { kind: "refused", code: "at-max", acts: [] },
};

test.each([suspended, hangs, lowered])("$title", async (story) => {
  expect(await untold(story, await carryPlan(story))).toEqual([]);
});

const answersLast = "whether it answers is proved after the plan";
mutationsOf("scale-out", [outStory, raiseStory, suspended, hangs, lowered], {
  '"the load balancer calls the new instances healthy" before "the new instances are in service"':
    "healthy asks for in service too",
  '"the new instances are in service" left out': "healthy asks for in service too",
  '"the service answers" before "the load balancer calls the new instances healthy"': answersLast,
  '"the service answers" left out': answersLast,
});

describe("scale-out", () => {
  test("at the largest size it refuses, names raise-max, and changes nothing", async () => {
    const ended = await carryPlan({ ...outStory, accounts: shop({ max: 2 }) });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "at-max", climb: false });
    expect(ended.acts).toEqual([]);
    await expect(previewOf({ ...outStory, accounts: shop({ max: 2 }) })).rejects.toMatchObject({
      code: "at-max",
      next: expect.stringContaining("raise-max") as unknown,
    });
  });

  test("with Launch suspended it refuses before it asks for anything", async () => {
    const ended = await carryPlan({ ...outStory, accounts: shop({ suspended: ["Launch"] }) });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "process-suspended" });
    expect(ended.acts).toEqual([]);
  });

  test("a policy that wants more meanwhile is never lowered", async () => {
    const ended = await carryPlan({
      ...outStory,
      accounts: shop({ max: 6 }),
      meanwhile: (call, { account }) => {
        if (call.name === "journal.write") void account.calls.scaling.setDesired("policy", group, { desired: 5 });
      },
    });
    expect(ended.account.peek.group(group).desired).toBe(5);
    expect(ended.acts).toEqual([]);
  });

  test("a policy that may scale in again stands in the preview, unless alarms are suspended", async () => {
    const policies = [{ name: "cpu-50" }];
    const said = await previewOf({ ...outStory, accounts: shop({ policies }) });
    expect(said.preview.headline).toBe(`${group} goes from 2 to 3 instances`);
    expect(said.preview.mind.join(" ")).toContain("cpu-50");
    const quiet = await previewOf({ ...outStory, accounts: shop({ policies, suspended: ["AlarmNotification"] }) });
    expect(quiet.preview.mind.join(" ")).not.toContain("cpu-50");
    expect(quiet.preview.mind.join(" ")).toContain("AlarmNotification");
  });

  test("no capacity in one zone is the group's own business; in none of them it climbs", async () => {
    const zone = { ...outStory, break: ({ account }) => void account.faults.noCapacityIn.add("eu-west-1c") } as Story;
    expect((await carryPlan(zone)).outcome?.kind).toBe("done");
    const none = { ...outStory, break: ({ account }) => account.breakAccount("no-capacity") } as Story;
    expect((await carryPlan(none)).outcome).toMatchObject({ kind: "failed", code: "no-capacity", climb: true });
  });
});

describe("raise-max", () => {
  test("it needs a number above the largest size there is", async () => {
    const { amount: _amount, ...silent } = raiseStory;
    expect((await carryPlan(silent)).outcome).toMatchObject({ kind: "refused", code: "no-amount" });
    expect((await carryPlan({ ...raiseStory, amount: 2 })).outcome).toMatchObject({ code: "not-raised" });
  });

  test("no rule may order it", async () => {
    expect((await carryPlan({ ...raiseStory, byRule: true })).outcome).toMatchObject({ code: "person-only" });
  });

  test("raised a second time, it still owes what the owner had set", async () => {
    const again = await carryPlan({
      ...raiseStory,
      accounts: shop({ max: 3, desired: 3 }),
      current: { debts: [owed] },
    });
    expect(again.inputs).toMatchObject({ raise: { max: 5, owed: 2 } });
  });
});

describe("scale-in", () => {
  test("no rule may order it", async () => {
    expect((await carryPlan({ ...inStory, byRule: true })).outcome).toMatchObject({ code: "person-only" });
  });

  test("the former size is known from the last scale-out run", async () => {
    const past = { runId: "web/3" as RunId, inputs: { group, from: 2, to: 3 } };
    const ended = await carryPlan({ ...inStory, current: {}, ports: { pastRun: async () => past } });
    expect(ended.outcome?.kind).toBe("done");
    expect(ended.account.peek.group(group)).toMatchObject({ desired: 2, max: 3 });
  });

  test("without a scale-out there is no former size, and nothing is made smaller", async () => {
    const ended = await carryPlan({ ...inStory, current: {} });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "nothing-to-scale-in" });
    expect(ended.acts).toEqual([]);
  });
});
