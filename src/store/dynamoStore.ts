import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { Upgrade } from "../domain/caseSchema.ts";
import { wallClock } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { silentLog } from "../ports/log.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { OnConsumed } from "./consumed.ts";
import { dynamoCalls } from "./dynamoCalls.ts";
import { dynamoCases } from "./dynamoCases.ts";
import { dynamoLeases } from "./dynamoLeases.ts";
import { dynamoRecords } from "./dynamoRecords.ts";
import { dynamoTransfer } from "./dynamoTransfer.ts";
import { tableModel } from "./tableModel.ts";
import { setUpTable } from "./tableSetUp.ts";

export interface DynamoStoreOptions {
  /** From `dynamoClient`, which does not retry by itself. */
  readonly client: DynamoDB;
  readonly table: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Told the units of every call; asking for them costs nothing. */
  readonly onConsumed?: OnConsumed;
  readonly upgrades?: Readonly<Record<number, Upgrade>>;
}

/** The store on one DynamoDB table. Makes no call before it is used; `setUp` creates the table. */
export function dynamoStore(options: DynamoStoreOptions): Store {
  const { client, table, clock = wallClock, log = silentLog, onConsumed, upgrades } = options;
  const calls = dynamoCalls({ client, table, clock, ...(onConsumed ? { onConsumed } : {}) });
  const model = tableModel;
  return {
    cases: dynamoCases({ calls, model, table, log, ...(upgrades ? { upgrades } : {}) }),
    records: dynamoRecords(calls, model),
    leases: dynamoLeases(calls, model),
    transfer: dynamoTransfer({ calls, model, log }),
    setUp: () => setUpTable(calls, { table, clock, log }),
    ping: async () => {
      await calls.getItem((await model()).requests.get({ pk: "ping", sk: "ping" }));
    },
    close: async () => client.destroy(),
  };
}
