/** Fresh evidence has come: it feeds the card, may clear, carries or stops an order, and proves a recovery. */
import { automaticBlock } from "./blocks.ts";
import { dropOwed, enter, owe, say, setIncident, type Draft } from "./draft.ts";
import { kindsThatSay, type Evidence } from "./evidence.ts";
import { isDestructive } from "./ladder.ts";
import { clearBad, whenCleared } from "./onSignal.ts";
import { needPerson, resolve } from "./openings.ts";
import { reason } from "./reasons.ts";
import { block, climb, startRun } from "./running.ts";
import type { Phase } from "./serviceCase.ts";
import type { EvidenceKind } from "./words.ts";

export function onEvidence(draft: Draft, reading: number, evidence: Evidence): void {
  dropOwed(draft, (owed) => owed.kind === "evidence" && owed.reading <= reading);
  setIncident(draft, {
    readings: evidence.readings,
    ...(evidence.changes ? { changes: evidence.changes.slice(0, 5) } : {}),
    ...(evidence.stoppedByPerson === undefined ? {} : { stoppedByPerson: evidence.stoppedByPerson ? true : undefined }),
  });
  clearBad(draft, saidGood(draft, evidence));
  const { phase } = draft.current;
  switch (phase.kind) {
    case "confirming":
      if (phase.reading === reading) judgeOrder(draft, phase, evidence);
      else whenCleared(draft);
      return;
    case "verifying":
      judgeRecovery(draft, phase, evidence);
      return;
    case "proposing":
      whenCleared(draft);
      refresh(draft);
      return;
    case "needs-person":
      whenCleared(draft);
      return;
    case "idle":
    case "recovering":
    case "resolved":
      return;
  }
}

/** Alarms that are OK now, and the instance itself when EC2 says that it is well. The probe clears its own signal. */
function saidGood({ current }: Draft, evidence: Evidence): string[] {
  const alarms = evidence.alarms.filter((a) => a.state === "OK").map((a) => a.subject);
  const ec2IsGood = kindsThatSay(evidence, "good").includes("ec2") && !kindsThatSay(evidence, "bad").includes("ec2");
  const instances = current.bad.filter((b) => b.subject.startsWith("instance ")).map((b) => b.subject);
  return ec2IsGood ? [...alarms, ...instances] : alarms;
}

/** Facts under a proposal that were older than the limit are new now: so is the proposal's number. */
function refresh(draft: Draft): void {
  const { phase } = draft.current;
  if (phase.kind !== "proposing") return;
  const { proposal } = phase;
  if (draft.now - proposal.factsAt < draft.facts.timing.proposalFactsMs) return;
  const number = draft.current.proposalCount + 1;
  draft.current = { ...draft.current, proposalCount: number };
  enter(draft, {
    ...phase,
    proposal: { ...proposal, number, factsAt: draft.now, sinceCard: draft.before.cardVersion + 1 },
  });
  say(draft, "proposal-renewed", { proposal: number });
}

/** Kinds that say "bad" now: fresh readings, and alarms that are still in ALARM when read again. */
function badKinds(draft: Draft, evidence: Evidence): EvidenceKind[] {
  const newerThan = draft.now - draft.facts.timing.evidenceAgeMs;
  const inAlarm = new Set(evidence.alarms.filter((a) => a.state === "ALARM").map((a) => a.subject));
  const fromAlarms = draft.current.bad.filter((b) => inAlarm.has(b.subject)).map((b) => b.evidenceKind);
  return [...new Set([...kindsThatSay(evidence, "bad", newerThan), ...fromAlarms])];
}

function judgeOrder(draft: Draft, phase: Extract<Phase, { kind: "confirming" }>, evidence: Evidence): void {
  if (draft.current.bad.length === 0 && draft.current.incident?.orderedWhileHealthy !== true) {
    resolve(draft, "cleared");
    return;
  }
  if (phase.order.by.kind === "person") {
    startRun(draft, phase.order);
    return;
  }
  const kinds = badKinds(draft, evidence);
  const needed = isDestructive(phase.order.recovery, draft.current.incident?.symptom ?? "warning") ? 2 : 1;
  if (kinds.length < needed) {
    const found = kinds.length === 0 ? "nothing that can be read says bad" : `only ${kinds.join(", ")} says bad`;
    block(draft, phase.proposal, reason("blocked-evidence", { detail: `${found}, ${needed} needed` }));
    return;
  }
  const why = automaticBlock(draft, "veto-ended");
  if (why) block(draft, phase.proposal, why);
  else owe(draft, { kind: "permit", reading: phase.reading });
}

function judgeRecovery(draft: Draft, phase: Extract<Phase, { kind: "verifying" }>, evidence: Evidence): void {
  const { now, facts } = draft;
  const bad = kindsThatSay(evidence, "bad").length > 0;
  // Every observer of the placement must say good; one that could not be read neither heals nor fails.
  const seemsWell = evidence.readings.length > 0 && evidence.readings.every((r) => r.verdict === "good");
  const goodSince = bad ? undefined : seemsWell ? (phase.goodSince ?? now) : phase.goodSince;
  const goodCount = bad ? 0 : seemsWell ? phase.goodCount + 1 : phase.goodCount;
  const proven = seemsWell && goodSince !== undefined && goodCount >= 2 && now - goodSince >= facts.timing.verifySpanMs;
  if (proven && draft.current.bad.length === 0) {
    resolve(draft, "recovered");
    return;
  }
  const waiting = proven ? draft.current.bad[0]?.subject : undefined;
  if (waiting !== undefined && phase.waitingForAlarm !== waiting) say(draft, "waiting-for-alarm", { subject: waiting });
  const { goodSince: _former, waitingForAlarm: _waited, ...rest } = phase;
  enter(draft, {
    ...rest,
    goodCount,
    ...(goodSince === undefined ? {} : { goodSince }),
    ...(waiting === undefined ? {} : { waitingForAlarm: waiting }),
  });
  if (now >= verifyDeadline(draft)) failVerify(draft);
}

/** An alarm that still says ALARM has up to its period × evaluations and a little more; only then has the rung failed. */
export function verifyDeadline({ current, facts }: Draft): number {
  const { phase } = current;
  if (phase.kind !== "verifying") return Infinity;
  const alarms = current.bad.filter((b) => b.subject !== "probe");
  const onlyAlarms = alarms.length > 0 && alarms.length === current.bad.length && phase.goodSince !== undefined;
  if (!onlyAlarms) return phase.deadline;
  const spans = alarms.map((b) => b.alarmSpanMs ?? 0);
  return Math.max(phase.deadline, phase.since + Math.max(...spans) + facts.timing.alarmLagMs);
}

export function failVerify(draft: Draft): void {
  const { phase, bad, incident } = draft.current;
  if (phase.kind !== "verifying") return;
  const said = incident?.readings?.find((r) => r.verdict === "bad")?.detail ?? bad[0]?.reason;
  const { recovery } = phase.order;
  if (said !== undefined) climb(draft, phase.order, reason("verify-failed", { recovery, detail: said }));
  // Unknown alone never runs anything, so it does not climb either.
  else
    needPerson(
      draft,
      reason("verify-failed", { recovery, detail: "nothing bad is left, but not every observer could be read" }),
    );
}
