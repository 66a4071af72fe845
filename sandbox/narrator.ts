import type { Account } from "../src/memory/account.ts";
import type { Mailbox } from "./aws/mailbox.ts";
import { plainOf, seen } from "./seen-message.ts";
import type { EphemeralMessage, SlackMessage } from "./slack/model.ts";
import { people } from "./slack/workspace-state.ts";
import type { Workspace } from "./slack/workspace.ts";
import type { Transcript } from "./transcript.ts";

/** Writes down what AWS does, what the bot posts and what people are told. The answer ends it. */
export function narrate(parts: {
  readonly account: Account;
  readonly mailbox: Mailbox;
  readonly workspace: Workspace;
  readonly transcript: Transcript;
}): () => void {
  const { account, mailbox, workspace, transcript } = parts;
  const cards = new Map<string, { text: string; steps: string[] }>();
  const whispered = new Set<string>();
  const leave = [
    account.onLine((line) => transcript.line(line.who, line.text)),
    mailbox.onMail((mail) => transcript.line("e-mail", mail.subject)),
    workspace.onChange((change) => {
      if (change.kind === "message") posted(parts, cards, change.message);
      if (change.kind === "ephemeral") {
        for (const each of workspace.ephemeral(change.user)) whispers(transcript, whispered, each);
      }
    }),
  ];
  return () => leave.forEach((stop) => stop());
}

function posted(
  parts: { readonly workspace: Workspace; readonly transcript: Transcript },
  cards: Map<string, { text: string; steps: string[] }>,
  message: SlackMessage,
): void {
  if (message.botId === null) return;
  const { transcript, workspace } = parts;
  const channel = workspace.core.channel(message.channel).name;
  const now = seen(message);
  const steps = now.steps.filter((each) => each.status !== "pending").map(stepLine);
  const before = cards.get(message.ts);
  cards.set(message.ts, { text: now.text, steps });
  if (before === undefined)
    transcript.line("Slack", `${placeOf(channel, message)} ${now.text}${buttonsOf(now.buttons)}`);
  else if (before.text !== now.text) {
    transcript.line("Slack", `the card now: ${whatIsNew(before.text, now.text)}${buttonsOf(now.buttons)}`);
  }
  for (const step of steps) if (before?.steps.includes(step) !== true) transcript.line("Slack", `  ${step}`);
}

/** The first sentence says which card it is; of the others only those that the card did not say before. */
function whatIsNew(before: string, now: string): string {
  const sentences = (text: string): string[] => text.split(/(?<=[.!?])\s+(?=[A-Z])/);
  const known = new Set(sentences(before));
  const [first = "", ...others] = sentences(now);
  return [first, ...others.filter((each) => !known.has(each))].join(" ");
}

function placeOf(channel: string, message: SlackMessage): string {
  return message.threadTs === null ? `#${channel}:` : `#${channel}, in the thread:`;
}

function buttonsOf(buttons: readonly { readonly label: string }[]): string {
  return buttons.length === 0 ? "" : `\n${buttons.map((each) => `[${each.label}]`).join(" ")}`;
}

const marks: Readonly<Record<string, string>> = { complete: "✓", in_progress: "…", error: "✗" };

function stepLine(step: { readonly title: string; readonly status: string; readonly detail: string }): string {
  return `${marks[step.status] ?? "·"} ${step.title}${step.detail === "" ? "" : ` (${step.detail})`}`;
}

function whispers(transcript: Transcript, known: Set<string>, message: EphemeralMessage): void {
  const words = seen(message).body || plainOf(message.text);
  const key = `${message.id} ${words}`;
  if (known.has(key)) return;
  known.add(key);
  const name = Object.entries(people).find(([, id]) => id === message.to)?.[0] ?? message.to;
  transcript.line("Slack", `only to ${name.charAt(0).toUpperCase()}${name.slice(1)}: ${words}`);
}
