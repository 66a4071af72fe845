import type { DynamoClientOptions } from "../../src/store/dynamoClient.ts";

type RequestHandler = NonNullable<DynamoClientOptions["requestHandler"]>;

export type Fate = "fine" | "refused" | "answer lost" | "throttled" | "denied" | "server error";
/** What becomes of a request. A lost answer is lost after the table has carried the request out. */
export type Network = (operation: string) => Fate;

interface Handling {
  handle: (request: { headers: Record<string, string> }, ...rest: unknown[]) => Promise<unknown>;
}

/** A request handler that passes on to another one, and breaks as the network, the table and IAM break. */
export function lossyHandler(inner: RequestHandler, network: Network): RequestHandler {
  const { handle } = inner as unknown as Handling;
  const broken: Handling = {
    ...inner,
    handle: async (request, ...rest) => {
      const fate = network((request.headers["x-amz-target"] ?? "").split(".")[1] ?? "");
      if (fate === "refused") throw socketError("connect ECONNREFUSED 127.0.0.1:8000", "ECONNREFUSED");
      if (fate === "throttled") return refusal(400, "ProvisionedThroughputExceededException");
      if (fate === "denied") return refusal(400, "AccessDeniedException");
      const answer = await handle.call(inner, request, ...rest);
      if (fate === "answer lost") throw socketError("socket hang up", "ECONNRESET");
      if (fate === "server error") return refusal(500, "InternalServerError");
      return answer;
    },
  };
  return broken as unknown as RequestHandler;
}

function refusal(statusCode: number, type: string) {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: "as told by the test" });
  return {
    response: { statusCode, headers: { "content-type": "application/x-amz-json-1.0" }, body: Buffer.from(body) },
  };
}

function socketError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
