import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectionLost } from "./api-error.ts";

/** Bodies above this are cut off; the largest real one is a view of 100 blocks. */
const bodyBytesMost = 4_000_000;

/** Runs a `(Request) => Promise<Response>` for node:http. A ConnectionLost breaks the socket instead of answering. */
export function httpDoor(
  handle: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(handle, request, response).catch((error: unknown) => {
      if (error instanceof ConnectionLost || response.headersSent) {
        request.socket.destroy();
        return;
      }
      response.writeHead(500, { "content-type": "text/plain" }).end(String(error));
    });
  };
}

async function answer(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMost) throw new ConnectionLost("the body is too large");
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === "string") headers.set(name, value);
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const url = new URL(incoming.url ?? "/", `http://${incoming.headers.host ?? "127.0.0.1"}`);
  const response = await handle(
    new Request(url, { method, headers, ...(hasBody ? { body: Buffer.concat(chunks) } : {}) }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
