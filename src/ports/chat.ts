/** The chat workspace in our words. One sender at a time uses it (a lease); pacing and order are the engine's. */
import type { CardModel } from "../domain/cardModel.ts";
import type { Text } from "../domain/text.ts";
import { MedicError } from "../domain/errors.ts";

export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}

/** 429: only this key pauses. */
export class ChatLimited extends MedicError {
  readonly retryAfterMs: number;
  constructor(what: string, retryAfterMs: number) {
    super("chat-limited", `Slack asks to wait ${retryAfterMs / 1000} s before ${what}`, {
      retry: "later",
      next: "It is sent then.",
    });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The answer was lost: the message may stand already. Look by key before posting again. */
export class ChatUncertain extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("chat-uncertain", `Slack's answer to ${what} was lost`, {
      retry: "later",
      next: "History is read before it is sent again.",
      cause,
    });
  }
}

export class ChatDown extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("chat-down", `Slack did not take ${what}`, {
      retry: "later",
      next: "It is sent when Slack is back; mail goes out meanwhile.",
      cause,
    });
  }
}

/** Channel archived, bot not invited, unknown channel: the default channel is used instead. */
export class ChannelRefused extends MedicError {
  readonly slackError: string;
  constructor(channel: string, slackError: string) {
    super("channel-refused", `Slack refused channel ${channel}: ${slackError}`, {
      retry: "never",
      next: `Invite the bot to ${channel} (or unarchive it), then \`medic doctor\`.`,
    });
    this.slackError = slackError;
  }
}

/** The message is gone (deleted): post anew. */
export class MessageGone extends MedicError {
  constructor(ref: MessageRef) {
    super("message-gone", `message ${ref.ts} in ${ref.channel} is gone`, {
      retry: "never",
      next: "The card is posted anew.",
    });
  }
}

export interface Chat {
  post(channel: string, card: CardModel): Promise<MessageRef>;
  update(ref: MessageRef, card: CardModel): Promise<void>;
  /** A reply in the card's thread; `broadcast` also shows it in the channel and notifies. */
  reply(
    ref: MessageRef,
    text: Text,
    options: { readonly key: string; readonly broadcast: boolean },
  ): Promise<MessageRef>;
  /** The newest message whose metadata carries this key (posted by us, not older than `since`), for repair after a lost answer. */
  find(channel: string, key: string, since: number): Promise<MessageRef | undefined>;
  findReply(ref: MessageRef, key: string): Promise<MessageRef | undefined>;
  /** Members of user groups and the person's own standing, cached ≤ 5 min, refused when older than 15 min and Slack is silent. */
  mayApprove(
    person: string,
    approvers: { readonly users: readonly string[]; readonly groups: readonly string[] },
  ): Promise<{ readonly allowed: boolean; readonly detail: string }>;
}
