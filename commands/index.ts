/** The list of verbs, and how a typed line becomes one of them. */
import { ack } from "./ack.ts";
import { approve } from "./approve.ts";
import { autopilot } from "./autopilot.ts";
import { close } from "./close.ts";
import { digest } from "./digest.ts";
import { helpFor } from "./help.ts";
import { hold } from "./hold.ts";
import { incident } from "./incident.ts";
import { nearest } from "../src/domain/nearest.ts";
import { no } from "./no.ts";
import { orders } from "./orders.ts";
import { ready } from "./ready.ts";
import { restart } from "./restart.ts";
import { resume } from "./resume.ts";
import { snapshots } from "./snapshots.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import type { Person } from "../src/domain/serviceCase.ts";
import { NotUnderstood, type Answer, type CommandContext, type Verb } from "./context.ts";

export type { CommandContext, UnmatchedLine, Verb, Answer } from "./context.ts";

export const verbs: readonly Verb[] = [
  status,
  incident,
  approve,
  no,
  hold,
  resume,
  ack,
  restart,
  ...orders,
  stop,
  close,
  ready,
  snapshots,
  autopilot,
  digest,
  helpFor(() => verbs),
];

export interface Said {
  readonly answer: Answer;
  readonly audience: "person" | "channel";
}

/** Slack escapes what people type and turns names into ids; verbs take plain words. */
function wordsOf(line: string): string[] {
  return line
    .replace(/<([@#!])([^>|]*)\|([^>]*)>/g, "$3")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** Runs what was typed after `/medic`. Mistakes are answered; only the store's and Slack's failures are thrown. */
export async function runLine(ctx: CommandContext, line: string): Promise<Said> {
  const [first = "status", ...args] = wordsOf(line);
  const verb = verbs.find((each) => each.name === first.toLowerCase());
  if (verb === undefined) return { answer: await unknownVerb(ctx, first), audience: "person" };
  try {
    return { answer: await verb.run(ctx, args), audience: verb.audience ?? "person" };
  } catch (error) {
    if (error instanceof NotUnderstood) return { answer: error.answer, audience: "person" };
    throw error;
  }
}

/** The lines of a surface: who says it and where make the context. */
export function commandLine(
  contextOf: (line: { readonly person: Person; readonly channel: string }) => CommandContext,
) {
  return ({ text, person, channel }: { text: string; person: Person; channel: string }): Promise<Said> =>
    runLine(contextOf({ person, channel }), text);
}

async function unknownVerb(ctx: CommandContext, word: string): Promise<Answer> {
  const near = nearest(
    word,
    verbs.map((verb) => verb.name),
  );
  if (near !== undefined) {
    return ["There is no verb ", { code: word }, ". Did you mean ", { code: `/medic ${near}` }, "?"];
  }
  // A service's name alone: its status is what was meant.
  const service = [...ctx.settings.services.keys()].find((name) => name === word);
  if (service !== undefined) return status.run(ctx, [service]);
  return ["There is no verb ", { code: word }, ". ", { code: "/medic help" }, " lists them."];
}
