/**
 * What must hold for every stored case, and for every step from one to the next (DESIGN §6 as far as one case can see it).
 * Checked after every transition in tests and simulation; each broken one is a sentence with the numbers found.
 */
import type { CaseEvent } from "./event.ts";
import type { Facts } from "./facts.ts";
import {
  autoRunsPerDayMax,
  badSignalsMax,
  caseBytesMax,
  dayMs,
  debtsMax,
  entriesWaitingMax,
  seenMax,
} from "./limits.ts";
import type { Order, ServiceCase } from "./serviceCase.ts";
import { ladderRecoveries } from "./words.ts";

/**
 * Characters stand in for bytes here: the store asserts the bytes, the core has no encoder. `chars`: of the case as JSON, where it
 * stands as text already.
 */
export function brokenInCase(current: ServiceCase, chars = JSON.stringify(current).length): string[] {
  const broken: string[] = [];
  const need = (holds: boolean, message: string) => void (holds || broken.push(message));
  const { phase, incident, owes } = current;
  const open = phase.kind !== "idle";
  need(!open || current.due !== undefined, `phase ${phase.kind} has no due`);
  need(!open || incident !== undefined, `phase ${phase.kind} has no incident`);
  need(current.debts.length === 0 || current.due !== undefined, "a case with debts has no due");
  need(owes.length === 0 || current.due !== undefined, "something is owed and nothing is due");
  need(
    owes.length < 2 || new Set(owes.map((o) => JSON.stringify(o))).size === owes.length,
    "the same thing is owed twice",
  );
  need(current.bad.length <= badSignalsMax, `${current.bad.length} bad signals, ${badSignalsMax} at most`);
  need(current.seen.length <= seenMax, `${current.seen.length} hashes, ${seenMax} at most`);
  need(
    current.entries.length <= entriesWaitingMax,
    `${current.entries.length} entries wait, ${entriesWaitingMax} at most`,
  );
  need(current.debts.length <= debtsMax, `${current.debts.length} debts, ${debtsMax} at most`);
  need(chars <= caseBytesMax, "the case is larger than its limit");
  need(new Set(current.bad.map((b) => b.subject)).size === current.bad.length, "one subject is bad twice");
  need(phase.kind === "confirming" || owes.every((o) => o.kind !== "permit"), "a permit is owed and nothing confirms");
  const runs = owes.filter((o) => o.kind === "run").length;
  need(runs === (phase.kind === "recovering" ? 1 : 0), `${runs} runs owed in phase ${phase.kind}`);
  if (phase.kind === "recovering" || phase.kind === "verifying") {
    need(
      phase.runId === `${current.service}/${current.runFence}`,
      `run ${phase.runId} is not the newest (${current.runFence})`,
    );
  }
  if (phase.kind === "recovering" && phase.order.by.kind === "person") {
    need(phase.order.approvals.length > 0, "a person's run without an approval");
  }
  if (phase.kind === "confirming" && phase.order.by.kind === "person") {
    const { approvalsNeeded, approvals } = phase.proposal;
    const people = new Set(approvals.map((a) => a.by.id)).size;
    need(people >= approvalsNeeded, `${people} people approved, ${approvalsNeeded} needed`);
  }
  if (phase.kind === "confirming")
    need(phase.reading <= current.readingCount, "confirming on a reading never asked for");
  if (phase.kind === "proposing") {
    need(phase.proposal.number <= current.proposalCount, "a proposal newer than its counter");
    need(phase.proposal.approvals.length < phase.proposal.approvalsNeeded, "enough approvals, and nothing happens");
    const approvers = phase.proposal.approvals.map((a) => a.by.id);
    need(new Set(approvers).size === approvers.length, "one person approved twice");
    const { rung } = phase.proposal;
    need(
      rung < 0 || rung > (incident?.highestActed ?? -1),
      `rung ${rung} proposed, ${incident?.highestActed} acted already`,
    );
    need(
      !incident?.refusedRungs.includes(rung) || phase.proposal.orderedBy !== undefined,
      `refused rung ${rung} proposed again`,
    );
  }
  if (incident) need(incident.highestActed < Math.max(incident.ladder.length, 1), "acted above the ladder");
  return broken;
}

/** What one event may never do. */
export function brokenInStep(
  before: ServiceCase,
  event: CaseEvent,
  after: ServiceCase,
  facts: Facts,
  now: number,
): string[] {
  const broken: string[] = [];
  const need = (holds: boolean, message: string) => void (holds || broken.push(message));
  need(after.rev === before.rev + 1, `rev went from ${before.rev} to ${after.rev}`);
  need(after.cardVersion >= before.cardVersion, "the card version went back");
  need(after.proposalCount >= before.proposalCount, "the proposal counter went back");
  need(after.runFence >= before.runFence && after.runFence <= before.runFence + 1, "the run counter jumped");
  if (after.runFence > before.runFence)
    need(startIsLawful(before, after, facts, now), whyUnlawful(before, after, facts, now));
  const holdEnded = before.hold !== undefined && after.hold === undefined;
  if (holdEnded && (event.kind === "due" || event.kind === "resume") && before.phase.kind === "proposing") {
    need(after.phase.kind === "proposing" || after.phase.kind === "needs-person", "the end of a hold ran at once");
  }
  if ("by" in event && !event.by.allowed) {
    const { rev: _a, due: _b, ...was } = before;
    const { rev: _c, due: _d, ...is } = after;
    need(JSON.stringify(was) === JSON.stringify(is), `${event.kind} by somebody who may not changed the case`);
  }
  if (
    event.kind === "approve" &&
    before.phase.kind === "proposing" &&
    before.phase.proposal.number !== event.proposal
  ) {
    need(after.phase.kind !== "confirming", "an old number was approved");
  }
  return broken;
}

function startIsLawful(before: ServiceCase, after: ServiceCase, facts: Facts, now: number): boolean {
  return whyUnlawful(before, after, facts, now) === "";
}

/** DESIGN §6.2 and §6.4 for the start of a run. */
function whyUnlawful(before: ServiceCase, after: ServiceCase, facts: Facts, now: number): string {
  if (after.phase.kind !== "recovering") return "the run counter moved without a run";
  if (before.phase.kind === "recovering") return "a second run started beside the first";
  if (after.phase.order.by.kind === "person") return "";
  return whyAutomaticIsUnlawful(before, after.phase.order, facts, now);
}

function whyAutomaticIsUnlawful(before: ServiceCase, order: Order, facts: Facts, now: number): string {
  if (before.phase.kind !== "confirming") return "an automatic run started without asking for fresh evidence";
  if (!(ladderRecoveries as readonly string[]).includes(order.recovery))
    return `an automatic run of ${order.recovery}, which only a person may order`;
  if (facts.service === undefined) return "an automatic run started for a service that is gone from medic.yaml";
  if (before.hold && now < before.hold.until) return "an automatic run started during a hold";
  if (before.incident?.toldAt === undefined) return "an automatic run started and nobody had been told";
  if (facts.storm.active) return "an automatic run started in a storm";
  if (facts.autopilot.state !== "on") return `an automatic run started with the autopilot ${facts.autopilot.state}`;
  if (now < facts.warmUntil) return "an automatic run started while warming up";
  if (facts.silence && now < facts.silence.until) return "an automatic run started during a silence";
  if (before.phase.proposal.mode !== "auto") return `an automatic run started from mode ${before.phase.proposal.mode}`;
  if (before.phase.proposal.vetoUntil === undefined) return "an automatic run started and its proposal was never told";
  if (before.incident.stoppedByPerson) return "an automatic run started on what a person had stopped";
  if (before.incident.refusedRungs.includes(order.rung)) return "an automatic run started that a person had refused";
  const recent = before.autoRuns.filter((endedAt) => now - endedAt < dayMs).length;
  if (recent >= autoRunsPerDayMax) return `an automatic run started after ${recent} within 24 h`;
  if (order.rung !== before.incident.highestActed + 1) return "an automatic run was not the next rung of the ladder";
  return "";
}
