import { createHmac } from "node:crypto";
import { AppUnreachable, type AppListener, type Envelope } from "./dispatch.ts";

export interface HttpDelivery {
  /** The app's request URL, for example `http://127.0.0.1:3000/slack/events`. */
  readonly requestUrl: string;
  readonly signingSecret: string;
  /** Wall clock: the app compares the signature's timestamp with its own. */
  readonly now: () => number;
}

/**
 * Sends signed requests as Slack does without Socket Mode. The content type is set by hand because the app compares it exactly, and fetch
 * would add a charset to a URLSearchParams body.
 */
export function httpListener(id: string, delivery: HttpDelivery): AppListener {
  return {
    id,
    async deliver(envelope) {
      const { contentType, body } = encode(envelope);
      const timestamp = String(Math.floor(delivery.now() / 1_000));
      const response = await fetch(delivery.requestUrl, {
        method: "POST",
        body: Buffer.from(body),
        headers: {
          "content-type": contentType,
          "x-slack-request-timestamp": timestamp,
          "x-slack-signature": signatureOf(delivery.signingSecret, timestamp, body),
          ...retryHeaders(envelope),
        },
      }).catch((error: unknown) => {
        throw new AppUnreachable(`no answer from ${delivery.requestUrl}`, { cause: error });
      });
      const answer = await response.text();
      if (response.status !== 200) throw new AppUnreachable(`${delivery.requestUrl} answered ${response.status}`);
      const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
      return isJson ? (JSON.parse(answer) as unknown) : answer;
    },
  };
}

/** Slack's `v0` signature over timestamp and exact body. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

function encode({ type, payload }: Envelope): { readonly contentType: string; readonly body: string } {
  if (type === "events_api") return { contentType: "application/json", body: JSON.stringify(payload) };
  const fields =
    type === "interactive"
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return { contentType: "application/x-www-form-urlencoded", body: new URLSearchParams(fields).toString() };
}

function retryHeaders({ retry }: Envelope): Record<string, string> {
  return retry === undefined
    ? {}
    : { "x-slack-retry-num": String(retry.attempt), "x-slack-retry-reason": retry.reason };
}
