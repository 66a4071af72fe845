import type { DynamoClientOptions } from "../../src/store/dynamoClient.ts";

type RequestHandler = NonNullable<DynamoClientOptions["requestHandler"]>;

/** What the network does to a request. Lost answers happen after the table has carried the request out. */
export type Network = (target: string) => "fine" | "refused" | "answer lost";

interface Handling {
  handle(request: { headers: Record<string, string> }, ...rest: unknown[]): Promise<unknown>;
}

/** A request handler that passes on to another one, and breaks as the network breaks: with the errors of Node's sockets. */
export function lossyHandler(inner: RequestHandler, network: Network): RequestHandler {
  const { handle } = inner as unknown as Handling;
  const broken: Handling = {
    ...inner,
    handle: async (request, ...rest) => {
      const fate = network((request.headers["x-amz-target"] ?? "").split(".")[1] ?? "");
      if (fate === "refused") throw socketError("connect ECONNREFUSED 127.0.0.1:8000", "ECONNREFUSED");
      const answer = await handle.call(inner, request, ...rest);
      if (fate === "answer lost") throw socketError("socket hang up", "ECONNRESET");
      return answer;
    },
  };
  return broken as unknown as RequestHandler;
}

function socketError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
