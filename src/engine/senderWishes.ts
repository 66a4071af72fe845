/** What is wanted of the sender: the newest wish for one message replaces the older one. */
import { MedicError } from "../domain/errors.ts";
import type { CardModel } from "../domain/cardModel.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { MessageRef } from "../ports/chat.ts";
import type { CardSender } from "./senderCard.ts";
import type { Priority } from "./senderQueue.ts";
import { holds, type SenderState } from "./senderState.ts";

export interface SaidMessage {
  readonly channel: string;
  readonly card: CardModel;
  readonly priority: Priority;
  /** Update this message instead of posting; posted anew when it is gone. */
  readonly ref?: MessageRef | undefined;
  /** Look for the card's key first: somebody may have posted it. */
  readonly mayStand?: boolean | undefined;
}

/** Messages of no service that may wait; beyond it the caller is told. */
const sayMax = 1_000;

export function notTheSender(): MedicError {
  return new MedicError("not-the-sender", "another worker speaks for the bot now", {
    retry: "later",
    next: "It is tried there.",
  });
}

export function offerCard(state: SenderState, current: ServiceCase): void {
  const { queue, parts, cards } = state;
  if (current.incident === undefined) return;
  const now = parts.clock.now();
  const at = cards.known(current);
  const id = `card/${current.service}`;
  const waiting = queue.get(id);
  if (waiting?.kind === "card") {
    if (current.rev >= waiting.current.rev) {
      waiting.current = current;
      waiting.offeredAt = now;
      waiting.priority = cardPriority(current, at);
    }
    waiting.again = true;
    return;
  }
  if (at !== undefined && at.version >= current.cardVersion) {
    const stored = current.shown?.incident === current.incident.id ? current.shown.version : 0;
    if (stored >= current.cardVersion) return offerThread(state, current, at.ref);
  }
  queue.put({
    id,
    kind: "card",
    order: queue.nextOrder(),
    service: current.service,
    current,
    offeredAt: now,
    priority: cardPriority(current, at),
    notBefore: now,
    attempts: 0,
    running: false,
    again: false,
    mustFind: current.incident.openedAt < state.heldSince + parts.settings().timing.clockSkewMs,
  });
}

function cardPriority(current: ServiceCase, at: ReturnType<CardSender["known"]>): Priority {
  if (at === undefined) return "prompt";
  return at.phase === current.phase.kind ? "progress" : "result";
}

export function offerThread(state: SenderState, current: ServiceCase, ref: MessageRef): void {
  const { queue, threads, parts } = state;
  if (!threads.owes(current)) return;
  const id = `thread/${current.service}`;
  const waiting = queue.get(id);
  if (waiting?.kind === "thread") {
    waiting.current = current;
    waiting.ref = ref;
    waiting.again = true;
    return;
  }
  const mentions = current.incident?.mentionedAt !== undefined;
  queue.put({
    id,
    kind: "thread",
    order: queue.nextOrder(),
    service: current.service,
    current,
    ref,
    priority: mentions ? "mention" : "reply",
    notBefore: parts.clock.now(),
    attempts: 0,
    running: false,
    again: false,
    mustFind: (current.incident?.openedAt ?? 0) < state.heldSince,
  });
}

export function wishSaid(state: SenderState, message: SaidMessage): Promise<MessageRef> {
  const { queue, parts } = state;
  const refusal = !holds(state)
    ? notTheSender()
    : queue.jobs.size >= sayMax
      ? new MedicError("sender-full", `${queue.jobs.size} messages wait already`, {
          retry: "later",
          next: "Slack is slow or down; it is tried again.",
        })
      : undefined;
  if (refusal) return Promise.reject(refusal);
  return new Promise((resolve, reject) => {
    const before = queue.get(`say/${message.card.key}`);
    // The newest wish wins; whoever wished for the older one hears what came of the newer.
    const older = before?.kind === "say" && !before.running ? before : undefined;
    const order = queue.nextOrder();
    queue.put({
      id: before !== undefined && older === undefined ? `say/${message.card.key}#${order}` : `say/${message.card.key}`,
      kind: "say",
      order: older?.order ?? order,
      channel: message.channel,
      card: message.card,
      ref: message.ref,
      priority: message.priority,
      notBefore: Math.max(parts.clock.now(), older?.notBefore ?? 0),
      attempts: older?.attempts ?? 0,
      running: false,
      mustFind: message.mayStand === true || older?.mustFind === true,
      done: (ref) => {
        older?.done(ref);
        resolve(ref);
      },
      failed: (error) => {
        older?.failed(error);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    });
  });
}
