import { wallClock } from "../../src/ports/clock.ts";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import type { DynamoClientOptions } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { lossyHandler } from "./lossyHandler.ts";
import type { ContractBed } from "./storeContract.ts";

type RequestHandler = NonNullable<DynamoClientOptions["requestHandler"]>;

export const testCredentials = { accessKeyId: "AKIDTEST", secretAccessKey: "secret" };
const writing = new Set(["PutItem", "UpdateItem", "DeleteItem"]);
/** The pauses between tries are real ones elsewhere; here nobody waits for them. */
const hurried = { ...wallClock, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };

/** Stores on one table of its own of a DynamoDB that is reached through this handler. */
export function dynamoBed(handler: RequestHandler, table: string, endpoint = "http://127.0.0.1:1"): ContractBed {
  return {
    open: async ({ fault, upgrades } = {}) =>
      dynamoStore({
        table,
        clock: fault ? hurried : wallClock,
        ...(upgrades ? { upgrades } : {}),
        client: dynamoClient({
          region: "eu-west-1",
          endpoint,
          credentials: testCredentials,
          requestHandler: lossyHandler(handler, (target) => (writing.has(target) ? (fault?.() ?? "fine") : "fine")),
        }),
      }),
    // The handler is shared by all tables and closed by whoever made it.
    close: async () => undefined,
  };
}
