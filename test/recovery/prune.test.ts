/** Pruning: what goes, what never goes. */
import { describe, expect, test } from "vitest";
import { prune } from "../../src/recovery/pruneDefinition.ts";
import { lawsOf } from "./planLaws.ts";
import type { Ended, Story } from "./planStory.ts";
import { permissionsOff } from "./planPermissions.ts";
import { carryPlan, previewOf } from "./planWorld.ts";
import { loneAccount, loneService, loneStory, old, snapshotTag } from "./reprovisionStory.ts";

const hour = 3_600_000;
const managed = { [snapshotTag.key]: snapshotTag.value, "ec2-medic:managed": "true" };
const made = (id: string, ageMs: number, over: object = {}) => ({
  id,
  of: { instanceId: old },
  ageMs,
  tags: managed,
  ...over,
});

const shelf = [
  made("snap-01", 1 * hour),
  made("snap-02", 2 * hour),
  made("snap-03", 3 * hour),
  made("snap-04", 4 * hour),
  made("snap-05-foreign", 5 * hour, { tags: { [snapshotTag.key]: snapshotTag.value } }),
  made("snap-06-imaged", 6 * hour),
];

const service = { ...loneService, keeper: { everyMs: hour, retain: 2, copyToDr: false } };
const images = [
  {
    id: "ami-0used",
    name: "used",
    tags: managed,
    snapshots: [{ device: "/dev/xvda", snapshotId: "snap-06-imaged" }],
  },
];

function left({ account }: Pick<Ended, "account">): string[] {
  return account.peek
    .snapshots()
    .map(({ id }) => id)
    .sort();
}

function pruneStory(over: Partial<Story> & Pick<Story, "title">): Story {
  return loneStory({
    definition: prune,
    recovery: "prune",
    service,
    accounts: loneAccount({ snapshots: shelf, account: { images } }),
    break: () => undefined,
    launches: 0,
    fenced: [],
    deletes: true,
    ends: {
      kind: "done",
      world: (ended) => {
        const is = left(ended)
          .filter((id) => id.startsWith("snap-0"))
          .join(" ");
        const wanted = "snap-01 snap-02 snap-05-foreign snap-06-imaged";
        return is === wanted ? [] : [`left: ${is}`];
      },
    },
    ...over,
  });
}

const beyond = pruneStory({ title: "two snapshots are beyond the retention" });
lawsOf(beyond);

describe("prune", () => {
  test("oldest first, and nothing but the list", async () => {
    const ended = await carryPlan(beyond);
    expect(ended.acts.map(({ said }) => said)).toEqual([
      "storage.deleteSnapshot snap-04",
      "storage.deleteSnapshot snap-03",
    ]);
  });

  test("the preview names each of them", async () => {
    const { preview } = await previewOf(beyond);
    expect(preview.mind.join(" ")).toContain("snap-04, snap-03");
    expect(preview.refused).toBeUndefined();
  });

  test("no rule prunes, and nothing is pruned without a stated retention", async () => {
    const byRule = await carryPlan(pruneStory({ title: "", byRule: true }));
    expect(byRule.outcome).toMatchObject({ kind: "refused", code: "person-only" });
    const bare = await carryPlan(pruneStory({ title: "", service: loneService }));
    expect(bare.outcome).toMatchObject({ kind: "refused", code: "not-configured" });
    expect([...byRule.acts, ...bare.acts]).toEqual([]);
  });

  test("a retention that keeps all of them deletes nothing", async () => {
    const keeper = { everyMs: hour, retain: 10, copyToDr: false };
    const ended = await carryPlan(pruneStory({ title: "", service: { ...service, keeper } }));
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "nothing-to-prune", climb: false });
  });

  test("every permission is declared, and none in vain", async () => {
    expect(permissionsOff(beyond, [await carryPlan(beyond)])).toEqual({ missing: [], idle: [] });
  });
});
