/** Does what a history says, whether it was drawn just now or is played again. What is not there (any more) is left alone. */
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import type { Account } from "../../src/memory/account.ts";
import type { Cast } from "./cast.ts";
import type { Deed } from "./history.ts";
import { switchAutopilot, tap, type Attending } from "./people.ts";
import { orphanAlarm, pageOf, volumeTag } from "./places.ts";
import type { Worker } from "./worker.ts";

export interface Doing extends Attending {
  readonly cast: Cast;
  /** The first is home. */
  readonly accounts: readonly Account[];
  readonly hire: () => void;
}

export function perform(parts: Doing, deed: Deed): void {
  const { accounts, tell, alive } = parts;
  const [home] = accounts;
  if (home === undefined) return;
  const worker = "worker" in deed ? alive().find(({ name }) => name === deed.worker) : undefined;
  switch (deed.kind) {
    case "break":
      if (isThere(home, deed.machine)) home.break(deed.fault, deed.machine);
      return;
    case "orphan-alarm":
      return home.setAlarm(orphanAlarm.name, "ALARM", "jobs wait");
    case "throttle":
      home.faults.throttledCalls = deed.calls;
      return tell(`AWS throttles the next ${deed.calls} calls`);
    case "start":
      if (isThere(home, deed.machine)) void home.calls.start("somebody", [deed.machine]).catch(() => undefined);
      return;
    case "load":
      if (home.peek.groups().some(({ name }) => name === deed.group)) home.setLoad(deed.group, deed.percent);
      return;
    case "page":
      return writeNextPage(parts.cast, deed.service, home);
    case "account":
    case "mend":
      return accounts.filter(({ region }) => region === deed.region).forEach((account) => change(account, deed));
    case "kill":
      return worker?.killAfter(deed.calls, deed.afterIt);
    case "stall":
      return worker?.stall(deed.ms);
    case "hire":
      if (alive().length < 2) parts.hire();
      return;
    case "press":
      return pressOn(parts, deed);
    case "switch":
      if (worker) switchAutopilot(parts, worker, deed.state);
  }
}

function isThere(account: Account, id: string): boolean {
  return account.peek.machines().some((machine) => machine.id === id && machine.state !== "terminated");
}

function change(account: Account, deed: Extract<Deed, { kind: "account" | "mend" }>): void {
  if (deed.kind === "mend") account.mendAccount(deed.fault);
  else account.breakAccount(deed.fault, deed.in === undefined ? {} : { in: deed.in });
}

/** Where the worker that was pressed on has not lived, another one takes the press. */
function pressOn(parts: Doing, { service, event, workers }: Extract<Deed, { kind: "press" }>): void {
  if (!parts.settings.services.has(service as ServiceName)) return;
  for (const name of workers) {
    const there: readonly Worker[] = parts.alive();
    const worker = there.find((each) => each.name === name) ?? there[0];
    if (worker) void tap(parts, worker, service as ServiceName, event);
  }
}

/** The service writes to its volume while it serves: what is written must not be lost by any move. */
function writeNextPage({ parts }: Cast, name: string, home: Account): void {
  const service: ServiceDefinition | undefined = parts.find((part) => part.service.name === name)?.service;
  if (service?.target.kind !== "asg") return;
  const site = home.peek.site(`${service.name}.example`);
  if (site.kind !== "answers" || site.status >= 400 || site.by === undefined) return;
  const member = home.peek.group(service.target.asgName).members.find(({ id }) => id === site.by);
  const volume = home.peek.volumes().find((each) => each.attachment?.instanceId === site.by && isData(each.tags));
  if (member?.lifecycle !== "InService" || volume?.attachment?.state !== "attached") return;
  home.writeData(volume.id, `page ${pageOf(volume.content.marker) + 1}`);
}

const isData = (tags: Readonly<Record<string, string>>) => tags[volumeTag.key] === volumeTag.value;
