/**
 * dynalite behind its own HTTP server, in memory: a second DynamoDB beside DynamoDB Local that needs no Java, so that what the adapter
 * does is tried in every unit run.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import type { DynamoClientOptions } from "../../src/store/dynamoClient.ts";
import { testCredentials } from "./dynamoBed.ts";

export interface DynalitePeer {
  readonly endpoint: string;
  readonly handler: NonNullable<DynamoClientOptions["requestHandler"]>;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<DynalitePeer> {
  const server = dynalite({ createTableMs: 0 });
  // Longer than any pause within a test: a connection that ends while it is used looks like a lost answer.
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Patient, since a busy machine must not look like a lost answer either.
  const client = dynamoClient({ region: "eu-west-1", endpoint, credentials: testCredentials, requestTimeoutMs: 20_000 });
  return {
    endpoint,
    handler: client.config.requestHandler,
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
