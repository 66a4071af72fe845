/** A sound machine with a broken disk keeps itself and gets a new root volume. */
import { describe, expect, test } from "vitest";
import { newCase } from "../../src/domain/newCase.ts";
import { lawsOf } from "./planLaws.ts";
import { diskStory } from "./diskStory.ts";
import { here } from "./planStory.ts";
import { carryPlan } from "./planWorld.ts";
import { freshSnapshot, loneAccount, loneService, old } from "./reprovisionStory.ts";

const hung = diskStory({ title: "only the disk is broken" });
lawsOf(hung);

describe("replacing the root volume", () => {
  test("is one task, and nothing is stopped or moved", async () => {
    const ended = await carryPlan(hung);
    expect(ended.acts.map(({ name }) => name)).toEqual(["storage.replaceRootVolume"]);
    expect(ended.moved).toBeUndefined();
    expect(ended.outcome).toMatchObject({ summary: expect.stringContaining("the old volume is kept") as string });
  });

  test("a bad host, or a snapshot of another volume, is rebuilt as a new machine instead", async () => {
    const host = await carryPlan(
      diskStory({ title: "", launches: 1, break: ({ account }) => account.break("host-fails", old) }),
    );
    expect(host.acts.some(({ name }) => name === "compute.launch")).toBe(true);
    const { of: _of, ...rest } = freshSnapshot;
    const foreign = loneAccount({ snapshots: [{ ...rest, volumeId: "vol-0fffffff" }] });
    const other = await carryPlan(diskStory({ title: "", launches: 1, accounts: foreign }));
    expect(other.acts.some(({ name }) => name === "compute.launch")).toBe(true);
  });

  test("a task that fails ends in words, and the machine keeps its address", async () => {
    const ended = await carryPlan(
      diskStory({
        title: "",
        break: ({ account }) => {
          account.break("kernel-hangs-for-good", old);
          account.breakAccount("root-volume-task-fails");
        },
      }),
    );
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "replace-failed", climb: false });
    expect(newCase(loneService.name, { scope: here, region: "eu-west-1" }).debts).toEqual(ended.debts);
  });
});
