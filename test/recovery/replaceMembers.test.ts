/** Unhealthy members of a group behind a load balancer go one after the other; and the whole group is renewed. */
import { describe, expect, test } from "vitest";
import { refresh, replaceMembers } from "../../src/recovery/groupDefinitions.ts";
import { replaceSteps } from "../../src/recovery/replaceMembers.ts";
import {
  answers,
  bySite,
  group,
  one,
  servingIds,
  shop,
  shopService,
  targetGroup,
  terminatedBy,
  two,
} from "./groupStory.ts";
import { lawsOf, mutationsOf, untold } from "./planLaws.ts";
import { carryPlan, previewOf, type Ended, type Story } from "./planWorld.ts";

const healthyTargets = ({ account }: Pick<Ended, "account">): number =>
  account.peek.targets(targetGroup).filter(({ state }) => state === "healthy").length;

const renewed =
  (gone: readonly string[]): NonNullable<Story["ends"]["world"]> =>
  (ended) => [
    ...(servingIds(ended).length === 2 ? [] : [`${servingIds(ended).length} in service`]),
    ...(servingIds(ended).some((id) => gone.includes(id)) ? ["an unhealthy one is still in service"] : []),
    ...(healthyTargets(ended) >= 2 ? [] : [`${healthyTargets(ended)} healthy targets`]),
    ...(terminatedBy(ended).every((id) => gone.includes(String(id)))
      ? []
      : [`terminated: ${terminatedBy(ended).join()}`]),
    ...answers(ended),
  ];

const story: Story = {
  title: "one of two does not answer",
  definition: replaceMembers,
  recovery: "replace",
  service: shopService,
  placement: { asgName: group },
  evidence: bySite,
  accounts: shop(),
  break: ({ account }) => account.break("process-dies", one),
  ends: { kind: "done", acts: [`terminateMember ${one}`], world: renewed([one]) },
};

const both: Story = {
  ...story,
  title: "both do not answer",
  break: ({ account }) => {
    account.break("process-dies", one);
    account.break("process-dies", two);
  },
  ends: { kind: "done", acts: [`terminateMember ${one}`, `terminateMember ${two}`], world: renewed([one, two]) },
};

for (const each of [story, both]) lawsOf(each);

const suspended: Story = {
  ...story,
  title: "ReplaceUnhealthy is suspended",
  accounts: shop({ suspended: ["ReplaceUnhealthy"] }),
  ends: { kind: "refused", code: "process-suspended", acts: [] },
};
const hangs: Story = {
  ...both,
  title: "the first successor boots and does not answer",
  break: ({ account }) => {
    account.break("process-dies", one);
    account.break("process-dies", two);
    account.breakAccount("launches-hang");
  },
  ends: { kind: "failed", acts: [`terminateMember ${one}`] },
};
const refreshing: Story = {
  ...story,
  title: "an instance refresh goes on",
  break: async ({ account, clock }) => {
    account.break("process-dies", one);
    await clock.advance(3 * 60_000);
    await account.calls.scaling.startRefresh("somebody", group, { minHealthyPercent: 90 });
  },
  ends: { kind: "refused", code: "refresh-in-progress", acts: [] },
};
const suspendedLater: Story = {
  ...story,
  title: "somebody suspends Launch after the gates",
  meanwhile: (call, { account }) => {
    if (call.number >= 6) void account.calls.scaling.suspend("somebody", group, ["Launch"]);
  },
  ends: { kind: "refused", code: "process-suspended", acts: [] },
};

test.each([suspended, hangs, refreshing, suspendedLater])("$title", async (each) => {
  expect(await untold(each, await carryPlan(each))).toEqual([]);
});

const impliedByHealthy = "what the load balancer calls healthy is in service";
const answersLast = "whether it answers is proved after the plan";
// Each member has the same three steps: a plan for one of them has all that can be wrong.
mutationsOf("replace behind a load balancer", [story, suspended, refreshing, suspendedLater], {
  [`"${replaceSteps.followed(one)}" left out`]: impliedByHealthy,
  [`"${replaceSteps.followed(one)}" before "${replaceSteps.left(one)}"`]: impliedByHealthy,
  [`"${replaceSteps.healthy(one)}" before "${replaceSteps.followed(one)}"`]: impliedByHealthy,
  [`"the service answers" before "${replaceSteps.healthy(one)}"`]: answersLast,
  '"the service answers" left out': answersLast,
  "without gate 1": "the guard asks the same right before the act",
});

describe("replace behind a load balancer", () => {
  test("the second one goes only when the first one has a healthy successor", async () => {
    const ended = await carryPlan(both);
    const [, second] = ended.acts;
    const before = ended.entries.find(({ step }) => step.includes(`after ${one} healthy`))?.done?.at ?? Infinity;
    expect(second?.at).toBeGreaterThanOrEqual(before);
  });

  test("a member that is well again when its turn comes stays", async () => {
    // The load balancer believes in two good answers, so that it is well before its turn comes.
    const targetGroups = [{ arn: targetGroup, healthyThreshold: 2, deregistrationDelayMs: 60_000 }];
    const ended = await carryPlan({
      ...both,
      accounts: shop({}, { targetGroups }),
      meanwhile: (call, { account }) => {
        if (call.name === "scaling.terminateMember") account.mend("process-dies", two);
      },
    });
    expect(ended.outcome?.kind).toBe("done");
    expect(terminatedBy(ended)).toEqual([one]);
    expect(servingIds(ended)).toContain(two);
  });

  test("when nobody is unhealthy it refuses", async () => {
    const ended = await carryPlan({ ...story, break: () => undefined });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "nothing-unhealthy" });
  });

  test("all targets unhealthy: the preview says that the load balancer fails open", async () => {
    const { preview } = await previewOf(both);
    expect(preview.headline).toContain(`${one}, ${two}`);
    expect(preview.mind.join(" ")).toContain("fails open");
    expect((await previewOf(story)).preview.mind.join(" ")).not.toContain("fails open");
  });
});

describe("instance refresh behind a load balancer", () => {
  const whole: Story = {
    ...story,
    title: "every member is renewed",
    definition: refresh,
    recovery: "refresh",
    break: () => undefined,
    ends: { kind: "done", acts: [`startRefresh ${group}`], world: renewed([one, two]) },
  };
  lawsOf(whole);

  test("one that goes on already refuses a second one", async () => {
    const ended = await carryPlan({ ...whole, break: refreshing.break ?? (() => undefined) });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "refresh-in-progress" });
    expect(ended.acts).toEqual([]);
  });

  test("one that fails ends in AWS's own words", async () => {
    const ended = await carryPlan({ ...whole, break: ({ account }) => account.breakAccount("launches-hang") });
    expect(ended.outcome?.kind).toBe("failed");
    expect(ended.acts.filter(({ name }) => name === "scaling.startRefresh")).toHaveLength(1);
  });
});
