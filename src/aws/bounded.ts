/**
 * The bound around a whole call: credentials, connection, tries, pauses between them and the body. The SDK's own time limits are
 * per try, and some hold only until the headers are there; a lease is given up by the clock, so a call must end by it too.
 */
import type { Clock } from "../ports/clock.ts";

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

interface Sender {
  send(command: object, options?: SendOptions): Promise<unknown>;
}

/**
 * The same client, each call of which ends within `msFor(command)`: answered, or rejected with a `TimeoutError`. After that
 * nothing is sent for it any more, so that no late try can act for a worker whose lease is gone.
 */
export function bounded<Client extends { send: unknown }>(
  client: Client,
  msFor: (command: object) => number,
  clock: Clock,
): Pick<Client, "send"> {
  const sender = client as unknown as Sender;
  const send = (command: object, options?: SendOptions) => {
    const bound = { ms: msFor(command), clock, ...(options?.abortSignal ? { outer: options.abortSignal } : {}) };
    return within(bound, (abortSignal) => sender.send(command, { ...options, abortSignal }));
  };
  return { send };
}

interface Bound {
  readonly ms: number;
  readonly clock: Clock;
  /** Ends the call early. */
  readonly outer?: AbortSignal;
}

async function within<T>({ ms, clock, outer }: Bound, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const call = new AbortController();
  const timer = new AbortController();
  const given = new Promise<never>((_resolve, reject) => {
    call.signal.addEventListener("abort", () => reject(call.signal.reason as Error), { once: true });
  });
  // A listener of our own that is taken off again: `AbortSignal.any` on the long-lived signal of a loop would pile them up.
  const onOuter = () => call.abort(named("AbortError", "the call was given up"));
  outer?.addEventListener("abort", onOuter, { once: true });
  void clock.sleep(ms, timer.signal).then(() => {
    if (!timer.signal.aborted) call.abort(named("TimeoutError", `no answer within ${ms / 1000} s, all tries together`));
  });
  try {
    if (outer?.aborted) onOuter();
    return await Promise.race([given, work(call.signal)]);
  } finally {
    timer.abort();
    outer?.removeEventListener("abort", onOuter);
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
