/** Can the bot get into each account that services live in? Which one is its own is known only once it runs. */
import type { Settings } from "../domain/settings.ts";
import { servicePath } from "./findings.ts";
import type { CheckedService, Finding } from "./findings.ts";
import type { RawGlobals } from "./schema.ts";

export function checkAccounts(
  services: readonly CheckedService[],
  accounts: RawGlobals["accounts"],
  broken: ReadonlySet<string>,
): Finding[] {
  if (broken.has("accounts")) return [];
  const known = accounts ?? {};
  const inFile = services.filter(({ broken: wrong }) => !wrong.has("account"));
  const own = inFile.find(({ definition: { account } }) => account !== "" && known[account] === undefined);
  const someUnnamed = inFile.some(({ definition: { account } }) => account === "");
  const findings: Finding[] = [];
  for (const service of inFile) {
    const { account } = service.definition;
    if (account === "" || known[account] !== undefined) continue;
    const path = service.raw.account === undefined ? ["defaults", "account"] : servicePath(service, "account");
    if (account !== own?.definition.account) {
      const message = `found "${account}", which is not under accounts; needed: how the bot enters it (its own account can be one only, and ${own?.definition.name} names "${own?.definition.account}")`;
      findings.push({ severity: "error", path, message, fix: entry(account) });
    } else if (someUnnamed && service === own) {
      const message = `found "${account}", which is not under accounts: right only if it is the account of the bot's own credentials`;
      findings.push({ severity: "warning", path, message, fix: entry(account) });
    }
  }
  const used = new Set(inFile.map(({ definition }) => definition.account));
  for (const account of Object.keys(known)) {
    if (used.has(account)) continue;
    const message = `no service lives in "${account}"`;
    findings.push({
      severity: "warning",
      path: ["accounts", account],
      message,
      fix: "Remove it, or write `account` in its services.",
    });
  }
  for (const [account, { role }] of Object.entries(known)) {
    if (role.includes(`:iam::${account}:`)) continue;
    const message = `found a role of account ${role.split(":")[4]}; needed: a role in ${account}`;
    findings.push({ severity: "error", path: ["accounts", account, "role"], message, fix: entry(account) });
  }
  return findings;
}

function entry(account: string): string {
  return `Add \`accounts: { "${account}": { role: "arn:aws:iam::${account}:role/ec2-medic" } }\` at the top level.`;
}

/** Once it is known which account is the bot's own: services of which no role is named, so that nothing could be done for them. */
export function withoutEntry(
  settings: Settings,
  ownAccount: string,
): { readonly service: string; readonly account: string }[] {
  return [...settings.services.values()]
    .filter(({ account }) => account !== "" && account !== ownAccount && !settings.accounts.has(account))
    .map(({ name, account }) => ({ service: name, account }));
}
