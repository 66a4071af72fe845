/**
 * dynalite without a socket: the SDK's request is given to its server object as if it had come over HTTP. Faster, and nobody
 * else on the machine can reach the table.
 */
import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import type { DynamoClientOptions } from "./dynamoClient.ts";

type RequestHandler = NonNullable<DynamoClientOptions["requestHandler"]>;

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

export type DynaliteHandler = RequestHandler & {
  /** Takes no more requests and waits for those under way: dynalite ends the process when its LevelDB closes under one. */
  drain(): Promise<void>;
};

export function dynaliteHandler(server: Server): DynaliteHandler {
  const underWay = new Set<Promise<unknown>>();
  let draining = false;
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: async (request: SdkRequest) => {
      if (draining) throw refused();
      const answer = answered(server, request);
      underWay.add(answer);
      try {
        return { response: await answer };
      } finally {
        underWay.delete(answer);
      }
    },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    drain: async () => {
      draining = true;
      await Promise.all(underWay);
    },
  };
}

/** As a server that no longer listens would refuse: nothing was carried out. */
function refused(): Error {
  return Object.assign(new Error("the embedded table is closed"), { code: "ECONNREFUSED" });
}

function answered(server: Server, request: SdkRequest): Promise<SdkResponse> {
  return new Promise((resolve) => {
    const incoming = Object.assign(new EventEmitter(), {
      method: request.method,
      url: request.path,
      headers: lowerCased(request.headers),
    });
    const headers: Record<string, string> = {};
    const outgoing = {
      statusCode: 200,
      contentType: "",
      setHeader: (name: string, value: unknown) => {
        headers[name.toLowerCase()] = String(value);
      },
      end: (body = "") => resolve({ statusCode: outgoing.statusCode, headers, body: Buffer.from(body) }),
    };
    server.emit("request", incoming, outgoing);
    const body = bytesOf(request.body);
    if (body.length > 0) incoming.emit("data", body);
    incoming.emit("end");
  });
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The SDK's own byte arrays warn when they are used as text, which Buffer.concat and dynalite do: hence a plain Buffer. */
function bytesOf(body: unknown): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return typeof body === "string" ? Buffer.from(body) : Buffer.alloc(0);
}
