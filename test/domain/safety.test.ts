/** What the bot must not do, and what people are promised: each sentence of the design that a single case can break. */
import { describe, expect, test } from "vitest";
import { alarm, instance, minute, mira, noor, rung, sam, stage, start, type Stage } from "./stage.ts";
import { automaticBlock } from "../../src/domain/blocks.ts";
import { openDraft } from "../../src/domain/draft.ts";
import type { Asker } from "../../src/domain/event.ts";
import type { RunOutcome } from "../../src/domain/serviceCase.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { InstanceId, RunId } from "../../src/domain/words.ts";

const badNow = { ec2: "bad", probe: "bad" } as const;
const goodNow = { ec2: "good", probe: "good" } as const;
const ines: Asker = { id: "U4INES", name: "Ines", allowed: true };

type Options = NonNullable<Parameters<typeof stage>[1]>;

function opened(rungs = [rung("auto")], options: Options = {}): Stage {
  const s = stage({ os: rungs, down: rungs, host: rungs }, options);
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  return s;
}

const number = (s: Stage) => s.current.proposalCount;
const approve = (s: Stage, by = mira) => s.send({ kind: "approve", by, proposal: number(s) });

function running(rungs = [rung("approve")], options: Options = {}): Stage {
  const s = opened(rungs, options);
  approve(s);
  s.evidence(badNow);
  expect(s.phase()).toBe("recovering");
  return s;
}

function automatic(s: Stage): void {
  s.pass(5 * minute);
  s.evidence(badNow);
  s.permit(true);
  expect(s.phase()).toBe("recovering");
}

function recovered(s: Stage): void {
  s.runEnds({ kind: "done", summary: "" });
  for (let poll = 0; poll < 12 && s.phase() === "verifying"; poll += 1) {
    s.evidence(
      goodNow,
      s.current.bad.map((b) => ({ subject: b.subject, state: "OK" as const })),
    );
    s.pass(15_000);
  }
  expect(s.phase()).toBe("resolved");
}

const proposal = (s: Stage) => (s.current.phase.kind === "proposing" ? s.current.phase.proposal : undefined);

describe("climbing", () => {
  const two = [rung("approve"), rung("auto", { recovery: "stop-start" })];

  test.each(["instance-gone", "no-capacity", "no-snapshot", "type-not-offered"])("%s climbs at once", (code) => {
    const s = running(two);
    s.runEnds({ kind: "failed", code, detail: "so it is", climb: true });
    expect(proposal(s)).toMatchObject({ rung: 1, mode: "auto" });
    expect(proposal(s)?.vetoUntil).toBeUndefined(); // Its own window, once it was told.
  });

  test.each(["not-permitted", "unknown-failure", "throttled", "wrong-state", "aws-acts"])(
    "%s asks a person, whatever the plan claims",
    (code) => {
      const s = running(two);
      s.runEnds({ kind: "failed", code, detail: "so it is", climb: true });
      expect(s.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "run-failed" } });
    },
  );

  test("a plan may decline to climb even for a reason of the world's", () => {
    const s = running(two);
    s.runEnds({ kind: "refused", code: "no-capacity", detail: "half done", climb: false });
    expect(s.phase()).toBe("needs-person");
  });

  test.each(["run-overdue", "step-timed-out"])("%s after an act looks first whether it worked", (code) => {
    const s = running(two);
    s.runEnds({ kind: "failed", code, detail: "out of time", climb: false }, true);
    expect(s.phase()).toBe("verifying");
    s.evidence(goodNow, [{ subject: "shop-web status", state: "OK" }]);
    s.pass(2 * minute);
    s.evidence(goodNow, []);
    expect(s.phase()).toBe("resolved");
  });

  test("running out of time before any act asks a person", () => {
    const s = running(two);
    s.runEnds({ kind: "failed", code: "run-overdue", detail: "out of time", climb: false }, false);
    expect(s.phase()).toBe("needs-person");
  });

  test("a run past its limit is told once, and goes on to its own end", () => {
    const s = running();
    s.pass(25 * minute);
    expect(s.lines.filter((l) => l.includes("within its limit"))).toHaveLength(1);
    expect(s.phase()).toBe("recovering");
  });

  test("after Stop nothing climbs by itself, even when the plan was faster", () => {
    for (const outcome of [
      { kind: "failed", code: "no-capacity", detail: "none", climb: true },
      { kind: "cleared" },
    ] satisfies RunOutcome[]) {
      const s = running(two);
      s.send({ kind: "stop", by: noor });
      s.runEnds(outcome, false);
      expect(s.phase()).toBe("needs-person");
    }
    const s = running(two);
    s.send({ kind: "stop", by: noor });
    s.runEnds({ kind: "done", summary: "" });
    expect(s.phase()).toBe("verifying");
    s.pass(15_000);
    s.evidence(badNow);
    s.pass(5 * minute);
    expect(s.phase()).toBe("needs-person");
  });

  test("verifying that read nothing after the run calls a person; old readings prove nothing", () => {
    const s = running(two);
    s.pass(minute);
    s.runEnds({ kind: "done", summary: "" });
    s.pass(6 * minute); // No answer comes.
    expect(s.current.phase).toMatchObject({
      kind: "needs-person",
      reason: { code: "verify-failed", args: { unread: true } },
    });
  });

  test("a reading from before the run's end does not count as proof", () => {
    const s = running(two);
    s.runEnds({ kind: "done", summary: "" });
    const readings = [{ kind: "ec2", verdict: "good", readAt: s.now - 1, detail: "" }] as const;
    s.send({ kind: "evidence", reading: s.current.readingCount, evidence: { readings, alarms: [] } });
    expect(s.current.phase).toMatchObject({ kind: "verifying", goodCount: 0 });
  });

  test("what became good right before the deadline may finish its proof", () => {
    const s = running(two);
    s.runEnds({ kind: "done", summary: "" });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    for (let poll = 0; poll < 15; poll += 1) {
      s.pass(15_000);
      s.evidence(badNow, []);
    }
    for (let poll = 0; poll < 12 && s.phase() === "verifying"; poll += 1) {
      s.pass(15_000);
      s.evidence(goodNow, []);
    }
    expect(s.phase()).toBe("resolved");
  });
});

describe("no, hold and stop", () => {
  const two = [rung("auto"), rung("auto", { recovery: "stop-start" })];

  test("no to the first rung is no yes to the next, also when it clears and comes back", () => {
    const s = opened(two);
    s.send({ kind: "no", by: mira, proposal: 1 });
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    s.pass(minute);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(s.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "refused-before" } });
    s.show();
    s.pass(50 * minute);
    expect(s.current.runFence).toBe(0);
  });

  test("a hold outlives an alarm that clears and comes back", () => {
    const s = opened();
    s.send({ kind: "hold", by: mira });
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    s.pass(minute);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.show();
    s.pass(28 * minute);
    expect(s.phase()).toBe("proposing");
    expect(s.current.hold).toBeDefined();
    s.pass(minute + 1000);
    expect(s.phase()).toBe("proposing");
    expect(s.current.hold).toBeUndefined();
    s.pass(5 * minute);
    expect(s.phase()).toBe("confirming");
  });

  test("a hold while evidence is read takes an approval back: nothing was done yet", () => {
    const s = opened([rung("approve")]);
    approve(s);
    s.send({ kind: "hold", by: noor });
    expect(proposal(s)).toMatchObject({ approvals: [] });
    s.evidence(badNow);
    expect(s.current.runFence).toBe(0);
    approve(s);
    expect(s.phase()).toBe("confirming");
    expect(s.current.hold).toBeUndefined();
  });

  test("a hold's end promises nothing for what nobody was told of yet", () => {
    const s = stage({ os: [rung("auto")] });
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.send({ kind: "hold", by: mira });
    s.pass(31 * minute);
    expect(proposal(s)?.vetoUntil).toBeUndefined();
    s.pass(30 * minute);
    expect(s.phase()).toBe("proposing");
  });

  test("who is told during a hold and a storm reads of the hold: its window opens behind it, and no block stands", () => {
    const s = stage({ os: [rung("auto")] }, { facts: { storm: { active: true, readAt: start } } });
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.send({ kind: "hold", by: mira });
    s.show();
    expect(s.current.hold).toBeDefined();
    expect(s.current.blocked).toBeUndefined();
    expect(proposal(s)?.vetoUntil).toBe((s.current.hold?.until ?? 0) + 5 * minute);
  });

  test.each(["veto-ended", "before-run"] as const)(
    "asked at %s, nothing runs in a hold or before people know",
    (moment) => {
      const s = stage({ os: [rung("auto")] });
      s.send({ kind: "signal", signal: alarm("bad", s.now) });
      const block = () => automaticBlock(openDraft(s.current, s.facts, s.now), moment)?.code;
      expect(block()).toBe("blocked-not-told");
      s.show();
      expect(block()).toBeUndefined();
      s.send({ kind: "hold", by: mira });
      expect(block()).toBe("blocked-hold");
    },
  );

  test("Resume opens a whole veto window", () => {
    const s = opened();
    s.pass(4 * minute);
    s.send({ kind: "hold", by: mira });
    s.pass(minute);
    s.send({ kind: "resume", by: noor });
    expect(proposal(s)?.vetoUntil).toBe(s.now + 5 * minute);
  });

  test("longer is the longest that the settings allow", () => {
    const s = opened();
    s.send({ kind: "hold", by: mira, forMs: 90 * 60 * minute, why: "migration" });
    expect(s.current.hold).toMatchObject({ until: s.now + 24 * 60 * minute, why: "migration" });
  });

  test("no and approve still count while the bot reads evidence for itself", () => {
    const s = opened();
    s.pass(5 * minute);
    expect(s.phase()).toBe("confirming");
    s.send({ kind: "no", by: mira, proposal: 1 });
    expect(s.phase()).toBe("needs-person");
    const t = opened();
    t.pass(5 * minute);
    t.evidence(badNow);
    approve(t);
    expect(t.permit(true)).toMatchObject({ kind: "ignored" });
    t.evidence(badNow);
    expect(t.current.phase).toMatchObject({ kind: "recovering", order: { by: { kind: "person" } } });
  });
});

describe("approvals", () => {
  test("one person can never be two, neither by clicks nor by an order beside the ladder", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    approve(s);
    approve(s);
    for (const recovery of ["reboot", "restart", "force-stop-start"] as const) {
      s.send({ kind: "order", by: mira, recovery, why: "now" });
      expect(s.phase()).toBe("proposing");
    }
    approve(s);
    expect(s.phase()).toBe("proposing");
    approve(s, noor);
    expect(s.phase()).toBe("confirming");
  });

  test("an order on a healthy service needs as many as its ladder asks", () => {
    const s = stage({ os: [rung("approve", { approvals: 2 })] });
    s.send({ kind: "order", by: mira, recovery: "reboot", why: "new kernel" });
    expect(s.phase()).toBe("proposing");
    approve(s, noor);
    expect(s.phase()).toBe("confirming");
    s.evidence(goodNow);
    expect(s.phase()).toBe("recovering");
  });

  test("each approval lapses on its own", () => {
    const s = opened([rung("approve", { approvals: 3 })]);
    approve(s);
    s.pass(10 * minute);
    approve(s, noor);
    s.pass(5 * minute);
    expect(proposal(s)?.approvals.map((a) => a.by.name)).toEqual(["Noor"]);
  });

  test("a lapsed approval does not count, even before anybody has said so", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    approve(s);
    s.now += 15 * minute;
    approve(s, noor);
    expect(proposal(s)?.approvals.map((a) => a.by.name)).toEqual(["Noor"]);
  });

  test("the warning comes two minutes before, once", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    approve(s);
    s.pass(13 * minute - 1000);
    const warnings = () => s.lines.filter((l) => l.includes("the approval expires at"));
    expect(warnings()).toHaveLength(0);
    s.pass(90_000);
    expect(warnings()).toHaveLength(1);
  });

  test("an order that nobody confirms lapses to a person, on a healthy service to rest", () => {
    const s = opened([rung("auto")], { service: { requireOther: true } });
    s.send({ kind: "order", by: mira, recovery: "stop-start", why: "host looks bad" });
    approve(s, noor);
    expect(s.phase()).toBe("confirming");
    const t = stage({ os: [rung("approve", { approvals: 2 })] });
    t.send({ kind: "order", by: mira, recovery: "reboot", why: "new kernel" });
    t.pass(15 * minute);
    expect(t.phase()).toBe("resolved");
    const u = opened([rung("approve", { approvals: 2 })]);
    u.send({ kind: "order", by: mira, recovery: "reboot", why: "stuck" });
    u.pass(15 * minute);
    expect(u.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "order-lapsed" } });
  });

  test("observe is never approved; a person orders instead", () => {
    const s = opened([rung("observe")]);
    expect(approve(s)).toMatchObject({ kind: "ignored", reason: { code: "observe-only" } });
    s.send({ kind: "order", by: mira, recovery: "restart", why: "go" });
    expect(s.phase()).toBe("confirming");
  });

  test("an order moves the ladder only when it is the next rung", () => {
    const s = opened([rung("approve"), rung("approve", { recovery: "stop-start" })]);
    s.send({ kind: "order", by: mira, recovery: "stop-start", why: "I know" });
    s.evidence(badNow);
    s.runEnds({ kind: "failed", code: "no-capacity", detail: "none", climb: true });
    expect(proposal(s)).toMatchObject({ rung: 0, recovery: "restart" });
  });

  test("an order from a card counts only while that card stands", () => {
    const s = opened([rung("approve")]);
    const order = (n: number) => s.send({ kind: "order", by: mira, recovery: "reboot", why: "go", proposal: n });
    const seen = number(s);
    s.send({ kind: "no", by: noor, proposal: seen });
    expect(order(seen)).toMatchObject({ kind: "ignored", reason: { code: "stale-press" } });
    order(number(s));
    expect(s.phase()).toBe("confirming");
  });

  test("an order from a card that was resolved meanwhile does not touch a healthy service", () => {
    const s = opened([rung("approve")]);
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    expect(s.send({ kind: "order", by: mira, recovery: "reboot", why: "go", proposal: 1 })).toMatchObject({
      kind: "ignored",
      reason: { code: "already-decided" },
    });
  });
});

describe("evidence", () => {
  const http = { kind: "http", url: "http://x", statusMin: 200, statusMax: 399, timeoutMs: 1000 } as const;
  const readOnly: Partial<ServiceDefinition> = { watchProbe: false, probe: http };

  test("an OK from before the known ALARM is a read that lags behind", () => {
    const s = opened([rung("approve")]);
    s.evidence(badNow, [{ subject: "shop-web status", state: "OK", changedAt: s.now - minute }]);
    expect(s.current.bad).toHaveLength(1);
    s.evidence(goodNow, [{ subject: "shop-web status", state: "OK", changedAt: s.now }]);
    expect(s.phase()).toBe("resolved");
  });

  test("what a read has cleared is not bad again by the same change told once more", () => {
    const s = opened([rung("approve")]);
    s.evidence(goodNow, [{ subject: "shop-web status", state: "OK" }]);
    expect(s.phase()).toBe("resolved");
    s.send({ kind: "signal", signal: alarm("bad", start, { source: "reconcile" }) });
    expect(s.phase()).toBe("resolved");
    s.send({ kind: "signal", signal: alarm("bad", start + 2) });
    expect(s.phase()).toBe("proposing");
  });

  test("an instance that EC2 says is well leaves the set, not before", () => {
    const s = stage({ down: [rung("approve")] });
    const subject = `instance ${instance}`;
    s.send({ kind: "signal", signal: alarm("bad", s.now, { kind: "instance-state", subject, symptom: "down" }) });
    s.evidence({ ec2: "bad" });
    expect(s.current.bad).toHaveLength(1);
    s.evidence({ ec2: "unknown" });
    expect(s.current.bad).toHaveLength(1);
    s.evidence({ ec2: "good" });
    expect(s.phase()).toBe("resolved");
  });

  test("a probe that is only read with the evidence keeps an incident open until it answers", () => {
    const s = opened([rung("approve")], { service: readOnly });
    s.evidence(badNow);
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    expect(s.current.bad.map((b) => b.subject)).toEqual(["probe"]);
    s.pass(31_000);
    expect(s.current.owes.some((owed) => owed.kind === "evidence")).toBe(true);
    s.evidence(goodNow, []);
    expect(s.phase()).toBe("resolved");
  });

  test("old readings and the alarms that came with them carry no run by itself", () => {
    const s = opened([rung("auto", { recovery: "stop-start" })]);
    s.pass(5 * minute);
    const reading = s.current.readingCount;
    const readAt = s.now;
    s.pass(2 * minute + 1000);
    const readings = (["ec2", "probe"] as const).map((kind) => ({ kind, verdict: "bad" as const, readAt, detail: "" }));
    s.send({
      kind: "evidence",
      reading,
      evidence: { readings, alarms: [{ subject: "shop-web status", state: "ALARM" }] },
    });
    expect(s.current.blocked).toMatchObject({ code: "blocked-evidence" });
  });

  test("a permit that comes too late starts nothing and is given back", () => {
    const s = opened();
    s.pass(5 * minute);
    s.evidence(badNow);
    s.now += 2 * minute + 1;
    s.permit(true);
    expect(s.phase()).toBe("proposing");
    expect(s.current.owes.some((owed) => owed.kind === "release-permit")).toBe(true);
  });

  test("evidence that shows a person's stop takes the promised time off the card", () => {
    const s = opened();
    const stopped = (is: boolean) =>
      s.send({ kind: "evidence", reading: 0, evidence: { readings: [], alarms: [], stoppedByPerson: is } });
    stopped(true);
    expect(s.current.blocked?.code).toBe("blocked-stopped-by-person");
    stopped(false);
    s.pass(minute);
    expect(s.current.blocked).toBeUndefined();
    expect(proposal(s)?.vetoUntil).toBeGreaterThan(s.now + 4 * minute);
  });

  test("a bad host leads over down, and what restart then means must be approved anew", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    approve(s);
    s.send({
      kind: "signal",
      signal: alarm("bad", s.now, { subject: "probe", symptom: "down", evidenceKind: "probe" }),
    });
    expect(s.current.incident?.symptom).toBe("down");
    expect(number(s)).toBe(1);
    s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: "system", symptom: "host" }) });
    expect(s.current.incident?.symptom).toBe("host");
    expect(proposal(s)).toMatchObject({ number: 2, approvals: [] });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: "canary", symptom: "down" }) });
    expect(s.current.incident?.symptom).toBe("host");
  });
});

describe("incidents", () => {
  test("a failure within the window climbs, a second one too, and after the last rung a person is asked", () => {
    const s = opened([rung("auto"), rung("auto", { recovery: "stop-start" })]);
    automatic(s);
    recovered(s);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(proposal(s)).toMatchObject({ rung: 1 });
    s.show();
    automatic(s);
    recovered(s);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(s.current.phase).toMatchObject({ kind: "needs-person", reason: { code: "ladder-ended" } });
  });

  test("after the window it starts over at the first rung", () => {
    const s = opened();
    automatic(s);
    recovered(s);
    s.pass(59 * minute);
    expect(s.phase()).toBe("idle");
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(proposal(s)).toMatchObject({ rung: 0 });
    expect(s.current.incident?.reopened).toBe(0);
  });

  test("only automatic runs that acted count against the cap, for 24 h", () => {
    const s = opened();
    automatic(s);
    s.runEnds({ kind: "cleared" }, false);
    expect(s.current.autoRuns).toEqual([]);
    const t = opened();
    automatic(t);
    t.runEnds({ kind: "done", summary: "" }, true);
    expect(t.current.autoRuns).toEqual([t.now]);
    const u = running();
    u.runEnds({ kind: "done", summary: "" }, true);
    expect(u.current.autoRuns).toEqual([]);
    const v = opened();
    v.current = { ...v.current, autoRuns: [1, 2, 3].map((n) => v.now + 5 * minute - 24 * 60 * minute - n) };
    v.pass(5 * minute);
    expect(v.phase()).toBe("confirming");
  });

  test("two incidents in the same millisecond have two names", () => {
    const s = opened([rung("approve")]);
    const first = s.current.incident?.id;
    s.send({ kind: "close", by: mira, why: "known" });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: "another" }) });
    expect(s.current.incident?.id).not.toBe(first);
  });

  test("closed with the alarm still in ALARM: the same change opens nothing, OK and ALARM again do", () => {
    const s = opened([rung("approve")]);
    s.send({ kind: "close", by: mira, why: "known" });
    s.send({ kind: "signal", signal: alarm("bad", start, { source: "reconcile" }) });
    expect(s.phase()).toBe("resolved");
    s.pass(minute);
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    s.send({ kind: "signal", signal: alarm("bad", s.now + 1) });
    expect(s.phase()).toBe("proposing");
    expect(s.current.incident?.reopened).toBe(0);
  });

  test("the service moved: what was bad there is gone, what was offered must be decided anew", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    approve(s);
    s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: "site", instanceId: undefined as never }) });
    s.send({ kind: "placement", instanceId: "i-0bbbbbbbbbbbbbbbb" as InstanceId });
    expect(s.current.bad.map((b) => b.subject)).toEqual(["site"]);
    expect(proposal(s)).toMatchObject({ number: 2, approvals: [] });
    const t = opened([rung("approve")]);
    t.send({ kind: "placement", instanceId: "i-0bbbbbbbbbbbbbbbb" as InstanceId });
    expect(t.phase()).toBe("resolved");
  });

  test("a run on a healthy service that went wrong is not called recovered by an unrelated good signal", () => {
    const s = stage({ os: [rung("auto")] });
    s.send({ kind: "order", by: mira, recovery: "stop-start", why: "resize" });
    s.runEnds({ kind: "failed", code: "no-capacity", detail: "none", climb: true });
    expect(s.phase()).toBe("needs-person");
    s.send({ kind: "signal", signal: alarm("good", s.now, { subject: "other" }) });
    expect(s.phase()).toBe("needs-person");
  });

  test("suppressed in CloudWatch opens nothing, but an OK is an OK", () => {
    const s = stage({ os: [rung("auto")] });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { quiet: "suppressed" }) });
    expect(s.phase()).toBe("idle");
    const t = opened();
    t.send({ kind: "signal", signal: alarm("good", t.now + 1, { quiet: "muted" }) });
    expect(t.phase()).toBe("resolved");
  });

  test("many old messages about one alarm ask for one read", () => {
    const s = stage({ os: [rung("auto")] });
    for (let n = 0; n < 50; n += 1) s.send({ kind: "signal", signal: alarm("bad", s.now - n, { old: true }) });
    expect(s.current.owes).toHaveLength(1);
  });

  test("the original's return is mailed although no incident is open", () => {
    const s = stage({ os: [rung("auto")] }, { facts: { mailConfigured: true } });
    s.send({ kind: "placement", instanceId: "i-0bbbbbbbbbbbbbbbb" as InstanceId });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    expect(s.current.owes).toMatchObject([{ kind: "mail", about: "original-returned" }]);
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    expect(s.current.owes).toHaveLength(1);
  });

  test("an answer of an old run changes nothing", () => {
    const s = running();
    const old = "shop-web/0" as RunId;
    const ended = s.send({ kind: "run-ended", runId: old, outcome: { kind: "done", summary: "" }, acted: true });
    expect(ended.kind).toBe("ignored");
    expect(s.send({ kind: "run-step", runId: old, step: "x", state: "begun", acted: true }).kind).toBe("ignored");
    expect(s.phase()).toBe("recovering");
  });
});

describe("calling people", () => {
  test("a new rung calls again: whoever approved the first may be asleep", () => {
    const s = running([rung("approve"), rung("approve", { recovery: "stop-start" })]);
    s.runEnds({ kind: "failed", code: "no-capacity", detail: "none", climb: true });
    const mentions = () => s.lines.filter((l) => l.includes("the group is mentioned")).length;
    s.pass(5 * minute - 1000);
    expect(mentions()).toBe(0);
    s.pass(1000);
    expect(mentions()).toBe(1);
  });

  test("no call after a reaction, reminders all the same", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    approve(s);
    s.pass(60 * minute);
    expect(s.lines.some((l) => l.includes("nobody has reacted"))).toBe(false);
    expect(s.lines.filter((l) => l.includes("still bad after"))).toHaveLength(2);
  });

  test("a stranger's press is no reaction", () => {
    const s = opened([rung("approve")]);
    approve(s, sam);
    s.pass(5 * minute);
    expect(s.lines.some((l) => l.includes("the group is mentioned"))).toBe(true);
  });

  test("reopening counts from the reopening", () => {
    const s = opened([rung("approve")]);
    s.send({ kind: "ack", by: mira });
    s.pass(20 * minute);
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    s.pass(20 * minute);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.show();
    const before = s.lines.length;
    s.pass(4 * minute);
    expect(s.lines.slice(before)).toEqual([]);
    s.pass(minute);
    expect(s.lines.at(-1)).toContain("the group is mentioned");
  });

  test("with Slack away, mail calls; without mail it waits", () => {
    const s = stage({ os: [rung("approve")] }, { facts: { mailConfigured: true } });
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.pass(10 * minute);
    expect(s.current.owes.some((owed) => owed.kind === "mail" && owed.about === "escalation")).toBe(true);
    const t = stage({ os: [rung("approve")] });
    t.send({ kind: "signal", signal: alarm("bad", t.now) });
    t.pass(20 * minute);
    expect(t.current.owes.some((owed) => owed.kind === "mail")).toBe(false);
  });

  test("an auto rung mentions and mails at opening", () => {
    const s = opened([rung("auto")], { facts: { mailConfigured: true } });
    expect(s.current.incident?.mentionedAt).toBe(start);
    expect(s.current.owes).toContainEqual(expect.objectContaining({ kind: "mail", about: "opening" }));
  });

  test("who has it is reminded after an hour", () => {
    const s = opened([rung("approve")]);
    s.pass(20 * minute);
    s.send({ kind: "ack", by: ines });
    const before = s.lines.length;
    s.pass(60 * minute - 1000);
    expect(s.lines.slice(before).filter((l) => l.includes("still bad"))).toEqual([]);
    s.pass(2000);
    expect(s.lines.slice(before).filter((l) => l.includes("still bad"))).toHaveLength(1);
  });

  test("observing asks nobody to decide", () => {
    const s = opened([rung("observe")]);
    s.pass(30 * minute);
    expect(s.lines.some((l) => l.includes("nobody has reacted"))).toBe(false);
    expect(s.lines.some((l) => l.includes("still bad after 15 min"))).toBe(true);
  });
});
