/** A volume that is on its way off is not asked for twice: EC2's refusal would bring on the force that loses what is not flushed. */
import { expect, test } from "vitest";
import type { InstanceId, VolumeId } from "../../src/domain/words.ts";
import type { HookPorts } from "../../src/recovery/hookSteps.ts";
import { terminatingPlan, terminatingSteps, type TerminatingInputs } from "../../src/recovery/hookTerminating.ts";

const instanceId = "i-0aaa0000000000001" as InstanceId;
const volumeId = "vol-0aaa0000000000001" as VolumeId;

const inputs = {
  ...{ service: "web", transition: "terminating", choreId: "chore", since: 0, heartbeatMs: 600_000 },
  ...{ defaultResult: "ABANDON", volumeTag: { key: "data-of", value: "web" }, device: "/dev/sdf" },
  answer: { group: "web-group", hook: "save", instanceId, token: "t" },
  ...{ volumeId, availabilityZone: "eu-west-1a" },
  timing: {
    ...{ detachSettleMs: 1, attachSettleMs: 1, snapshotSettleMs: 1, launchSettleMs: 1, addressSettleMs: 1, lagMs: 1 },
  },
} as const satisfies TerminatingInputs;

/** What the step asks for while the volume is in this state of its attachment. */
async function asked(step: string, state: "attached" | "detaching" | "busy"): Promise<object[]> {
  const calls: object[] = [];
  const storage = {
    volume: async () => ({ id: volumeId, state: "in-use", attachment: { instanceId, device: "/dev/sdf", state } }),
    detach: async (_id: VolumeId, from: object) => void calls.push(from),
  } as unknown as HookPorts["storage"];
  const found = terminatingPlan(inputs).steps.find(({ name }) => name === step);
  await found?.act?.({ storage } as HookPorts, { begun: { at: 0, before: {} }, entries: [] });
  return calls;
}

test("the plain detach is asked for once, also when its answer was lost", async () => {
  expect(await asked(terminatingSteps.detached, "attached")).toEqual([{ instanceId, force: false }]);
  expect(await asked(terminatingSteps.detached, "detaching")).toEqual([]);
});

test("force comes for what is stuck, however it is called", async () => {
  for (const state of ["detaching", "busy"] as const)
    expect(await asked(terminatingSteps.forced, state)).toEqual([{ instanceId, force: true }]);
});
