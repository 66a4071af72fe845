import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { AppUnreachable, type AppListener, type Envelope } from "./dispatch.ts";
import { isJson, textOf } from "./json.ts";
import type { Workspace } from "./workspace.ts";

/** Slack allows this many sockets for one app. */
const connectionsMost = 10;
/** Envelopes that may wait for their ack on one socket; an app that never acknowledges must not fill the memory. */
const waitingMost = 1_000;

export interface SocketMode {
  /** Takes an HTTP upgrade to `/link`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every connection to come back on a new socket, as Slack does every few hours. */
  refresh(reason: "warning" | "refresh_requested" | "link_disabled"): void;
  /** Cuts every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

/** Socket Mode's server side over real WebSockets: hello, envelopes, acks; each payload to one connection. */
export function createSocketMode(workspace: Workspace): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const stopWatching = workspace.onChange((change) => {
    if (change.kind === "status" && workspace.faults.down !== false) cut();
  });
  const cut = (): void => server.clients.forEach((socket) => socket.terminate());

  server.on("connection", (socket: WebSocket) => {
    const { listener, end } = socketListener(workspace, socket);
    const remove = workspace.dispatcher.add(listener);
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      remove();
      end();
    });
    socket.send(JSON.stringify(hello(workspace, server.clients.size)));
  });

  return {
    upgrade(request, socket, head) {
      if (workspace.faults.down !== false || server.clients.size >= connectionsMost) {
        socket.destroy();
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => server.emit("connection", opened, request));
    },
    refresh(reason) {
      server.clients.forEach((socket) => socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: {} })));
    },
    cut,
    close: () =>
      new Promise((resolve) => {
        stopWatching();
        cut();
        server.close(() => resolve());
      }),
  };
}

function hello(workspace: Workspace, connections: number): object {
  return {
    type: "hello",
    num_connections: connections,
    connection_info: { app_id: workspace.core.state.app.appId },
    debug_info: { host: "pretend-slack", started: "", build_number: 1, approximate_connection_time: 18_060 },
  };
}

function socketListener(workspace: Workspace, socket: WebSocket): { listener: AppListener; end: () => void } {
  const waiting = new Map<string, { resolve: (payload: unknown) => void; reject: (error: Error) => void }>();
  socket.on("message", (data) => {
    const answer = parse(data);
    const envelopeId = isJson(answer) ? (textOf(answer["envelope_id"]) ?? "") : "";
    const waiter = waiting.get(envelopeId);
    waiting.delete(envelopeId);
    if (isJson(answer)) waiter?.resolve(answer["payload"]);
  });
  const listener: AppListener = {
    id: workspace.core.id("socket"),
    deliver: (envelope) =>
      new Promise((resolve, reject) => {
        const envelopeId = workspace.core.id("envelope");
        const oldest = waiting.size < waitingMost ? undefined : waiting.keys().next().value;
        if (oldest !== undefined) waiting.delete(oldest);
        waiting.set(envelopeId, { resolve, reject });
        socket.send(JSON.stringify(wrap(envelope, envelopeId)), (error) => {
          if (error !== undefined && error !== null) reject(new AppUnreachable("the socket broke", { cause: error }));
        });
      }),
  };
  const end = (): void => {
    waiting.forEach(({ reject }) => reject(new AppUnreachable("the socket closed")));
    waiting.clear();
  };
  return { listener, end };
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return null;
  }
}

function wrap({ type, payload, retry }: Envelope, envelopeId: string): object {
  return {
    envelope_id: envelopeId,
    payload,
    type,
    accepts_response_payload: type !== "events_api",
    ...(type === "events_api" ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? "" } : {}),
  };
}
