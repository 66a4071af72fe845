/**
 * A stage for `decide` alone: one case, facts that a test may turn, a clock that moves when told. Every event is checked against
 * the invariants, and what was said is kept as an operators' transcript (+mm:ss, sentence).
 */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { decide } from "../../src/domain/decide.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { Asker, CaseEvent } from "../../src/domain/event.ts";
import type { Evidence, Reading } from "../../src/domain/evidence.ts";
import type { Facts } from "../../src/domain/facts.ts";
import { openDraft } from "../../src/domain/draft.ts";
import { nextDue, owesNow } from "../../src/domain/due.ts";
import { brokenInCase, brokenInStep } from "../../src/domain/invariants.ts";
import { newCase } from "../../src/domain/newCase.ts";
import { sentence } from "../../src/domain/reasons.ts";
import type { Ladders, Rung, ServiceDefinition } from "../../src/domain/service.ts";
import type { RunOutcome, ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { InstanceId, RunId, Scope, ServiceName } from "../../src/domain/words.ts";

export const minute = 60_000;
export const start = Date.UTC(2026, 10, 21, 3, 0, 0);
export const instance = "i-0aaaaaaaaaaaaaaaa" as InstanceId;
const scope = "111122223333/eu-west-1" as Scope;

export const mira: Asker = { id: "U1MIRA", name: "Mira", allowed: true };
export const noor: Asker = { id: "U2NOOR", name: "Noor", allowed: true };
export const sam: Asker = { id: "U3SAM", name: "Sam", allowed: false, refusal: "Sam is no approver of shop-web" };

export const rung = (mode: Rung["mode"], extra: Partial<Rung> = {}): Rung => ({
  recovery: "restart",
  mode,
  vetoMs: 5 * minute,
  approvals: 1,
  limitMs: 20 * minute,
  ...extra,
});

export function service(ladders: Ladders, extra: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    name: "shop-web" as ServiceName,
    description: "the shop",
    account: "111122223333",
    region: "eu-west-1",
    scope,
    pattern: "instance",
    target: { kind: "instance", instanceId: instance },
    watchProbe: true,
    alarms: [],
    channel: "#ops",
    approvers: { users: ["U1MIRA", "U2NOOR"], groups: [] },
    requireOther: false,
    fence: "stop",
    targetGroups: [],
    scaleStep: 1,
    quarantine: "tell",
    ladders,
    ...extra,
  };
}

let keys = 0;

export function alarm(verdict: Signal["verdict"], at: number, extra: Partial<Signal> = {}): Signal {
  keys += 1;
  return {
    key: `k${keys}`,
    source: "sns",
    kind: "alarm",
    subject: "shop-web status",
    verdict,
    symptom: "os",
    evidenceKind: "ec2",
    at,
    reason: "instance check failed 3 of 3",
    instanceId: instance,
    alarmSpanMs: 3 * minute,
    ...extra,
  };
}

export interface Stage {
  current: ServiceCase;
  facts: Facts;
  now: number;
  readonly lines: string[];
  send(event: CaseEvent): Decision;
  /** Moves time; `due` is handed in whenever the case asks for it. Owed evidence, permits and notices stay unanswered. */
  pass(ms: number, stepMs?: number): void;
  /** Slack shows the newest card: people are told. */
  show(): void;
  /** Answers the owed reading with these verdicts. */
  evidence(readings: Partial<Record<Reading["kind"], Reading["verdict"]>>, alarms?: Evidence["alarms"]): Decision;
  permit(granted: boolean, refusal?: "storm" | "busy" | "unreadable"): Decision;
  runEnds(outcome: RunOutcome, acted?: boolean): Decision;
  phase(): ServiceCase["phase"]["kind"];
}

export function stage(
  ladders: Ladders,
  options: { facts?: Partial<Facts>; service?: Partial<ServiceDefinition> } = {},
): Stage {
  const definition = service(ladders, options.service);
  const self: Stage = {
    current: newCase(definition.name, { scope, region: "eu-west-1", instanceId: instance }),
    facts: {
      service: definition,
      timing: defaultTiming,
      autopilot: { state: "on", readAt: start },
      storm: { active: false, readAt: start },
      warmUntil: 0,
      mailConfigured: false,
      ...options.facts,
    },
    now: start,
    lines: [],
    send: (event) => send(self, event),
    pass: (ms, stepMs) => pass(self, ms, stepMs),
    show: () => show(self),
    evidence: (readings, alarms) => evidence(self, readings, alarms),
    permit: (granted, refusal) => {
      const reading = self.current.readingCount;
      return send(self, { kind: "permit", reading, granted, ...(refusal ? { refusal } : {}) });
    },
    runEnds: (outcome, acted = true) => send(self, { kind: "run-ended", runId: runId(self), outcome, acted }),
    phase: () => self.current.phase.kind,
  };
  return self;
}

export function runId(s: Stage): RunId {
  return `${s.current.service}/${s.current.runFence}` as RunId;
}

function send(s: Stage, event: CaseEvent): Decision {
  const before = s.current;
  const facts = { ...s.facts, autopilot: { ...s.facts.autopilot, readAt: s.now } };
  const decision = decide(before, event, facts, s.now);
  if (decision.kind === "changed") {
    const broken = [...brokenInStep(before, event, decision.next, facts, s.now), ...brokenInCase(decision.next)];
    // A due that was seen to and is due again at once would be a loop that never rests.
    const { due } = decision.next;
    if (event.kind === "due" && due !== undefined && due <= s.now && !owesNow(decision.next))
      broken.push(`due again at once in phase ${decision.next.phase.kind}`);
    s.current = JSON.parse(JSON.stringify(decision.next)) as ServiceCase; // As the store would give it back.
    if (!isDeepStrictEqual(s.current, decision.next)) broken.push("the store would give it back otherwise");
    // `expect` for every step of thousands of histories would be most of their time.
    if (broken.length > 0) expect([`${event.kind} at ${clock(s)}`, ...broken]).toEqual([]);
    for (const reason of decision.reasons) s.lines.push(`${clock(s)} ${sentence(reason)}`);
    const told = decision.answer ? sentence(decision.answer) : undefined;
    if (told !== undefined && "by" in event && !decision.reasons.some((r) => sentence(r) === told)) {
      s.lines.push(`${clock(s)} (to ${event.by.name}) ${told}`);
    }
  } else if ("by" in event) {
    s.lines.push(`${clock(s)} (to ${event.by.name}) ${sentence(decision.reason)}`);
  }
  return decision;
}

function clock(s: Stage): string {
  const seconds = Math.round((s.now - start) / 1000);
  return `+${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Goes from one thing that time brings to the next; what only waits for relay or sender is due all the time and brings nothing. */
function pass(s: Stage, ms: number, stepMs = 1000): void {
  const end = s.now + ms;
  for (let guard = 0; guard < 10_000; guard += 1) {
    const due = dueByTime(s);
    if (due === undefined) break;
    const next = Math.max(due, s.now + stepMs);
    if (next > end) break;
    s.now = next;
    send(s, { kind: "due" });
  }
  s.now = end;
  // A look that nothing asks for must change nothing either.
  if (dueByTime(s) === undefined) send(s, { kind: "due" });
}

function dueByTime(s: Stage): number | undefined {
  const { incident, phase, owes } = s.current;
  const shown = incident && { version: s.current.cardVersion, channel: "C1", ts: "1.1", incident: incident.id };
  // An evidence that was asked for is the relay's business until it comes.
  const asked = owes.some((owed) => owed.kind === "evidence") && phase.kind === "proposing";
  const waiting = asked ? { ...phase, proposal: { ...phase.proposal, factsAt: s.now } } : phase;
  const quiet = { ...s.current, phase: waiting, entries: [], owes: [], ...(shown ? { shown } : {}) };
  return nextDue(openDraft(quiet, s.facts, s.now));
}

function show(s: Stage): void {
  const { incident, cardVersion } = s.current;
  if (incident) send(s, { kind: "shown", incident: incident.id, version: cardVersion, channel: "C1", ts: "1.1" });
}

function evidence(
  s: Stage,
  verdicts: Partial<Record<Reading["kind"], Reading["verdict"]>>,
  alarms?: Evidence["alarms"],
): Decision {
  const readings = (Object.entries(verdicts) as [Reading["kind"], Reading["verdict"]][]).map(([kind, verdict]) => ({
    kind,
    verdict,
    readAt: s.now,
    detail: `${kind} says ${verdict}`,
  }));
  const inAlarm = s.current.bad
    .filter((b) => b.subject !== "probe")
    .map((b) => ({ subject: b.subject, state: "ALARM" as const }));
  return send(s, {
    kind: "evidence",
    reading: s.current.readingCount,
    evidence: { readings, alarms: alarms ?? inAlarm },
  });
}
