/** Failover and fail-back of a pair behind one Elastic IP: its stories, what it refuses, and what a person reads before. */
import { describe, expect, test } from "vitest";
import type { InstanceId } from "../../src/domain/words.ts";
import { definitionFor } from "../../src/recovery/index.ts";
import { lawsOf, mutationsOf, unlawful, untold } from "./planLaws.ts";
import {
  allocation,
  heldBy,
  moveOf,
  onceAt,
  pairAccount,
  pairService,
  primary,
  sawItAnswer,
  standby,
  standbyStory,
  waitedForIt,
} from "./pairStory.ts";
import { permissionsOff } from "./planPermissions.ts";
import { carryPlan, previewOf } from "./planWorld.ts";
import { startedAgainAnywhere } from "./startedAgain.ts";
import type { Ended, Ends, PlanWorld, Story } from "./planStory.ts";

const first = "eipassoc-00000000000000001";
const stranger = "i-0fff0000000000009" as InstanceId;
const web = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";
const api = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/api/0123456789abcdef";
const moves = [`disassociate ${first}`, `associate ${allocation} ${standby}`];
const done = (acts: readonly string[], over: Partial<Ends> = {}): Ends => ({
  ...moveOf(primary, standby).ends,
  acts,
  ...over,
});

const runs = standbyStory({
  deep: true,
  title: "the primary's host fails and the standby runs",
  ends: done([`stop ${primary}`, ...moves]),
});
const byRule = standbyStory({
  title: "a rule orders it while the primary's kernel hangs",
  byRule: true,
  break: ({ account }) => account.break("kernel-hangs-for-good", primary),
  ends: done([`stop ${primary}`, ...moves]),
});
const cold = standbyStory({
  title: "the standby is switched off",
  accounts: pairAccount({ standby: { state: "stopped" } }),
  ends: done([`start ${standby}`, `stop ${primary}`, ...moves], {
    world: (ended) => [...heldBy(ended, standby), ...sawItAnswer(ended), ...waitedForIt(ended)],
  }),
});
const stuck = standbyStory({
  deep: true,
  title: "the primary hangs while it stops",
  break: ({ account }) => {
    account.break("host-fails", primary);
    account.break("stuck-stopping", primary);
  },
  ends: done([`stop ${primary}`, `stop ${primary} by force`, ...moves]),
});
const gone = standbyStory({
  title: "somebody has terminated the primary",
  break: ({ account }) => account.break("terminated-by-somebody", primary),
  ends: done([`associate ${allocation} ${standby}`]),
});
const forced = standbyStory({
  title: "the primary's zone is out and a person orders with force",
  options: ["force"],
  break: ({ account }) => account.breakAccount("zone-down", { in: "eu-west-1a" }),
  fenced: [],
  ends: done(moves, { debts: [`unfenced/${primary}`] }),
});
const needlessly = standbyStory({
  title: "a person orders with force although the primary can be reached",
  options: ["force"],
  ends: done([`stop ${primary}`, ...moves]),
});
const forcedStuck = standbyStory({
  title: "a person orders with force and the primary hangs while it stops",
  options: ["force"],
  break: ({ account }) => {
    account.break("host-fails", primary);
    account.break("stuck-stopping", primary);
  },
  ends: done([`stop ${primary}`, `stop ${primary} by force`, ...moves]),
});
const stateless = standbyStory({
  deep: true,
  title: "the service is declared stateless",
  service: { ...pairService, fence: "address" },
  fenced: [],
  ends: done([...moves, `stop ${primary}`]),
});
const back = standbyStory({
  title: "a person orders it back while the former primary is off",
  recovery: "fail-back",
  accounts: pairAccount({ primary: { state: "stopped" }, holder: standby }),
  placement: { instanceId: standby, allocationId: allocation },
  break: () => undefined,
  fenced: [standby],
  ends: {
    ...moveOf(standby, primary).ends,
    acts: [`start ${primary}`, `stop ${standby}`, `disassociate ${first}`, `associate ${allocation} ${primary}`],
  },
});
const balanced = standbyStory({
  deep: true,
  title: "the pair stands in target groups beside its address",
  service: { ...pairService, targetGroups: [web, api] },
  accounts: pairAccount({
    account: { targetGroups: [web, api].map((arn) => ({ arn, targets: [primary] })) },
  }),
  promotes: ["compute.associate", "scaling.register"],
  ends: done(
    [
      ...[`stop ${primary}`, ...moves],
      ...[web, api].map((arn) => `deregister ${arn} ${primary}`),
      ...[web, api].map((arn) => `register ${arn} ${standby}`),
    ],
    {
      world: (ended) => [
        ...heldBy(ended, standby),
        ...sawItAnswer(ended),
        ...[web, api].flatMap((arn) => {
          const states = ended.account.peek.targets(arn).map((each) => `${each.instanceId} ${each.state}`);
          return states.some((said) => said.startsWith(standby)) ? [] : [`${arn} has ${states.join(", ")}`];
        }),
      ],
    },
  ),
});

for (const story of [runs, cold, stuck, gone, forced, stateless, back, balanced]) lawsOf(story);

const refused = (code: string, over: Partial<Story> & Pick<Story, "title">): Story => ({
  ...standbyStory(over),
  ends: { kind: "refused", code, acts: [] },
});
const failed = (code: string, acts: readonly string[], over: Partial<Story> & Pick<Story, "title">): Story => ({
  ...standbyStory(over),
  ends: { kind: "failed", code, acts, ...(acts.length > 0 ? { debts: [`stopped-instance/${primary}`] } : {}) },
});

const refusals: readonly Story[] = [
  refused("same-zone", {
    title: "a rule orders it and both are in one zone",
    byRule: true,
    accounts: pairAccount({ standby: { availabilityZone: "eu-west-1a" } }),
  }),
  refused("instance-gone", {
    title: "the standby is terminated",
    break: ({ account }) => account.break("terminated-by-somebody", standby),
  }),
  refused("standby-unfit", {
    title: "the standby's own host has failed",
    break: ({ account }) => account.break("host-fails", standby),
  }),
  refused("group-member", {
    title: "the primary belongs to a group",
    accounts: pairAccount({ primary: { asgName: "blue" } }),
  }),
  refused("group-member", {
    title: "the standby belongs to a group",
    accounts: pairAccount({ standby: { asgName: "green" } }),
  }),
  refused("holds-another-address", {
    title: "the standby holds an address of its own",
    accounts: ({ clock, random }) =>
      pairAccount({
        account: {
          addresses: [
            { allocationId: allocation, publicIp: "198.51.100.10", instanceId: primary },
            { allocationId: "eipalloc-2", publicIp: "198.51.100.20", instanceId: standby },
          ],
        },
      })({ clock, random }),
  }),
  refused("address-elsewhere", {
    title: "the address is with a stranger",
    accounts: pairAccount({
      account: {
        machines: [primary, standby, stranger].map((id, n) => ({
          id,
          name: id,
          availabilityZone: `eu-west-1${"abc"[n]}`,
        })),
        addresses: [{ allocationId: allocation, publicIp: "198.51.100.10", instanceId: stranger }],
      },
    }),
  }),
  refused("already-there", {
    title: "the address is on the standby already",
    accounts: pairAccount({ holder: standby }),
  }),
  refused("already-there", { title: "fail-back is ordered at home", recovery: "fail-back" }),
  refused("not-configured", {
    title: "no standby is configured",
    service: {
      ...pairService,
      standby: { kind: "tag", key: "role", value: "nobody" },
      target: { kind: "asg", asgName: "x" },
    },
  }),
  refused("cannot-fence", {
    title: "the primary's zone is out and nobody consents",
    break: ({ account }) => account.breakAccount("zone-down", { in: "eu-west-1a" }),
  }),
  refused("well-again", {
    title: "the service answers again when a rule comes to the stop",
    byRule: true,
    break: () => undefined,
  }),
  failed("step-timed-out", [`stop ${primary}`, `stop ${primary} by force`], {
    title: "the primary never stops",
    break: ({ account }) => account.break("stuck-stopping-for-ever", primary),
  }),
];

test.each(refusals)("$title: $ends.code, and nothing moves", async (story) => {
  const ended = await carryPlan(story);
  expect([...(await untold(story, ended)), ...(await unlawful(story, ended))]).toEqual([]);
});

const three = pairAccount({
  account: {
    machines: [primary, standby, stranger].map((id, n) => ({ id, name: id, availabilityZone: `eu-west-1${"abc"[n]}` })),
  },
});
const takesIt = async ({ account }: PlanWorld): Promise<void> => {
  await account.calls.disassociate("somebody", first);
  await account.calls.associate("somebody", {
    allocationId: allocation,
    instanceId: stranger,
    allowReassociation: false,
  });
};
const staysWith = (id: InstanceId) => (ended: Ended) =>
  ended.account.peek.addresses()[0]?.instanceId === id ? [] : [`the address is not on ${id} any more`];
const others: readonly Story[] = [
  standbyStory({
    title: "a stranger takes the address right after the order",
    accounts: three,
    meanwhile: onceAt("journal.write", 1, takesIt),
    ends: { kind: "refused", code: "address-elsewhere", acts: [], world: staysWith(stranger) },
  }),
  standbyStory({
    title: "a stranger takes the address while the primary stops",
    accounts: three,
    meanwhile: onceAt("compute.stop", 1, takesIt),
    ends: {
      ...{ kind: "refused", code: "address-elsewhere", acts: [`stop ${primary}`] },
      debts: [`stopped-instance/${primary}`],
      world: staysWith(stranger),
    },
  }),
  standbyStory({
    title: "somebody starts the primary again after the fence",
    // The order, the gate, then the check of the move: from here on only its guard looks at the primary.
    meanwhile: onceAt("compute.address", 3, ({ account }) => account.calls.start("somebody", [primary])),
    ends: {
      ...{ kind: "refused", code: "unfenced", acts: [`stop ${primary}`] },
      debts: [`stopped-instance/${primary}`],
      world: staysWith(primary),
    },
  }),
];

test.each(others)("$title: the run ends and leaves it so", async (story) => {
  const ended = await carryPlan(story);
  expect([...(await untold(story, ended)), ...(await unlawful(story, ended))]).toEqual([]);
});

test("every permission is declared, and none in vain", async () => {
  const runs = await Promise.all([byRule, cold, stuck, balanced].map((story) => carryPlan(story)));
  expect(permissionsOff(cold, runs)).toEqual({ missing: [], idle: [] });
});

test("both words lead to this plan", () => {
  expect(definitionFor("failover", "standby")?.id).toBe("failover-standby@1");
  expect(definitionFor("fail-back", "standby")?.id).toBe("failover-standby@1");
});

const { elasticIp: _none, ...withoutAddress } = pairService;
const lonely = standbyStory({
  title: "only target groups lead to the pair, and a person orders with force",
  options: ["force"],
  service: { ...withoutAddress, targetGroups: [web, api] },
  accounts: pairAccount({
    holder: null,
    account: { targetGroups: [web, api].map((arn) => ({ arn, targets: [primary] })) },
  }),
  placement: { instanceId: primary },
  promotes: ["scaling.register"],
  ends: { kind: "done" },
});
startedAgainAnywhere(
  [needlessly, { ...balanced, title: "target groups, with force", options: ["force"] }, balanced, lonely],
  primary,
);

const asBefore = "the stop before it has borrowed the same";
mutationsOf(
  "failover of a pair",
  [runs, byRule, cold, stuck, gone, forced, needlessly, forcedStuck, stateless, back, balanced, ...refusals, ...others],
  {
    '"the old instance is stopped by force" without its debt': asBefore,
    '"the old instance is stopped by force" without its other debts': asBefore,
    '"the old instance is stopped by force" without its guard': "a stop is under way, and the move looks again",
  },
);

describe("what a person reads before", () => {
  test("from what to what, how long, and what is kept", async () => {
    const { preview } = await previewOf(cold);
    expect(preview).toMatchObject({
      headline: `198.51.100.10 moves from ${primary} (eu-west-1a) to ${standby} (eu-west-1b)`,
      downtime: `1 to 2 min from the stop; up to 7 min if ${primary} is stuck`,
    });
    expect(preview.steps[0]).toBe(`Start ${standby}, which is stopped`);
    expect(preview.refused).toBeUndefined();
  });

  test.each(refusals.slice(0, 10))("$title: the preview says so with a remedy", async (story) => {
    const { preview } = await previewOf({ ...story, byRule: false });
    if (story.byRule) expect(preview.mind.join(" ")).toContain("Both instances are in eu-west-1a");
    else expect(preview.refused).toMatchObject({ code: story.ends.code });
    if (preview.refused) expect(preview.refused.remedy.length).toBeGreaterThan(10);
  });
});
