/** All ports of simulated accounts, found by scope. */
import { NotFound } from "../domain/errors.ts";
import type { Scope } from "../domain/words.ts";
import type { Cloud, Clouds } from "../ports/cloud.ts";
import type { Account } from "./account.ts";
import { memoryAlarms } from "./memoryAlarms.ts";
import { memoryCompute } from "./memoryCompute.ts";
import type { MemoryPortOptions } from "./memoryCompute.ts";
import { memoryCommands, memoryDns, memoryRouting } from "./memoryDns.ts";
import { memoryScaling } from "./memoryScaling.ts";
import { memoryStorage } from "./memoryStorage.ts";

export function memoryClouds(accounts: readonly Account[], options: MemoryPortOptions = {}): Clouds {
  const byScope = new Map<string, Cloud>(
    accounts.map((account) => [
      account.scope,
      {
        compute: memoryCompute(account, options),
        storage: memoryStorage(account, options),
        alarms: memoryAlarms(account, options),
        scaling: memoryScaling(account, options),
        dns: memoryDns(account, options),
        routing: memoryRouting(account, options),
        commands: memoryCommands(account, options),
      },
    ]),
  );
  return (scope: Scope) => {
    const cloud = byScope.get(scope);
    if (cloud === undefined) throw new NotFound(`account and region ${scope}`);
    return cloud;
  };
}
