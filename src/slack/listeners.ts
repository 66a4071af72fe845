/**
 * What happens at a click. Always the same: take it, read who, check permission, make the event, hand it in, answer privately.
 * Nothing is trusted from the click but ids; the case in the store decides.
 */
import { anyApprovers } from "../domain/approvers.ts";
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import type { Asker, CaseEvent } from "../domain/event.ts";
import type { ButtonAction } from "../domain/cardModel.ts";
import { sentence, type Reason } from "../domain/reasons.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { Text } from "../domain/text.ts";
import type { Preview } from "../domain/preview.ts";
import type { OrderOption, Recovery, ServiceName } from "../domain/words.ts";
import type { Dossier } from "../domain/dossier.ts";
import type { Chat } from "../ports/chat.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle, Handled } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import { StoreUncertain, StoreUnavailable, type Cases } from "../ports/store.ts";
import { holdAnswer } from "./holdAnswer.ts";
import type { People } from "./people.ts";
import type { Where } from "./press.ts";
import type { SlackWebApi } from "./webApi.ts";
import type { Answer, Whisper } from "./whisper.ts";

export interface Desk {
  readonly settings: () => Settings;
  readonly cases: Pick<Cases, "load">;
  readonly handle: Handle;
  readonly chat: Pick<Chat, "mayApprove">;
  readonly people: People;
  readonly whisper: Whisper;
  readonly api: SlackWebApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What was read about the service, for previews; absent or slow ones are done without. */
  readonly dossier?: ((service: ServiceName) => Promise<Dossier | undefined>) | undefined;
  /** The recoveries that the pattern of this service knows. */
  readonly choices: (service: ServiceName) => readonly Recovery[];
  /** What one of them would do, read now. Never throws, and comes back within seconds. */
  readonly preview: (service: ServiceName, recovery: Recovery, options: readonly OrderOption[]) => Promise<Preview>;
  /** "Which service is this?": records the assignment and says what to add to medic.yaml. */
  readonly assign?: ((choice: { key: string; service: ServiceName; by: Asker }) => Promise<Text>) | undefined;
}

export interface Wish {
  readonly service: ServiceName;
  readonly proposal: number;
  readonly why?: string | undefined;
  readonly forMs?: number | undefined;
}

/** Who pressed, and may they: asked at every click. A service that is gone from medic.yaml listens to every approver. */
export async function askerOf(desk: Desk, person: string, service: string): Promise<Asker> {
  const settings = desk.settings();
  const approvers = settings.services.get(service as ServiceName)?.approvers ?? anyApprovers(settings);
  const { allowed, detail } = await desk.chat.mayApprove(person, approvers);
  const name = await desk.people.nameOf(person);
  return { id: person, name, allowed, ...(allowed ? {} : { refusal: detail }) };
}

type Direct = Exclude<ButtonAction, "choose" | "assign" | "evidence">;

export function eventFor(action: Direct, by: Asker, wish: Wish): CaseEvent {
  const why = wish.why === undefined || wish.why === "" ? {} : { why: wish.why };
  switch (action) {
    case "approve":
      return { kind: "approve", by, proposal: wish.proposal };
    case "no":
      return { kind: "no", by, proposal: wish.proposal, ...why };
    case "hold":
      return { kind: "hold", by, ...(wish.forMs === undefined ? {} : { forMs: wish.forMs }), ...why };
    case "resume":
      return { kind: "resume", by };
    case "ack":
      return { kind: "ack", by };
    case "stop":
      return { kind: "stop", by };
    case "close":
      return { kind: "close", by, why: wish.why ?? "" };
  }
}

/** Hands the event in and answers privately, whatever comes of it. */
export async function act(desk: Desk, where: Where, action: Direct, wish: Wish): Promise<void> {
  const by = await askerOf(desk, where.user, wish.service);
  await deliver(desk, where, wish.service, eventFor(action, by, wish));
}

export async function deliver(desk: Desk, where: Where, service: ServiceName, event: CaseEvent): Promise<void> {
  let handled: Handled;
  try {
    handled = await desk.handle(service, event);
  } catch (error) {
    desk.log.error("slack-press-failed", { code: codeOf(error), service, event: event.kind, error });
    desk.metrics.count("medic_presses_total", { event: event.kind, outcome: "failed" });
    await desk.whisper.tell(where, { text: notDone(error) });
    return;
  }
  desk.metrics.count("medic_presses_total", { event: event.kind, outcome: handled.kind });
  await desk.whisper.tell(where, (await keptHold(desk, service, handled)) ?? answerTo(event, handled));
}

/** A second tap on Hold changes nothing by itself; it still offers the longer ones. */
async function keptHold(desk: Desk, service: ServiceName, handled: Handled): Promise<Answer | undefined> {
  if (handled.kind !== "ignored" || handled.reason.code !== "hold-kept") return undefined;
  const current = await desk.cases.load(service).catch(() => undefined);
  return current?.hold && holdAnswer(current, current.hold);
}

/** Whoever pressed or typed must know whether anything of it was kept, and what to do now. */
export function notDone(error: unknown): Text {
  const why = sentenceOf(error);
  const next = error instanceof MedicError ? error.next : "Try again; if it stays, look at the bot's log.";
  if (error instanceof StoreUnavailable)
    return [{ bold: "That did not get through, and nothing was kept" }, `: ${why}. ${next} Then do it again.`];
  if (error instanceof StoreUncertain)
    return [
      { bold: "It is not known whether that got through" },
      `: ${why}. ${next} Look at the card, or at `,
      { code: "/medic status" },
      ", before you do it again.",
    ];
  return [{ bold: "That did not get through" }, `: ${why}. ${next}`];
}

function answerTo(event: CaseEvent, handled: Handled): Answer {
  if (handled.kind === "ignored") return { text: [said(handled.reason)] };
  const { current, answer } = handled;
  if (event.kind === "hold" && current.hold) return holdAnswer(current, current.hold);
  return { text: answer ? [said(answer)] : doneText(event.kind, current) };
}

function said(reason: Reason): string {
  const text = sentence(reason);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function doneText(kind: CaseEvent["kind"], current: ServiceCase): Text {
  const done: Partial<Record<CaseEvent["kind"], string>> = {
    approve: "Approved",
    no: "Noted: no",
    resume: "Resumed",
    ack: "You have it",
    stop: "It stops at its next safe point",
    close: "Closed",
    order: "Ordered",
  };
  return [{ bold: `${done[kind] ?? "Done"}.` }, ` ${current.service}: the card shows what happens now.`];
}
