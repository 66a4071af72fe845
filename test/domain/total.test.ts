/** `decide` is total: every event in every phase gets an answer in words, and none of them breaks the case. */
import { describe, expect, test } from "vitest";
import { decide } from "../../src/domain/decide.ts";
import type { CaseEvent } from "../../src/domain/event.ts";
import { brokenInCase, brokenInStep } from "../../src/domain/invariants.ts";
import { sentence, type Reason } from "../../src/domain/reasons.ts";
import type { IncidentId, InstanceId, RunId } from "../../src/domain/words.ts";
import { alarm, minute, mira, noor, rung, runId, sam, stage, type Stage } from "./stage.ts";

const badNow = { ec2: "bad", probe: "bad" } as const;

function open(mode: "auto" | "approve" | "observe"): Stage {
  const s = stage({ os: [rung(mode), rung(mode, { recovery: "stop-start" })] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  return s;
}

function confirming(mode: "auto" | "approve"): Stage {
  const s = open(mode);
  if (mode === "auto") s.pass(5 * minute);
  else s.send({ kind: "approve", by: mira, proposal: 1 });
  return s;
}

function recovering(): Stage {
  const s = confirming("approve");
  s.evidence(badNow);
  return s;
}

function verifying(): Stage {
  const s = recovering();
  s.runEnds({ kind: "done", summary: "" });
  return s;
}

const stages: Record<string, () => Stage> = {
  idle: () => stage({ os: [rung("auto")] }),
  "proposing auto": () => open("auto"),
  "proposing approve": () => open("approve"),
  "proposing observe": () => open("observe"),
  "proposing, held": () => {
    const s = open("auto");
    s.send({ kind: "hold", by: noor });
    return s;
  },
  "confirming by rule": () => confirming("auto"),
  "confirming by a person": () => confirming("approve"),
  recovering,
  verifying,
  resolved: () => {
    const s = open("approve");
    s.send({ kind: "signal", signal: alarm("good", s.now + 1) });
    return s;
  },
  "needs-person": () => {
    const s = open("approve");
    s.send({ kind: "no", by: mira, proposal: 1 });
    return s;
  },
};

function events(s: Stage): CaseEvent[] {
  const incident = s.current.incident?.id ?? ("none" as IncidentId);
  const run = runId(s);
  const readings = [{ kind: "ec2", verdict: "bad", readAt: s.now, detail: "impaired" }] as const;
  const debt = { id: "d/1", kind: "stopped-instance", what: "start it again", since: s.now, runId: run } as const;
  const people = [mira, sam].flatMap((by): CaseEvent[] => [
    { kind: "approve", by, proposal: s.current.proposalCount },
    { kind: "approve", by, proposal: 99 },
    { kind: "no", by, proposal: s.current.proposalCount, why: "no" },
    { kind: "hold", by },
    { kind: "hold", by, forMs: 2 * 60 * minute, why: "longer" },
    { kind: "resume", by },
    { kind: "ack", by },
    { kind: "stop", by },
    { kind: "close", by, why: "known" },
    { kind: "order", by, recovery: "reboot", why: "go" },
    { kind: "order", by, recovery: "restart", why: "go", proposal: s.current.proposalCount },
  ]);
  const verdicts = (["bad", "good", "unknown"] as const).map((verdict): CaseEvent => ({
    kind: "signal",
    signal: alarm(verdict, s.now + 1),
  }));
  return [
    ...people,
    ...verdicts,
    { kind: "signal", signal: alarm("bad", s.now, { old: true }) },
    { kind: "due" },
    { kind: "told", incident, via: "mail" },
    { kind: "told", incident: "another" as IncidentId, via: "slack" },
    { kind: "shown", incident, version: s.current.cardVersion, channel: "C1", ts: "1.1" },
    { kind: "filed", upTo: s.current.entryCount },
    { kind: "performed", key: "evidence:1" },
    { kind: "evidence", reading: s.current.readingCount, evidence: { readings, alarms: [] } },
    { kind: "evidence", reading: 0, evidence: { readings: [], alarms: [] } },
    { kind: "evidence", reading: 99, evidence: { readings, alarms: [] } },
    { kind: "permit", reading: s.current.readingCount, granted: true },
    { kind: "permit", reading: s.current.readingCount, granted: false, refusal: "storm" },
    { kind: "run-step", runId: run, step: "stop", state: "begun", acted: true },
    { kind: "run-ended", runId: run, outcome: { kind: "done", summary: "" }, acted: true },
    { kind: "run-ended", runId: "shop-web/99" as RunId, outcome: { kind: "cleared" }, acted: false },
    { kind: "placement", instanceId: "i-0bbbbbbbbbbbbbbbb" as InstanceId },
    { kind: "debt-added", debt },
    { kind: "debt-repaid", debt: "d/1" },
  ];
}

const isSentence = (said: Reason) => {
  const text = sentence(said);
  expect(text).not.toMatch(/undefined|NaN|\[object|Invalid/);
  expect(text.length).toBeGreaterThan(3);
};

describe.each(Object.entries(stages))("%s", (name, make) => {
  test("answers every event in words", () => {
    for (const event of events(make())) {
      const s = make();
      expect(name).toContain(s.phase());
      const facts = { ...s.facts, autopilot: { ...s.facts.autopilot, readAt: s.now } };
      const decision = decide(s.current, event, facts, s.now);
      if (decision.kind === "ignored") isSentence(decision.reason);
      else {
        decision.reasons.forEach(isSentence);
        expect([
          ...brokenInStep(s.current, event, decision.next, facts, s.now),
          ...brokenInCase(decision.next),
        ]).toEqual([]);
      }
      // Whoever pressed something reads an answer, whatever became of it.
      if ("by" in event) isSentence(decision.kind === "ignored" ? decision.reason : (decision.answer ?? never(event)));
    }
  });
});

function never(event: CaseEvent): never {
  throw new Error(`${event.kind} changed the case and its presser reads nothing`);
}
