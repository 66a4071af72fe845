import type { Account } from "../src/memory/account.ts";
import type { AccountFault } from "../src/memory/accountFaults.ts";
import type { MachineView } from "../src/memory/accountModel.ts";
import type { FaultKind, FaultView } from "./page-protocol.ts";
import { carrierOf, faultsOn, machineFaultKinds } from "./panel-views.ts";
import { drRegion, region, sandboxServices, type SandboxAccounts } from "./world.ts";

type MachineKind = (typeof machineFaultKinds)[number];

/** Target is `account`. */
const accountKinds = ["no-capacity", "no-capacity-in-zone", "user-data-fails", "dns-api-down", "throttled"] as const;
type AccountKind = (typeof accountKinds)[number];

/** Slack's own outage belongs to the workspace, not to the account. */
type OwnKind = Exclude<FaultKind, "slack-down">;

const texts: Readonly<Record<OwnKind, { readonly label: string; readonly explanation: string }>> = {
  "kernel-hangs": {
    label: "Kernel hangs",
    explanation: "The instance check fails and nothing answers. A reboot cures it.",
  },
  "host-fails": {
    label: "Host fails",
    explanation: "The system check fails. A stop and start moves to another host; a standby takes over.",
  },
  "process-dies": {
    label: "Process dies",
    explanation: "The machine is well, the service refuses connections. A reboot starts it again.",
  },
  "stuck-stopping": {
    label: "Stop gets stuck",
    explanation: "The next stop hangs until it is forced, as happens with a broken operating system.",
  },
  "disk-full": {
    label: "Disk full",
    explanation: "The service answers 503. No restart helps: another machine does, or somebody makes room (tap again).",
  },
  "stopped-by-a-person": {
    label: "Stopped by hand",
    explanation: "Stopped on purpose: the bot asks and never starts it by itself.",
  },
  "terminated-by-somebody": {
    label: "Terminated",
    explanation: "The machine is gone for good: a standby takes over, or another one is built from a snapshot.",
  },
  "started-by-somebody": {
    label: "Somebody starts it",
    explanation: "After a failover the original returns: people are told, and it is kept out of service.",
  },
  "too-much-work": {
    label: "Too much work",
    explanation: "More than its machines can do: their CPU rises until another one joins the group.",
  },
  "snapshot-deleted": {
    label: "Snapshots here deleted",
    explanation: "Nothing is left to build it from in its own region: the ladder goes on to the other one.",
  },
  "no-capacity": {
    label: "No capacity",
    explanation: "AWS has no free machine: nothing can be started or launched until this is over.",
  },
  "no-capacity-in-zone": {
    label: `No capacity in ${region}a`,
    explanation: "One zone has no free machine: a launch tries the next one.",
  },
  "user-data-fails": {
    label: "User data fails",
    explanation: "New members of a group do not take their address at boot: the bot gives it to them.",
  },
  "dns-api-down": {
    label: "Route 53's API is down",
    explanation: "Names are answered as before, but no record can be changed, as when us-east-1 is in trouble.",
  },
  throttled: {
    label: "API throttled",
    explanation: "AWS refuses every call with RequestLimitExceeded, as in a busy account.",
  },
};

/** What goes away without a recovery: the next stop does not hang after all, somebody makes room. */
const mendable: ReadonlySet<FaultKind> = new Set(["stuck-stopping", "disk-full", "too-much-work", ...accountKinds]);

/** In percent of what one machine can do: three have room for it, two have not. */
const tooMuchWork = 170;
const usualWork = 60;

export function faultViews(accounts: SandboxAccounts): FaultView[] {
  const { home, dr } = accounts;
  return [
    ...sandboxServices.flatMap((service) => onService(accounts, service)),
    ...[home, dr].flatMap((account) => account.peek.machines().flatMap((machine) => onMachine(account, machine))),
    ...accountKinds.map((what) => view(what, "account", home.accountHas(faultOf[what].fault))),
    view("no-capacity", drRegion, dr.accountHas("no-capacity")),
  ];
}

function view(what: OwnKind, target: string, active: boolean): FaultView {
  return { what, target, ...texts[what], active, mendable: mendable.has(what) };
}

/** The machine that serves it now, and what only this service has. */
function onService(accounts: SandboxAccounts, service: (typeof sandboxServices)[number]): FaultView[] {
  const { home } = accounts;
  const carrier = carrierOf(accounts, service);
  const holds = carrier === null ? [] : faultsOn(holderOf(accounts, carrier), carrier);
  const onCarrier = machineFaultKinds.map((what) => view(what, service.name, holds.includes(what)));
  if (service.name === "search") {
    return [view("too-much-work", service.name, (home.peek.load("search") ?? 0) > usualWork), ...onCarrier];
  }
  if (service.name === "wiki") {
    return [...onCarrier, view("snapshot-deleted", service.name, snapshotsHere(home).length === 0)];
  }
  return onCarrier;
}

function onMachine(account: Account, machine: MachineView): FaultView[] {
  const holds = faultsOn(account, machine.id);
  if (machine.state === "terminated" || machine.state === "shutting-down") return [];
  // What holds stays in sight, whatever state the machine is in by now.
  const broken = machineFaultKinds.filter((what) => machine.state === "running" || holds.includes(what));
  const views = broken.map((what) => view(what, machine.id, holds.includes(what)));
  return machine.state === "stopped" ? [...views, view("started-by-somebody", machine.id, false)] : views;
}

const faultOf: Readonly<Record<AccountKind, { readonly fault: AccountFault; readonly in?: string }>> = {
  "no-capacity": { fault: "no-capacity" },
  "no-capacity-in-zone": { fault: "no-capacity-in", in: `${region}a` },
  "user-data-fails": { fault: "user-data-fails" },
  "dns-api-down": { fault: "dns-api-down" },
  throttled: { fault: "throttled" },
};

/** Throws, or rejects with, an Error with a sentence for the person. */
export async function breakIt(accounts: SandboxAccounts, what: FaultKind, target: string): Promise<void> {
  const { home } = accounts;
  switch (what) {
    case "slack-down":
      throw new Error("Slack is broken in its own window, not in the account.");
    case "no-capacity":
    case "no-capacity-in-zone":
    case "user-data-fails":
    case "dns-api-down":
    case "throttled":
      return accountNamed(accounts, target).breakAccount(faultOf[what].fault, { ...faultOf[what] });
    case "too-much-work":
      return home.setLoad(groupOf(target), tooMuchWork);
    case "snapshot-deleted":
      for (const id of snapshotsHere(home)) await home.calls.deleteSnapshot("somebody", id);
      return;
    case "started-by-somebody": {
      const { account, machine } = machineNamed(accounts, target);
      if (machine.state !== "stopped") throw new Error(`${machine.name} is ${machine.state}: nobody can start it now.`);
      return account.calls.start("somebody", [machine.id]);
    }
    default: {
      const { account, machine } = machineNamed(accounts, target);
      if (machine.state !== "running") throw new Error(`${machine.name} is ${machine.state}: nothing to break now.`);
      return account.break(what, machine.id);
    }
  }
}

/** Throws an Error with a sentence for the person. */
export function mendIt(accounts: SandboxAccounts, what: FaultKind, target: string): void {
  if (!mendable.has(what)) throw new Error("Only a recovery cures this; let the bot do it.");
  if (isAccountKind(what)) return accountNamed(accounts, target).mendAccount(faultOf[what].fault);
  if (what === "too-much-work") return accounts.home.setLoad(groupOf(target), usualWork);
  const { account, machine } = machineNamed(accounts, target);
  account.mend(what as MachineKind, machine.id);
}

function isAccountKind(what: FaultKind): what is AccountKind {
  return accountKinds.some((each) => each === what);
}

function accountNamed({ home, dr }: SandboxAccounts, target: string): Account {
  if (target === "account") return home;
  if (target === drRegion) return dr;
  throw new Error(`There is no region ${target} here.`);
}

function groupOf(service: string): string {
  const found = sandboxServices.find((each) => each.name === service)?.group;
  if (found === undefined) throw new Error(`${service} has no group that could have too much work.`);
  return found;
}

/** By its id, or the one that carries a service now. */
function machineNamed(accounts: SandboxAccounts, target: string): { account: Account; machine: MachineView } {
  const service = sandboxServices.find((each) => each.name === target);
  const id = service === undefined ? target : carrierOf(accounts, service);
  for (const account of [accounts.home, accounts.dr]) {
    const machine = account.peek.machines().find((each) => each.id === id);
    if (machine !== undefined) return { account, machine };
  }
  throw new Error(
    service === undefined ? `There is no instance ${target} here.` : `No machine serves ${service.name} now.`,
  );
}

function holderOf({ home, dr }: SandboxAccounts, instanceId: string): Account {
  return dr.peek.machines().some((machine) => machine.id === instanceId) ? dr : home;
}

function snapshotsHere(home: Account): string[] {
  return home.peek
    .snapshots()
    .filter((each) => each.tags["ec2-medic:snapshot-of"] === "wiki")
    .map((each) => each.id);
}
