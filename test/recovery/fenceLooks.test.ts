/** The last look at the old machine, read by read. */
import { expect, test } from "vitest";
import type { InstanceId, Scope } from "../../src/domain/words.ts";
import type { RecoveryPorts } from "../../src/recovery/definition.ts";
import { afterFence } from "../../src/recovery/fence.ts";
import type { Step } from "../../src/recovery/plan.ts";

const id = "i-0aaa0000000000001" as InstanceId;
const fencing = { instanceId: id, scope: "1/eu-west-1" as Scope, byRule: false, stopMs: 1, forceMs: 1 };
const move: Step<RecoveryPorts> = {
  ...{ name: "move", waitsFor: "it", settleMs: 1, again: "safe", onTimeout: "fail", safePoint: false },
  check: async () => undefined,
};

const seen = (state: string | undefined) =>
  ({ at: () => ({ compute: { instance: async () => state && { id, state } } }) }) as unknown as RecoveryPorts;

test("what is off, or gone, stands in nobody's way; what runs again ends the run", async () => {
  const { guard } = afterFence({ ...fencing, kind: "must" }, move);
  for (const state of ["stopped", "terminated", undefined]) expect(await guard?.(seen(state))).toBeUndefined();
  for (const state of ["running", "pending"])
    expect(await guard?.(seen(state))).toMatchObject({ code: "not-fenced", climb: false });
});

test("a read that lags behind the stop, or a second stop, is waited for and ends nothing", async () => {
  const { guard } = afterFence({ ...fencing, kind: "must" }, move);
  for (const state of ["stopping", "shutting-down"])
    await expect(guard?.(seen(state))).rejects.toMatchObject({ retry: "later" });
});

test.each([
  ["stopped", []],
  ["stopping", ["borrow unfenced", "borrow stopped-instance"]],
  ["pending", ["borrow unfenced", "borrow stopped-instance", "mayAct", "stop"]],
  ["running", ["borrow unfenced", "borrow stopped-instance", "mayAct", "stop"]],
])("where the fence may be missing, one that is %s is owed before it is asked to stop", async (state, wanted) => {
  const did: string[] = [];
  const compute = { instance: async () => ({ id, state }), stop: async () => void did.push("stop") };
  const ports = { at: () => ({ compute }) } as unknown as RecoveryPorts;
  const step = afterFence({ ...fencing, kind: "try" }, move);
  await step.clearsTheWay?.(ports, {
    borrow: async ({ kind }) => void did.push(`borrow ${kind}`),
    mayAct: async () => void did.push("mayAct"),
  });
  expect(did).toEqual(wanted);
});
