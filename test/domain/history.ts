/** Random histories for the properties: one thing after another that may happen to a case, and how each is played on a stage. */
import fc from "fast-check";
import { reason } from "../../src/domain/reasons.ts";
import { ladderRecoveries, orderOptions, recoveries, symptoms, type InstanceId } from "../../src/domain/words.ts";
import { alarm, instance, minute, mira, noor, rung, runId, sam, stage, type Stage } from "./stage.ts";

const verdict = fc.constantFrom("good" as const, "bad" as const, "unknown" as const);
const asker = fc.constantFrom(mira, noor, sam);
const instanceId = fc.constantFrom(instance, "i-0second" as InstanceId, "i-0third" as InstanceId);
const outcome = fc.constantFrom(
  { kind: "done" as const, summary: "done" },
  { kind: "refused" as const, code: "instance-gone", detail: "instance is gone", climb: true },
  { kind: "failed" as const, code: "throttled", detail: "throttled beyond retries", climb: true },
  { kind: "failed" as const, code: "run-overdue", detail: "out of time", climb: false },
  { kind: "refused" as const, code: "not-permitted", detail: "not permitted", climb: false },
  { kind: "failed" as const, code: "no-capacity", detail: "no capacity", climb: true },
  { kind: "failed" as const, code: "unknown-failure", detail: "who knows", climb: false },
  { kind: "stopped" as const, left: "nothing is left half done" },
  { kind: "cleared" as const },
);

/** One thing that may happen; numbers are small so that old and wrong proposals, readings and runs come up often. */
export const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constant("signal" as const),
      verdict,
      fc.constantFrom("a", "b", "probe"),
      fc.constantFrom(...symptoms),
      fc.integer({ min: -3, max: 1 }),
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant("pass" as const), fc.integer({ min: 1, max: 40 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("evidence" as const), verdict, verdict, fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("show" as const)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("permit" as const), fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("runEnds" as const), outcome, fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("runStep" as const), fc.boolean()) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom("approve" as const, "no" as const), asker, fc.integer({ min: 0, max: 4 })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom("hold" as const, "resume" as const, "ack" as const, "stop" as const, "close" as const),
      asker,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("order" as const),
      asker,
      fc.constantFrom(...recoveries),
      fc.subarray([...orderOptions]),
      fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant("moved" as const), instanceId) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("placement" as const), instanceId) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("formerSeen" as const),
      instanceId,
      fc.constantFrom("running" as const, "quarantined" as const, "away" as const, "gone" as const),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant("noted" as const)) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("switch" as const),
      fc.constantFrom("on" as const, "off" as const, "unknown" as const),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant("storm" as const), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("told" as const)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("filed" as const)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("gone" as const), fc.boolean()) },
);
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const modes = fc.constantFrom("observe" as const, "approve" as const, "auto" as const);
export const ladder = fc.array(fc.tuple(modes, fc.constantFrom(...ladderRecoveries), fc.integer({ min: 1, max: 3 })), {
  maxLength: 3,
});

export function play(
  ladders: ["observe" | "approve" | "auto", (typeof ladderRecoveries)[number], number][],
  history: readonly Happening[],
): Stage {
  const rungs = ladders.map(([mode, recovery, approvals]) => rung(mode, { recovery, approvals }));
  const s = stage({ os: rungs, down: rungs, host: rungs.slice(1) }, { facts: { mailConfigured: true } });
  for (const [n, h] of history.entries()) happen(s, h, n);
  return s;
}

export function happen(s: Stage, h: Happening, n: number): void {
  const service = s.facts.service;
  switch (h[0]) {
    case "signal":
      s.send({
        kind: "signal",
        signal: alarm(h[1], s.now + h[4] * minute, { key: `h${n}`, subject: h[2], symptom: h[3] }),
      });
      return;
    case "pass":
      return s.pass(h[1] * 30_000, 30_000);
    case "evidence":
      s.evidence({ ec2: h[1], probe: h[2] }, h[3] ? [] : undefined);
      return;
    case "show":
      return s.show();
    case "permit":
      s.permit(h[1], h[1] ? undefined : "busy");
      return;
    case "runEnds":
      s.runEnds(h[1], h[2]);
      return;
    case "runStep":
      s.send({ kind: "run-step", runId: runId(s), step: "instance was rebooted", state: "begun", acted: h[1] });
      return;
    case "approve":
    case "no":
      s.send({ kind: h[0], by: h[1], proposal: s.current.proposalCount - h[2] });
      return;
    case "close":
      s.send({ kind: "close", by: h[1], why: "we know" });
      return;
    case "hold":
    case "resume":
    case "ack":
    case "stop":
      s.send({ kind: h[0], by: h[1] });
      return;
    case "order":
      s.send({
        ...{ kind: "order", by: h[1], recovery: h[2], why: "a person says so" },
        ...(h[3].length > 0 ? { options: h[3] } : {}),
        ...(h[4] === undefined ? {} : { amount: h[4] }),
      });
      return;
    case "moved":
      s.send({
        ...{ kind: "run-ended", runId: runId(s), outcome: { kind: "done", summary: "moved" }, acted: true },
        moved: { instanceId: h[1] },
      });
      return;
    case "placement":
      s.send({ kind: "placement", instanceId: h[1] });
      return;
    case "formerSeen":
      s.send({ kind: "former-seen", instanceId: h[1], state: h[2], said: "tagged" });
      return;
    case "noted":
      s.send({ kind: "noted", reason: reason("chore-done", { group: "web", what: "leaves", instance }) });
      return;
    case "switch":
      s.facts = { ...s.facts, autopilot: { state: h[1], readAt: s.now } };
      return;
    case "storm":
      s.facts = { ...s.facts, storm: { active: h[1], readAt: s.now } };
      return;
    case "told":
      if (s.current.incident) s.send({ kind: "told", incident: s.current.incident.id, via: "mail" });
      return;
    case "filed":
      s.send({ kind: "filed", upTo: s.current.entryCount });
      return;
    case "gone":
      s.facts = { ...s.facts, service: h[1] ? undefined : (service ?? stage({}).facts.service) };
      return;
  }
}
