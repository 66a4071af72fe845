/** A signal came in: what is bad now, and what that opens, worsens or clears. */
import { dropOwed, enter, owe, say, set, type Draft } from "./draft.ts";
import { badSignalsMax, clip, seenMax } from "./limits.ts";
import { isWorse } from "./ladder.ts";
import { returned } from "./former.ts";
import { openIncident, proposeNext, reopenIncident, resolve, worsen } from "./openings.ts";
import { reason, type Reason } from "./reasons.ts";
import type { BadSignal, ServiceCase, Former } from "./serviceCase.ts";
import type { Signal } from "./signal.ts";

/** Answers the reason when the signal changes nothing at all; else it has changed the draft. */
export function onSignal(draft: Draft, signal: Signal): Reason | undefined {
  const { current, now, facts } = draft;
  if (current.seen.some((s) => s.key === signal.key)) return reason("signal-duplicate", { subject: signal.subject });
  const seen = current.seen.filter((s) => now - s.at < facts.timing.dedupeMs);
  set(draft, { seen: [...seen, { key: signal.key, at: now }].slice(-seenMax) });
  if (signal.old) {
    // One look answers for all old messages about one alarm: it says what is so now.
    const asked = current.owes.some((owed) => owed.kind === "reread" && owed.subject === signal.subject);
    if (!asked) owe(draft, { kind: "reread", subject: signal.subject, key: signal.key });
    say(draft, "signal-old", { subject: signal.subject });
    return undefined;
  }
  if (signal.at < (current.latest[signal.subject] ?? 0) || beforeLastRun(draft, signal)) {
    say(draft, "signal-stale", { subject: signal.subject });
    return undefined;
  }
  set(draft, { latest: remember(current, signal) });
  // CloudWatch being quiet about it opens nothing; that it is well again is news all the same.
  if (signal.quiet && signal.verdict === "bad")
    say(draft, "signal-quiet", { subject: signal.subject, quiet: signal.quiet });
  else if (isAboutFormer(current, signal)) onFormer(draft, signal);
  else takeVerdict(draft, signal);
  return undefined;
}

/** What opens, reopens or climbs must have changed after the last run's end; what is known to be bad already may be repeated. */
function beforeLastRun({ current }: Draft, signal: Signal): boolean {
  if (signal.verdict !== "bad" || current.lastRun === undefined || !current.lastRun.acted) return false;
  const settled = current.phase.kind === "idle" || current.phase.kind === "resolved";
  return settled && signal.at <= current.lastRun.endedAt;
}

function remember(current: ServiceCase, signal: Signal): Record<string, number> {
  const kept = Object.entries({ ...current.latest, [signal.subject]: signal.at });
  if (kept.length <= badSignalsMax) return Object.fromEntries(kept);
  const isBad = (subject: string) => current.bad.some((b) => b.subject === subject);
  kept.sort(([a, atA], [b, atB]) => Number(isBad(a)) - Number(isBad(b)) || atA - atB);
  return Object.fromEntries(kept.slice(kept.length - badSignalsMax));
}

function isAboutFormer(current: ServiceCase, signal: Signal): boolean {
  const lives = current.placement.instanceId;
  return signal.instanceId !== undefined && lives !== undefined && signal.instanceId !== lives;
}

function mayReturn({ returned: at, gone }: Former): boolean {
  return at === undefined && gone === undefined;
}

function onFormer(draft: Draft, signal: Signal): void {
  const { current } = draft;
  const known = current.former.find((f) => f.instanceId === signal.instanceId);
  // What was good before it was left says nothing about its return.
  // While a run goes on it may be the run that starts it (a fail-back): where the service lives then is known at its end.
  const isRuns = current.phase.kind === "recovering";
  if (signal.verdict === "good" && known && mayReturn(known) && signal.at >= known.since && !isRuns) {
    returned(draft, known);
    return;
  }
  say(draft, "signal-former-placement", { subject: signal.subject, instance: signal.instanceId ?? "" });
}

function takeVerdict(draft: Draft, signal: Signal): void {
  switch (signal.verdict) {
    case "unknown":
      say(draft, "signal-unknown", { subject: signal.subject });
      return;
    case "good":
      say(draft, "signal-good", { subject: signal.subject });
      set(draft, { bad: draft.current.bad.filter((b) => b.subject !== signal.subject) });
      whenCleared(draft);
      return;
    case "bad":
      onBad(draft, signal);
      return;
  }
}

/** Nothing is bad any more: what has not begun ends here; what runs is judged by its own checks. */
export function whenCleared(draft: Draft): void {
  const { bad, phase, incident } = draft.current;
  if (bad.length > 0 || incident === undefined) return;
  switch (phase.kind) {
    case "proposing":
    case "confirming":
      if (incident.orderedWhileHealthy) return;
      resolve(draft, "cleared");
      return;
    case "needs-person":
      // A run on a healthy service went wrong: nothing was bad before, so nothing being bad proves nothing now.
      if (incident.orderedWhileHealthy) return;
      resolve(draft, incident.highestActed >= 0 ? "recovered" : "cleared");
      return;
    case "idle":
    case "recovering":
    case "verifying":
    case "resolved":
      return;
  }
}

function onBad(draft: Draft, signal: Signal): void {
  const { current } = draft;
  // Our own stop and start make EC2 tell us that the instance stopped: that is the run, not a new failure.
  const ours = current.phase.kind === "recovering" && signal.kind === "instance-state";
  say(draft, "signal-bad", { subject: signal.subject, reason: clip(signal.reason) });
  // Members of a group come and go, and the group replaces them itself: whether people notice is said by alarms and probes.
  const isGroups = current.placement.asgName !== undefined && signal.kind === "instance-state";
  if (ours || isGroups) return;
  set(draft, { bad: withBad(draft, signal) });
  switch (current.phase.kind) {
    case "idle":
      openIncident(draft, signal.symptom);
      return;
    case "resolved":
      if (draft.now < current.phase.windowUntil && current.phase.how !== "closed") reopen(draft, signal);
      else openIncident(draft, signal.symptom);
      return;
    case "proposing":
    case "confirming":
    case "recovering":
    case "verifying":
    case "needs-person":
      worsen(draft);
      return;
  }
}

/** A card-only incident that reopens for something worse starts over with that symptom's ladder. */
function reopen(draft: Draft, signal: Signal): void {
  const { incident } = draft.current;
  if (incident === undefined || incident.ladder.length === 0) {
    openIncident(draft, signal.symptom);
    return;
  }
  reopenIncident(draft);
  worsen(draft);
}

function withBad(draft: Draft, signal: Signal): BadSignal[] {
  const { bad } = draft.current;
  const known = bad.find((b) => b.subject === signal.subject);
  const entry: BadSignal = {
    subject: signal.subject,
    symptom: known && isWorse(known.symptom, signal.symptom) ? known.symptom : signal.symptom,
    evidenceKind: signal.evidenceKind,
    since: known?.since ?? signal.at,
    reason: clip(signal.reason),
    ...(signal.instanceId ? { instanceId: signal.instanceId } : {}),
    ...(signal.alarmArn ? { alarmArn: signal.alarmArn } : {}),
    ...(signal.alarmSpanMs ? { alarmSpanMs: signal.alarmSpanMs } : {}),
    ...(signal.metric ? { metric: signal.metric } : {}),
    ...(signal.awsActs ? { awsActs: signal.awsActs } : {}),
  };
  const others = bad.filter((b) => b !== known);
  if (others.length >= badSignalsMax) {
    say(draft, "case-full");
    return [...others.slice(1), entry];
  }
  return [...others, entry];
}

/** Evidence says what CloudWatch says now: alarms that are OK leave the set of bad ones. */
export function clearBad(draft: Draft, subjects: readonly string[]): void {
  const gone = draft.current.bad.filter((b) => subjects.includes(b.subject));
  if (gone.length === 0) return;
  for (const b of gone) say(draft, "signal-good", { subject: b.subject });
  forgetBad(draft, gone);
}

/** They leave the set, and the change that made them bad is over: told once more by anybody, it is old. Only a new change counts. */
export function forgetBad(draft: Draft, gone: readonly BadSignal[]): void {
  const { bad, latest } = draft.current;
  const later = gone.map((b) => [b.subject, Math.max(latest[b.subject] ?? 0, b.since) + 1] as const);
  set(draft, { bad: bad.filter((b) => !gone.includes(b)), latest: { ...latest, ...Object.fromEntries(later) } });
}

/** The run found the service well before it did anything. */
export function afterClearedRun(draft: Draft): void {
  dropOwed(draft, (owed) => owed.kind === "evidence" || owed.kind === "permit");
  if (draft.current.bad.length === 0) resolve(draft, "cleared");
  else {
    enter(draft, { kind: "idle" });
    proposeNext(draft);
  }
}
