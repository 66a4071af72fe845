import { describe, expect, test } from "vitest";
import { alarm, instance, minute, mira, noor, rung, stage, start, type Stage } from "./stage.ts";
import type { InstanceId } from "../../src/domain/words.ts";

const badNow = { ec2: "bad", probe: "bad" } as const;
const goodNow = { ec2: "good", probe: "good" } as const;

function opened(mode: "auto" | "approve" | "observe", extra = {}, options = {}): Stage {
  const s = stage({ os: [rung(mode, extra)] }, options);
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  return s;
}

function running(): Stage {
  const s = opened("approve");
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.evidence(badNow);
  expect(s.phase()).toBe("recovering");
  return s;
}

describe("signals", () => {
  test("the same change under another message acts once", () => {
    const s = stage({ os: [rung("approve")] });
    const signal = alarm("bad", s.now);
    s.send({ kind: "signal", signal });
    const { rev } = s.current;
    expect(s.send({ kind: "signal", signal })).toMatchObject({ kind: "ignored", reason: { code: "signal-duplicate" } });
    expect(s.current.rev).toBe(rev);
  });

  test("an older change than the known one changes nothing, and stands in the timeline", () => {
    const s = stage({ os: [rung("approve")] });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    s.send({ kind: "signal", signal: alarm("bad", s.now - minute) });
    expect(s.phase()).toBe("idle");
    expect(s.current.entries.at(-1)?.reason.code).toBe("signal-stale");
  });

  test("missing data neither opens nor closes", () => {
    const s = opened("approve");
    s.send({ kind: "signal", signal: alarm("unknown", s.now + 1) });
    expect(s.phase()).toBe("proposing");
    const idle = stage({ os: [rung("approve")] });
    idle.send({ kind: "signal", signal: alarm("unknown", idle.now) });
    expect(idle.phase()).toBe("idle");
  });

  test("an old message only asks for a fresh read", () => {
    const s = stage({ os: [rung("auto")] });
    s.send({ kind: "signal", signal: alarm("bad", s.now - 40 * minute, { old: true }) });
    expect(s.phase()).toBe("idle");
    expect(s.current.owes).toMatchObject([{ kind: "reread", subject: "shop-web status" }]);
  });

  test("an alarm about where the service lived before is told and heals or breaks nothing", () => {
    const s = stage({ os: [rung("auto")] });
    const next = "i-0bbbbbbbbbbbbbbbb" as InstanceId;
    s.send({ kind: "placement", instanceId: next });
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(s.phase()).toBe("idle");
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    expect(s.current.former).toMatchObject([{ instanceId: instance, returned: s.now }]);
  });

  test("a metric without a ladder is a card only, and takes the ladder when it gets worse", () => {
    const s = stage({ os: [rung("auto")] });
    s.send({
      kind: "signal",
      signal: alarm("bad", s.now, { subject: "disk", symptom: "warning", evidenceKind: "metric" }),
    });
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { mode: "observe", rung: -1 } });
    s.show();
    s.pass(5 * 60 * minute);
    expect(s.lines.filter((l) => l.includes("mentioned") || l.includes("still bad"))).toEqual([]);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { mode: "auto", rung: 0 } });
  });

  test("our own stop is not a new failure", () => {
    const s = running();
    const bad = s.current.bad.length;
    s.send({
      kind: "signal",
      signal: alarm("bad", s.now, { kind: "instance-state", subject: `instance ${instance}`, symptom: "down" }),
    });
    expect(s.current.bad).toHaveLength(bad);
    expect(s.phase()).toBe("recovering");
  });

  test("what changed before the last run ended does not reopen", () => {
    const s = running();
    s.pass(minute);
    s.runEnds({ kind: "done", summary: "" });
    const endedAt = s.now;
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    for (let i = 0; i < 10; i += 1) {
      s.evidence(goodNow, []);
      s.pass(15_000);
    }
    expect(s.phase()).toBe("resolved");
    s.send({ kind: "signal", signal: alarm("bad", endedAt - 1, { subject: "other alarm" }) });
    expect(s.phase()).toBe("resolved");
    s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: "other alarm" }) });
    expect(s.phase()).toBe("needs-person"); // The only rung acted already within the window.
  });
});

describe("evidence", () => {
  test("unknown alone never runs anything by itself", () => {
    const s = opened("auto");
    s.pass(5 * minute);
    expect(s.phase()).toBe("confirming");
    s.evidence({ ec2: "unknown", probe: "unknown" }, []);
    expect(s.phase()).toBe("proposing");
    expect(s.current.blocked?.code).toBe("blocked-evidence");
  });

  test("a destructive run by itself needs two kinds; one alarm kind is not enough", () => {
    const s = opened("auto", { recovery: "stop-start" });
    s.pass(5 * minute);
    s.evidence({ ec2: "bad" });
    expect(s.current.blocked?.code).toBe("blocked-evidence");
    s.pass(minute);
    expect(s.phase()).toBe("confirming");
    s.evidence({ ec2: "good", probe: "bad", target: "bad" });
    s.permit(true);
    expect(s.phase()).toBe("recovering"); // A good ec2 check does not outvote two others.
  });

  test("fresh evidence that all is well resolves instead of running", () => {
    const s = opened("auto");
    s.pass(5 * minute);
    s.evidence(goodNow, [{ subject: "shop-web status", state: "OK" }]);
    expect(s.phase()).toBe("resolved");
    expect(s.current.runFence).toBe(0);
  });

  test("an instance that a person stopped is never started by itself", () => {
    const s = opened("auto");
    s.send({ kind: "evidence", reading: 1, evidence: { readings: [], alarms: [], stoppedByPerson: true } });
    s.pass(20 * minute);
    expect(s.phase()).toBe("proposing");
    expect(s.current.blocked?.code).toBe("blocked-stopped-by-person");
    const proposal = s.current.phase.kind === "proposing" ? s.current.phase.proposal.number : 0;
    s.send({ kind: "approve", by: mira, proposal });
    expect(s.phase()).toBe("confirming");
  });

  test("evidence that does not come in time blocks the rule and asks the person", () => {
    const rule = opened("auto");
    rule.pass(8 * minute + 1000);
    expect(rule.current.blocked?.code).toBe("blocked-evidence");
    const person = opened("approve");
    person.send({ kind: "approve", by: mira, proposal: 1 });
    person.pass(4 * minute);
    expect(person.phase()).toBe("needs-person");
  });

  test("verifying waits for an alarm as long as the alarm needs, and no longer", () => {
    const s = running();
    s.runEnds({ kind: "done", summary: "" });
    for (let i = 0; i < 17; i += 1) {
      s.evidence(goodNow);
      s.pass(15_000);
    }
    expect(s.current.phase).toMatchObject({ kind: "verifying", waitingForAlarm: "shop-web status" });
    for (let i = 0; i < 5 && s.phase() === "verifying"; i += 1) {
      s.evidence(goodNow);
      s.pass(15_000);
    }
    expect(s.phase()).toBe("needs-person"); // 3 min of alarm + 2 min, then the rung has failed.
  });

  test("observers that cannot be read end with a person, not with the next rung", () => {
    const s = stage({ os: [rung("approve"), rung("auto", { recovery: "stop-start" })] });
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.show();
    s.send({ kind: "approve", by: mira, proposal: 1 });
    s.evidence(badNow);
    s.runEnds({ kind: "done", summary: "" });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    for (let i = 0; i < 30 && s.phase() === "verifying"; i += 1) {
      s.evidence({ ec2: "unknown", probe: "unknown" }, []);
      s.pass(15_000);
    }
    expect(s.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "verify-failed" } });
  });
});

describe("people", () => {
  test("a click on an older card is answered and does not act", () => {
    const s = opened("approve");
    s.pass(16 * minute);
    s.evidence(badNow);
    expect(s.current.phase).toMatchObject({ proposal: { number: 2 } });
    const decision = s.send({ kind: "approve", by: mira, proposal: 1 });
    expect(decision).toMatchObject({ kind: "ignored", reason: { code: "stale-press" } });
  });

  test("the second of two clicks reads who was first", () => {
    const s = opened("approve");
    s.send({ kind: "approve", by: mira, proposal: 1 });
    expect(s.send({ kind: "approve", by: noor, proposal: 1 })).toMatchObject({
      kind: "ignored",
      reason: { code: "already-decided", args: { what: "approved by Mira" } },
    });
  });

  test("where another person is required, the one who ordered cannot be the one who approves", () => {
    const s = opened("approve", {}, { service: { requireOther: true } });
    s.send({ kind: "order", by: mira, recovery: "stop-start", why: "host looks bad" });
    expect(s.phase()).toBe("proposing");
    const number = s.current.proposalCount;
    expect(s.send({ kind: "approve", by: mira, proposal: number })).toMatchObject({ reason: { code: "needs-other" } });
    s.send({ kind: "approve", by: noor, proposal: number });
    expect(s.phase()).toBe("confirming");
  });

  test("an order on a healthy service runs, and ends without climbing any ladder", () => {
    const s = stage({ os: [rung("auto")] });
    s.send({ kind: "order", by: mira, recovery: "reboot", why: "new kernel" });
    expect(s.phase()).toBe("recovering");
    s.runEnds({ kind: "done", summary: "rebooted" });
    for (let i = 0; i < 12 && s.phase() === "verifying"; i += 1) {
      s.evidence(goodNow);
      s.pass(15_000);
    }
    expect(s.phase()).toBe("resolved");
  });

  test("stop ends at a safe point and leaves a person in charge", () => {
    const s = running();
    s.send({ kind: "stop", by: noor });
    expect(s.current.phase).toMatchObject({ stopAsked: { by: { name: "Noor" } } });
    s.runEnds({ kind: "stopped", left: "The instance was rebooted; its checks were not awaited." });
    expect(s.phase()).toBe("needs-person");
  });

  test("an order while a run is going on is refused with the name of the run", () => {
    const s = running();
    expect(s.send({ kind: "order", by: noor, recovery: "stop-start", why: "" })).toMatchObject({
      reason: { code: "busy-running", args: { recovery: "restart" } },
    });
  });

  test("acknowledging after resolve ends the window: the next failure starts at the first rung", () => {
    const s = running();
    s.runEnds({ kind: "done", summary: "" });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    for (let i = 0; i < 12; i += 1) {
      s.evidence(goodNow, []);
      s.pass(15_000);
    }
    expect(s.phase()).toBe("resolved");
    s.send({ kind: "ack", by: mira });
    expect(s.phase()).toBe("idle");
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { rung: 0 } });
  });
});

describe("limits and world", () => {
  test.each([
    ["off", "blocked-switch-off"],
    ["unknown", "blocked-switch-unknown"],
  ] as const)("autopilot %s blocks what would run by itself", (state, code) => {
    const s = opened("auto", {}, { facts: { autopilot: { state, readAt: start } } });
    s.pass(6 * minute);
    expect(s.current.blocked?.code).toBe(code);
    s.send({ kind: "approve", by: mira, proposal: 1 });
    expect(s.phase()).toBe("confirming"); // People may always.
  });

  test("three automatic runs in a day are enough", () => {
    const s = opened("auto");
    s.current = { ...s.current, autoRuns: [s.now - 1, s.now - 2, s.now - 3] };
    s.pass(6 * minute);
    expect(s.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "blocked-cap" } });
  });

  test("a permit that is refused keeps the proposal and tries again", () => {
    const s = opened("auto");
    s.pass(5 * minute);
    s.evidence(badNow);
    s.permit(false, "busy");
    expect(s.current.blocked?.code).toBe("blocked-busy");
    s.pass(minute);
    expect(s.phase()).toBe("confirming");
  });

  test("a hold between evidence and permit wins over the permit", () => {
    const s = opened("auto");
    s.pass(5 * minute);
    s.evidence(badNow);
    s.send({ kind: "hold", by: mira });
    expect(s.phase()).toBe("proposing");
    expect(s.permit(true)).toMatchObject({ kind: "ignored" });
    expect(s.current.runFence).toBe(0);
  });

  test("EC2's own recover action gets room first", () => {
    const s = stage({ os: [rung("auto", { vetoMs: minute })] });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { awsActs: "recover" }) });
    s.show();
    s.pass(4 * minute);
    expect(s.current.blocked?.code).toBe("blocked-aws-acts");
    s.pass(3 * minute);
    expect(s.phase()).toBe("confirming");
  });

  test("a service that is gone from the configuration keeps its case, with a person", () => {
    const s = opened("auto");
    s.facts = { ...s.facts, service: undefined };
    s.pass(6 * minute);
    expect(s.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "config-gone" } });
  });

  test("a hundred alarms at once are counted, not lost", () => {
    const s = opened("approve");
    for (let i = 0; i < 100; i += 1) s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: `alarm ${i}` }) });
    expect(s.current.bad).toHaveLength(64);
    expect(s.lines.some((l) => l.includes("more is bad at once"))).toBe(true);
  });

  test("an incident that is filed and shown leaves the case at rest", () => {
    const s = opened("approve");
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    s.pass(61 * minute);
    expect(s.phase()).toBe("idle");
    for (const owed of s.current.owes)
      if (owed.kind !== "run")
        s.send({ kind: "performed", key: `${owed.kind}:${"incident" in owed ? owed.incident : ""}` });
    s.send({ kind: "filed", upTo: s.current.entryCount });
    s.show();
    expect(s.current.incident).toBeUndefined();
    expect(s.current.due).toBeUndefined();
  });
});
