/** Where the service lives after a run, what it left behind, and orders that bring nothing back. */
import { describe, expect, test } from "vitest";
import type { RunOutcome } from "../../src/domain/serviceCase.ts";
import type { InstanceId, Scope } from "../../src/domain/words.ts";
import { alarm, instance, minute, mira, noor, rung, runId, stage, type Stage } from "./stage.ts";

const second = "i-0bbbbbbbbbbbbbbbb" as InstanceId;
const third = "i-0cccccccccccccccc" as InstanceId;
const drScope = "111122223333/eu-central-1" as Scope;
const done: RunOutcome = { kind: "done", summary: "done" };

/** An incident whose approved failover is running. */
function recovering(): Stage {
  const s = stage({ os: [rung("approve", { recovery: "failover" })] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.send({ kind: "approve", by: mira, proposal: s.current.proposalCount });
  s.evidence({ ec2: "bad", probe: "bad" });
  expect(s.phase()).toBe("recovering");
  return s;
}

describe("a run that moved the service", () => {
  test("changes the placement, drops what was bad about the place it left, and is proven on the new one", () => {
    const s = recovering();
    s.send({ kind: "run-ended", runId: runId(s), outcome: done, acted: true, moved: { instanceId: second } });
    expect(s.current.placement).toMatchObject({ instanceId: second, sinceRun: runId(s) });
    expect(s.current.former).toMatchObject([{ instanceId: instance, byRun: runId(s) }]);
    expect(s.current.bad).toEqual([]);
    expect(s.phase()).toBe("verifying");
  });

  test("has moved it even when a later step failed", () => {
    const s = recovering();
    const outcome: RunOutcome = { kind: "failed", code: "step-timed-out", detail: "no answer", climb: false };
    s.send({ kind: "run-ended", runId: runId(s), outcome, acted: true, moved: { instanceId: second } });
    expect(s.current.placement.instanceId).toBe(second);
  });

  test("into another region gives its permit back where it was taken", () => {
    const s = stage({ os: [rung("auto", { recovery: "reprovision-dr" })] });
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.show();
    s.pass(5 * minute);
    s.evidence({ ec2: "bad", probe: "bad" });
    s.permit(true);
    const home = s.current.placement.scope;
    const moved = { scope: drScope, region: "eu-central-1", instanceId: second, allocationId: null };
    s.send({ kind: "run-ended", runId: runId(s), outcome: done, acted: true, moved });
    expect(s.current.placement).toMatchObject({ scope: drScope, region: "eu-central-1" });
    expect(s.current.placement).not.toHaveProperty("allocationId");
    expect(s.current.owes).toContainEqual({ kind: "release-permit", runId: runId(s), scope: home });
    expect(s.current.former).toMatchObject([{ instanceId: instance, scope: home }]);
  });

  test("is not undone by medic.yaml, which still names the place it left", () => {
    const s = recovering();
    s.send({ kind: "run-ended", runId: runId(s), outcome: done, acted: true, moved: { instanceId: second } });
    const drift = s.send({ kind: "placement", instanceId: instance });
    expect(drift.kind).toBe("ignored");
    expect(s.current.placement.instanceId).toBe(second);
    s.send({ kind: "placement", instanceId: third });
    expect(s.current.placement).toMatchObject({ instanceId: third });
    expect(s.current.placement).not.toHaveProperty("sinceRun");
  });
});

describe("the original", () => {
  function moved(): Stage {
    const s = recovering();
    s.send({ kind: "run-ended", runId: runId(s), outcome: done, acted: true, moved: { instanceId: second } });
    return s;
  }
  const seen = (s: Stage, state: "running" | "quarantined" | "away" | "gone", said = "") =>
    s.send({ kind: "former-seen", instanceId: instance, state, said });

  test("that runs on (stateless, only its address was taken) is no return", () => {
    const s = recovering();
    const debt = { id: `unfenced/${instance}`, kind: "unfenced" as const, what: "it may still run", since: s.now };
    s.send({ kind: "debt-added", debt: { ...debt, runId: runId(s) } });
    s.send({ kind: "run-ended", runId: runId(s), outcome: done, acted: true, moved: { instanceId: second } });
    expect(seen(s, "running").kind).toBe("ignored");
  });

  // Found by a simulated night: its start was news while the run still went on, when it was no former home yet.
  test("that was stopped by the run and started again before the run's end is a return", () => {
    const s = moved();
    seen(s, "running");
    expect(s.current.owes).toContainEqual({ kind: "quarantine", instanceId: instance });
    expect(s.lines.filter((line) => line.includes("answers again"))).toHaveLength(1);
  });

  test("that was away and runs again is told once, and seen to", () => {
    const s = moved();
    seen(s, "away");
    seen(s, "running");
    expect(seen(s, "running").kind).toBe("ignored");
    expect(s.current.owes).toContainEqual({ kind: "quarantine", instanceId: instance });
    expect(s.lines.filter((line) => line.includes("answers again"))).toHaveLength(1);
    seen(s, "quarantined", "marked, taken out of tg-web");
    expect(s.current.former[0]).toMatchObject({ returned: s.now, quarantined: s.now });
    expect(seen(s, "quarantined").kind).toBe("ignored");
  });

  test("that goes away and comes back once more is told once more", () => {
    const s = moved();
    seen(s, "away");
    seen(s, "running");
    seen(s, "away");
    seen(s, "running");
    expect(s.lines.filter((line) => line.includes("answers again"))).toHaveLength(2);
  });

  test("whose alarm became good before it was left has not returned", () => {
    const s = moved();
    s.send({ kind: "signal", signal: alarm("good", s.now - minute) });
    expect(s.current.former[0]).not.toHaveProperty("returned");
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    expect(s.current.former[0]).toHaveProperty("returned");
  });

  test("that does not exist any more is watched no longer, and what medic.yaml says of it is still no move back", () => {
    const s = moved();
    seen(s, "gone");
    expect(s.current.former).toEqual([expect.objectContaining({ instanceId: instance, gone: s.now })]);
    expect(s.current.former[0]).not.toHaveProperty("byRun");
    expect(s.send({ kind: "placement", instanceId: instance }).kind).toBe("ignored");
    expect(s.current.placement.instanceId).toBe(second);
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    expect(s.current.former[0]).not.toHaveProperty("returned");
    expect(seen(s, "running").kind).toBe("ignored");
  });
});

describe("an instance that is terminated", () => {
  const terminated = { terminated: "User initiated" };
  const bad = (s: Stage) => ({
    readings: [{ kind: "ec2" as const, verdict: "bad" as const, readAt: s.now, detail: "the instance is terminated" }],
    alarms: [],
    ...terminated,
  });

  test("is not offered a restart but the first rung that needs no instance", () => {
    const s = stage({ down: [rung("approve"), rung("approve", { recovery: "reprovision" })] });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { symptom: "down" }) });
    s.send({ kind: "evidence", reading: s.current.readingCount, evidence: bad(s) });
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { recovery: "reprovision", rung: 1 } });
  });

  test("stays with a proposal that needs none", () => {
    const s = stage({ down: [rung("approve", { recovery: "failover" })] });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { symptom: "down" }) });
    const number = s.current.proposalCount;
    s.send({ kind: "evidence", reading: s.current.readingCount, evidence: bad(s) });
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { number } });
  });
});

describe("members of a group", () => {
  test("come and go without an incident; alarms and probes say what people notice", () => {
    const s = stage({ down: [rung("approve", { recovery: "replace" })] });
    s.send({ kind: "placement", asgName: "web" });
    const gone = {
      kind: "instance-state",
      subject: `instance ${second}`,
      instanceId: second,
      symptom: "down",
    } as const;
    s.send({ kind: "signal", signal: alarm("bad", s.now, gone) });
    expect(s.phase()).toBe("idle");
    expect(s.current.bad).toEqual([]);
  });
});

describe("an order", () => {
  test("carries what a person consented to, and its number, into the run", () => {
    const s = stage({});
    s.send({ kind: "order", by: mira, recovery: "failover", why: "", options: ["force"], amount: 4 });
    expect(s.current.phase).toMatchObject({ kind: "recovering", order: { options: ["force"], amount: 4 } });
  });

  test("to re-provision in the DR region asks for a second person where nobody wrote otherwise", () => {
    const s = stage({});
    s.send({ kind: "order", by: mira, recovery: "reprovision-dr", why: "" });
    expect(s.phase()).toBe("proposing");
    s.send({ kind: "approve", by: noor, proposal: s.current.proposalCount });
    s.evidence({ ec2: "good", probe: "good" });
    expect(s.current.phase).toMatchObject({ kind: "recovering", order: { recovery: "reprovision-dr" } });
  });

  test("for a drill is answered with no during an incident, a storm or a silence", () => {
    const ill = stage({ os: [rung("approve")] });
    ill.send({ kind: "signal", signal: alarm("bad", ill.now) });
    const storm = stage({}, { facts: { storm: { active: true, readAt: 0 } } });
    const silence = { until: Number.MAX_SAFE_INTEGER, by: "Mira", why: "release" };
    const silent = stage({}, { facts: { silence } });
    for (const s of [ill, storm, silent]) {
      const before = s.phase();
      s.send({ kind: "order", by: mira, recovery: "drill", why: "" });
      expect(s.phase()).toBe(before);
      expect(s.lines.at(-1)).toContain("no drill now");
    }
  });

  test("for a drill ends without a proof; what went bad meanwhile opens an incident", () => {
    const s = stage({ os: [rung("approve")] });
    s.send({ kind: "order", by: mira, recovery: "drill", why: "" });
    s.runEnds(done);
    expect(s.current.phase).toMatchObject({ kind: "resolved", how: "done" });
    const ill = stage({ os: [rung("approve")] });
    ill.send({ kind: "order", by: mira, recovery: "drill", why: "" });
    ill.send({ kind: "signal", signal: alarm("bad", ill.now) });
    ill.runEnds(done);
    expect(ill.current.phase).toMatchObject({ kind: "proposing", proposal: { recovery: "restart" } });
    expect(ill.current.incident?.ladder).toHaveLength(1);
  });
});

test("what a waiting step has to say is a new card and no line of the timeline", () => {
  const s = recovering();
  const { cardVersion, entryCount } = s.current;
  s.send({ kind: "run-step", runId: runId(s), step: "a snapshot", state: "progress", acted: true });
  expect(s.current.cardVersion).toBe(cardVersion + 1);
  expect(s.current.entryCount).toBe(entryCount);
});

describe("a rung that the world refuses", () => {
  const ladder = { os: [rung("auto", { recovery: "reprovision" }), rung("approve", { recovery: "reprovision-dr" })] };
  const previewed = (s: Stage, code: string) =>
    s.send({
      kind: "previewed",
      incident: s.current.incident?.id ?? ("" as never),
      at: s.now,
      recovery: "reprovision",
      refused: { code, why: "there is no snapshot with tag x" },
    });
  function proposed(): Stage {
    const s = stage(ladder);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.show();
    return s;
  }

  test("is passed over at once, and the card says why", () => {
    const s = proposed();
    previewed(s, "no-snapshot");
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { recovery: "reprovision-dr" } });
    expect(s.current.incident?.tried).toMatchObject({ code: "run-refused" });
  });

  test("stays when only a permission or the configuration is missing: that is for a person", () => {
    const s = proposed();
    previewed(s, "not-configured");
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { recovery: "reprovision" } });
  });

  test("stays while it is held, and when a person ordered it", () => {
    const held = proposed();
    held.send({ kind: "hold", by: mira });
    previewed(held, "no-snapshot");
    expect(held.current.phase).toMatchObject({ proposal: { recovery: "reprovision" } });
  });
});
