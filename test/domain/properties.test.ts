/**
 * Random histories: whatever comes in whatever order, the invariants of DESIGN §6 hold after every step (the stage checks them),
 * the core answers every event, and the same history gives the same case.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { times } from "../setup/times.ts";
import { happen, happening, ladder, play, type Happening } from "./history.ts";
import { alarm, minute, mira, rung, stage, type Stage } from "./stage.ts";

const histories = fc.array(happening, { minLength: 5, maxLength: 60 });

test("no history of any order breaks an invariant, and the same history ends the same", () => {
  fc.assert(
    fc.property(ladder, histories, (ladders, history) => {
      const once = play(ladders, history);
      const again = play(ladders, history);
      expect(again.current).toEqual(once.current);
      expect(again.lines).toEqual(once.lines);
    }),
    { numRuns: times(120) },
  );
});

test("with people who never answer, an automatic run never starts without somebody told", () => {
  fc.assert(
    fc.property(ladder, histories, (ladders, history) => {
      const silent = history.filter(([kind]) => !["show", "told", "approve", "order"].includes(kind));
      const s = play(ladders, silent);
      expect(s.current.runFence).toBe(0);
    }),
    { numRuns: times(80) },
  );
});

test("one person is never two: where the ladder asks for two, one alone starts nothing", () => {
  const rungs = [rung("approve", { approvals: 2 }), rung("approve", { recovery: "stop-start", approvals: 3 })];
  fc.assert(
    fc.property(histories, (history) => {
      const s = stage({ os: rungs, down: rungs, host: rungs, targets: rungs, overloaded: rungs, warning: rungs });
      for (const [n, h] of history.entries()) {
        if (h[0] === "gone") continue;
        happen(s, onlyMira(h), n);
      }
      expect(s.current.runFence).toBe(0);
    }),
    { numRuns: times(60) },
  );
});

function onlyMira(h: Happening): Happening {
  return h.map((part: unknown) => (isAsker(part) ? mira : part)) as unknown as Happening;
}

const isAsker = (part: unknown) => typeof part === "object" && part !== null && "allowed" in part;

test("after a no nothing runs by itself in that incident, however long it stays or comes back", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const rungs = [rung("auto"), rung("auto", { recovery: "stop-start" })];
      const s = stage({ os: rungs, down: rungs, host: rungs });
      s.send({ kind: "signal", signal: alarm("bad", s.now) });
      s.show();
      s.send({ kind: "no", by: mira, proposal: 1 });
      const refused = s.current.incident?.id;
      for (const [n, h] of history.entries()) {
        if (h[0] === "order") continue;
        happen(s, h, n);
        s.show();
        if (s.current.incident?.id !== refused) return;
        expect(s.current.runFence).toBe(0);
      }
    }),
    { numRuns: times(60) },
  );
});

/** Everything that is owed gets some answer. */
function answerAll(s: Stage, draw: (of: number) => number): void {
  s.show();
  const verdicts = ["bad", "bad", "good", "unknown"] as const;
  for (let turn = 0; turn < 8; turn += 1) {
    const owed = s.current.owes.find((o) => o.kind === "evidence" || o.kind === "permit" || o.kind === "run");
    if (owed === undefined) return;
    const verdict = verdicts[draw(verdicts.length)] ?? "bad";
    if (owed.kind === "evidence") s.evidence({ ec2: verdict, probe: verdict });
    else if (owed.kind === "permit") s.permit(draw(4) > 0, "busy");
    else s.runEnds({ kind: "done", summary: "" });
  }
}

test("with every answer arriving, an incident ends, asks a person, or waits for one with its reminders", () => {
  fc.assert(
    fc.property(ladder, fc.array(fc.nat(11), { minLength: 40, maxLength: 40 }), (rungs, answers) => {
      const modes = rungs.map(([mode, recovery, approvals]) => rung(mode, { recovery, approvals }));
      const s = stage({ os: modes });
      s.send({ kind: "signal", signal: alarm("bad", s.now) });
      let drawn = 0;
      const draw = (of: number) => (answers[drawn++ % answers.length] ?? 0) % of;
      for (let round = 0; round < 200; round += 1) {
        answerAll(s, draw);
        s.pass(minute, 5_000);
      }
      const { phase, blocked, incident } = s.current;
      expect(["idle", "resolved", "needs-person", "proposing"]).toContain(phase.kind);
      if (phase.kind !== "proposing" && phase.kind !== "needs-person") return;
      if (phase.kind === "proposing" && phase.proposal.mode === "auto") expect(blocked).toBeDefined();
      if (modes.length > 0) expect(incident?.reminders).toBeGreaterThan(0);
    }),
    { numRuns: times(15) },
  );
});
