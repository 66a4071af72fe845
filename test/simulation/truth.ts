/** What is really so in the simulated accounts, without asking through a port. */
import type { Account } from "../../src/memory/account.ts";
import type { MachineView } from "../../src/memory/accountModel.ts";
import { pageOf } from "./places.ts";

interface World {
  readonly accounts: readonly Account[];
}

export function accountIn({ accounts }: World, scope: string): Account {
  const account = accounts.find((each) => each.scope === scope);
  if (account === undefined) throw new Error(`no simulated account is ${scope}`);
  return account;
}

export function machineAnywhere({ accounts }: World, id: string): MachineView | undefined {
  return accounts.flatMap((account) => account.peek.machines()).find((machine) => machine.id === id);
}

/** The machine that a public address leads to now. */
export function machineAt({ accounts }: World, ip: string): string | undefined {
  for (const { peek } of accounts) {
    const address = peek.addresses().find(({ publicIp }) => publicIp === ip);
    if (address !== undefined) return address.instanceId;
    const machine = peek.machines().find(({ publicIp }) => publicIp === ip);
    if (machine !== undefined) return machine.id;
  }
  return undefined;
}

/** The machines that the record leads to now. */
export function servesBehind(
  world: World,
  zoneId: string,
  name: string,
): { readonly ip: string; readonly id: string }[] {
  const records = world.accounts[0]?.peek.records(zoneId).filter((record) => record.name === name) ?? [];
  const live = records.filter(({ weight }) => weight !== 0).flatMap(({ values }) => values);
  return live.flatMap((ip) => {
    const id = machineAt(world, ip);
    return id === undefined ? [] : [{ ip, id }];
  });
}

/** The last page that was written to any of these volumes, in the truth. */
export function newestPage(
  _account: Account,
  volumes: readonly { readonly content: { readonly marker: string } }[],
): string {
  const pages = volumes.map(({ content }) => pageOf(content.marker));
  return `page ${Math.max(0, ...pages)}`;
}
