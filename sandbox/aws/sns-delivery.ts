/**
 * SNS's delivery to an HTTPS subscriber: envelopes signed as SNS signs them, at-least-once, with SNS's default retry policy. How
 * a request travels is the caller's: a real POST for the page, a function call for the headless form.
 */
import type { Account } from "../../src/memory/account.ts";
import type { TopicMessage } from "../../src/memory/accountModel.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { SnsSigner } from "./sns-signer.ts";

export interface SnsRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers the HTTP status, or throws when nobody answered. */
export type SnsDoor = (request: SnsRequest) => Promise<number>;

export interface SnsDeliveryOptions {
  readonly account: Account;
  readonly topicArn: string;
  readonly signer: SnsSigner;
  readonly clock: Clock;
  readonly door: SnsDoor;
  readonly signal: AbortSignal;
  /** Told about each attempt that was not a 2xx. */
  readonly onTrouble?: (trouble: {
    readonly messageId: string;
    readonly attempt: number;
    readonly what: string;
  }) => void;
}

/** SNS's default policy for HTTP: three retries, twenty seconds apart; a 4xx is final. */
const retriesMax = 3;
const retryDelayMs = 20_000;

/** Subscribes the door to the topic. The answer ends the subscription. */
export function deliverSns(options: SnsDeliveryOptions): () => void {
  return options.account.subscribe(options.topicArn, (message) => {
    void deliver(options, message);
  });
}

async function deliver(options: SnsDeliveryOptions, message: TopicMessage): Promise<void> {
  const request = requestOf(options.signer, message);
  for (let attempt = 1; attempt <= retriesMax + 1 && !options.signal.aborted; attempt++) {
    const what = await attempted(options.door, request);
    if (what === "accepted") return;
    options.onTrouble?.({ messageId: message.messageId, attempt, what });
    if (/^4\d\d$/.test(what)) return;
    await options.clock.sleep(retryDelayMs, options.signal);
  }
}

async function attempted(door: SnsDoor, request: SnsRequest): Promise<string> {
  try {
    const status = await door(request);
    return status >= 200 && status < 300 ? "accepted" : String(status);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function requestOf(signer: SnsSigner, message: TopicMessage): SnsRequest {
  const envelope = signer.notification({
    topicArn: message.topicArn,
    messageId: message.messageId,
    message: message.message,
    at: message.at,
    ...(message.subject === undefined ? {} : { subject: message.subject }),
  });
  return {
    headers: {
      "content-type": "text/plain; charset=UTF-8",
      "user-agent": "Amazon Simple Notification Service Agent",
      "x-amz-sns-message-type": "Notification",
      "x-amz-sns-message-id": message.messageId,
      "x-amz-sns-topic-arn": message.topicArn,
      "x-amz-sns-subscription-arn": `${message.topicArn}:00000000-0000-4000-8000-000000000001`,
    },
    body: JSON.stringify(envelope),
  };
}

/** A door that is a real HTTP endpoint; SNS gives it 15 seconds. */
export function httpDoor(url: string, fetch: typeof globalThis.fetch = globalThis.fetch): SnsDoor {
  return async ({ headers, body }) => {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) });
    await response.arrayBuffer();
    return response.status;
  };
}
