import { memoryStore } from "../../src/memory/memoryStore.ts";
import { memoryTable } from "../../src/memory/memoryTable.ts";
import type { StoreOperation } from "../../src/memory/memoryStore.ts";
import { StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import { storeContract } from "./storeContract.ts";

const writing = new Set<StoreOperation>(["cases.write", "records.putIfAbsent", "leases.acquire"]);

storeContract("memory", async () => {
  const table = memoryTable();
  return {
    open: async ({ fault, upgrades } = {}) =>
      memoryStore({
        table,
        ...(upgrades ? { upgrades } : {}),
        faults: {
          beforeCall: (operation, key) => {
            if (writing.has(operation) && fault?.() === "refused") throw new StoreUnavailable(key);
          },
          afterCall: (operation, key) => {
            if (writing.has(operation) && fault?.() === "answer lost") throw new StoreUncertain(key);
          },
        },
      }),
    close: async () => undefined,
  };
});
