/** Fresh evidence has come: it feeds the card, may clear, carries or stops an order, and proves a recovery. */
import { automaticBlock } from "./blocks.ts";
import { dropOwed, enter, owe, say, sayReason, set, setIncident, type Draft } from "./draft.ts";
import { kindsThatSay, type Evidence } from "./evidence.ts";
import { isDestructive, needsInstance } from "./ladder.ts";
import { clearBad, whenCleared } from "./onSignal.ts";
import { mailBeforeAuto, needPerson, proposeNext, resolve, waitAnew, worsen } from "./openings.ts";
import { probeFromEvidence } from "./probeSignal.ts";
import { reason } from "./reasons.ts";
import { block, climb, startRun } from "./running.ts";
import { badSignalsMax, clip } from "./limits.ts";
import type { BadSignal, Phase } from "./serviceCase.ts";
import type { EvidenceKind } from "./words.ts";

export function onEvidence(draft: Draft, reading: number, evidence: Evidence): void {
  dropOwed(draft, (owed) => owed.kind === "evidence" && owed.reading <= reading);
  setIncident(draft, {
    readings: evidence.readings,
    ...(evidence.changes ? { changes: evidence.changes.slice(0, 5) } : {}),
    ...(evidence.stoppedByPerson === undefined ? {} : { stoppedByPerson: evidence.stoppedByPerson ? true : undefined }),
  });
  clearBad(draft, saidGood(draft, evidence));
  takeProbe(draft, evidence);
  if (isTerminated(draft, evidence)) return;
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
      blockStopped(draft);
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

/**
 * What is terminated never starts again: offering a restart would be a lie. The first rung that needs no instance is proposed at
 * once (failover, re-provision); where there is none, a person is asked. A group replaces its member itself.
 */
function isTerminated(draft: Draft, { terminated }: Evidence): boolean {
  const { phase, placement, bad, incident } = draft.current;
  if (terminated === undefined || placement.asgName !== undefined || placement.instanceId === undefined) return false;
  if (phase.kind !== "proposing" && phase.kind !== "confirming") return false;
  if (bad.length === 0 || incident === undefined || !needsInstance(phase.proposal.recovery)) return false;
  const said = clip(terminated);
  const why = reason("instance-terminated", { instance: placement.instanceId, ...(said ? { said } : {}) });
  const above = incident.ladder.findIndex((rung, i) => i > incident.highestActed && !needsInstance(rung.recovery));
  if (above < 0) {
    needPerson(draft, why);
    return true;
  }
  sayReason(draft, why);
  // As with a rung that the world refuses: what can do nothing counts as tried.
  setIncident(draft, { highestActed: above - 1 });
  dropOwed(draft, (owed) => owed.kind === "permit");
  waitAnew(draft);
  proposeNext(draft, why.code);
  mailBeforeAuto(draft);
  return true;
}

/**
 * Alarms that are OK now, and the instance itself when EC2 says that it is well. A read that lags behind the message that made it
 * bad clears nothing. A watched probe clears its own signal.
 */
function saidGood({ current }: Draft, evidence: Evidence): string[] {
  const ok = new Map(evidence.alarms.filter((a) => a.state === "OK").map((a) => [a.subject, a.changedAt]));
  const ec2 = evidence.readings.filter((r) => r.kind === "ec2");
  const ec2IsGood = ec2.length > 0 && ec2.every((r) => r.verdict === "good");
  const isOver = (b: BadSignal) => {
    if (ok.has(b.subject)) return (ok.get(b.subject) ?? Infinity) >= b.since;
    return b.subject.startsWith("instance ") && ec2IsGood && ec2.every((r) => r.readAt >= b.since);
  };
  return current.bad.filter(isOver).map((b) => b.subject);
}

function takeProbe(draft: Draft, evidence: Evidence): void {
  const { bad, over } = probeFromEvidence(draft, evidence);
  if (over) clearBad(draft, ["probe"]);
  if (bad === undefined || draft.current.bad.length >= badSignalsMax) return;
  say(draft, "signal-bad", { subject: bad.subject, reason: bad.reason });
  set(draft, { bad: [...draft.current.bad, bad] });
  worsen(draft);
}

/** The card must not promise a time that will not be kept. */
function blockStopped(draft: Draft): void {
  const { phase, incident, blocked, hold } = draft.current;
  if (phase.kind !== "proposing" || phase.proposal.vetoUntil === undefined || !incident?.stoppedByPerson) return;
  if (blocked === undefined && hold === undefined && phase.proposal.mode === "auto")
    block(draft, phase.proposal, reason("blocked-stopped-by-person"));
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
  // Alarms are read together with the rest; they are as old as it is.
  const isOld = evidence.readings.length > 0 && evidence.readings.every((r) => r.readAt < newerThan);
  const alarms = isOld ? [] : evidence.alarms;
  const inAlarm = new Set(alarms.filter((a) => a.state === "ALARM").map((a) => a.subject));
  const fromAlarms = draft.current.bad.filter((b) => inAlarm.has(b.subject)).map((b) => b.evidenceKind);
  return [...new Set([...kindsThatSay(evidence, "bad", newerThan), ...fromAlarms])];
}

function judgeOrder(draft: Draft, phase: Extract<Phase, { kind: "confirming" }>, evidence: Evidence): void {
  if (draft.current.bad.length === 0 && draft.current.incident?.orderedWhileHealthy !== true) {
    resolve(draft, "cleared");
    return;
  }
  if (draft.facts.service === undefined) {
    needPerson(draft, reason("config-gone"));
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
  // Read before the run had ended: it says nothing about what the run has done.
  if (evidence.readings.some((r) => r.readAt < phase.since)) return;
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

/**
 * An alarm that still says ALARM has up to its period × evaluations and a little more; only then has the rung failed. And what is
 * good since before the deadline may finish its proof: the first bad answer after the deadline ends it at once.
 */
export function verifyDeadline({ current, facts }: Draft): number {
  const { phase } = current;
  if (phase.kind !== "verifying") return Infinity;
  if (phase.goodSince === undefined) return phase.deadline;
  const { verifySpanMs, verifyPollMs, alarmLagMs } = facts.timing;
  const proofMs = phase.goodSince <= phase.deadline ? phase.goodSince + verifySpanMs + verifyPollMs : 0;
  const alarms = current.bad.filter((b) => b.subject !== "probe");
  const onlyAlarms = alarms.length > 0 && alarms.length === current.bad.length;
  const spans = alarms.map((b) => b.alarmSpanMs ?? 0);
  const waitMs = onlyAlarms ? phase.since + Math.max(...spans) + alarmLagMs : 0;
  return Math.max(phase.deadline, proofMs, waitMs);
}

export function failVerify(draft: Draft): void {
  const { phase, bad, incident } = draft.current;
  if (phase.kind !== "verifying") return;
  // Only what was read after the run: the readings that the order was given on say nothing about what it has done.
  const read = incident?.readings?.filter((r) => r.readAt >= phase.since) ?? [];
  const said = read.find((r) => r.verdict === "bad")?.detail ?? (read.length > 0 ? bad[0]?.reason : undefined);
  const { recovery } = phase.order;
  if (said !== undefined && phase.stopAsked === undefined)
    climb(draft, phase.order, reason("verify-failed", { recovery, detail: said }));
  // Unknown alone never runs anything, so it does not climb either; nor does what somebody asked to stop.
  else
    needPerson(
      draft,
      said === undefined
        ? reason("verify-failed", { recovery, unread: true, detail: "not everything that watches it could be read" })
        : reason("verify-failed", { recovery, detail: said }),
    );
}
