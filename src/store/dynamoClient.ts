import { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

export interface DynamoClientOptions {
  readonly region: string;
  /** For compatible servers; absent = AWS (or what the SDK's own environment variables say). */
  readonly endpoint?: string;
  /** Absent = the SDK's usual chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestTimeoutMs?: number;
  /** In place of the network: the embedded store answers inside the process. */
  readonly requestHandler?: NonNullable<DynamoDBClientConfig["requestHandler"]>;
}

/** A lease lives 30 s and is renewed with room for one call of 10 s: three tries of 3 s stay inside that. */
const requestTimeoutMsDefault = 3_000;
/** A table within reach accepts a connection in milliseconds; waiting longer only delays the mail that says it is gone. */
const connectionTimeoutMs = 1_000;

/**
 * The client of the table. It never retries by itself: whether a second try is safe depends on what was lost, which only
 * `dynamoCalls` judges (a conditional write whose answer was lost would otherwise be retried and report a conflict with itself).
 */
export function dynamoClient(options: DynamoClientOptions): DynamoDB {
  return new DynamoDB({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    maxAttempts: 1,
    // Without it the SDK composes its middleware anew for each call: a third of the CPU of a write.
    cacheMiddleware: true,
    requestHandler: options.requestHandler ?? {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: options.requestTimeoutMs ?? requestTimeoutMsDefault,
      throwOnRequestTimeout: true,
    },
  });
}
