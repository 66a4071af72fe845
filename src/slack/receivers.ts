/** How Slack reaches the bot: two sockets, our own HTTP server, or a receiver that a test or a scenario hands in. */
import { HTTPReceiver, SocketModeReceiver, type Logger, type Receiver } from "@slack/bolt";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../ports/clock.ts";
import { slackApiUrl, type Fetch } from "./webApi.ts";

export type Connection =
  | { readonly kind: "socket"; readonly appToken: string }
  | { readonly kind: "http"; readonly signingSecret: string }
  | { readonly kind: "receiver"; readonly receiver: Receiver };

export interface ConnectionHealth {
  readonly kind: Connection["kind"];
  /** Sockets that are open now; 1 for the other kinds. */
  readonly connected: number;
  readonly wanted: number;
  /** Epoch ms of the last thing that Slack sent; a silent workspace is no fault by itself. */
  readonly lastEnvelopeAt: number | undefined;
  readonly lastConnectedAt: number | undefined;
}

export interface Door {
  readonly receivers: readonly Receiver[];
  /** HTTP only: mount it on the bot's own server at /slack/events. */
  readonly listener: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Resolves when at least one way in is open. */
  start(): Promise<void>;
  stop(): Promise<void>;
  health(): ConnectionHealth;
}

/**
 * A refreshed socket is deaf for about five seconds (it closes before it reconnects), and clicks in that gap fail. Two sockets
 * are never refreshed at once; Slack delivers to whichever is open.
 */
const socketCount = 2;

/**
 * The socket must come back from an outage of any length: with few retries it gives up for ever, and without a longest pause the
 * next try may be a quarter of an hour away.
 */
const reconnect = { retries: 1000, factor: 1.3, maxTimeout: 15_000 } as const;

export interface DoorOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
}

export function createDoor(options: DoorOptions): Door {
  const { connection } = options;
  switch (connection.kind) {
    case "socket":
      return socketDoor(options, connection.appToken);
    case "http":
      return httpDoor(options, connection.signingSecret);
    case "receiver":
      return givenDoor(connection.receiver);
  }
}

function socketDoor({ clock, logger, apiUrl, fetch }: DoorOptions, appToken: string): Door {
  let connected = 0;
  let lastEnvelopeAt: number | undefined;
  let lastConnectedAt: number | undefined;
  const receivers = Array.from({ length: socketCount }, () => {
    const receiver = new SocketModeReceiver({
      appToken,
      logger,
      // Also the time after which a missing pong counts as a lost connection, and the deaf gap of one socket.
      clientPingTimeout: 2_000,
      installerOptions: {
        // An object of its own for each: the SDK writes into it.
        clientOptions: {
          slackApiUrl: (apiUrl ?? slackApiUrl).replace(/\/?$/, "/"),
          retryConfig: { ...reconnect },
          ...(fetch === undefined ? {} : { fetch: (url, init) => fetch(String(url), init ?? {}) }),
        },
      },
    });
    let open = false;
    const set = (now: boolean) => {
      if (now !== open) connected += now ? 1 : -1;
      open = now;
      if (now) lastConnectedAt = clock.now();
    };
    receiver.client.on("connected", () => set(true));
    receiver.client.on("reconnecting", () => set(false));
    receiver.client.on("disconnected", () => set(false));
    receiver.client.on("slack_event", () => {
      lastEnvelopeAt = clock.now();
    });
    return receiver;
  });
  return {
    receivers,
    listener: undefined,
    async start() {
      const started = receivers.map((receiver) => receiver.start());
      // The second socket is only there for the first one's gaps: it may come later, or report its failure through health.
      for (const each of started) each.catch((error: unknown) => logger.error(`socket not started: ${String(error)}`));
      await Promise.any(started).catch((error: unknown) => {
        throw error instanceof AggregateError ? (error.errors[0] as unknown) : error;
      });
    },
    async stop() {
      await Promise.allSettled(receivers.map((receiver) => receiver.client.disconnect()));
    },
    health: () => ({ kind: "socket", connected, wanted: socketCount, lastEnvelopeAt, lastConnectedAt }),
  };
}

function httpDoor({ clock, logger }: DoorOptions, signingSecret: string): Door {
  let lastEnvelopeAt: number | undefined;
  const receiver = new HTTPReceiver({ signingSecret, logger });
  return {
    receivers: [receiver],
    listener(request, response) {
      lastEnvelopeAt = clock.now();
      try {
        // Throws for a path that is none of Slack's; what happens later is answered by Bolt itself.
        receiver.requestListener(request, response);
      } catch {
        response.writeHead(404).end();
      }
    },
    start: async () => undefined,
    stop: async () => undefined,
    health: () => ({ kind: "http", connected: 1, wanted: 1, lastEnvelopeAt, lastConnectedAt: undefined }),
  };
}

function givenDoor(receiver: Receiver): Door {
  return {
    receivers: [receiver],
    listener: undefined,
    start: async () => {
      await receiver.start();
    },
    stop: async () => {
      await receiver.stop();
    },
    health: () => ({
      kind: "receiver",
      connected: 1,
      wanted: 1,
      lastEnvelopeAt: undefined,
      lastConnectedAt: undefined,
    }),
  };
}
