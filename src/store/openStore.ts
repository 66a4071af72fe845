import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { OnConsumed } from "./consumed.ts";

export interface OpenStoreOptions {
  /** MEDIC_TABLE; absent or "" = the embedded store in `dataDir`. */
  readonly table?: string;
  readonly region: string;
  /** Absent = AWS, or what AWS_ENDPOINT_URL[_DYNAMODB] says: the SDK reads these by itself. */
  readonly endpoint?: string;
  /** MEDIC_DATA_DIR. */
  readonly dataDir: string;
  readonly log: Log;
  readonly clock?: Clock;
  readonly onConsumed?: OnConsumed;
}

export interface OpenedStore extends Store {
  /** A sentence for the start-up line and `doctor`: where the truth lives and what it survives. */
  readonly description: string;
}

/**
 * The store that the settings ask for. With a table it makes no call and creates nothing (`medic setup` does); without one
 * the embedded store stands when this returns. Throws MedicError `data-in-use`, `data-unusable`, `data-damaged`.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  const { table, region, endpoint, dataDir, log, clock, onConsumed } = options;
  const shared = { log, ...(clock ? { clock } : {}), ...(onConsumed ? { onConsumed } : {}) };
  if (table) {
    // Loaded here, so that `check` and `explain` never pay for the SDK.
    const [{ dynamoClient }, { dynamoStore }] = await Promise.all([
      import("./dynamoClient.ts"),
      import("./dynamoStore.ts"),
    ]);
    const client = dynamoClient({ region, ...(endpoint ? { endpoint } : {}) });
    const where = endpoint ? ` at ${endpoint}` : "";
    return {
      ...dynamoStore({ client, table, ...shared }),
      description: `DynamoDB table "${table}" in ${region}${where}`,
    };
  }
  const { embeddedStore } = await import("./embeddedStore.ts");
  return {
    ...(await embeddedStore({ dir: dataDir, log, ...(clock ? { clock } : {}) })),
    description:
      `embedded store (SQLite) in ${dataDir}, for one process (MEDIC_TABLE is not set); what it answered survives a crash, a power cut and a ` +
      "full disk, and the loss of the disk only with a backup (medic store backup)",
  };
}
