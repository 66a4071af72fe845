import type { Account } from "../src/memory/account.ts";
import type { MachineFault } from "../src/memory/accountFaults.ts";
import type { MachineView } from "../src/memory/accountModel.ts";
import type { FaultKind, FaultView } from "./page-protocol.ts";

export const machineFaultKinds = [
  "kernel-hangs",
  "host-fails",
  "process-dies",
  "disk-full",
  "stuck-stopping",
  "stopped-by-a-person",
  "terminated-by-somebody",
] as const satisfies readonly (FaultKind | MachineFault)[];

/** Slack's own outage belongs to the workspace, not to the account. */
type AccountKind = Exclude<FaultKind, "slack-down">;

const faultTexts: Readonly<Record<AccountKind, { readonly label: string; readonly explanation: string }>> = {
  "kernel-hangs": {
    label: "Kernel hangs",
    explanation: "The instance check fails and nothing answers. A reboot cures it.",
  },
  "host-fails": {
    label: "Host fails",
    explanation: "The system check fails. Only a stop and start, which moves to another host, cures it.",
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
    explanation: "The service answers 503. No restart helps: somebody has to make room (tap again).",
  },
  "stopped-by-a-person": {
    label: "Stopped by hand",
    explanation: "Stopped on purpose: the bot asks and never starts it by itself.",
  },
  "terminated-by-somebody": {
    label: "Terminated",
    explanation: "The machine is gone for good. No restart brings it back: a person has to launch another one.",
  },
  "no-capacity": {
    label: "No capacity",
    explanation: "AWS has no free machine: a stopped instance cannot start until this is over.",
  },
  throttled: {
    label: "API throttled",
    explanation: "AWS refuses every call with RequestLimitExceeded, as in a busy account.",
  },
};

/** What goes away without a recovery: the next stop does not hang after all, somebody makes room. */
const mendable: ReadonlySet<FaultKind> = new Set(["stuck-stopping", "disk-full"]);

export function faultViews(account: Account): FaultView[] {
  const onMachines = account.peek.machines().flatMap((machine) =>
    machineFaultKinds.map((what): FaultView => {
      const active = account.faultsOf(machine.id).includes(what);
      return { what, target: machine.id, ...faultTexts[what], active, mendable: mendable.has(what) };
    }),
  );
  const onAccount = (["no-capacity", "throttled"] as const).map((what): FaultView => ({
    what,
    target: "account",
    ...faultTexts[what],
    active: account.accountHas(what),
    mendable: true,
  }));
  return [...onMachines, ...onAccount];
}

/** Throws an Error with a sentence for the person. */
export function breakIt(account: Account, what: FaultKind, target: string): void {
  switch (what) {
    case "slack-down":
      throw new Error("Slack is broken in its own window, not in the account.");
    case "no-capacity":
    case "throttled":
      return account.breakAccount(what);
    default: {
      const machine = machineNamed(account, target);
      if (machine.state !== "running") throw new Error(`${machine.name} is ${machine.state}: nothing to break now.`);
      return account.break(what, target);
    }
  }
}

/** Throws an Error with a sentence for the person. */
export function mendIt(account: Account, what: FaultKind, target: string): void {
  if (what === "no-capacity" || what === "throttled") return account.mendAccount(what);
  machineNamed(account, target);
  if (!mendable.has(what)) throw new Error("Only a recovery cures this; let the bot do it.");
  account.mend(what as MachineFault, target);
}

function machineNamed(account: Account, target: string): MachineView {
  const machine = account.peek.machines().find((each) => each.id === target);
  if (machine === undefined) throw new Error(`There is no instance ${target} here.`);
  return machine;
}
