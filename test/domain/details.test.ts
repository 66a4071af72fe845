/** Small promises that a changed line of the core could break unseen: counters, what is owed, what the card shows, exact limits. */
import { describe, expect, test } from "vitest";
import { alarm, minute, mira, noor, rung, runId, stage, start, type Stage } from "./stage.ts";
import type { Debt } from "../../src/domain/serviceCase.ts";
import type { Rung } from "../../src/domain/service.ts";

const badNow = { ec2: "bad", probe: "bad" } as const;
const goodNow = { ec2: "good", probe: "good" } as const;

function opened(rungs: readonly Rung[] = [rung("approve")], options: Parameters<typeof stage>[1] = {}): Stage {
  const s = stage({ os: rungs }, options);
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  return s;
}

function running(rungs: readonly Rung[] = [rung("approve")], options: Parameters<typeof stage>[1] = {}): Stage {
  const s = opened(rungs, options);
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.evidence(badNow);
  return s;
}

const owes = (s: Stage, kind: string) => s.current.owes.filter((owed) => owed.kind === kind).length;

describe("what is owed", () => {
  test("evidence is asked for at opening and again when the facts are 15 minutes old, not before", () => {
    const s = opened();
    expect(owes(s, "evidence")).toBe(1);
    s.evidence(badNow);
    s.pass(15 * minute - 1);
    expect(owes(s, "evidence")).toBe(0);
    s.pass(1, 1);
    expect(owes(s, "evidence")).toBe(1);
    s.evidence(badNow);
    expect(s.current.phase).toMatchObject({ proposal: { number: 2, factsAt: start + 15 * minute } });
  });

  test("reopening asks for evidence anew", () => {
    const s = opened();
    s.evidence(badNow);
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    s.send({ kind: "signal", signal: alarm("bad", s.now + 2) });
    expect(owes(s, "evidence")).toBe(1);
  });

  test("a run that starts waits for nothing else, and its end gives the permit back", () => {
    const s = opened([rung("auto")]);
    s.pass(5 * minute);
    s.evidence(badNow);
    expect(owes(s, "permit")).toBe(1);
    s.permit(true);
    expect([owes(s, "evidence"), owes(s, "permit"), owes(s, "run")]).toEqual([0, 0, 1]);
    s.runEnds({ kind: "stopped", left: "nothing" });
    expect([owes(s, "run"), owes(s, "release-permit")]).toEqual([0, 1]);
    const person = running();
    person.runEnds({ kind: "stopped", left: "nothing" });
    expect(owes(person, "release-permit")).toBe(0);
  });

  test("mail goes out before what would run by itself, not for what waits for people", () => {
    const facts = { mailConfigured: true };
    for (const [mode, mails] of [
      ["approve", 1],
      ["auto", 2],
    ] as const) {
      const s = running([rung("approve"), rung(mode, { recovery: "stop-start" })], { facts });
      s.runEnds({ kind: "failed", code: "no-capacity", detail: "none", climb: true });
      expect(s.current.owes.filter((o) => o.kind === "mail" && o.about === "before-run")).toHaveLength(mails);
    }
  });

  test("a debt stands until it is repaid, once each", () => {
    const s = running();
    const debt: Debt = { id: "d/1", kind: "stopped-instance", what: "start it again", since: s.now, runId: runId(s) };
    s.send({ kind: "debt-added", debt });
    expect(s.send({ kind: "debt-added", debt }).kind).toBe("ignored");
    expect(s.current.debts).toEqual([debt]);
    s.send({ kind: "debt-repaid", debt: "another" });
    expect(s.current.debts).toHaveLength(1);
    s.send({ kind: "debt-repaid", debt: "d/1" });
    expect(s.current.debts).toEqual([]);
  });
});

describe("the ladder", () => {
  test("a run that did not act leaves its rung where it was", () => {
    const s = running();
    s.runEnds({ kind: "cleared" }, false);
    expect(s.current.incident?.highestActed).toBe(-1);
    expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { rung: 0 } });
  });

  test("the first act counts at once, also when the worker dies before its end", () => {
    const s = running();
    s.send({ kind: "run-step", runId: runId(s), step: "looked", state: "done", acted: false });
    expect(s.current.incident?.highestActed).toBe(-1);
    s.send({ kind: "run-step", runId: runId(s), step: "rebooted", state: "begun", acted: true });
    expect(s.current.incident?.highestActed).toBe(0);
  });

  test("a rung that the world refused counts as tried", () => {
    const s = running([rung("approve"), rung("approve", { recovery: "stop-start" })]);
    s.runEnds({ kind: "refused", code: "instance-gone", detail: "gone", climb: true }, false);
    expect(s.current.incident?.highestActed).toBe(0);
  });

  test("a no to what stands beside the ladder refuses no rung", () => {
    const s = opened([rung("approve", { approvals: 2 })]);
    s.send({ kind: "order", by: mira, recovery: "reboot", why: "go" });
    s.send({ kind: "no", by: noor, proposal: s.current.proposalCount });
    expect(s.current.incident?.refusedRungs).toEqual([]);
    const t = opened();
    t.send({ kind: "no", by: noor, proposal: 1 });
    expect(t.current.incident?.refusedRungs).toEqual([0]);
  });

  test("what ends after a run that acted is called recovered, else cleared", () => {
    const s = running();
    s.runEnds({ kind: "failed", code: "unknown-failure", detail: "?", climb: false });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    expect(s.current.phase).toMatchObject({ kind: "resolved", how: "recovered" });
    const t = opened();
    t.send({ kind: "no", by: noor, proposal: 1 });
    t.send({ kind: "signal", signal: alarm("good", t.now + 1) });
    expect(t.current.phase).toMatchObject({ kind: "resolved", how: "cleared" });
  });
});

describe("limits to the millisecond", () => {
  test("warming up ends when it says", () => {
    const s = opened([rung("auto")], { facts: { warmUntil: start + 7 * minute } });
    s.pass(5 * minute);
    expect(s.current.blocked?.code).toBe("blocked-warm-up");
    s.pass(2 * minute - 1);
    expect(s.phase()).toBe("proposing");
    s.pass(1, 1);
    expect(s.phase()).toBe("confirming");
  });

  test("two good answers over exactly two minutes are proof, one millisecond less is not", () => {
    const s = running();
    s.runEnds({ kind: "done", summary: "" });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    s.evidence(goodNow, []);
    s.now += 2 * minute - 1;
    s.evidence(goodNow, []);
    expect(s.phase()).toBe("verifying");
    s.now += 1;
    s.evidence(goodNow, []);
    expect(s.phase()).toBe("resolved");
  });

  test("one bad answer in between starts the proof over", () => {
    const s = running();
    s.runEnds({ kind: "done", summary: "" });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    s.evidence(goodNow, []);
    s.now += minute;
    s.evidence({ ec2: "good", probe: "bad" }, []);
    expect(s.current.phase).toMatchObject({ goodCount: 0 });
    s.now += minute;
    s.evidence(goodNow, []);
    expect(s.phase()).toBe("verifying");
  });

  test("an unknown answer neither proves nor starts over", () => {
    const s = running();
    s.runEnds({ kind: "done", summary: "" });
    s.send({ kind: "signal", signal: alarm("good", s.now) });
    s.evidence(goodNow, []);
    s.now += 2 * minute;
    s.evidence({ ec2: "good", probe: "unknown" }, []);
    expect(s.current.phase).toMatchObject({ kind: "verifying", goodCount: 1 });
    s.now += 1000;
    s.evidence(goodNow, []);
    expect(s.phase()).toBe("resolved");
  });
});

describe("the card", () => {
  test("polls of a verification and retries of a block are no new card", () => {
    const s = running();
    s.runEnds({ kind: "done", summary: "" });
    s.evidence(goodNow);
    const version = s.current.cardVersion;
    s.pass(15_000);
    s.evidence(goodNow);
    expect(s.current.cardVersion).toBe(version);
    const t = opened([rung("auto")], { facts: { autopilot: { state: "off", readAt: start } } });
    t.evidence(badNow);
    const blocked = t.current.cardVersion;
    t.pass(10 * minute - 1000);
    expect(t.current.cardVersion).toBe(blocked);
  });

  test("a run of blocked evidence stays one card until it starts", () => {
    const s = opened([rung("auto", { recovery: "stop-start" })]);
    s.pass(5 * minute);
    s.evidence({ ec2: "bad" });
    expect(s.current.blocked?.code).toBe("blocked-evidence");
    const version = s.current.cardVersion;
    for (let turn = 0; turn < 4; turn += 1) {
      s.pass(31_000);
      s.evidence({ ec2: "bad" });
    }
    expect(s.current.cardVersion).toBe(version);
    expect(s.lines.filter((l) => l.includes("too thin"))).toHaveLength(1);
  });

  test("Stop and changed consequences stand in the timeline", () => {
    const s = running();
    s.send({ kind: "stop", by: noor });
    expect(s.lines.at(-1)).toContain("Noor asked to stop");
    const t = opened([rung("auto")]);
    t.send({ kind: "signal", signal: alarm("bad", t.now, { subject: "system", symptom: "host" }) });
    expect(t.lines.at(-1)).toContain("it is proposal 2 now");
  });

  test("a symptom without a ladder says why nothing is proposed", () => {
    const s = stage({});
    s.send({ kind: "signal", signal: alarm("bad", s.now, { symptom: "warning" }) });
    expect(s.lines.at(-1)).toContain("no ladder for symptom warning");
  });
});

describe("what ends with what", () => {
  test("closing ends the hold: the person who closes has looked", () => {
    const s = opened();
    s.send({ kind: "hold", by: mira });
    s.send({ kind: "close", by: noor, why: "known" });
    expect(s.current.hold).toBeUndefined();
  });

  test("observing says how to go on", () => {
    const s = opened([rung("observe")]);
    expect(s.lines.some((l) => l.includes("a person may order it"))).toBe(true);
  });

  test("the card of a former incident does not count as shown for the new one", () => {
    const s = opened();
    s.send({ kind: "close", by: noor, why: "known" });
    s.show();
    s.send({ kind: "signal", signal: alarm("bad", s.now + 1, { subject: "another" }) });
    expect(s.current.shown).toBeUndefined();
    expect(s.current.due).toBe(s.now);
  });
});

describe("telling", () => {
  test("a veto window starts with the card that shows the proposal, not with an older one", () => {
    const s = running([rung("approve"), rung("auto", { recovery: "stop-start" })]);
    s.runEnds({ kind: "failed", code: "no-capacity", detail: "none", climb: true });
    const { incident, cardVersion } = s.current;
    const shown = (version: number) =>
      incident && s.send({ kind: "shown", incident: incident.id, version, channel: "C1", ts: "1.1" });
    shown(cardVersion - 1);
    expect(s.current.phase).not.toMatchObject({ proposal: { vetoUntil: expect.anything() as number } });
    shown(cardVersion);
    expect(s.current.phase).toMatchObject({ proposal: { vetoUntil: s.now + 5 * minute } });
  });

  test("a warning that takes an automatic ladder is mailed like an opening", () => {
    const s = stage({ os: [rung("auto")] }, { facts: { mailConfigured: true } });
    s.send({ kind: "signal", signal: alarm("bad", s.now, { subject: "disk", symptom: "warning" }) });
    expect(owes(s, "mail")).toBe(0);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    expect(owes(s, "mail")).toBe(1);
  });
});
