/**
 * The bot's own small server: the SNS door, Slack's door in HTTP mode, health and metrics. Plain HTTP behind a balancer or TLS
 * with its own certificate. It hands bodies on as bytes; what they mean is decided behind it.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { MedicError } from "../domain/errors.ts";
import type { Log } from "../ports/log.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

/** A door that takes a whole body. `bytesMax` is enforced while reading; more is answered 413 and the connection is closed. */
export interface Door {
  readonly method: "GET" | "POST";
  readonly bytesMax: number;
  readonly take: (body: Buffer) => Promise<Answer>;
  /** Told of each 413, which `take` never sees. */
  readonly onTooLarge?: () => void;
}

export interface HttpServerParts {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly doors: ReadonlyMap<string, Door>;
  /** Paths whose raw request goes to somebody else (Slack's receiver checks its own signature and limits). */
  readonly raw: ReadonlyMap<string, (req: IncomingMessage, res: ServerResponse) => void>;
  readonly log: Log;
}

export interface HttpServer {
  readonly url: string;
  /** Stops listening, ends idle connections, waits for those in hand. */
  close(): Promise<void>;
}

/** A body must arrive within this; SNS itself gives up after 15 s. */
const requestTimeoutMs = 15_000;

export async function startHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const listener = (req: IncomingMessage, res: ServerResponse) => {
    serve(parts, req, res).catch((error: unknown) => {
      parts.log.error("http-door-failed", { path: pathOf(req), error });
      reply(res, { status: 500, body: "internal error" });
    });
  };
  const server: Server = parts.tls ? createHttpsServer({ ...parts.tls }, listener) : createHttpServer(listener);
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = requestTimeoutMs;
  await listen(server, parts);
  const { port } = server.address() as AddressInfo;
  const host = parts.host.includes(":") ? `[${parts.host}]` : parts.host;
  return {
    url: `${parts.tls ? "https" : "http"}://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HttpServerParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      const message = taken ? `${host}:${port} is in use` : `cannot listen on ${host}:${port}: ${error.message}`;
      const next = taken
        ? "Stop the other program or set MEDIC_HTTP_PORT."
        : "Check MEDIC_HTTP_HOST and MEDIC_HTTP_PORT.";
      reject(new MedicError("http-port", message, { retry: "never", next, cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}

const pathOf = (req: IncomingMessage) => (req.url ?? "/").split("?", 1)[0] ?? "/";

async function serve({ doors, raw }: HttpServerParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = pathOf(req);
  const handler = raw.get(path);
  if (handler) return handler(req, res);
  const door = doors.get(path);
  if (door === undefined) return reply(res, { status: 404, body: "not found" });
  if (req.method !== door.method && !(door.method === "GET" && req.method === "HEAD")) {
    res.setHeader("allow", door.method);
    return reply(res, { status: 405, body: "method not allowed" });
  }
  const body = await readBody(req, door.bytesMax);
  if (body === undefined) {
    door.onTooLarge?.();
    res.setHeader("connection", "close");
    return reply(res, { status: 413, body: `more than ${door.bytesMax} bytes` });
  }
  reply(res, await door.take(body));
}

async function readBody(req: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}

function reply(res: ServerResponse, answer: Answer): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(answer.status, { "content-type": answer.contentType ?? "text/plain; charset=utf-8" });
  res.end(answer.body);
}
