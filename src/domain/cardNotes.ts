/** Small print of a card: when it runs by itself, what blocks it and who lifts that, who has it, what is owed back. */
import { personPiece, recoveryWords } from "./cardWords.ts";
import { isToldOnly } from "./proposalKinds.ts";
import { sentence, type Reason } from "./reasons.ts";
import type { ServiceDefinition } from "./service.ts";
import type { Former, Proposal, ServiceCase } from "./serviceCase.ts";
import { length, type Piece, type Text } from "./text.ts";

export interface NotesInput {
  readonly current: ServiceCase;
  readonly service: ServiceDefinition | undefined;
  readonly now: number;
}

/** When the proposal runs: an absolute time, so that no update is needed to keep it true. */
export function whenNotes(input: NotesInput, proposal: Proposal): Text[] {
  const { current, now } = input;
  const held = current.hold !== undefined && current.hold.until > now;
  if (isToldOnly(proposal)) return [["Nothing runs by itself; Other… orders a recovery by hand"]];
  if (held) return [];
  if (proposal.mode === "observe") return [observeNote(input, proposal)];
  if (proposal.mode === "approve" || proposal.approvalsNeeded > proposal.approvals.length) {
    const missing = proposal.approvalsNeeded - proposal.approvals.length;
    if (proposal.mode === "approve") {
      const who = missing === 1 ? "somebody approves" : `${missing} different people approve`;
      return [[{ bold: "Nothing runs by itself" }, `: it runs when ${who}`], ...approvalNotes(proposal)];
    }
  }
  if (current.blocked) return approvalNotes(proposal);
  if (proposal.vetoUntil === undefined) {
    return [
      [`Runs by itself ${length(proposal.vetoMs)} after the first person could be told`],
      ...approvalNotes(proposal),
    ];
  }
  const when: Piece = { time: proposal.vetoUntil, style: "time" };
  return [[{ bold: "Runs by itself at " }, when, " unless somebody holds it"], ...approvalNotes(proposal)];
}

function approvalNotes(proposal: Proposal): Text[] {
  if (proposal.approvals.length === 0) return [];
  const who = proposal.approvals.flatMap((approval, index): Piece[] => [
    ...(index > 0 ? [", "] : []),
    personPiece(approval.by),
  ]);
  return [["Approved by ", ...who, ` (${proposal.approvals.length} of ${proposal.approvalsNeeded})`]];
}

function observeNote({ current, service }: NotesInput, proposal: Proposal): Text {
  const symptom = current.incident?.symptom ?? "down";
  return [
    { bold: "Only observing" },
    ": nothing runs by itself here; Other… orders it by hand. To let the bot propose it, set ",
    { code: `mode: approve` },
    " (or ",
    { code: "auto" },
    `) for ${proposal.recovery} under `,
    { code: `services.${service?.name ?? current.service}.ladder.${symptom}` },
    " in medic.yaml",
  ];
}

/** What stands beside any phase. */
export function besideNotes(input: NotesInput): Text[] {
  const { current, now } = input;
  const notes: Text[] = [];
  if (current.hold && current.hold.until > now) notes.push(holdNote(current.hold, current.phase.kind));
  if (current.blocked) notes.push(blockedNote(current.blocked));
  else if (current.incident?.stoppedByPerson && current.phase.kind === "proposing") {
    notes.push([{ bold: "A person stopped this instance" }, ": ask why before you start it again"]);
  }
  const ack = current.incident?.ack;
  if (ack) notes.push([personPiece(ack.by), " has it since ", { time: ack.at, style: "time" }]);
  notes.push(...current.former.flatMap((former) => formerNotes(former, current)));
  for (const debt of current.debts) {
    notes.push([{ bold: "Owed back" }, `: ${debt.what}, since `, { time: debt.since, style: "date-time" }]);
  }
  return notes;
}

/** The original is kept, and people must know where it stands: it may hold what the new machine does not have. */
function formerNotes(former: Former, { phase, placement }: ServiceCase): Text[] {
  const { instanceId, returned, quarantined, byRun, scope } = former;
  const where = scope !== undefined && scope !== placement.scope ? ` in ${scope.split("/")[1] ?? scope}` : "";
  if (returned !== undefined) {
    const seenTo: Piece[] = quarantined
      ? ["; tagged and taken out at ", { time: quarantined, style: "time" }, ", and it stays so until a person decides"]
      : ["; it stays out of service until a person decides"];
    return [
      [
        { bold: "The original " },
        { code: instanceId },
        `${where} answers again since `,
        { time: returned, style: "time" },
        ...seenTo,
      ],
    ];
  }
  // A run left it: nothing is to be done about it, and it is said once the run is over.
  const isOver = phase.kind === "verifying" || phase.kind === "resolved" || phase.kind === "needs-person";
  if (byRun === undefined || byRun !== placement.sinceRun || !isOver) return [];
  return [["The old ", { code: instanceId }, `${where} is kept, not ended; its return is watched for`]];
}

function holdNote(hold: NonNullable<ServiceCase["hold"]>, phase: string): Text {
  const running = phase === "recovering" || phase === "verifying";
  return [
    { bold: "Held by " },
    personPiece(hold.by),
    { bold: " until " },
    { time: hold.until, style: "time" },
    ...(hold.why ? [`: ${hold.why}`] : []),
    running ? ". This run goes on; no further rung starts before" : ". Nothing runs by itself before; Resume ends it",
  ];
}

export function blockedNote(blocked: Reason): Text {
  return [{ bold: "Does not run by itself" }, `: ${sentence(blocked)}. ${whoLifts(blocked)}`];
}

/** Who can lift a block, and how. Approve works in all of them. */
function whoLifts({ code }: Reason): string {
  switch (code) {
    case "blocked-hold":
      return "Resume lifts it, Approve runs it now.";
    case "blocked-switch-off":
    case "blocked-storm":
      return "Approve runs this one now.";
    case "blocked-switch-unknown":
      return "Whoever runs the bot restores the parameter or file; Approve runs it now.";
    case "blocked-silence":
      return "It ends by itself; Approve runs it now.";
    case "blocked-cap":
      return "Something does not hold here: look, then Approve or Other….";
    case "blocked-busy":
      return "It starts when one of them has ended; Approve runs it now.";
    case "blocked-not-told":
      return "It waits for Slack or mail to accept a notice.";
    case "blocked-warm-up":
      return "It lifts itself within minutes; Approve runs it now.";
    case "blocked-evidence":
      return "A second kind of evidence lifts it; Approve runs it now.";
    case "blocked-stopped-by-person":
      return "Approve starts it, No leaves it as it is.";
    case "blocked-aws-acts":
      return "It lifts itself when AWS had its time; Approve runs it now.";
    default:
      return "Approve runs it now.";
  }
}

/** Last line: what to quote when talking about it. */
export function identityNote(current: ServiceCase): Text {
  const { incident, phase } = current;
  if (!incident) return [current.service];
  const parts: Piece[] = [incident.id, " · opened ", { time: incident.openedAt, style: "date-time" }];
  const proposal = phase.kind === "proposing" || phase.kind === "confirming" ? phase.proposal : undefined;
  if (proposal && proposal.rung >= 0 && incident.ladder.length > 1) {
    parts.push(` · rung ${proposal.rung + 1} of ${incident.ladder.length} (${recoveryWords(proposal.recovery).name})`);
  }
  if (proposal) parts.push(` · proposal ${proposal.number}`);
  if (incident.reopened > 0)
    parts.push(` · reopened ${incident.reopened} ${incident.reopened === 1 ? "time" : "times"}`);
  return parts;
}
