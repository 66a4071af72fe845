/**
 * DynamoDB inside the process: dynalite on disk, for a first installation and for the sandbox. A killed process loses nothing
 * that was answered. A power cut may: dynalite does not fsync.
 */
import type { Server } from "node:http";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import dynalite from "dynalite";
import { wallClock } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { silentLog } from "../ports/log.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { OnConsumed } from "./consumed.ts";
import { lockDirectory } from "./directoryLock.ts";
import { dynaliteHandler } from "./dynaliteHandler.ts";
import { dynamoClient } from "./dynamoClient.ts";
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
  const server = await usableServer(join(dir, "table"));
  const store = dynamoStore({
    client: clientOf(server),
    table: embeddedTable,
    clock,
    log,
    ...(onConsumed ? { onConsumed } : {}),
  });
  await store.setUp();
  return {
    ...store,
    close: async () => {
      await store.close();
      await closed(server);
      await lock.release();
    },
  };
}

/**
 * A process that is killed while dynalite creates the table leaves it "being created" for ever. Such a table refuses items,
 * so nothing can be in it: it is begun anew.
 */
async function usableServer(path: string): Promise<Server> {
  const server = served(path);
  if ((await statusOf(server)) !== "CREATING") return server;
  await closed(server);
  await rm(path, { recursive: true, force: true });
  return served(path);
}

async function statusOf(server: Server): Promise<string | undefined> {
  const client = clientOf(server);
  try {
    return (await client.describeTable({ TableName: embeddedTable })).Table?.TableStatus;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

function served(path: string): Server {
  return dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
}

function clientOf(server: Server) {
  return dynamoClient({
    region: "local",
    endpoint: "http://embedded.invalid",
    // dynalite wants a signed request and does not look at the signature.
    credentials: { accessKeyId: "embedded", secretAccessKey: "embedded" },
    requestHandler: dynaliteHandler(server),
  });
}

/** dynalite closes its LevelDB only after its server has stopped listening, so a server that never listened does so for an instant. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      server.close((error?: Error) => (error ? reject(error) : resolve()));
    });
    server.on("error", reject);
  });
}
