/** What may be broken in the simulated account, and how each is mended when it can be. */
import type { Machine } from "./accountModel.ts";
import { hasCloudFault, isCloudFault, setCloudFault } from "./cloudFaults.ts";
import type { CloudFault } from "./cloudFaults.ts";
import { hasGroupFault, isGroupFault, setGroupFault } from "./groupFaults.ts";
import type { GroupFault } from "./groupFaults.ts";
import { finishStopping, machineOf, stop, terminate } from "./instanceLife.ts";
import { checksFollow } from "./statusChecks.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** On one machine: target is its instance id. */
export const machineFaults = [
  /** Instance check impaired, services silent; a reboot cures it. */
  "kernel-hangs",
  /** The same, and it comes back hung after a reboot; stop and start cures it. */
  "kernel-hangs-for-good",
  /** System and instance check impaired; only stop and start (another host) cures it. */
  "host-fails",
  /** Checks stay ok, connections are refused; a reboot cures it. */
  "process-dies",
  /** Answers 503; neither reboot nor stop and start helps, somebody has to make room. */
  "disk-full",
  /** The next stop hangs until it is forced. */
  "stuck-stopping",
  /** The next stop hangs whatever one does. */
  "stuck-stopping-for-ever",
  "terminated-by-somebody",
  "stopped-by-a-person",
] as const;
export type MachineFault = (typeof machineFaults)[number];

/** On the account as a whole: target is `account`. */
export const accountFaults = [
  "no-capacity",
  "throttled",
  /** Reads show the world of a few seconds ago. */
  "reads-lag",
  /** Every call takes seconds. */
  "slow-calls",
  /** The bot's own network is gone: probes reach nothing. */
  "offline",
  "sns-loses",
] as const;
export type AccountFault = (typeof accountFaults)[number] | GroupFault | CloudFault;

/** Longer than one EC2 write needs to show in practice; the plan must be patient. */
const readLagMs = 8_000;
/** Below the bot's own limit per call, so that calls succeed late. */
const slowCallMs = 6_000;

/** Only what runs can hang, die or lose its host. */
const needsRunning: ReadonlySet<MachineFault> = new Set([
  "kernel-hangs",
  "kernel-hangs-for-good",
  "host-fails",
  "process-dies",
  "stopped-by-a-person",
]);

export function breakMachine(world: World, fault: MachineFault, instanceId: string): void {
  const machine = machineOf(world, instanceId);
  if (needsRunning.has(fault) && machine.state !== "running") {
    return say(world, "world", `${machine.name} is ${machine.state}: ${fault.replaceAll("-", " ")} changes nothing`);
  }
  say(world, "world", `${machine.name}: ${fault.replaceAll("-", " ")}`, "bad");
  switch (fault) {
    case "kernel-hangs":
    case "kernel-hangs-for-good":
      machine.rebootingUntil = undefined;
      machine.health = { ...machine.health, kernel: "hung", rebootHelps: fault === "kernel-hangs" };
      machine.console.push("[86412.204410] watchdog: BUG: soft lockup - CPU#1 stuck for 23s! [kworker/1:2:3312]");
      return checksFollow(world, machine);
    case "host-fails":
      machine.health.host = "failed";
      return checksFollow(world, machine);
    case "process-dies":
      machine.health.process = "down";
      machine.console.push("[86398.551032] Out of memory: Killed process 1204 (node) total-vm:3911204kB");
      return;
    case "disk-full":
      machine.health.disk = "full";
      machine.console.push("[86377.120009] EXT4-fs warning: No space left on device");
      return;
    case "stuck-stopping":
      machine.stuckStopping = "until-force";
      return;
    case "stuck-stopping-for-ever":
      machine.stuckStopping = "for-ever";
      return;
    case "terminated-by-somebody":
      return terminate(world, machine, "somebody");
    case "stopped-by-a-person":
      return stop(world, machine, { force: false });
  }
}

/** Takes a fault back as the world itself would: a hung kernel recovers, room is made on the disk. */
export function mendMachine(world: World, fault: MachineFault, instanceId: string): void {
  const machine = machineOf(world, instanceId);
  if (!machineHas(machine, fault)) return;
  say(world, "world", `${machine.name}: ${fault.replaceAll("-", " ")} is over`, "good");
  switch (fault) {
    case "kernel-hangs":
    case "kernel-hangs-for-good":
      machine.health = { ...machine.health, kernel: "up", rebootHelps: true };
      return checksFollow(world, machine);
    case "host-fails":
      machine.health.host = "ok";
      return checksFollow(world, machine);
    case "process-dies":
      machine.health.process = "up";
      return;
    case "disk-full":
      machine.health = { ...machine.health, disk: "ok", process: "up" };
      return;
    case "stuck-stopping":
    case "stuck-stopping-for-ever":
      machine.stuckStopping = "no";
      if (machine.state === "stopping") finishStopping(world, machine, world.timings.forceStoppingMs);
      return;
    case "terminated-by-somebody":
    case "stopped-by-a-person":
      return;
  }
}

export function machineHas(machine: Machine, fault: MachineFault): boolean {
  const { health } = machine;
  switch (fault) {
    case "kernel-hangs":
      return health.kernel === "hung" && health.rebootHelps;
    case "kernel-hangs-for-good":
      return health.kernel === "hung" && !health.rebootHelps;
    case "host-fails":
      return health.host === "failed";
    case "process-dies":
      return health.process === "down" && machine.state === "running";
    case "disk-full":
      return health.disk === "full";
    case "stuck-stopping":
      return machine.stuckStopping === "until-force";
    case "stuck-stopping-for-ever":
      return machine.stuckStopping === "for-ever";
    case "terminated-by-somebody":
      return machine.state === "terminated" || machine.state === "shutting-down";
    case "stopped-by-a-person":
      return machine.state === "stopped";
  }
}

/** `forMs` only for `throttled`: without it, until mended. `in` for the faults that have a place. */
export function breakAccount(
  world: World,
  fault: AccountFault,
  options: { readonly forMs?: number; readonly in?: string } = {},
): void {
  say(world, "world", `the account: ${fault.replaceAll("-", " ")}`, "bad");
  const { faults } = world;
  if (isGroupFault(fault)) return setGroupFault(faults, fault, true);
  if (isCloudFault(fault)) return setCloudFault(world, fault, { on: true, where: options.in });
  if (fault === "no-capacity") faults.noCapacity = true;
  if (fault === "throttled") faults.throttledUntil = world.agenda.now() + (options.forMs ?? Number.POSITIVE_INFINITY);
  if (fault === "reads-lag") faults.readLagMs = readLagMs;
  if (fault === "slow-calls") faults.callMs = slowCallMs;
  if (fault === "offline") faults.offline = true;
  if (fault === "sns-loses") faults.snsLoses = true;
}

export function mendAccount(world: World, fault: AccountFault): void {
  if (!accountHas(world, fault)) return;
  say(world, "world", `the account: ${fault.replaceAll("-", " ")} is over`, "good");
  const { faults } = world;
  if (isGroupFault(fault)) return setGroupFault(faults, fault, false);
  if (isCloudFault(fault)) return setCloudFault(world, fault, { on: false, where: undefined });
  if (fault === "no-capacity") faults.noCapacity = false;
  if (fault === "throttled") {
    faults.throttledUntil = 0;
    faults.throttledCalls = 0;
  }
  if (fault === "reads-lag") faults.readLagMs = 0;
  if (fault === "slow-calls") faults.callMs = 0;
  if (fault === "offline") faults.offline = false;
  if (fault === "sns-loses") faults.snsLoses = false;
}

export function accountHas(world: World, fault: AccountFault): boolean {
  const { faults } = world;
  if (isGroupFault(fault)) return hasGroupFault(faults, fault);
  if (isCloudFault(fault)) return hasCloudFault(world, fault);
  switch (fault) {
    case "no-capacity":
      return faults.noCapacity;
    case "throttled":
      return faults.throttledUntil > world.agenda.now() || faults.throttledCalls > 0;
    case "reads-lag":
      return faults.readLagMs > 0;
    case "slow-calls":
      return faults.callMs > 0;
    case "offline":
      return faults.offline;
    case "sns-loses":
      return faults.snsLoses;
  }
}
