/**
 * DynamoDB inside the process: dynalite on disk, for a first installation and for the sandbox. A killed process loses nothing
 * that was answered. A power cut may: dynalite does not fsync.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { wallClock } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { silentLog } from "../ports/log.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { OnConsumed } from "./consumed.ts";
import { assertUsable, lockDirectory } from "./directoryLock.ts";
import { dynaliteEngine } from "./dynaliteEngine.ts";
import type { DynaliteEngine } from "./dynaliteEngine.ts";
import { dynaliteHandler } from "./dynaliteHandler.ts";
import { dynamoClient } from "./dynamoClient.ts";
import { isTableMissing } from "./dynamoErrors.ts";
import { dynamoStore } from "./dynamoStore.ts";

export interface EmbeddedStoreOptions {
  /** Created when missing. One process at a time. */
  readonly dir: string;
  /** This process, for the message to a second one. */
  readonly pid?: number;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly onConsumed?: OnConsumed;
}

const embeddedTable = "medic";

/** Throws MedicError `data-in-use` when another process has the folder. The table stands when this returns. */
export async function embeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { dir, pid = process.pid, clock = wallClock, log = silentLog, onConsumed } = options;
  const lock = await lockDirectory(dir, pid);
  try {
    const table = await usableTable(join(dir, "table"));
    const counting = onConsumed ? { onConsumed } : {};
    const store = dynamoStore({ client: clientOf(table), table: embeddedTable, clock, log, ...counting });
    await store.setUp();
    return {
      ...store,
      close: async () => {
        await store.close();
        await table.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * A process that is killed while dynalite creates the table leaves it "being created" for ever. Such a table refuses items,
 * so nothing can be in it: it is begun anew.
 */
async function usableTable(path: string): Promise<DynaliteEngine> {
  await assertUsable(path);
  const table = dynaliteEngine({ path });
  if ((await statusOf(table)) !== "CREATING") return table;
  await table.close();
  await rm(path, { recursive: true, force: true });
  return dynaliteEngine({ path });
}

async function statusOf(table: DynaliteEngine): Promise<string | undefined> {
  try {
    return (await clientOf(table).describeTable({ TableName: embeddedTable })).Table?.TableStatus;
  } catch (error) {
    if (isTableMissing(error)) return undefined;
    throw error;
  }
}

function clientOf(table: DynaliteEngine): DynamoDB {
  return dynamoClient({
    region: "local",
    endpoint: "http://embedded.invalid",
    // Nobody looks at the signature, but the SDK makes one.
    credentials: { accessKeyId: "embedded", secretAccessKey: "embedded" },
    requestHandler: dynaliteHandler(table),
  });
}
