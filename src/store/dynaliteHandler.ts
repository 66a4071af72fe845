/** Gives the SDK's requests to dynalite inside the process: no socket, so nobody else on the machine can reach the table. */
import type { DynaliteEngine } from "./dynaliteEngine.ts";
import type { DynamoClientOptions } from "./dynamoClient.ts";

type RequestHandler = NonNullable<DynamoClientOptions["requestHandler"]>;

interface SdkRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function dynaliteHandler(engine: DynaliteEngine): RequestHandler {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: async ({ headers, body }: SdkRequest) => {
      const operation = (headers["x-amz-target"] ?? "").split(".")[1] ?? "";
      const answer = await engine.answer(operation, textOf(body));
      return { response: { statusCode: answer.statusCode, headers: {}, body: Buffer.from(answer.body) } };
    },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

/** The SDK's own byte arrays warn when they are used as text: hence a plain Buffer first. */
function textOf(body: unknown): string {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  return typeof body === "string" ? body : "";
}
