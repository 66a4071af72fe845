import { AppUnreachable, type AppListener } from "./dispatch.ts";
import type { Json } from "./model.ts";

/** What Bolt's `app.processEvent` takes. */
export interface InProcessEvent {
  readonly body: Json;
  readonly ack: (response?: unknown) => Promise<void>;
  readonly retryNum?: number;
  readonly retryReason?: string;
}

export type InProcessHandler = (event: InProcessEvent) => Promise<void>;

/** Hands payloads to a function in this process, no socket in between. `onFinished` is called when the handler itself has ended. */
export function inProcessListener(id: string, handler: InProcessHandler, running: RunningCount): AppListener {
  return {
    id,
    deliver: ({ payload, retry }) =>
      new Promise((resolve, reject) => {
        const ack = async (response?: unknown): Promise<void> => resolve(response);
        const retried = retry === undefined ? {} : { retryNum: retry.attempt, retryReason: retry.reason };
        running.started();
        handler({ body: payload, ack, ...retried })
          .then(
            // A handler that ended without an ack never gives one.
            () => reject(new Error("the app did not acknowledge")),
            (error: unknown) => reject(new AppUnreachable("the app failed", { cause: error })),
          )
          .finally(running.ended);
      }),
  };
}

export interface RunningCount {
  readonly started: () => void;
  readonly ended: () => void;
}
