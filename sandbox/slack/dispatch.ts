import { isJson } from "./json.ts";
import type { Json } from "./model.ts";
import { ackDeadlineMs, type DeadlineClock } from "./workspace-core.ts";

export interface Envelope {
  readonly type: "slash_commands" | "interactive" | "events_api";
  readonly payload: Json;
  /** Set when an event is sent again. */
  readonly retry?: { readonly attempt: number; readonly reason: string };
}

/** One way to the app: a socket, a request URL, a function. `deliver` resolves with what the app acknowledged. */
export interface AppListener {
  readonly id: string;
  deliver(envelope: Envelope): Promise<unknown>;
}

/** Rejects `deliver` when the app could not be reached at all, as against reached and silent. */
export class AppUnreachable extends Error {}

export type Ack =
  | { readonly kind: "acked"; readonly payload: Json }
  | { readonly kind: "unanswered"; readonly error: "operation_timeout" | "dispatch_failed" };

export interface Dispatcher {
  /** The answer removes it. */
  add(listener: AppListener): () => void;
  count(): number;
  /** One listener gets it, in turn. Resolves with the ack, or after three seconds without one. */
  send(envelope: Envelope): Promise<Ack>;
  /** Sends an event and, unanswered, sends it again at once, after one minute and after five. */
  sendEvent(payload: Json): Promise<void>;
  /** Deliveries whose listener has not finished yet. */
  inFlight(): number;
}

/** Slack's waits before the first, second and third repetition of an event. */
const eventRetryWaitsMs = [0, 60_000, 300_000] as const;

export function createDispatcher(options: {
  readonly deadlines: DeadlineClock;
  readonly isDown: () => boolean;
  readonly onChange: () => void;
}): Dispatcher {
  const listeners: AppListener[] = [];
  let inFlight = 0;
  let turn = 0;

  const send = async (envelope: Envelope): Promise<Ack> => {
    const listener = options.isDown() ? undefined : listeners[turn++ % Math.max(1, listeners.length)];
    if (listener === undefined) return { kind: "unanswered", error: "dispatch_failed" };
    inFlight += 1;
    const delivered = listener.deliver(envelope).then(
      (payload): Ack => ({ kind: "acked", payload: ackPayload(payload) }),
      (error: unknown): Ack => ({
        kind: "unanswered",
        error: error instanceof AppUnreachable ? "dispatch_failed" : "operation_timeout",
      }),
    );
    void delivered.finally(() => (inFlight -= 1));
    return withDeadline(options.deadlines, delivered);
  };

  const sendEvent = async (payload: Json, attempt = 0): Promise<void> => {
    const retry = attempt === 0 ? {} : { retry: { attempt, reason: "http_timeout" } };
    const ack = await send({ type: "events_api", payload, ...retry });
    const waitMs = eventRetryWaitsMs[attempt];
    if (ack.kind === "acked" || waitMs === undefined) return;
    options.deadlines.after(waitMs, () => void sendEvent(payload, attempt + 1));
  };

  return {
    add(listener) {
      listeners.push(listener);
      options.onChange();
      return () => {
        const index = listeners.indexOf(listener);
        if (index < 0) return;
        listeners.splice(index, 1);
        options.onChange();
      };
    },
    count: () => listeners.length,
    send,
    sendEvent: (payload) => sendEvent(payload),
    inFlight: () => inFlight,
  };
}

/** A text ack is an ephemeral text; nothing is an empty object. */
function ackPayload(payload: unknown): Json {
  if (typeof payload === "string") return payload === "" ? {} : { text: payload };
  return isJson(payload) ? payload : {};
}

function withDeadline(deadlines: DeadlineClock, delivered: Promise<Ack>): Promise<Ack> {
  return new Promise((resolve) => {
    const cancel = deadlines.after(ackDeadlineMs, () => resolve({ kind: "unanswered", error: "operation_timeout" }));
    void delivered.then((ack) => {
      cancel();
      resolve(ack);
    });
  });
}
