/** Buttons and menu of a card: at most three buttons, then a menu whose first entry is "I have it". */
import { cannotRun, climbsAt } from "./cardCosts.ts";
import { recoveryWords, typedFor } from "./cardWords.ts";
import type { ButtonAction, CardButton, MenuItem } from "./cardModel.ts";
import { alarmLink, groupLink, instanceLink } from "./consoleLinks.ts";
import { isDestructive } from "./ladder.ts";
import { orderName } from "./orderWords.ts";
import type { Preview } from "./preview.ts";
import type { ServiceDefinition } from "./service.ts";
import type { Proposal, ServiceCase } from "./serviceCase.ts";
import { plain, type Text } from "./text.ts";

export interface ControlsInput {
  readonly current: ServiceCase;
  readonly service: ServiceDefinition | undefined;
  readonly now: number;
}

/** What the proposal would do and cost, as the card says it. */
export interface Offered {
  readonly costs: readonly { readonly label: string; readonly value: Text }[];
  readonly preview: Preview | undefined;
}

export function buttonsOf(input: ControlsInput, offered: Offered): CardButton[] {
  const { current, now } = input;
  const { phase } = current;
  switch (phase.kind) {
    case "proposing":
      if (phase.proposal.mode === "observe") return [otherButton(current)];
      return [
        ...approveButtons(current, phase.proposal, offered),
        current.hold && current.hold.until > now ? resumeButton(current) : holdButton(current),
        otherButton(current),
      ];
    case "confirming":
      return [holdButton(current)];
    case "recovering":
      return phase.stopAsked ? [] : [stopButton(current, phase.order.recovery)];
    case "needs-person":
      return [otherButton(current), ...(current.incident?.ack ? [] : [ackButton(current)]), closeButton(current)];
    case "resolved":
      return current.incident?.ack || phase.how === "closed" ? [] : [ackResolvedButton(current)];
    case "verifying":
    case "idle":
      return [];
  }
}

/**
 * An approval that would be refused is not offered. Where the world refuses, it is what leads to the next rung at once, and the
 * button says so: should the world have changed meanwhile, it runs.
 */
function approveButtons(current: ServiceCase, proposal: Proposal, offered: Offered): CardButton[] {
  const refused = cannotRun(offered.preview);
  const approve = approveButton(current, proposal, offered.costs);
  if (refused === undefined) return [approve];
  const hasNext = current.incident?.ladder[proposal.rung + 1] !== undefined && proposal.rung >= 0;
  if (!hasNext || !climbsAt(refused)) return [];
  const { name } = recoveryWords(proposal.recovery, current.incident?.symptom);
  const { style: _, ...plainApprove } = approve;
  return [
    {
      ...plainApprove,
      label: "Try, else next rung",
      spoken: `Try the ${name} of ${current.service}; it is refused as things are, then the next rung is proposed`,
    },
  ];
}

function approveButton(current: ServiceCase, proposal: Proposal, consequences: Offered["costs"]): CardButton {
  const words = recoveryWords(proposal.recovery, current.incident?.symptom);
  const named = orderName(proposal, current.incident?.symptom);
  const many = proposal.approvalsNeeded > 1;
  const label = many ? `Approve (${proposal.approvals.length + 1} of ${proposal.approvalsNeeded})` : "Approve now";
  const button: CardButton = {
    action: "approve",
    label,
    style: "primary",
    spoken: `Approve ${named} of ${current.service} now`,
  };
  // A reboot asks nothing back: it is the mildest thing there is and the person has read the card.
  const symptom = current.incident?.symptom ?? "down";
  const typed = typedFor(proposal.recovery, symptom) !== "none";
  const asksTwice = isDestructive(proposal.recovery, symptom) || words.stopsInstance || typed;
  if (!asksTwice) return button;
  const costs = consequences.map(({ label: what, value }) => `${what}: ${plain(value)}`).join("\n");
  return {
    ...button,
    confirm: { title: `${words.label} ${current.service}?`, text: costs, yes: words.label, no: "Not yet" },
  };
}

function holdButton(current: ServiceCase): CardButton {
  return { action: "hold", label: "Hold", spoken: `Hold ${current.service}: nothing runs by itself for 30 minutes` };
}

function resumeButton(current: ServiceCase): CardButton {
  return { action: "resume", label: "Resume", spoken: `End the hold on ${current.service}` };
}

function otherButton(current: ServiceCase): CardButton {
  return { action: "choose", label: "Other…", spoken: `Choose something else for ${current.service}` };
}

function ackButton(current: ServiceCase): CardButton {
  return {
    action: "ack",
    label: "I have it",
    style: "primary",
    spoken: `Say that you take care of ${current.service}`,
  };
}

function ackResolvedButton(current: ServiceCase): CardButton {
  return {
    action: "ack",
    label: "Acknowledge",
    spoken: `Acknowledge that ${current.service} is back; a new failure then starts at the first rung`,
  };
}

function closeButton(current: ServiceCase): CardButton {
  return { action: "close", label: "Close…", spoken: `Close the incident of ${current.service}` };
}

function stopButton(current: ServiceCase, recovery: Parameters<typeof recoveryWords>[0]): CardButton {
  const { name } = recoveryWords(recovery);
  return {
    action: "stop",
    label: "Stop",
    style: "danger",
    spoken: `Stop the ${name} of ${current.service} at its next safe point`,
    confirm: {
      title: `Stop the ${name}?`,
      text: `It ends at its next safe point and says what is left to do by hand. ${current.service} may be down until somebody does that.`,
      yes: "Stop",
      no: "Keep going",
    },
  };
}

/** At most five entries (Slack's limit for an overflow menu); what a person needs first stands first. */
export function menuOf(input: ControlsInput): MenuItem[] {
  const { current, now } = input;
  const { kind } = current.phase;
  const items: MenuItem[] = [];
  const act = (action: ButtonAction, label: string) => items.push({ action, label });
  const isButton = kind === "needs-person";
  if (kind !== "resolved" && kind !== "idle" && !isButton && !current.incident?.ack) act("ack", "I have it");
  const held = current.hold !== undefined && current.hold.until > now;
  if (held && kind === "proposing") act("hold", "Hold longer…");
  else if (held) act("resume", "Resume");
  else if (kind === "recovering" || kind === "verifying") act("hold", "Hold: no further rung");
  act("evidence", "Show evidence");
  items.push(...linksOf(input));
  return items.slice(0, 5);
}

function linksOf({ current, service }: ControlsInput): MenuItem[] {
  const { placement } = current;
  const links: MenuItem[] = [];
  if (placement.instanceId) {
    links.push({ link: instanceLink(placement.region, placement.instanceId), label: "Open in AWS console" });
  } else if (placement.asgName) {
    links.push({ link: groupLink(placement.region, placement.asgName), label: "Open in AWS console" });
  }
  if (service?.runbook) links.push({ link: service.runbook, label: "Runbook" });
  const alarm = current.bad.find((bad) => bad.alarmArn !== undefined)?.alarmArn;
  const name = alarm?.split(":").slice(6).join(":");
  if (name) links.push({ link: alarmLink(placement.region, name), label: "Alarm" });
  return links;
}
