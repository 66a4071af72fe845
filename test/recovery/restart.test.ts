/** The restart plan, looked at from outside: what it does to one machine, and what it refuses to do. */
import { describe, expect, test } from "vitest";
import { restartPlan, restartSteps } from "../../src/recovery/restart.ts";
import { carryRestart, machine, type Ended } from "./restartWorld.ts";

function acts({ account }: Ended): string[] {
  return account.writes
    .filter((write) => write.who === "medic" && write.outcome === "accepted")
    .map((write) => `${write.operation}${write.force ? " by force" : ""}`);
}

describe("restart", () => {
  test("a hung kernel is rebooted once, and nothing else is done", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs"] });
    expect(ended.outcome).toEqual({ kind: "done", summary: `${machine} was rebooted` });
    expect(acts(ended)).toEqual(["RebootInstances"]);
  });

  test("a kernel that a reboot does not cure is stopped and started", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs-for-good"] });
    expect(ended.outcome?.kind).toBe("done");
    expect(acts(ended)).toEqual(["RebootInstances", "StopInstances", "StartInstances"]);
    expect(ended.debts).toEqual([]);
  });

  test("a failed host is never rebooted", async () => {
    const ended = await carryRestart({ breaks: ["host-fails"], inputs: { symptom: "host" } });
    expect(acts(ended)).toEqual(["StopInstances", "StartInstances"]);
    expect(ended.account.peek.machine(machine).state).toBe("running");
  });

  test("where LaunchTime never moves, running for a minute after the start was asked for proves it", async () => {
    const ended = await carryRestart({ breaks: ["host-fails"], inputs: { symptom: "host" }, launchTimeStands: true });
    expect(ended.outcome?.kind).toBe("done");
    expect(acts(ended)).toEqual(["StopInstances", "StartInstances"]);
    expect(ended.debts).toEqual([]);
  });

  test("a stop that is stuck is forced", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs-for-good", "stuck-stopping"] });
    expect(ended.outcome?.kind).toBe("done");
    expect(acts(ended)).toEqual(["RebootInstances", "StopInstances", "StopInstances by force", "StartInstances"]);
  });

  test("a stop that stays stuck ends the run, and the start stays owed", async () => {
    const ended = await carryRestart({
      breaks: ["host-fails", "stuck-stopping-for-ever"],
      inputs: { symptom: "host" },
    });
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "step-timed-out", climb: false });
    expect(ended.debts).toEqual([`stopped-instance/${machine}`]);
  });

  test("no capacity for the start climbs at once, and the start stays owed", async () => {
    const ended = await carryRestart({ breaks: ["host-fails"], account: ["no-capacity"], inputs: { symptom: "host" } });
    expect(ended.outcome).toMatchObject({ kind: "failed", code: "no-capacity", climb: true });
    const starts = ended.account.writes.filter((write) => write.operation === "StartInstances");
    expect(starts.map((write) => write.outcome)).toEqual(["InsufficientInstanceCapacity"]);
    expect(ended.debts).toEqual([`stopped-instance/${machine}`]);
  });

  test("one kind of evidence is not enough for a rule to stop a machine", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs-for-good"], hasProbe: false });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "evidence-thin" });
    expect(acts(ended)).toEqual(["RebootInstances"]);
  });

  test("one kind of evidence is enough when a person approved the restart", async () => {
    const inputs = { orderedByPerson: true, kindsNeeded: 1 as const };
    const ended = await carryRestart({ breaks: ["kernel-hangs-for-good"], hasProbe: false, inputs });
    expect(acts(ended)).toEqual(["RebootInstances", "StopInstances", "StartInstances"]);
  });

  test("a member of an Auto Scaling group is not touched", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs"], machine: { asgName: "web-asg" } });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "group-member" });
    expect(acts(ended)).toEqual([]);
  });

  test("an instance that a person stopped is started only when a person orders it", async () => {
    const byRule = await carryRestart({ breaks: ["stopped-by-a-person"] });
    expect(byRule.outcome).toMatchObject({ kind: "refused", code: "stopped-by-person" });
    expect(acts(byRule)).toEqual([]);
    const byPerson = await carryRestart({ breaks: ["stopped-by-a-person"], inputs: { orderedByPerson: true } });
    expect(acts(byPerson)).toEqual(["StartInstances"]);
  });

  test("a machine that is off already is not started by a run that was stopped before its first act", async () => {
    const ended = await carryRestart({
      breaks: ["stopped-by-a-person"],
      inputs: { stoppedByUs: true },
      halt: () => ({ kind: "stop", why: "autopilot was switched off by Ana" }),
    });
    expect(ended.outcome).toMatchObject({ kind: "stopped" });
    expect(acts(ended)).toEqual([]);
  });

  test("a terminated instance is the world's reason and climbs", async () => {
    const ended = await carryRestart({ breaks: ["terminated-by-somebody"] });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "instance-gone", climb: true });
  });

  test("EC2's own recover action gets its room", async () => {
    const since = Date.UTC(2026, 10, 21, 3, 2, 0);
    const ended = await carryRestart({
      breaks: ["host-fails"],
      inputs: { symptom: "host", awsActs: { action: "recover", since } },
    });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "aws-acts" });
    expect(acts(ended)).toEqual([]);
  });

  test("a Spot instance is rebooted but never stopped", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs-for-good"], machine: { spot: true } });
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "cannot-stop" });
    expect(acts(ended)).toEqual(["RebootInstances"]);
  });

  test("reads that lag behind do not fool it", async () => {
    const ended = await carryRestart({ breaks: ["kernel-hangs-for-good"], account: ["reads-lag"] });
    expect(ended.outcome?.kind).toBe("done");
    expect(acts(ended)).toEqual(["RebootInstances", "StopInstances", "StartInstances"]);
  });

  test("a stop that is asked for before the first act leaves everything as it was", async () => {
    const ended = await carryRestart({
      breaks: ["kernel-hangs"],
      halt: () => ({ kind: "stop", why: "Ana asked to stop" }),
    });
    expect(ended.outcome).toMatchObject({ kind: "stopped" });
    expect(acts(ended)).toEqual([]);
  });

  test("between the stop and the start nothing ends the run: the machine is started first", async () => {
    const ended = await carryRestart({
      breaks: ["kernel-hangs-for-good"],
      halt: (acted, { account }) =>
        acted && account.countOf(machine).stops > 0 ? { kind: "stop", why: "Ana asked to stop" } : undefined,
    });
    expect(ended.outcome).toMatchObject({ kind: "stopped" });
    expect(acts(ended).at(-1)).toBe("StartInstances");
    expect(ended.debts).toEqual([]);
  });

  test("what was well before the first act ends as cleared", async () => {
    const ended = await carryRestart({ halt: (acted) => (acted ? undefined : { kind: "cleared" }) });
    expect(ended.outcome).toEqual({ kind: "cleared" });
    expect(acts(ended)).toEqual([]);
  });

  test("the start stands after both stops in every plan that stops: any other order would be found here", () => {
    const base = { symptom: "os", orderedByPerson: false, kindsNeeded: 2, alarmKinds: {}, stoppedByUs: false } as const;
    for (const recovery of ["restart", "stop-start", "force-stop-start"] as const) {
      const plan = restartPlan({ ...base, recovery, instanceId: machine, timing: timing() });
      const names = plan.steps.map((step) => step.name);
      const start = names.indexOf(restartSteps.started);
      expect(start).toBeGreaterThan(names.indexOf(restartSteps.forceStopped));
      expect(start).toBeGreaterThan(names.indexOf(restartSteps.stopped));
      expect(plan.steps[start]?.safePoint).toBe(false);
    }
  });
});

function timing() {
  const ms = 60_000;
  return {
    rebootSettleMs: ms,
    stopSettleMs: ms,
    forceStopSettleMs: ms,
    startSettleMs: ms,
    verifySettleMs: ms,
    evidenceAgeMs: ms,
    awsRoomMs: ms,
  };
}
