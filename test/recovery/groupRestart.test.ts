/** A reboot in a group of one, while the group looks away; and what is given back whatever happens. */
import { describe, expect, test } from "vitest";
import type { Debt } from "../../src/domain/serviceCase.ts";
import type { RunId } from "../../src/domain/words.ts";
import { memoryScaling } from "../../src/memory/memoryScaling.ts";
import { groupRestart } from "../../src/recovery/groupDefinitions.ts";
import { allocation, answers, bySite, group, one, servingIds, single, singleService } from "./groupStory.ts";
import { callsOf, lawsOf, mutationsOf, untold } from "./planLaws.ts";
import { carryPlan, previewOf, startAt, type Ended, type Story } from "./planWorld.ts";

const watched: Story["ends"]["world"] = (ended) => [
  ...suspendedAfter(ended).map((process) => `${process} is suspended`),
  ...(servingIds(ended)[0] === one ? [] : [`${one} is not the member any more`]),
  ...(ended.account.countOf(one).stops === 0 ? [] : ["it was stopped"]),
];

function suspendedAfter({ account }: Pick<Ended, "account">): string[] {
  return [...account.peek.group(group).suspended];
}

const story: Story = {
  title: "the kernel hangs, and a reboot helps",
  definition: groupRestart,
  recovery: "restart",
  service: singleService,
  placement: { asgName: group, instanceId: one, allocationId: allocation },
  evidence: bySite,
  accounts: single(),
  // Its status checks are what the group would replace it for.
  break: ({ account }) => account.break("process-dies", one),
  ends: {
    kind: "done",
    acts: [`suspend ${group}`, `reboot ${one}`, `resume ${group}`],
    world: watched,
  },
};

lawsOf(story);

const theirs: Story = {
  ...story,
  title: "somebody has suspended one of them before",
  accounts: single({ suspended: ["HealthCheck"] }),
  ends: {
    kind: "done",
    world: (ended) =>
      suspendedAfter(ended).join() === "HealthCheck" ? [] : [`suspended: ${suspendedAfter(ended).join()}`],
  },
};
const leaving: Story = {
  ...story,
  title: "the group marks it unhealthy meanwhile",
  meanwhile: (call, { account }) => {
    if (call.number >= 2)
      account.calls.scaling
        .setHealth("somebody", one, { health: "Unhealthy", respectGrace: false })
        .catch(() => undefined);
  },
  ends: { kind: "refused", code: "group-acts", acts: [] },
};

test.each([theirs, leaving])("$title", async (each) => {
  expect(await untold(each, await carryPlan(each))).toEqual([]);
});

const refreshing: Story = {
  ...story,
  title: "an instance refresh is under way",
  accounts: single({ suspended: ["HealthCheck"] }),
  break: async ({ account }) => {
    await memoryScaling(account, { who: "somebody" }).startRefresh(group, { minHealthyPercent: 0 });
  },
  ends: { kind: "refused", code: "refresh-in-progress", acts: [] },
};

test("an instance refresh that is under way is not disturbed", async () => {
  const ended = await carryPlan(refreshing);
  expect(ended.outcome?.kind).toBe("refused");
  expect(ended.acts).toEqual([]);
});

const stopsOwing = "a stop there leaves the debt on the case, and the sweep resumes the processes";
const onlyWaits = "it only waits: whether the service is well is proved after the plan";

mutationsOf("restart in a group of one", [story, theirs, leaving], {
  '"the group watches over it again" as a safe point': stopsOwing,
  '"the instance is rebooted and well" as a safe point': stopsOwing,
  '"the service answers" before "the group watches over it again"': onlyWaits,
  '"the service answers" left out': onlyWaits,
  "without gate 2": "EC2's own recover action has a test of its own below",
  "without gate 3": "a refresh under way has a test of its own above",
});

test("the service answers after it", async () => {
  expect(answers(await carryPlan(story))).toEqual([]);
});

describe("what was suspended", () => {
  test("a process that somebody else suspended is not resumed", async () => {
    const ended = await carryPlan(theirs);
    expect(callsOf(ended, "scaling.suspend")[0]?.args).toEqual([group, ["ReplaceUnhealthy"]]);
    expect(callsOf(ended, "scaling.resume")[0]?.args).toEqual([group, ["ReplaceUnhealthy"]]);
    expect(suspendedAfter(ended)).toEqual(["HealthCheck"]);
    expect(ended.debts).toEqual([]);
  });

  test("both suspended by somebody else: nothing is borrowed, nothing resumed", async () => {
    const ended = await carryPlan({ ...story, accounts: single({ suspended: ["HealthCheck", "ReplaceUnhealthy"] }) });
    expect(ended.outcome?.kind).toBe("done");
    expect(ended.borrowed).toEqual([]);
    expect(callsOf(ended, "scaling.resume")).toEqual([]);
  });

  test("what an earlier run of the bot still owes is given back by this one", async () => {
    const debt: Debt = {
      id: `suspended-processes/${group}`,
      kind: "suspended-processes",
      what: "HealthCheck and ReplaceUnhealthy are suspended",
      data: { group, processes: "HealthCheck ReplaceUnhealthy" },
      since: startAt,
      runId: "web/3" as RunId,
    };
    const accounts = single({ suspended: ["HealthCheck", "ReplaceUnhealthy"] });
    const ended = await carryPlan({ ...story, accounts, current: { debts: [debt] } });
    expect(suspendedAfter(ended)).toEqual([]);
  });

  test("a reboot that does not help leaves the group watching: it replaces the instance", async () => {
    const ended = await carryPlan({ ...story, break: ({ account }) => account.break("kernel-hangs-for-good", one) });
    expect(suspendedAfter(ended)).toEqual([]);
    expect(ended.debts).toEqual([]);
    expect(ended.account.countOf(one)).toMatchObject({ reboots: 1, stops: 0 });
  });
});

describe("room for others", () => {
  test("EC2's own recover action gets its time", async () => {
    const bad = {
      subject: "web host",
      symptom: "host",
      evidenceKind: "ec2",
      since: startAt + 2 * 60_000,
      reason: "impaired",
      awsActs: "recover",
    } as const;
    const ended = await carryPlan({
      ...story,
      accounts: single({ suspended: ["HealthCheck"] }),
      break: ({ account }) => account.break("host-fails", one),
      current: { bad: [bad] },
    });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "aws-acts" });
    expect(ended.acts).toEqual([]);
  });

  test("a group that is replacing its member is not disturbed", async () => {
    const ended = await carryPlan({
      ...story,
      accounts: single({ hooks: [{ name: "boot", transition: "launching", heartbeatMs: 300_000 }] }),
      break: async ({ account }) => {
        await account.calls.scaling.terminate("somebody", one, { decrement: false });
      },
    });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "group-acts" });
    expect(ended.acts).toEqual([]);
  });

  test("the preview names what is suspended for it and what stays so", async () => {
    const { preview } = await previewOf({ ...theirs, break: () => undefined });
    expect(preview.mind.join(" ")).toContain("ReplaceUnhealthy of web-group are suspended for it");
    expect(preview.mind.join(" ")).toContain("HealthCheck is suspended");
    expect(preview.address).toBe("kept");
  });
});
